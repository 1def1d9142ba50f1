"""What a closing would freeze, as far as one has to see it to decide: the figures of the unit itself, and what looks
wrong in the units just below. The rest of the tree is read by the job that closes.

The figures are those of the closing, reckoned from what was counted. What looks wrong below is looked up in the monthly
summary: a hint, not a figure.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from kpi.denominators import by_list, heads, list_day, official_of
from kpi.models import Indicator, UnitMonth
from kpi.part import Part
from kpi.places import Place
from kpi.tree_figures import Placed, tree_figures
from kpi.units_counted import UNIT_KINDS
from people.audiences import audience_parents, with_descendants
from people.models import COMMUNE_KINDS, Structure, Unit, UnitAncestor


@dataclass(frozen=True)
class Odd:
    """More people counted than there are to train."""

    indicator: Indicator
    unit: Unit
    counted: int
    to_train: int


@dataclass(frozen=True)
class Preview:
    """``lines``: the figures of the place that would be frozen; ``silent``: indicators that say nothing there.

    ``idle``: communes just below in which nobody counts for anything; ``units``: how many units a closing reads.
    """

    lines: list[Placed]
    silent: list[Indicator]
    odd: list[Odd]
    idle: list[Unit]
    units: int


def preview_of(place: Place, known: list[Structure], until: date) -> Preview:
    """Queries follow from the indicators alone, and the work from the units just below that have learners."""
    indicators = list(Indicator.objects.for_figures())
    read = tree_figures(indicators, place, known, until.year, as_of=until, units=[place.unit])
    top = [one for one in read if one.figure.part == Part.TOTAL]
    people = [one for one in indicators if one.counts and one.counting not in UNIT_KINDS]
    counted = _counted(people, place, until)
    busy = {unit for _, unit in counted}
    return Preview(
        lines=[one for one in top if one.figure.says_something],
        silent=[one.indicator for one in top if not one.figure.says_something],
        odd=[
            *(
                Odd(one.indicator, one.unit, int(one.figure.count), one.figure.denominator.value or 0)
                for one in top
                if one.figure.is_more_than_all
            ),
            *_odd_below(people, place, until, counted),
        ],
        idle=[unit for unit in place.rows if unit.kind in COMMUNE_KINDS and unit.pk not in busy],
        units=UnitAncestor.objects.filter(structure=place.home, ancestor=place.unit).count(),
    )


def _counted(indicators: list[Indicator], place: Place, until: date) -> Counter[tuple[int, int]]:
    """Indicator and row of the place → people, up to the end of the last day's month; two queries."""
    cells = UnitMonth.objects.filter(indicator__in=indicators, unit__isnull=False, month__lte=until.replace(day=1))
    by_unit = cells.within(until.year).order_by().values_list("indicator_id", "unit_id").annotate(people=Sum("count"))
    row_of = place.row_of() if place.rows else {}
    found: Counter[tuple[int, int]] = Counter()
    for indicator, unit, people in by_unit:
        if unit in row_of:
            found[indicator, row_of[unit]] += people
    return found


def _odd_below(indicators: list[Indicator], place: Place, until: date, counted: Counter[tuple[int, int]]) -> list[Odd]:
    """Units just below in which more count than there are to train."""
    units = {unit.pk: unit for unit in place.rows}
    busy = {unit for _, unit in counted}
    official = official_of(indicators, busy, (), until.year)
    parents, day = audience_parents(), list_day(until.year, until)
    lists: dict[frozenset[int], dict[int, int]] = {}
    found = []
    for one in indicators:
        rows = {unit: people for (indicator, unit), people in counted.items() if indicator == one.pk}
        said = {unit: official.of(one, units[unit]) for unit in rows}
        unsaid = [unit for unit, row in said.items() if row is None]
        listed: dict[int, int] = {}
        if unsaid and by_list(one):
            group = frozenset(with_descendants({a.pk for a in one.all_audiences}, parents))
            if group not in lists:
                lists[group] = heads(place, group, day, total=False, rows=busy)
            listed = lists[group]
        for unit, people in rows.items():
            row = said[unit]
            to_train = row.value if row else listed.get(unit)
            if to_train is not None and people > to_train:
                found.append(Odd(one, units[unit], people, to_train))
    return found
