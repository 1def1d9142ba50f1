"""Who counts for what, decided from a person's history alone. No reading and no writing here.

A person counts once for an indicator in a year, by the earliest completion that makes the condition true. Which one
that is depends on the history, never on the order in which it arrived, so a rebuild finds what was counted live.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone

from courses.models import Level
from kpi.models.targets import CountingKind

#: Levels of a course, the lowest first.
LEVELS: tuple[str, ...] = (Level.BASIC, Level.PROFICIENT)
#: Kinds for which one completion is not enough to decide: other completions or papers have a say.
BY_HISTORY = frozenset({CountingKind.HOURS, CountingKind.CERTIFICATE})


class Standing(NamedTuple):
    """Where a person stood, and as what, when they completed."""

    id: int
    unit_id: int | None
    audience_id: int
    is_main: bool


class Fact(NamedTuple):
    """What counting needs to know of a completion."""

    id: int
    user_id: int
    course_id: int
    completed_at: datetime
    score: Decimal | None
    level: str = Level.BASIC
    hours: Decimal = Decimal(0)


#: What may be there once only: a person, an indicator, a year.
Key = tuple[int, int, int]
#: Completions in order of (completed_at, id), each with its standings.
History = Iterable[tuple[Fact, Sequence[Standing]]]
#: Completion → series in which it has a paper that stands.
Papers = Mapping[int, Collection[int]]


@dataclass(frozen=True)
class Rule:
    """What feeds an indicator. ``audiences`` holds those below the indicator's own as well."""

    indicator_id: int
    audiences: frozenset[int]
    courses: frozenset[int]
    min_score: Decimal | None
    yearly: bool
    base_year: int
    kind: str = CountingKind.COMPLETED
    level: str = ""
    min_hours: Decimal = Decimal(0)
    series: frozenset[int] = field(default_factory=frozenset)

    def year_of(self, day: date) -> int:
        """The year under which a completion of ``day`` counts."""
        return day.year if self.yearly else self.base_year

    def asks_for_course(self, course_id: int) -> bool:
        return not self.courses or course_id in self.courses

    def is_passed_by(self, score: Decimal | None) -> bool:
        return self.min_score is None or (score is not None and score >= self.min_score)

    def is_reached_by(self, level: str) -> bool:
        """Whether a course of ``level`` is high enough; a level that nobody knows is the lowest."""
        return not self.level or _height(level) >= _height(self.level)

    def is_proved_by(self, papers: Collection[int]) -> bool:
        """Whether one of the series in which there is a paper is one of those asked for."""
        return self.kind != CountingKind.CERTIFICATE or not self.series.isdisjoint(papers)


def _height(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else 0


class Proof(NamedTuple):
    """The completion by which somebody counts, the standing under which, and the day."""

    fact: Fact
    standing: Standing
    day: date


def proofs(rules: Iterable[Rule], history: History, papers: Papers) -> dict[Key, Proof]:
    """What the history of some people proves: person, indicator, year → the completion that does."""
    book = _Book(rules)
    hours: dict[Key, Decimal] = {}
    found: dict[Key, Proof] = {}
    zone = timezone.get_current_timezone()
    for fact, standings in history:
        day = fact.completed_at.astimezone(zone).date()
        for rule, standing in book.open_to(fact.course_id, standings):
            key = (fact.user_id, rule.indicator_id, rule.year_of(day))
            if key in found or not (rule.is_passed_by(fact.score) and rule.is_reached_by(fact.level)):
                continue
            if rule.kind == CountingKind.HOURS:
                hours[key] = hours.get(key, Decimal(0)) + fact.hours
                if hours[key] < rule.min_hours:
                    continue
            if rule.is_proved_by(papers.get(fact.id, ())):
                found[key] = Proof(fact, standing, day)
    return found


class _Book:
    """Rules by course and standings. Millions of people stand in few ways, so what is open to each is kept."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = list(rules)
        self._kept: dict[tuple[object, ...], list[tuple[Rule, int]]] = {}

    def open_to(self, course_id: int, standings: Sequence[Standing]) -> Iterator[tuple[Rule, Standing]]:
        """Rules whose course and audience fit, each with the standing under which."""
        ordered = standings if len(standings) < 2 else sorted(standings, key=lambda s: (not s.is_main, s.id))
        key = (course_id, *[s.audience_id for s in ordered])
        if key not in self._kept:
            self._kept[key] = [
                (rule, place)
                for rule in self._rules
                if rule.asks_for_course(course_id)
                for place in [next((n for n, s in enumerate(ordered) if s.audience_id in rule.audiences), None)]
                if place is not None
            ]
        return ((rule, ordered[place]) for rule, place in self._kept[key])


def day_of(at: datetime) -> date:
    """The day of a completion in the province's time zone."""
    return timezone.localtime(at).date()


# --- Days that were reported ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Closed:
    """Which days lie in figures that were reported: year → the last day that a closing of its figures holds.

    ``yearly``: the indicators that count each year anew; all others count under their base year, and a closing of any
    later year holds them.
    """

    until: Mapping[int, date]
    yearly: frozenset[int] = frozenset()

    def holds(self, *, indicator_id: int, year: int, day: date) -> bool:
        """Whether what counts for an indicator under ``year`` on ``day`` was reported already."""
        if indicator_id in self.yearly:
            return year in self.until and day <= self.until[year]
        return any(day <= min(until, date(closed, 12, 31)) for closed, until in self.until.items())
