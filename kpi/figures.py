"""Figures: people counted, over how many, against which target; for a unit and the units below it.

The number of queries does not depend on the number of units or people. Rows always add up to the total: who cannot be
given to a unit below is shown in a row of its own, never dropped and never counted twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from kpi.denominators import (
    Denominator,
    Listed,
    Official,
    by_list,
    denominator_of,
    heads,
    heads_by_group,
    list_day,
    official_of,
)
from kpi.models import Counted, Indicator, Recurrence, Target, UnitMonth
from kpi.places import Place
from people.audiences import audience_parents, with_descendants
from people.models import Unit, UnitAncestor
from people.querysets import today


class Part(StrEnum):
    """Which people of a place a row holds."""

    TOTAL = "tong"
    UNIT = "don-vi"
    OWN = "truc-tiep"
    UNCONVERTED = "chua-quy-doi"
    UNKNOWN = "chua-ro"


PART_NAMES = {
    Part.OWN: "Trực tiếp tại đơn vị",
    Part.UNCONVERTED: "Chưa quy đổi",
    Part.UNKNOWN: "Chưa rõ đơn vị",
}


@dataclass(frozen=True)
class Figure:
    """One figure: of a unit, or of the people who belong to a unit but to none below it."""

    part: Part
    unit: Unit | None
    count: int
    denominator: Denominator
    target: Target | None
    goal: int | None

    @property
    def name(self) -> str:
        return PART_NAMES.get(self.part) or (self.unit.name if self.unit else "")

    @property
    def says_something(self) -> bool:
        """Whether there is anybody counted or anybody to train; of a hundred communes many have neither yet."""
        return self.unit is None or bool(self.count) or self.denominator.value is not None

    @property
    def whole(self) -> int | None:
        """What the percentage is taken of: the denominator, or for a target in people that number of people."""
        return self.denominator.value if self.in_percent or self.goal is None else self.goal

    @property
    def in_percent(self) -> bool:
        return self.target is not None and self.target.measured_in == "%"

    @property
    def percent(self) -> Decimal | None:
        """With one decimal, rounded down: never 100 before it is."""
        if not self.whole:
            return None
        return Decimal(self.count * 1000 // self.whole) / 10

    @property
    def gap(self) -> int | None:
        """People still missing; None without a goal."""
        return None if self.goal is None else max(0, self.goal - self.count)

    @property
    def is_low(self) -> bool:
        """Below nine tenths of what is asked: shown in the warning colour."""
        return self.goal is not None and self.count * 10 < self.goal * 9

    @property
    def bar(self) -> str:
        """Length of the bar as an SVG percentage; a string, so that no locale writes it with a comma."""
        return f"{min(Decimal(100), self.percent or Decimal(0))}%"

    @property
    def tick(self) -> str:
        """Where the target's tick stands on the bar; empty without one."""
        return "" if self.target_percent is None else f"{self.target_percent.normalize():f}%"

    @property
    def target_percent(self) -> Decimal | None:
        """Where the target stands on the bar."""
        if self.target is None or self.target.value is None:
            return None
        return min(Decimal(100), self.target.value) if self.in_percent else Decimal(100)


def goal_of(target: Target | None, denominator: int | None) -> int | None:
    """How many people the target asks for. "Trên 90%" of ten people is ten, "90%" is nine."""
    if target is None or target.value is None or target.comparator not in (">=", "=", ">"):
        return None
    if target.measured_in == "%":
        if not denominator:
            return None
        exact = target.value * denominator / 100
    elif target.measured_in == "người":
        exact = target.value
    else:
        return None
    whole = int(exact.to_integral_value(ROUND_CEILING))
    return whole + 1 if target.comparator == ">" and exact == whole else whole


@dataclass(frozen=True)
class Table:
    """The figure of a place and its rows; ``listed_on`` is the day whose members make up the lists."""

    indicator: Indicator
    place: Place
    year: int
    as_of: date | None
    total: Figure
    rows: list[Figure]
    listed_on: date

    @property
    def deadline(self) -> date:
        """Yearly indicators restart each year; the others have until the target's year ends."""
        if self.indicator.recurrence == Recurrence.YEARLY or self.total.target is None or not self.total.target.year:
            return date(self.year, 12, 31)
        return date(self.total.target.year, 12, 31)

    @property
    def is_past(self) -> bool:
        """A year that is over is read as it ended, whatever the target's own year."""
        return self.year < today().year and self.deadline.year > self.year

    @property
    def per_month(self) -> int | None:
        """People needed each month, this one included, to reach the goal in time; None when that is over or unknown."""
        day = self.as_of or today()
        if self.total.gap is None or day > self.deadline or day.year > self.year:
            return None
        months = (self.deadline.year - day.year) * 12 + self.deadline.month - day.month + 1
        return -(-self.total.gap // months)


# --- Counts ---------------------------------------------------------------------------------------------------------
def _people_by_unit(
    indicator: Indicator, place: Place, year: int, as_of: date | None, *, exact: bool
) -> dict[int | None, int]:
    """Unit of the facts → people. From the monthly summary; from the facts themselves for a day, or when ``exact``."""
    facts: QuerySet[Any]
    if exact or as_of:
        facts = Counted.objects.filter(place.inside(), indicator=indicator).within(year, as_of)
        return dict(facts.order_by().values_list("unit_id").annotate(people=Count("pk")))
    facts = UnitMonth.objects.filter(place.inside(), indicator=indicator).within(year)
    return dict(facts.order_by().values_list("unit_id").annotate(people=Sum("count")))


def target_for(targets: list[Target], unit: Unit, taken_over: Collection[int]) -> Target | None:
    """The target that holds for a unit: its own, else that of a unit it took over, else a percentage for everybody.

    A share that a unit was given holds for that unit alone.
    """
    own = next((t for t in targets if t.unit_id == unit.pk), None)
    before = next((t for t in targets if t.unit_id in taken_over), None)
    return own or before or next((t for t in targets if t.measured_in == "%" and t.allocated_from_id is None), None)


def _taken_over(place: Place) -> set[int]:
    """Units of an earlier time whose promises the place answers for: those that became it, at however many reforms."""
    became = UnitAncestor.objects.filter(
        structure=place.home,
        ancestor=place.unit,
        depth=1,
        descendant__valid_to__lte=place.home.valid_from,
        descendant__successions__principal=True,
    )
    return set(became.values_list("descendant_id", flat=True))


def taken_over_by(place: Place) -> set[int]:
    """Ids of the units of an earlier time that became the place: their targets are its own."""
    return _taken_over(place)


def table(indicator: Indicator, place: Place, year: int, *, as_of: date | None = None, exact: bool = False) -> Table:
    """The figure of a place and of the units below it."""
    by_unit = _people_by_unit(indicator, place, year, as_of, exact=exact)
    by_row, own, unconverted = _split(by_unit, place)
    targets = list(indicator.targets.all())
    taken_over = _taken_over(place)
    official = official_of([indicator], [place.unit.pk, *(u.pk for u in place.rows)], taken_over, year)
    listed = _listed(indicator, place, official, list_day(year, as_of))

    def figure(unit: Unit, part: Part, count: int, target: Target | None) -> Figure:
        is_place = part == Part.TOTAL
        denominator = denominator_of(indicator, unit, official, listed, is_place=is_place)
        return Figure(part, unit, count, denominator, target, goal_of(target, denominator.value))

    promised = taken_over | set(official.selves.get(place.unit.pk, ()))
    total = figure(place.unit, Part.TOTAL, sum(by_unit.values()), target_for(targets, place.unit, promised))
    rows = [
        figure(u, Part.UNIT, by_row[u.pk], target_for(targets, u, official.selves.get(u.pk, ()))) for u in place.rows
    ]
    rest = ((Part.OWN, own), (Part.UNCONVERTED, unconverted), (Part.UNKNOWN, by_unit.get(None, 0)))
    rows += [Figure(part, None, count, Denominator(), None, None) for part, count in rest if count]
    return Table(indicator, place, year, as_of, total, rows, listed.day)


def _listed(indicator: Indicator, place: Place, official: Official, day: date) -> Listed:
    """Members on the list, for the place and those of its rows that have no official head-count."""
    if not by_list(indicator):
        return Listed(None, day)
    audiences = with_descendants({a.pk for a in indicator.audiences.all()}, audience_parents())
    without = [unit.pk for unit in place.rows if official.of(indicator, unit) is None]
    total = official.of(indicator, place.unit) is None
    return Listed(heads(place, audiences, day, total=total, rows=without), day)


def beside(indicator: Indicator, places: Collection[Place], year: int, *, as_of: date | None = None) -> list[Figure]:
    """People who are in the total of none of the highest places of a structure, each once.

    Those of unknown unit, and those of a later unit that took over from several of these places at once.
    """
    facts = Counted.objects.filter(indicator=indicator).within(year, as_of)
    by_unit = dict(facts.order_by().values_list("unit_id").annotate(people=Count("pk")))
    unknown = by_unit.pop(None, 0)
    if any(place.holds_unknown for place in places):
        unknown = 0
    inside = Q(pk__in=[])
    for place in places:
        inside |= Q(structure=place.home, ancestor=place.unit)
    reckoned = set(UnitAncestor.objects.filter(inside).values_list("descendant_id", flat=True))
    unconverted = sum(people for unit, people in by_unit.items() if unit not in reckoned)
    rest = ((Part.UNCONVERTED, unconverted), (Part.UNKNOWN, unknown))
    return [Figure(part, None, count, Denominator(), None, None) for part, count in rest if count]


def _split(by_unit: dict[int | None, int], place: Place) -> tuple[Counter[int], int, int]:
    """People by row, people of the unit itself, and people who belong to the unit but to no row."""
    row_of = place.row_of() if place.rows else {}
    by_row: Counter[int] = Counter()
    own = unconverted = 0
    for unit, people in by_unit.items():
        if unit is None:
            continue
        if unit in row_of:
            by_row[row_of[unit]] += people
        elif unit == place.unit.pk:
            own += people
        else:
            unconverted += people
    return by_row, own, unconverted


def dashboard(indicators: list[Indicator], place: Place, year: int) -> dict[int, Figure]:
    """Indicator → its figure at a place, for the list of indicators; seven queries, whatever their number."""
    people = dict(
        UnitMonth.objects.filter(place.inside(), indicator__in=indicators)
        .within(year)
        .order_by()
        .values_list("indicator_id")
        .annotate(people=Sum("count"))
    )
    taken_over = _taken_over(place)
    official = official_of(indicators, [place.unit.pk], taken_over, year)
    promised = taken_over | set(official.selves.get(place.unit.pk, ()))
    parents = audience_parents()
    groups = {i.pk: with_descendants({a.pk for a in i.audiences.all()}, parents) for i in indicators if by_list(i)}
    day = list_day(year)
    listed = heads_by_group(place, day, set(groups.values()))
    found = {}
    for indicator in indicators:
        target = target_for(list(indicator.targets.all()), place.unit, promised)
        members = {place.unit.pk: listed[groups[indicator.pk]]} if indicator.pk in groups else None
        denominator = denominator_of(indicator, place.unit, official, Listed(members, day), is_place=True)
        found[indicator.pk] = Figure(
            Part.TOTAL,
            place.unit,
            people.get(indicator.pk, 0),
            denominator,
            target,
            goal_of(target, denominator.value),
        )
    return found


def people_in_month(indicator: Indicator, place: Place, month: date) -> int:
    """People whose counting fell in one month: the pace, beside the pace that is needed."""
    cells = UnitMonth.objects.filter(place.inside(), indicator=indicator, month=month)
    return int(cells.aggregate(people=Sum("count"))["people"] or 0)


# --- The people behind a figure -------------------------------------------------------------------------------------
def behind(place: Place, part: Part) -> Q:
    """The counted people whom a row holds, by the unit of their fact."""
    if part == Part.UNKNOWN:
        return Q(unit__isnull=True) if place.holds_unknown else Q(pk__in=[])
    if part == Part.OWN:
        return Q(unit=place.unit)
    if part == Part.UNCONVERTED:
        rows = [u.pk for u in place.rows]
        converted = UnitAncestor.objects.filter(structure=place.structure, ancestor__in=rows).values("descendant")
        return Q(unit__in=place.subtree()) & ~Q(unit__in=converted) & ~Q(unit=place.unit)
    return place.inside()
