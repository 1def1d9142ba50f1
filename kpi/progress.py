"""Which promises are kept, which go at the pace they need, which are behind: the short answer above all figures.

A figure is on pace when at least nine tenths are counted of what equal steps from the year's start to the deadline ask
for today.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import ceil

from django.db.models import Exists, OuterRef
from django.utils.translation import pgettext_lazy

from kpi.figures import Figure, deadline_of
from kpi.forecasting import months_left
from kpi.models import Indicator, UnitMonth
from kpi.places import Place
from people.models import COMMUNE_KINDS, Unit, UnitAncestor


class State(StrEnum):
    """Where a figure stands. ``OVERDUE``: the target's year is over and it was not met.

    ``UNKNOWN``: no target in numbers, or nothing to set it against.
    """

    MET = "dat"
    ON_PACE = "dung-nhip"
    BEHIND = "cham"
    OVERDUE = "qua-han"
    UNKNOWN = "chua-ro"


STATE_NAMES = {
    State.MET: pgettext_lazy("chỉ tiêu", "đạt"),
    State.ON_PACE: pgettext_lazy("chỉ tiêu", "đúng nhịp"),
    State.BEHIND: pgettext_lazy("chỉ tiêu", "chậm"),
    State.OVERDUE: pgettext_lazy("chỉ tiêu", "quá hạn chưa đạt"),
    State.UNKNOWN: pgettext_lazy("chỉ tiêu", "chưa so được"),
}


@dataclass(frozen=True)
class Standing:
    """An indicator's figure and what it means today. ``needed``: how much should be counted by now."""

    indicator: Indicator
    figure: Figure
    state: State
    needed: Fraction | None = None

    @property
    def state_name(self) -> str:
        return str(STATE_NAMES[self.state])

    @property
    def behind_by(self) -> int:
        """How many are missing today against an even pace, rounded up."""
        return 0 if self.needed is None else max(0, ceil(self.needed) - int(self.figure.count))

    @property
    def share(self) -> Fraction:
        """Counted of what should be by now: the smaller, the slower."""
        return Fraction(int(self.figure.count)) / self.needed if self.needed else Fraction(1)


@dataclass(frozen=True)
class Summary:
    """The standings of all indicators that can have a figure, the slowest of them first in ``slowest``."""

    standings: list[Standing]

    def count(self, state: State) -> int:
        return sum(one.state == state for one in self.standings)

    @property
    def counts(self) -> list[tuple[State, str, int]]:
        """State, its name and how many, as filters above the list; also of what there is none."""
        return [(state, str(STATE_NAMES[state]), self.count(state)) for state in State if state != State.UNKNOWN]

    @property
    def compared(self) -> int:
        return len(self.standings) - self.count(State.UNKNOWN)

    @property
    def telling(self) -> int:
        """Indicators whose figure says something: those that a closing freezes, and a report tells of."""
        return sum(one.figure.says_something for one in self.standings)

    @property
    def untold(self) -> int:
        """Indicators whose figure says something and cannot be compared."""
        return self.telling - self.compared

    @property
    def silent(self) -> int:
        """Indicators that are counted, where nobody is counted, nobody to train and no number asked for."""
        return len(self.standings) - self.telling

    @property
    def slowest(self) -> list[Standing]:
        behind = [one for one in self.standings if one.state == State.BEHIND]
        return sorted(behind, key=lambda one: (one.share, one.indicator.code))[:3]


def needed_by(day: date, *, goal: int, start: int, year: int, deadline: date) -> Fraction:
    """What should be counted by the end of ``day`` if equal steps led from the year's start to the deadline. Pure."""
    before = date(year - 1, 12, 31)
    whole = months_left(before, deadline)
    if not whole or day >= deadline:
        return Fraction(goal)
    return start + max(0, goal - start) * (whole - months_left(day, deadline)) / whole


def standing_of(indicator: Indicator, figure: Figure, *, year: int, day: date) -> Standing:
    """Where a figure stands on a day. Pure."""
    met = figure.is_met
    if met is None:
        return Standing(indicator, figure, State.UNKNOWN)
    if met:
        return Standing(indicator, figure, State.MET)
    deadline = deadline_of(indicator, figure.target, year)
    if day > deadline:
        return Standing(indicator, figure, State.OVERDUE)
    if figure.goal is None or figure.is_declared:
        # A rank, or a value that somebody declares at intervals: it has no pace.
        return Standing(indicator, figure, State.BEHIND)
    until = min(day, date(year, 12, 31))
    needed = needed_by(until, goal=figure.goal, start=figure.before, year=year, deadline=deadline)
    state = State.ON_PACE if figure.count * 10 >= needed * 9 else State.BEHIND
    return Standing(indicator, figure, state, needed)


def summary_of(lines: Iterable[tuple[Indicator, Figure]], year: int, day: date) -> Summary:
    """Where every indicator with a figure stands. Pure."""
    return Summary([standing_of(indicator, figure, year=year, day=day) for indicator, figure in lines])


def communes_without_learners(place: Place, year: int, day: date) -> list[Unit]:
    """Communes below the place in which nobody was counted for anything in the year; one query."""
    if place.unit.kind in COMMUNE_KINDS:
        return []
    cells = UnitMonth.objects.filter(
        month__gte=date(year, 1, 1), month__lte=date(year, 12, 31), count__gt=0, unit=OuterRef("descendant")
    )
    learnt = UnitAncestor.objects.filter(Exists(cells), structure=place.home, ancestor=OuterRef("pk"))
    standing = Unit.objects.standing_on(day).filter(kind__in=COMMUNE_KINDS, pk__in=place.subtree())
    return list(standing.filter(~Exists(learnt)).order_by("search_key", "pk"))
