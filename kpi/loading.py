"""Reads the data files of decisions and says exactly what is wrong with them. No writing here: see ``services``."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from common.errors import DataError
from kpi.models import Measure, Recurrence

DATA = Path(__file__).parent / "data"
TARGETS, PROGRAMMES, BASELINES, FEEDS = "kpi_targets.yaml", "programmes.yaml", "baselines.yaml", "feeds.yaml"

#: Prefix of every code of a document → year of the document.
DECISION_YEARS = {"BG22": 2022, "BG23": 2023, "BG24": 2024, "BP22": 2022, "TQ22": 2022}
COMPARATORS = (">=", "=", ">", "<=", "exists")
FEED_KEYS = {"code", "counts", "audiences", "courses", "min_score", "denominator", "target", "why"}


@dataclass(frozen=True)
class Feed:
    """What of the platform feeds an indicator, or why nothing does."""

    code: str
    counts: bool
    why: str
    audiences: list[str] = field(default_factory=list)
    courses: list[str] = field(default_factory=list)
    min_score: Decimal | None = None
    by_members: bool = False
    target_confirmed: bool = True


@dataclass(frozen=True)
class Entry:
    """One entry of a data file, whose fields are read with a check that names file, entry and field."""

    file: str
    data: dict[str, Any]
    where: str

    def wrong(self, name: str, problem: str) -> DataError:
        return DataError(self.file, self.where, name, problem)

    def text(self, name: str, *, required: bool = True) -> str:
        value = self.data.get(name)
        if value is None and not required:
            return ""
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(name, "phải là chữ, không được để trống")
        return value.strip()

    def number(self, name: str, *, low: int = 0, high: int = 10**12) -> Decimal | None:
        value = self.data.get(name)
        if value is None:
            return None
        try:
            found = Decimal(str(value))
        except InvalidOperation:
            found = Decimal("NaN")
        if isinstance(value, bool) or not found.is_finite() or not low <= found <= high:
            raise self.wrong(name, f"«{value}» phải là số từ {low} đến {high}")
        return found

    def whole(self, name: str, *, low: int = 0, high: int = 2_000_000_000) -> int | None:
        found = self.number(name, low=low, high=high)
        if found is not None and found != int(found):
            raise self.wrong(name, f"«{found}» phải là số nguyên")
        return None if found is None else int(found)

    def codes(self, name: str) -> list[str]:
        value = self.data.get(name, [])
        if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
            raise self.wrong(name, "phải là danh sách mã")
        return list(dict.fromkeys(value))

    def choice(self, name: str, among: tuple[str, ...]) -> str:
        value = self.text(name)
        if value not in among:
            raise self.wrong(name, f"«{value}» không phải một trong: {', '.join(among)}")
        return value

    @property
    def code(self) -> str:
        return self.text("code")

    @property
    def decision(self) -> str:
        """The code of the document that the entry comes from."""
        prefix = self.code.split("-", 1)[0]
        if prefix not in DECISION_YEARS:
            raise self.wrong("code", f"không rõ văn bản của tiền tố «{prefix}»")
        return prefix


@dataclass(frozen=True)
class Source:
    """Everything of one province, read and checked."""

    titles: dict[str, str]
    programmes: list[Entry]
    indicators: list[Entry]
    baselines: dict[str, Entry]
    feeds: dict[str, Feed]


def _document(folder: Path, name: str) -> dict[str, Any]:
    try:
        found = yaml.load((folder / name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise DataError(name, "tệp", "–", f"không đọc được: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"dòng {mark.line + 1}" if mark else "tệp"
        raise DataError(name, where, "–", f"sai cú pháp YAML: {getattr(error, 'problem', error)}") from error
    if not isinstance(found, dict):
        raise DataError(name, "tệp", "–", "phải là một bảng khoá và giá trị")
    return found


def _entries(document: dict[str, Any], name: str, key: str) -> list[Entry]:
    rows = document.get(key)
    if not isinstance(rows, list):
        raise DataError(name, "tệp", key, "phải là danh sách các mục")
    found: dict[str, Entry] = {}
    for position, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise DataError(name, f"mục thứ {position}", "–", "phải là một bảng khoá và giá trị")
        entry = Entry(name, row, str(row.get("code") or f"mục thứ {position}"))
        if entry.code in found:
            raise entry.wrong("code", "mã bị lặp")
        found[entry.code] = entry
    return list(found.values())


def _feed(entry: Entry) -> Feed:
    if unknown := set(entry.data) - FEED_KEYS:
        raise entry.wrong(sorted(unknown)[0], "không có trường này")
    if not isinstance(entry.data.get("counts"), bool):
        raise entry.wrong("counts", "phải là true hoặc false")
    for name, only in (("denominator", "members"), ("target", "unconfirmed")):
        if entry.data.get(name) not in (None, only):
            raise entry.wrong(name, f"chỉ nhận «{only}» hoặc bỏ trống")
    return Feed(
        code=entry.code,
        counts=entry.data["counts"],
        why=entry.text("why"),
        audiences=entry.codes("audiences"),
        courses=entry.codes("courses"),
        min_score=entry.number("min_score", high=100),
        by_members=entry.data.get("denominator") == "members",
        target_confirmed=entry.data.get("target") is None,
    )


def read(folder: Path, province: str) -> Source:
    """Read the four files; raises DataError at the first thing that is wrong."""
    every = _entries(_document(folder, TARGETS), TARGETS, "kpi_targets")
    indicators = [e for e in every if e.text("province") == province]
    if not indicators:
        raise DataError(TARGETS, "tệp", "province", f"không có chỉ tiêu nào của «{province}»")
    document = _document(folder, PROGRAMMES)
    programmes = [e for e in _entries(document, PROGRAMMES, "programmes") if e.text("province") == province]
    titles = {str(k): str(v).split(" – ", 1)[-1] for k, v in (document.get("documents") or {}).items()}
    baselines = {e.code: e for e in _entries(_document(folder, BASELINES), BASELINES, "baselines")}
    feeds = _feeds(folder, {e.code for e in every})
    for entry in (*indicators, *programmes):
        _check(entry, titles)
    for entry in indicators:
        _check_indicator(entry, {p.code for p in programmes}, baselines)
    return Source(titles, programmes, indicators, baselines, feeds)


def _feeds(folder: Path, known: set[str]) -> dict[str, Feed]:
    feeds = {}
    for entry in _entries(_document(folder, FEEDS), FEEDS, "feeds"):
        if entry.code not in known:
            raise entry.wrong("code", "không có chỉ tiêu này trong kpi_targets.yaml")
        feeds[entry.code] = _feed(entry)
    return feeds


def _check(entry: Entry, titles: dict[str, str]) -> None:
    entry.text("quote")
    _ = entry.decision
    if entry.text("source") not in titles:
        raise entry.wrong("source", "không có văn bản này trong phần documents của programmes.yaml")


def _check_indicator(entry: Entry, programmes: set[str], baselines: dict[str, Entry]) -> None:
    entry.text("text")
    entry.choice("measure", tuple(Measure.values))
    entry.choice("recurrence", tuple(Recurrence.values))
    entry.choice("comparator", COMPARATORS)
    entry.number("target_value")
    entry.whole("target_year", low=2000, high=2100)
    entry.whole("denominator_size")
    for code in entry.codes("programme_codes"):
        if code not in programmes:
            raise entry.wrong("programme_codes", f"không có chương trình «{code}»")
    baseline = entry.text("denominator_baseline", required=False)
    if baseline and baseline not in baselines:
        raise entry.wrong("denominator_baseline", f"không có số liệu gốc «{baseline}»")


def baseline_year(entry: Entry) -> int:
    """The year of a dated figure ("2023-06" → 2023); the year of its document when the date is not a year."""
    head = str(entry.data.get("as_of") or "")[:4]
    return int(head) if head.isdecimal() else DECISION_YEARS[entry.decision]


def vietnamese_part(rule: str) -> str:
    """The words of a document without the translator's remark: "được tham gia (took part…)" → "được tham gia"."""
    return "" if rule == "manual value" else rule.split(" (", 1)[0]


@dataclass(frozen=True)
class SideBySide:
    """One matter on which documents in force say different things."""

    title: str
    codes: tuple[str, ...]


@cache
def side_by_side() -> tuple[SideBySide, ...]:
    """What ``feeds.yaml`` sets side by side; part of the release, so read once."""
    rows = _document(DATA, FEEDS).get("side_by_side") or []
    return tuple(SideBySide(row["title"], tuple(row["codes"])) for row in rows)
