"""Reads the data files of decisions and says exactly what is wrong with them. No writing here: see ``services``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from common import datafiles
from courses.models import Level
from kpi.models import FED_KINDS, CountingKind, Measure, Recurrence

DATA = Path(__file__).parent / "data"
TARGETS, PROGRAMMES, BASELINES, FEEDS = "kpi_targets.yaml", "programmes.yaml", "baselines.yaml", "feeds.yaml"
LEARNING = "learning.yaml"

#: Prefix of every code of a document → year of the document.
DECISION_YEARS = {"BG22": 2022, "BG23": 2023, "BG24": 2024, "BP22": 2022, "TQ22": 2022}
COMPARATORS = (">=", "=", ">", "<=", "exists")
FEED_KEYS = {
    "code", "counting", "counts", "audiences", "courses", "min_score", "level", "min_hours", "series",
    "denominator", "target", "why", "caution",
}  # fmt: skip
#: Letters of what stands beside a figure.
MOST_CAUTION = 120
#: Keys that only some ways of counting know. Of those, what cannot be missing.
FEED_KINDS: dict[str, frozenset[CountingKind]] = {
    "min_score": FED_KINDS - {CountingKind.COMPLETED},
    "courses": FED_KINDS,
    "level": FED_KINDS - {CountingKind.COMPLETED, CountingKind.PASSED},
    "min_hours": frozenset({CountingKind.HOURS}),
    "series": frozenset({CountingKind.CERTIFICATE}),
}
FEED_NEEDS = {
    CountingKind.PASSED: "min_score",
    CountingKind.LEVEL: "level",
    CountingKind.HOURS: "min_hours",
    CountingKind.CERTIFICATE: "series",
}


class Entry(datafiles.Entry):
    """One entry of a data file of decisions."""

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
class Feed:
    """What of the platform feeds an indicator, or why nothing does. ``entry`` tells where that is written."""

    entry: Entry
    counting: CountingKind = CountingKind.NONE
    why: str = ""
    caution: str = ""
    audiences: list[str] = field(default_factory=list)
    courses: list[str] = field(default_factory=list)
    series: list[str] = field(default_factory=list)
    min_score: Decimal | None = None
    min_hours: Decimal | None = None
    level: str = ""
    by_members: bool = False
    target_confirmed: bool = True

    @property
    def counts(self) -> bool:
        """Whether completions of this platform feed it."""
        return self.counting in FED_KINDS


@dataclass(frozen=True)
class Learning:
    """What a programme asks people to learn here. ``audiences``: only these of its own; ``due``: month and day."""

    entry: Entry
    courses: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    audiences: list[str] = field(default_factory=list)
    due: str = ""
    why: str = ""


@dataclass(frozen=True)
class Source:
    """Everything of one province, read and checked."""

    titles: dict[str, str]
    programmes: list[Entry]
    indicators: list[Entry]
    baselines: dict[str, Entry]
    feeds: dict[str, Feed]
    learning: dict[str, Learning]


def feed_of(indicator: Entry, feeds: Mapping[str, Feed]) -> Feed:
    """What counts towards an indicator. One that is entered by hand anyway and of which nothing is said: declared."""
    by_hand = indicator.text("measure") == Measure.MANUAL
    return feeds.get(indicator.code) or Feed(indicator, CountingKind.DECLARED if by_hand else CountingKind.NONE)


def _feed(entry: Entry) -> Feed:
    entry.only(FEED_KEYS)
    for name, only in (("denominator", "members"), ("target", "unconfirmed")):
        if entry.data.get(name) not in (None, only):
            raise entry.wrong(name, f"chỉ nhận «{only}» hoặc bỏ trống")
    feed = Feed(
        entry=entry,
        counting=_counting(entry),
        why=entry.text("why"),
        caution=_caution(entry),
        audiences=entry.texts("audiences", needed=False),
        courses=entry.texts("courses", needed=False),
        series=entry.texts("series", needed=False),
        min_score=entry.number("min_score", high=100),
        min_hours=entry.number("min_hours", high=9999),
        level=entry.choice("level", tuple(Level.values)) if entry.data.get("level") else "",
        by_members=entry.data.get("denominator") == "members",
        target_confirmed=entry.data.get("target") is None,
    )
    _check_kind(feed)
    return feed


def _caution(entry: Entry) -> str:
    """It stands beside a figure, so it is short; why it is so belongs to ``why``."""
    said = entry.text("caution", needed=False)
    if len(said) > MOST_CAUTION:
        raise entry.wrong("caution", f"dài {len(said)} chữ, nhiều nhất {MOST_CAUTION}")
    return said


def _counting(entry: Entry) -> CountingKind:
    """How it is counted; where only ``counts`` says that it is: by the score that is asked for, else by completing."""
    if entry.data.get("counting") is None:
        passed = CountingKind.PASSED if entry.data.get("min_score") is not None else CountingKind.COMPLETED
        return passed if entry.yes("counts") else CountingKind.NONE
    counting = CountingKind(entry.choice("counting", tuple(CountingKind.values)))
    if entry.data.get("counts") is not None and entry.yes("counts") != (counting in FED_KINDS):
        said = "true" if counting in FED_KINDS else "false"
        raise entry.wrong("counts", f"với counting: {counting.value} thì phải là {said}, hoặc bỏ trống")
    return counting


def _check_kind(feed: Feed) -> None:
    """Nothing is said that this way of counting would pass over in silence, and nothing is missing that it needs."""
    entry, kind = feed.entry, feed.counting
    for name, kinds in FEED_KINDS.items():
        if entry.data.get(name) not in (None, "", []) and kind not in kinds:
            raise entry.wrong(name, f"không dùng được với counting: {kind.value}")
    needed = FEED_NEEDS.get(kind)
    if needed and entry.data.get(needed) in (None, "", []):
        raise entry.wrong(needed, f"phải có với counting: {kind.value}")


def read(folder: Path, province: str) -> Source:
    """Read the five files; raises DataError at the first thing that is wrong."""
    targets = Entry.read(folder / TARGETS)
    every = targets.coded("kpi_targets")
    indicators = [e for e in every if e.text("province") == province]
    if not indicators:
        raise targets.wrong("province", f"không có chỉ tiêu nào của «{province}»")
    document = Entry.read(folder / PROGRAMMES)
    programmes = [e for e in document.coded("programmes") if e.text("province") == province]
    titles = {str(k): str(v).split(" – ", 1)[-1] for k, v in document.part("documents").data.items()}
    baselines = {e.code: e for e in Entry.read(folder / BASELINES).coded("baselines")}
    feeds = feeds_read(folder, {e.code for e in every})
    for entry in (*indicators, *programmes):
        _check(entry, titles)
    for entry in indicators:
        _check_indicator(entry, {p.code for p in programmes}, baselines)
    learning = _learning(folder, {e.code: e for e in document.coded("programmes")})
    return Source(titles, programmes, indicators, baselines, feeds, learning)


def feeds_read(folder: Path, known: set[str]) -> dict[str, Feed]:
    """What counts towards the indicators, by code; ``known`` are the codes that there are."""
    feeds = {}
    for entry in Entry.read(folder / FEEDS).coded("feeds"):
        if entry.code not in known:
            raise entry.wrong("code", "không có chỉ tiêu này trong kpi_targets.yaml")
        feeds[entry.code] = _feed(entry)
    return feeds


def _learning(folder: Path, programmes: dict[str, Entry]) -> dict[str, Learning]:
    found = {}
    for entry in Entry.read(folder / LEARNING).entries("learning", label="programme"):
        entry.only({"programme", "courses", "paths", "audiences", "due", "why"})
        code = entry.text("programme")
        if code not in programmes or code in found:
            problem = "đã có ở trên" if code in found else "không có trong programmes.yaml"
            raise entry.wrong("programme", f"chương trình «{code}» {problem}")
        one = Learning(
            entry=entry,
            courses=entry.texts("courses", needed=False),
            paths=entry.texts("paths", needed=False),
            audiences=entry.texts("audiences", needed=False),
            due=entry.text("due", needed=False),
            why=entry.text("why"),
        )
        _check_learning(one, programmes[code])
        found[code] = one
    return found


def _check_learning(one: Learning, programme: Entry) -> None:
    if not one.courses and not one.paths:
        raise one.entry.wrong("courses", "phải có ít nhất một khoá học hoặc lộ trình")
    theirs = programme.texts("audience_codes", needed=False)
    if foreign := [code for code in one.audiences if code not in theirs]:
        raise one.entry.wrong("audiences", f"«{foreign[0]}» không phải đối tượng của chương trình")
    if one.due and not _is_day_of_every_year(one.due):
        raise one.entry.wrong("due", "phải là tháng-ngày năm nào cũng có, ví dụ 11-30")


def _is_day_of_every_year(text: str) -> bool:
    """Whether "11-30" and the like name a day: asked of a year that is no leap year."""
    try:
        return date.fromisoformat(f"2023-{text}").strftime("%m-%d") == text
    except ValueError:
        return False


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
    for code in entry.texts("programme_codes", needed=False):
        if code not in programmes:
            raise entry.wrong("programme_codes", f"không có chương trình «{code}»")
    baseline = entry.text("denominator_baseline", needed=False)
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
    pairs = Entry.read(DATA / FEEDS).entries("side_by_side", needed=False)
    return tuple(SideBySide(pair.text("title"), tuple(pair.texts("codes"))) for pair in pairs)
