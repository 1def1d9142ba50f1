"""Figures: people counted, over how many, against which target; for a unit and the units below it.

The number of queries does not depend on the number of units or people. Rows always add up to the total: who cannot be
given to a unit below is shown in a row of its own, never dropped and never counted twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from kpi import denominators, kept
from kpi.declared import Declared, declared_of
from kpi.denominators import (
    Denominator,
    Listed,
    Official,
    by_list,
    denominator_of,
    earlier_selves,
    heads_by_group,
    list_day,
    official_of,
)
from kpi.figure import Figure, declared_goal, goal_of
from kpi.models import Counted, CountingKind, Indicator, Recurrence, Target, UnitMonth
from kpi.part import PART_NAMES, Part
from kpi.places import Place
from kpi.units_counted import UNIT_KINDS, counted_units, kind_counted, standing_numbers, standing_units
from kpi.wording import counted_in, words_of
from people.audiences import audience_parents, with_descendants
from people.models import Unit, UnitAncestor
from people.querysets import today

__all__ = [
    "PART_NAMES", "Figure", "Part", "Table", "behind", "beside", "dashboard", "deadline_of", "declared_figure",
    "goal_of", "no_units", "summed", "table", "target_for",
]  # fmt: skip


#: The last day on which a month is still before one.
MIDDLE = 15


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
        return deadline_of(self.indicator, self.total.target, self.year)

    @property
    def is_past(self) -> bool:
        """A year that is over is read as it ended, whatever the target's own year."""
        return self.year < today().year and self.deadline.year > self.year

    @property
    def per_month(self) -> int | None:
        """People needed each month to reach the goal in time; None when that is over or unknown.

        This month is one of them until its middle; after that what is left of it says nothing of a month.
        """
        day = self.as_of or today()
        if self.total.gap is None or day > self.deadline or day.year > self.year:
            return None
        months = (self.deadline.year - day.year) * 12 + self.deadline.month - day.month + (day.day <= MIDDLE)
        return -(-self.total.gap // max(1, months))


def deadline_of(indicator: Indicator, target: Target | None, year: int) -> date:
    """Yearly indicators restart each year; the others have until the target's year ends."""
    if indicator.recurrence == Recurrence.YEARLY or target is None or not target.year:
        return date(year, 12, 31)
    return date(target.year, 12, 31)


# --- Counts ---------------------------------------------------------------------------------------------------------
def _people_by_unit(
    indicator: Indicator, place: Place, year: int, as_of: date | None, *, exact: bool
) -> dict[int | None, int]:
    """Unit of the facts → people. From the monthly summary; from the facts themselves for a day, or when ``exact``.

    Of an indicator that counts teams or schools: unit → 1.
    """
    if indicator.counting in UNIT_KINDS:
        day = list_day(year, as_of)
        return counted_units([indicator], place, year, day, as_of).get(indicator.pk, {})
    facts: QuerySet[Any]
    if exact or as_of:
        facts = Counted.objects.filter(place.inside(), indicator=indicator).within(year, as_of)
        return dict(facts.order_by().values_list("unit_id").annotate(people=Count("pk")))
    facts = UnitMonth.objects.filter(place.inside(), indicator=indicator).within(year)
    return dict(facts.order_by().values_list("unit_id").annotate(people=Sum("count")))


def summed(indicator: Indicator, place: Place, year: int, part: Part) -> int | None:
    """People of a part of a place by the summary, as the figure shows them; None where only their facts can say."""
    if part == Part.UNCONVERTED:
        return None
    cells = UnitMonth.objects.filter(behind(place, part), indicator=indicator).within(year)
    return int(cells.aggregate(people=Sum("count"))["people"] or 0)


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
    if indicator.counting == CountingKind.DECLARED:
        return _declared_table(indicator, place, year, as_of)
    by_unit = _people_by_unit(indicator, place, year, as_of, exact=exact)
    by_row, own, unconverted = _split(by_unit, place)
    targets = indicator.all_targets
    taken_over = _taken_over(place)
    official = official_of([indicator], [place.unit.pk, *(u.pk for u in place.rows)], taken_over, year)
    listed = _listed(indicator, place, official, list_day(year, as_of), exact=exact or as_of is not None)
    words = words_of(indicator)

    def figure(unit: Unit, part: Part, count: int, target: Target | None) -> Figure:
        is_place = part == Part.TOTAL
        denominator = denominator_of(indicator, unit, official, listed, is_place=is_place)
        return Figure(part, unit, count, denominator, target, goal_of(target, denominator.value), words)

    promised = taken_over | set(official.selves.get(place.unit.pk, ()))
    total = figure(place.unit, Part.TOTAL, sum(by_unit.values()), target_for(targets, place.unit, promised))
    rows = [
        figure(u, Part.UNIT, by_row[u.pk], target_for(targets, u, official.selves.get(u.pk, ()))) for u in place.rows
    ]
    rest = ((Part.OWN, own), (Part.UNCONVERTED, unconverted), (Part.UNKNOWN, by_unit.get(None, 0)))
    rows += [Figure(part, None, count, Denominator(), None, None, words) for part, count in rest if count]
    return Table(indicator, place, year, as_of, total, rows, listed.day)


def _declared_table(indicator: Indicator, place: Place, year: int, as_of: date | None) -> Table:
    """What the place and the units below it declared. Rows are the word of each; they need not add up to the total."""
    targets = indicator.all_targets
    selves = earlier_selves([place.unit.pk, *(unit.pk for unit in place.rows)])
    declared = declared_of([indicator], place, year, as_of, selves=selves)
    promised = _taken_over(place) | set(selves.get(place.unit.pk, ()))

    def figure(unit: Unit, part: Part, before: Collection[int]) -> Figure:
        target = target_for(targets, unit, before)
        return declared_figure(indicator, unit, part, declared, target, selves.get(unit.pk, ()))

    total = figure(place.unit, Part.TOTAL, promised)
    rows = [figure(unit, Part.UNIT, selves.get(unit.pk, ())) for unit in place.rows]
    return Table(indicator, place, year, as_of, total, rows, list_day(year, as_of))


def declared_figure(
    indicator: Indicator, unit: Unit, part: Part, declared: Declared, target: Target | None, selves: Collection[int]
) -> Figure:
    """The figure that a unit declared; not known where it has not. ``selves``: earlier rows of the unit."""
    found = declared.of(indicator, unit.pk, selves)
    return Figure(
        part=part,
        unit=unit,
        count=found.value if found else 0,
        denominator=Denominator(why=_("Số do đơn vị báo kèm minh chứng, hệ thống không đếm.")),
        target=target,
        goal=declared_goal(target),
        words=words_of(indicator),
        is_known=found is not None,
        is_declared=True,
        remark=found.remark if found else "",
    )


def _listed(indicator: Indicator, place: Place, official: Official, day: date, *, exact: bool) -> Listed:
    """Members on the list, for the place and those of its rows that have no official head-count; as they were within
    the last minute, unless ``exact``."""
    if indicator.counting in UNIT_KINDS:
        return _units_listed(indicator, place, day)
    if not by_list(indicator):
        return Listed(None, day)
    audiences = with_descendants({a.pk for a in indicator.all_audiences}, audience_parents())
    without = [unit.pk for unit in place.rows if official.of(indicator, unit) is None]
    total = official.of(indicator, place.unit) is None
    count = denominators.heads if exact else kept.heads
    return Listed(count(place, audiences, day, total=total, rows=without), day)


def _units_listed(indicator: Indicator, place: Place, day: date) -> Listed:
    """Teams or schools that stand on a day, for the place and its rows."""
    kind = kind_counted(indicator)
    standing = standing_units(place, day)[kind] if kind else []
    row_of = place.row_of() if place.rows and standing else {}
    people = Counter(row_of[unit] for unit in standing if unit in row_of)
    people[place.unit.pk] = len(standing)
    return Listed(dict(people), day, no_units(indicator))


def no_units(indicator: Indicator) -> str:
    """Why there is no denominator where there are no teams or schools."""
    one = counted_in(words_of(indicator).one)
    return _("Văn bản không nêu, trên hệ thống chưa có %(one)s nào.") % {"one": one}


def beside(indicator: Indicator, places: Collection[Place], year: int, *, as_of: date | None = None) -> list[Figure]:
    """People who are in the total of none of the highest places of a structure, each once.

    Those of unknown unit, and those of a later unit that took over from several of these places at once. Of teams,
    schools and declared values there are none: they are read where they stand.
    """
    if indicator.counting in UNIT_KINDS | {CountingKind.DECLARED}:
        return []
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
    """Indicator → its figure at a place, for the list of indicators; seven queries, whatever their number.

    Five more where some count teams, five where some count activities or are declared.
    """
    people = _people_of(indicators, place, year)
    taken_over = _taken_over(place)
    official = official_of(indicators, [place.unit.pk], taken_over, year)
    selves = official.selves.get(place.unit.pk, ())
    counting = [one for one in indicators if one.has_figure and one.counting != CountingKind.DECLARED]
    unsaid = [one for one in counting if not official.says(one, place.unit)]
    lists = _lists(unsaid, place, list_day(year))
    declared = declared_of(indicators, place, year, selves=official.selves)
    found, no_list = {}, Listed(None, list_day(year))
    for indicator in indicators:
        target = target_for(indicator.all_targets, place.unit, taken_over | set(selves))
        if indicator.counting == CountingKind.DECLARED:
            found[indicator.pk] = declared_figure(indicator, place.unit, Part.TOTAL, declared, target, selves)
            continue
        listed = lists.get(indicator.pk, no_list)
        denominator = denominator_of(indicator, place.unit, official, listed, is_place=True)
        goal = goal_of(target, denominator.value)
        count, before = people.get(indicator.pk, (0, 0))
        found[indicator.pk] = Figure(
            Part.TOTAL, place.unit, count, denominator, target, goal, words_of(indicator), before=before
        )
    return found


def _people_of(indicators: list[Indicator], place: Place, year: int) -> dict[int, tuple[int, int]]:
    """Indicator → what counts for it in a place, and how much of that did when the year began: people by the summary,
    teams and schools by themselves, of which no earlier number is known."""
    cells = UnitMonth.objects.filter(place.inside()).of(indicators, year).order_by()
    rows = cells.values_list("indicator_id").annotate(
        people=Sum("count"), before=Sum("count", filter=Q(month__lt=date(year, 1, 1)), default=0)
    )
    people: dict[int, tuple[int, int]] = {pk: (count, before) for pk, count, before in rows}
    units = counted_units(indicators, place, year, list_day(year))
    return people | {pk: (len(some), 0) for pk, some in units.items()}


def _lists(indicators: list[Indicator], place: Place, day: date) -> dict[int, Listed]:
    """Indicator → how many there are to train in a place, by the lists of a day."""
    parents = audience_parents()
    of_units = [one for one in indicators if one.counting in UNIT_KINDS]
    groups = {
        one.pk: with_descendants({a.pk for a in one.all_audiences}, parents)
        for one in indicators
        if one not in of_units and by_list(one)
    }
    listed = heads_by_group(place, day, set(groups.values()))
    standing = standing_numbers(place, day) if of_units else {}
    found = {one.pk: Listed(None, day) for one in indicators}
    found |= {pk: Listed({place.unit.pk: listed[group]}, day) for pk, group in groups.items()}
    for one in of_units:
        kind = kind_counted(one)
        found[one.pk] = Listed({place.unit.pk: standing.get(kind, 0)} if kind else {}, day, no_units(one))
    return found


# --- The people behind a figure -------------------------------------------------------------------------------------
def behind(place: Place, part: Part, *, named: bool = False) -> Q:
    """The counted people whom a row holds, or their cells of the summary, by unit; ``named``: for a list of people."""
    if part == Part.UNKNOWN:
        return Q(unit__isnull=True) if place.holds_unknown else Q(pk__in=[])
    if part == Part.OWN:
        return Q(unit=place.unit)
    if part == Part.UNCONVERTED:
        rows = [u.pk for u in place.rows]
        converted = UnitAncestor.objects.filter(structure=place.structure, ancestor__in=rows).values("descendant")
        return Q(unit__in=place.subtree()) & ~Q(unit__in=converted) & ~Q(unit=place.unit)
    return place.inside(named=named)
