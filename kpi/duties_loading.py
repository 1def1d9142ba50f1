"""Reads the reporting calendar of the decisions, and who of today each of its names means. No writing here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from kpi import calendar_rules
from kpi.loading import DATA, DECISION_YEARS, Entry
from people.models import UnitKind

REPORTING, REPORTING_UNITS, SPANS = "reporting.yaml", "reporting_units.yaml", "decision_spans.yaml"


@dataclass(frozen=True)
class Reporters:
    """Whom a name of a document means today: units of kinds, units by name, or nobody, and why."""

    kinds: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    why: str = ""

    @property
    def is_known(self) -> bool:
        return bool(self.kinds or self.names)


def read(folder: Path, province: str) -> list[Entry]:
    """The duties of a province's decisions; raises DataError at the first thing that is wrong."""
    known = reporters_read(folder)
    duties = [e for e in Entry.read(folder / REPORTING).coded("reporting") if e.text("province") == province]
    for entry in duties:
        _check(entry, known)
    return duties


def _check(entry: Entry, known: dict[str, Reporters]) -> None:
    _ = entry.decision
    for name, longest in (("kind", 30), ("frequency", 20), ("section", 200), ("source", 80)):
        entry.text(name, longest)
    entry.text("subject")
    entry.text("quote")
    entry.text("deadline_text", 250, needed=False)
    entry.texts("to_units", needed=False)
    for name in entry.texts("from_units"):
        if name not in known:
            raise entry.wrong("from_units", f"không có «{name}» trong {REPORTING_UNITS}")
    if problem := calendar_rules.problem_of(entry.data.get("due_rule")):
        raise entry.wrong("due_rule", problem)


def reporters_read(folder: Path) -> dict[str, Reporters]:
    """Name of a document → whom it means today."""
    found: dict[str, Reporters] = {}
    for entry in Entry.read(folder / REPORTING_UNITS).entries("units", label="name"):
        entry.only({"name", "kinds", "names", "why"})
        name, kinds = entry.text("name"), entry.texts("kinds", needed=False)
        if name in found:
            raise entry.wrong("name", f"«{name}» đã có ở trên")
        if unknown := [kind for kind in kinds if kind not in UnitKind.values]:
            raise entry.wrong("kinds", f"không có loại đơn vị «{unknown[0]}»")
        names, why = entry.texts("names", needed=False), entry.text("why", needed=False)
        if not kinds and not names and not why:
            raise entry.wrong("why", "không chỉ ra đơn vị nào thì phải nói vì sao")
        found[name] = Reporters(tuple(kinds), tuple(names), why)
    return found


@dataclass(frozen=True)
class Span:
    """From when until when a decision asks for what it asks for; ``source``: where that is said, for officials."""

    valid_from: date
    valid_until: date
    source: str


def spans_read(folder: Path) -> dict[str, Span]:
    """Code of a decision → its span."""
    found: dict[str, Span] = {}
    for entry in Entry.read(folder / SPANS).entries("spans", label="decision"):
        entry.only({"decision", "from", "until", "source", "quote", "why"})
        code = entry.text("decision")
        if code in found or code not in DECISION_YEARS:
            raise entry.wrong("decision", f"«{code}» đã có ở trên hoặc không phải văn bản nào")
        begins, ends = (_day(entry, name) for name in ("from", "until"))
        if ends < begins:
            raise entry.wrong("until", "sớm hơn from")
        entry.text("source", 80)
        said = f"«{entry.text('quote')}». {entry.text('why')}"
        if len(said) > 300:
            raise entry.wrong("why", "quote và why cộng lại dài hơn 300 chữ")
        found[code] = Span(begins, ends, said)
    return found


def _day(entry: Entry, name: str) -> date:
    day = entry.data.get(name)
    if not isinstance(day, date):
        raise entry.wrong(name, "phải là ngày, ví dụ 2024-12-31")
    return day


@cache
def reporters() -> dict[str, Reporters]:
    """The names of the release; they change with it alone."""
    return reporters_read(DATA)


@dataclass
class Named:
    """What the names of one duty come to."""

    kinds: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    unknown: list[tuple[str, str]] = field(default_factory=list)  # name of the document, why


def named(from_names: list[str]) -> Named:
    """Kinds and names of the units that owe a report, and the names that lead to no unit."""
    found = Named()
    for name in from_names:
        who = reporters().get(name, Reporters(why="Chưa khai đơn vị nào của hiện nay."))
        if who.is_known:
            found.kinds.update(who.kinds)
            found.names.update(who.names)
        else:
            found.unknown.append((name, who.why))
    return found


def addressees(to_names: list[str]) -> list[str]:
    """Those a report goes to, by their names of today where a name of the document leads to a unit."""
    found: list[str] = []
    for name in to_names:
        found += reporters().get(name, Reporters()).names or [name]
    return found
