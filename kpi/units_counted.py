"""Figures of units instead of people: teams whose members have all learnt, schools that had an activity.

Each gives what ``kpi.figures`` adds up: unit → 1 for those that count, and for those there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Q

from kpi.declared import approved
from kpi.denominators import list_day
from kpi.models import Counted, CountingKind, Declaration, Indicator
from kpi.part import Part
from kpi.places import Place
from kpi.wording import of_schools
from people.audiences import audience_parents, with_descendants
from people.models import Membership, Unit, UnitKind
from people.querysets import MembershipQuerySet

UNIT_KINDS = frozenset({CountingKind.TEAM, CountingKind.ACTIVITY})


class TeamState(NamedTuple):
    """Members on the list of a day, and how many of them are counted."""

    members: int
    trained: int

    @property
    def is_trained(self) -> bool:
        """A team without a list is not trained."""
        return 0 < self.members == self.trained


def teams_of(indicators: Collection[Indicator], place: Place, year: int, day: date) -> dict[int, dict[int, TeamState]]:
    """Indicator → team → its members of the day; two queries, whatever the number of indicators or teams.

    Members are those of the indicator's audiences; they are counted as people are, wherever that was.
    """
    if not indicators:
        return {}
    asked = _asked(indicators, year, day, what="user", distinct=True)
    found: dict[int, dict[int, TeamState]] = {one.pk: {} for one in indicators}
    for unit, *numbers in _members(place, day).values("unit").annotate(**asked).values_list("unit", *asked):
        for at, states in enumerate(found.values()):
            states[unit] = TeamState(*numbers[2 * at : 2 * at + 2])
    return found


def _asked(
    indicators: Collection[Indicator], year: int, day: date, *, what: str = "pk", distinct: bool = False
) -> dict[str, Count]:
    """For each indicator, of a team: how many are members, and how many of them count."""
    parents = audience_parents()
    asked: dict[str, Count] = {}
    for one in indicators:
        ours = Q(audience__in=with_descendants({audience.pk for audience in one.all_audiences}, parents))
        asked[f"members_{one.pk}"] = Count(what, distinct=distinct, filter=ours)
        asked[f"trained_{one.pk}"] = Count(what, distinct=distinct, filter=ours & Q(_is_counted(one, year, day)))
    return asked


def _members(place: Place, day: date) -> MembershipQuerySet:
    """Whoever is on the list of a team of the place on a day.

    By the ids themselves: of a condition on kinds PostgreSQL cannot tell that it leaves a hundredth of all members.
    """
    teams = Unit.objects.filter(kind=UnitKind.TEAM, pk__in=place.subtree()).order_by().values_list("pk", flat=True)
    members: MembershipQuerySet = Membership.objects.in_force(day).filter(unit_id__any_of=list(teams)).order_by()
    return members


def trained_teams(indicators: Collection[Indicator], place: Place, year: int, day: date) -> dict[int, list[int]]:
    """Indicator → the teams for which ``teams_of`` says that they are trained; two queries.

    Whether every membership is one of somebody who counts needs no distinct people, and half the time.
    """
    if not indicators:
        return {}
    asked = _asked(indicators, year, day)
    found: dict[int, list[int]] = {one.pk: [] for one in indicators}
    for unit, *numbers in _members(place, day).values("unit").annotate(**asked).values_list("unit", *asked):
        for at, trained in enumerate(found.values()):
            if 0 < numbers[2 * at] == numbers[2 * at + 1]:
                trained.append(unit)
    return found


def _is_counted(indicator: Indicator, year: int, day: date) -> Exists:
    """Whether the member counts for an indicator by a day."""
    rows = Counted.objects.filter(indicator=indicator, year=indicator.counted_under(year), counted_on__lte=day)
    return Exists(rows.filter(user=OuterRef("user")))


def activities_of(
    indicators: Collection[Indicator], place: Place, year: int, as_of: date | None = None
) -> dict[int, dict[int, Declaration]]:
    """Indicator → unit of the place → its approved activity of the year; two queries at most."""
    if not indicators:
        return {}
    rows = approved(indicators, year, as_of)
    declared = place.subtree().filter(descendant__in={row.unit_id for row in rows})
    inside = set(declared.values_list("descendant", flat=True)) if rows else set()
    found: dict[int, dict[int, Declaration]] = {one.pk: {} for one in indicators}
    for row in rows:
        if row.unit_id in inside:
            found[row.indicator_id][row.unit_id] = row
    return {pk: {unit: row for unit, row in rows.items() if row.value > 0} for pk, rows in found.items()}


def counted_units(
    indicators: Iterable[Indicator], place: Place, year: int, day: date, as_of: date | None = None
) -> dict[int, dict[int | None, int]]:
    """Indicator → unit → 1, for every team that is trained and every unit that had its activity."""
    some = list(indicators)
    teams = trained_teams([one for one in some if one.counting == CountingKind.TEAM], place, year, day)
    activities = activities_of([one for one in some if one.counting == CountingKind.ACTIVITY], place, year, as_of)
    return {pk: dict.fromkeys(units, 1) for pk, units in (*teams.items(), *activities.items())}


def standing_units(place: Place, day: date) -> dict[UnitKind, list[int]]:
    """Teams and schools of a place that stand on a day; one query."""
    found: dict[UnitKind, list[int]] = {UnitKind.TEAM: [], UnitKind.SCHOOL: []}
    rows = Unit.objects.standing_on(day).filter(kind__in=found, pk__in=place.subtree())
    for pk, kind in rows.order_by().values_list("pk", "kind"):
        found[UnitKind(kind)].append(pk)
    return found


def standing_numbers(place: Place, day: date) -> dict[UnitKind, int]:
    """How many teams and schools of a place stand on a day; one query."""
    rows = Unit.objects.standing_on(day).filter(kind__in=[UnitKind.TEAM, UnitKind.SCHOOL], pk__in=place.subtree())
    numbers = rows.order_by().values("kind").annotate(number=Count("pk")).values_list("kind", "number")
    return {UnitKind(kind): number for kind, number in numbers}


def kind_counted(indicator: Indicator) -> UnitKind | None:
    """Which units there are to count; None where the audience says nothing of units."""
    if indicator.counting == CountingKind.TEAM:
        return UnitKind.TEAM
    return UnitKind.SCHOOL if of_schools(indicator) else None


@dataclass(frozen=True)
class UnitLine:
    """A team or school behind a figure. ``team`` or ``activity`` says why it counts, or what it lacks."""

    unit: Unit
    is_counted: bool
    team: TeamState | None = None
    activity: Declaration | None = None


def units_behind(indicator: Indicator, place: Place, part: Part, year: int) -> list[UnitLine]:
    """Teams or schools of a part of a place, those that count and those that stand and do not yet.

    By name, those of which something is known first.
    """
    day = list_day(year)
    kind = kind_counted(indicator)
    standing = standing_units(place, day)[kind] if kind else []
    some = [indicator]
    teams = teams_of(some, place, year, day)[indicator.pk] if kind == UnitKind.TEAM else {}
    activities = activities_of(some, place, year)[indicator.pk] if kind != UnitKind.TEAM else {}
    asked = {*standing, *(unit for unit, state in teams.items() if state.is_trained), *activities}
    if part != Part.TOTAL:
        row_of = place.row_of()
        own = {place.unit.pk} if part == Part.OWN else asked - row_of.keys() - {place.unit.pk}
        asked &= own if part in (Part.OWN, Part.UNCONVERTED) else set()
    units = Unit.objects.filter(pk__in=asked).select_related("parent").order_by("search_key", "pk")
    lines = [_line(unit, teams.get(unit.pk), activities.get(unit.pk)) for unit in units]
    return sorted(lines, key=lambda line: line.team is None and line.activity is None)


def _line(unit: Unit, team: TeamState | None, activity: Declaration | None) -> UnitLine:
    return UnitLine(unit, activity is not None or (team is not None and team.is_trained), team, activity)
