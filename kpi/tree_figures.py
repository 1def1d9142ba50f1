"""The figures of a place and of every unit below it, for many indicators at once: what a closing freezes.

The same figures as ``kpi.figures.table`` gives for each unit by itself, in a number of queries that follows from the
indicators alone, never from units or people.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Count

from kpi.declared import Declared, declared_of
from kpi.denominators import Denominator, Listed, Official, by_list, denominator_of, list_day, members_of, official_of
from kpi.figure import Figure, goal_of
from kpi.figures import declared_figure, no_units, target_for
from kpi.models import Counted, CountingKind, Indicator
from kpi.part import Part
from kpi.places import Place, units_within
from kpi.units_counted import UNIT_KINDS, counted_units, kind_counted, standing_units
from kpi.wording import words_of
from people.audiences import audience_parents, with_descendants
from people.models import Structure, Unit, UnitAncestor


@dataclass(frozen=True)
class Placed:
    """A figure with the indicator and the unit it belongs to; a special row has the unit of the place itself."""

    indicator: Indicator
    unit: Unit
    figure: Figure


@dataclass(frozen=True)
class _Tree:
    """Units of a place. ``above``: unit of a fact → the units of the tree that it is reckoned to, itself included.

    ``became``: unit → those of an earlier time that became it. ``row_of``: unit → the row of the place it belongs to.
    """

    place: Place
    units: list[Unit]
    above: Mapping[int, list[int]]
    became: Mapping[int, set[int]]
    row_of: Mapping[int, int]

    def totals(self, by_unit: Mapping[int | None, int]) -> Counter[int]:
        """Unit of the tree → what counts in it and below; what has no unit belongs to the place."""
        totals: Counter[int] = Counter()
        for unit, count in by_unit.items():
            for ancestor in [self.place.unit.pk] if unit is None else self.above.get(unit, ()):
                totals[ancestor] += count
        return totals


@dataclass(frozen=True)
class _Read:
    """Everything that was read at once. ``counts`` and ``listed`` by indicator."""

    counts: Mapping[int, Mapping[int | None, int]]
    listed: Mapping[int, Listed]
    official: Official
    declared: Declared


def tree_figures(
    indicators: Sequence[Indicator],
    place: Place,
    known: list[Structure],
    year: int,
    *,
    as_of: date | None = None,
    units: list[Unit] | None = None,
) -> Iterator[Placed]:
    """Figures of the place and of each unit below it that stands in its structure, indicator by indicator.

    Each unit gives one figure (``Part.TOTAL``); the place, which comes with its rows, also those of its people who
    belong to no unit below. Indicators as ``for_figures`` gives them; ``known``: all structures; ``units``: only of
    these of the place.
    """
    tree = _tree(place, units_within(place, known) if units is None else units)
    read = _read(indicators, tree, year, as_of)
    for indicator in indicators:
        counts = read.counts.get(indicator.pk, {})
        totals = tree.totals(counts)
        for unit in tree.units:
            yield Placed(indicator, unit, _figure(indicator, unit, totals[unit.pk], tree, read))
        yield from _special(indicator, counts, tree)


def _tree(place: Place, units: list[Unit]) -> _Tree:
    """Three queries."""
    inside = place.subtree()
    standing = {unit.pk for unit in units}
    above: dict[int, list[int]] = defaultdict(list)
    # Whatever is below a unit of the place is of the place: asking for both made SQLite try every pair.
    links = UnitAncestor.objects.filter(structure=place.home, ancestor__in=inside)
    for descendant, ancestor in links.values_list("descendant_id", "ancestor_id"):
        if ancestor in standing:
            above[descendant].append(ancestor)
    before = UnitAncestor.objects.filter(
        structure=place.home,
        ancestor__in=inside,
        depth=1,
        descendant__valid_to__lte=place.home.valid_from,
        descendant__successions__principal=True,
    )
    became: dict[int, set[int]] = defaultdict(set)
    for ancestor, descendant in before.values_list("ancestor_id", "descendant_id"):
        became[ancestor].add(descendant)
    return _Tree(place, units, dict(above), dict(became), place.row_of() if place.rows else {})


def _read(indicators: Sequence[Indicator], tree: _Tree, year: int, as_of: date | None) -> _Read:
    day = list_day(year, as_of)
    units = [unit.pk for unit in tree.units]
    official = official_of(indicators, units, {pk for some in tree.became.values() for pk in some}, year)
    whole = replace(tree.place, rows=tree.units)
    of_units = [one for one in indicators if one.counting in UNIT_KINDS]
    counts: dict[int, Mapping[int | None, int]] = {**_people(indicators, tree.place, year, as_of)}
    counts |= counted_units(of_units, tree.place, year, day, as_of)
    return _Read(
        counts=counts,
        listed=_by_lists(indicators, tree, day) | _by_standing(of_units, tree, day),
        official=official,
        declared=declared_of(indicators, whole, year, as_of, selves=official.selves),
    )


def _people(
    indicators: Sequence[Indicator], place: Place, year: int, as_of: date | None
) -> dict[int, dict[int | None, int]]:
    """Indicator → people by the unit of their fact: one query."""
    facts = Counted.objects.filter(place.inside(), indicator__in=indicators).within(year, as_of).order_by()
    found: dict[int, dict[int | None, int]] = {indicator.pk: {} for indicator in indicators}
    for indicator, unit, people in facts.values_list("indicator_id", "unit_id").annotate(people=Count("pk")):
        found[indicator][unit] = people
    return found


def _by_lists(indicators: Sequence[Indicator], tree: _Tree, day: date) -> dict[int, Listed]:
    """Indicator → members on the list by unit; a query for each group of people that lists can speak of."""
    parents = audience_parents()
    heads: dict[frozenset[int], dict[int, int]] = {}
    found = {indicator.pk: Listed(None, day) for indicator in indicators}
    for indicator in indicators:
        if by_list(indicator):
            group = frozenset(with_descendants({a.pk for a in indicator.all_audiences}, parents))
            if group not in heads:
                heads[group] = _heads(tree, group, day)
            found[indicator.pk] = Listed(heads[group], day)
    return found


def _heads(tree: _Tree, group: frozenset[int], day: date) -> dict[int, int]:
    """Distinct members of a day by unit: who is in two units below counts once above both."""
    inside = [unit.pk for unit in tree.units]
    rows = UnitAncestor.objects.filter(members_of(group, day), structure=tree.place.home, ancestor__in=inside)
    by_unit = rows.order_by().values_list("ancestor_id")
    return dict(by_unit.annotate(people=Count("descendant__memberships__user", distinct=True)))


def _by_standing(of_units: Sequence[Indicator], tree: _Tree, day: date) -> dict[int, Listed]:
    """Indicator → teams or schools that stand on a day, by unit: one query."""
    standing = standing_units(tree.place, day) if of_units else {}
    found = {}
    for indicator in of_units:
        kind = kind_counted(indicator)
        counts: Mapping[int | None, int] = dict.fromkeys(standing[kind], 1) if kind else {}
        found[indicator.pk] = Listed(dict(tree.totals(counts)), day, no_units(indicator))
    return found


def _figure(indicator: Indicator, unit: Unit, count: int, tree: _Tree, read: _Read) -> Figure:
    selves = read.official.selves.get(unit.pk, ())
    became = tree.became.get(unit.pk, set())
    target = target_for(indicator.all_targets, unit, became | set(selves))
    if indicator.counting == CountingKind.DECLARED:
        return declared_figure(indicator, unit, Part.TOTAL, read.declared, target, selves)
    official = replace(read.official, taken_over=frozenset(became))
    denominator = denominator_of(indicator, unit, official, read.listed[indicator.pk], is_place=bool(became))
    goal = goal_of(target, denominator.value)
    return Figure(Part.TOTAL, unit, count, denominator, target, goal, words_of(indicator))


def _special(indicator: Indicator, counts: Mapping[int | None, int], tree: _Tree) -> Iterator[Placed]:
    """The people of the place who belong to no unit below."""
    place = tree.place
    rest: Counter[Part] = Counter()
    for unit, count in counts.items():
        if unit is None:
            rest[Part.UNKNOWN] += count
        elif unit == place.unit.pk:
            rest[Part.OWN] += count
        elif unit not in tree.row_of:
            rest[Part.UNCONVERTED] += count
    for part in (Part.OWN, Part.UNCONVERTED, Part.UNKNOWN):
        if rest[part]:
            yield Placed(
                indicator, place.unit, Figure(part, None, rest[part], Denominator(), None, None, words_of(indicator))
            )
