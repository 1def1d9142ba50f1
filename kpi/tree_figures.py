"""The figures of a place and of every unit below it, for many indicators at once: what a closing freezes.

The same figures as ``kpi.figures.table`` gives for each unit by itself, in a number of queries that follows from the
indicators alone, never from units or people.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from kpi.denominators import Denominator, Listed, Official, by_list, denominator_of, list_day, members_of, official_of
from kpi.figures import Figure, Part, goal_of, target_for
from kpi.models import Counted, Indicator, Target
from kpi.places import Place
from people.audiences import audience_parents, with_descendants
from people.models import Unit, UnitAncestor

Counts = dict[int, Counter[int | None]]


@dataclass(frozen=True)
class Placed:
    """A figure with the indicator and the unit it belongs to; a special row has the unit of the place itself."""

    indicator: Indicator
    unit: Unit
    figure: Figure


@dataclass(frozen=True)
class _Tree:
    """Units below a place. ``above``: unit of a fact → the units of the tree that it is reckoned to, itself included."""

    place: Place
    units: list[Unit]
    above: dict[int, list[int]]
    taken_over: dict[int, set[int]]


def tree_figures(
    indicators: Sequence[Indicator],
    place: Place,
    year: int,
    *,
    as_of: date | None = None,
    units: Collection[int] | None = None,
) -> Iterator[Placed]:
    """Figures of the place and of each unit below it that stands in its structure (of ``units`` only, when given).

    ``place`` comes with its rows. Each unit gives one figure (``Part.TOTAL``); the place also gives those of its people
    who belong to no unit below. Indicators as ``for_figures`` gives them.
    """
    tree = _tree(place)
    counts = _counts(indicators, place, year, as_of)
    official = official_of(indicators, [u.pk for u in tree.units], _every(tree.taken_over), year)
    day = list_day(year, as_of)
    listed = _listed(indicators, tree, official, day)
    for indicator in indicators:
        targets = list(indicator.targets.all())
        totals = _totals(counts[indicator.pk], tree)
        for unit in tree.units:
            if units is None or unit.pk in units:
                people = Listed(listed.get(indicator.pk), day)
                yield Placed(indicator, unit, _figure(indicator, unit, totals[unit.pk], targets, official, people, tree))
        if units is None or place.unit.pk in units:
            yield from _special(indicator, counts[indicator.pk], place)


def _tree(place: Place) -> _Tree:
    """Three queries."""
    inside = UnitAncestor.objects.filter(structure=place.home, ancestor=place.unit).values("descendant")
    standing = place.standing_within()
    known = {unit.pk for unit in standing}
    links = UnitAncestor.objects.filter(structure=place.home, descendant__in=inside, ancestor__in=inside)
    above: dict[int, list[int]] = defaultdict(list)
    for descendant, ancestor in links.values_list("descendant_id", "ancestor_id"):
        if ancestor in known:
            above[descendant].append(ancestor)
    became = UnitAncestor.objects.filter(
        structure=place.home,
        ancestor__in=inside,
        depth=1,
        descendant__valid_to__lte=place.home.valid_from,
        descendant__successions__principal=True,
    )
    taken_over: dict[int, set[int]] = defaultdict(set)
    for ancestor, descendant in became.values_list("ancestor_id", "descendant_id"):
        taken_over[ancestor].add(descendant)
    return _Tree(place, standing, dict(above), dict(taken_over))


def _every(groups: dict[int, set[int]]) -> set[int]:
    return {pk for group in groups.values() for pk in group}


def _counts(indicators: Sequence[Indicator], place: Place, year: int, as_of: date | None) -> Counts:
    """Indicator → people by the unit of their fact: one query."""
    facts = Counted.objects.filter(place.inside(), indicator__in=indicators).within(year, as_of).order_by()
    found: Counts = {indicator.pk: Counter() for indicator in indicators}
    for indicator, unit, people in facts.values_list("indicator_id", "unit_id").annotate(people=Count("pk")):
        found[indicator][unit] += people
    return found


def _totals(by_unit: Counter[int | None], tree: _Tree) -> Counter[int]:
    totals: Counter[int] = Counter()
    for unit, people in by_unit.items():
        if unit is None:
            totals[tree.place.unit.pk] += people
        for ancestor in tree.above.get(unit, ()) if unit is not None else ():
            totals[ancestor] += people
    return totals


def _listed(
    indicators: Sequence[Indicator], tree: _Tree, official: Official, day: date
) -> dict[int, dict[int, int]]:
    """Indicator → members on the list by unit, for those that lists can speak of: a query for each group of people."""
    parents = audience_parents()
    groups: dict[frozenset[int], dict[int, int]] = {}
    found = {}
    for indicator in indicators:
        if not by_list(indicator):
            continue
        group = frozenset(with_descendants({a.pk for a in indicator.audiences.all()}, parents))
        if group not in groups:
            groups[group] = _heads(tree, group, day)
        found[indicator.pk] = groups[group]
    return found


def _heads(tree: _Tree, group: frozenset[int], day: date) -> dict[int, int]:
    """Distinct members of a day by unit: who is in two units below counts once above both."""
    rows = UnitAncestor.objects.filter(
        members_of(group, day), structure=tree.place.home, ancestor__in=[unit.pk for unit in tree.units]
    ).values_list("ancestor_id")
    return dict(rows.order_by().annotate(people=Count("descendant__memberships__user", distinct=True)))


def _figure(
    indicator: Indicator,
    unit: Unit,
    count: int,
    targets: list[Target],
    official: Official,
    listed: Listed,
    tree: _Tree,
) -> Figure:
    became = tree.taken_over.get(unit.pk, set())
    mine = Official(official.rows, frozenset(became), official.selves)
    denominator = denominator_of(indicator, unit, mine, listed, is_place=True)
    target = target_for(targets, unit, became | set(official.selves.get(unit.pk, ())))
    return Figure(Part.TOTAL, unit, count, denominator, target, goal_of(target, denominator.value))


def _special(indicator: Indicator, by_unit: Counter[int | None], place: Place) -> Iterator[Placed]:
    """The people of the place who belong to no unit below."""
    row_of = place.row_of() if place.rows else {}
    own = unconverted = unknown = 0
    for unit, people in by_unit.items():
        if unit is None:
            unknown += people
        elif unit == place.unit.pk:
            own += people
        elif unit not in row_of:
            unconverted += people
    for part, count in ((Part.OWN, own), (Part.UNCONVERTED, unconverted), (Part.UNKNOWN, unknown)):
        if count:
            yield Placed(indicator, place.unit, Figure(part, None, count, Denominator(), None, None))
