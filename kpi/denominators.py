"""How many people ought to be trained in a unit, and who says so.

In order: the official head-count of the unit itself, for the indicator, else of the one audience that it asks for;
where only a part of what the unit took over has one, no figure (a part is not the whole, and the merged unit's people
would be set against it); the members on the list, for audiences that rosters name. Citizens are never counted by list:
those who signed up are not those who live there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from common import wording
from common.text import vi_date
from kpi.models import DECLARED_KINDS, AudiencePopulation, CountingKind, Indicator, Population
from kpi.places import Place
from people.models import CITIZEN, Membership, Structure, Unit, UnitAncestor, UnitSuccession
from people.querysets import today

BY_LIST = "theo danh sách trên hệ thống"


@dataclass(frozen=True)
class Denominator:
    """How many ought to be trained, and who says so. ``value`` None is "chưa có số", which is not zero.

    ``why`` says, where there is no value, what is missing. ``source`` is in the words that a closing keeps;
    ``listed_on``: the day of the list that it is.
    """

    value: int | None = None
    source: str = ""
    quote: str = ""
    year: int | None = None
    why: str = ""
    listed_on: date | None = field(default=None, compare=False)

    @property
    def source_said(self) -> str:
        """The source in the language of the page."""
        if self.listed_on is None:
            return self.source
        return _("theo danh sách trên hệ thống ngày %(day)s") % {"day": wording.day(self.listed_on)}

    @property
    def is_official(self) -> bool:
        return bool(self.quote or self.year)


def list_day(year: int, as_of: date | None = None) -> date:
    """The day whose members are those who had to be trained in a year: its last one; today while the year runs."""
    return min(as_of or today(), today(), date(year, 12, 31))


def by_list(indicator: Indicator) -> bool:
    """Whether a list of members can say how many there are: rosters name officials and teams, nobody names citizens."""
    return CITIZEN not in {audience.code for audience in indicator.all_audiences}


@dataclass(frozen=True)
class Headcount:
    """An official number of people in a unit, from a year on, with the document and its words."""

    unit: Unit
    value: int
    source: str
    quote: str
    year: int


@dataclass(frozen=True)
class Official:
    """Official head-counts of some indicators: of units themselves, and of units that the place took over.

    ``rows`` are said of an indicator, ``by_audience`` of the only audience that an indicator asks for (``audience``).

    ``selves`` holds the earlier rows of a unit that was only renamed or moved: what was said of them is said of it.
    """

    rows: dict[tuple[int, int], Headcount]
    taken_over: frozenset[int]
    selves: dict[int, list[int]]
    by_audience: dict[tuple[int, int], Headcount] = field(default_factory=dict)
    audience: dict[int, int] = field(default_factory=dict)

    def of(self, indicator: Indicator, unit: Unit) -> Headcount | None:
        """What is said of the unit for the indicator; else of its audience. Earlier rows of the unit speak for it."""
        ways = [(self.rows, indicator.pk)]
        if indicator.pk in self.audience:
            ways.append((self.by_audience, self.audience[indicator.pk]))
        selves = (unit.pk, *self.selves.get(unit.pk, ()))
        found = (rows.get((key, pk)) for rows, key in ways for pk in selves)
        return next((row for row in found if row), None)

    def says(self, indicator: Indicator, place: Unit) -> bool:
        """Whether the place or a part of it has a head-count: then no list is asked."""
        return self.of(indicator, place) is not None or bool(self.parts(indicator))

    def parts(self, indicator: Indicator) -> list[Headcount]:
        """Head-counts of units that became the place. Looked up, not searched for: a closing asks for every unit."""
        audience = self.audience.get(indicator.pk)
        found = []
        for unit in sorted(self.taken_over):
            row = self.rows.get((indicator.pk, unit))
            if row is None and audience is not None:
                row = self.by_audience.get((audience, unit))
            if row is not None:
                found.append(row)
        return found


def official_of(
    indicators: Iterable[Indicator], units: Collection[int], taken_over: Collection[int], year: int
) -> Official:
    """The official head-counts in force in the year: three queries, and one for each time a unit was renamed.

    The audiences of the indicators should be there already (``for_figures``).
    """
    indicators = list(indicators)
    selves = earlier_selves(units)
    asked = {*units, *taken_over, *(pk for earlier in selves.values() for pk in earlier)}
    wanted = Population.objects.filter(indicator__in=indicators, unit__in=asked, year__lte=year)
    rows = {
        (p.indicator_id, p.unit_id): Headcount(p.unit, p.value, p.source, p.quote, p.year)
        for p in wanted.select_related("unit").order_by("year")
    }
    audience = only_audiences(indicators)
    if not audience:
        return Official(rows, frozenset(taken_over), selves)
    counted = AudiencePopulation.objects.filter(audience__in=set(audience.values()), unit__in=asked, year__lte=year)
    by_audience = {
        (p.audience_id, p.unit_id): Headcount(p.unit, p.value, _document(p), "", p.year)
        for p in counted.select_related("unit").order_by("year")
    }
    return Official(rows, frozenset(taken_over), selves, by_audience, audience)


def only_audiences(indicators: Iterable[Indicator]) -> dict[int, int]:
    """Indicator → its audience, for those that ask for exactly one: a head-count of it is all there are to train.

    Not for those that count teams or units, or what units declare.
    """
    others = DECLARED_KINDS | {CountingKind.TEAM}
    asked = {i.pk: [a.pk for a in i.all_audiences] for i in indicators if i.counting not in others}
    return {pk: audiences[0] for pk, audiences in asked.items() if len(audiences) == 1}


def _document(row: AudiencePopulation) -> str:
    return f"{row.source} ngày {vi_date(row.source_date)}" if row.source_date else row.source


def earlier_selves(units: Collection[int]) -> dict[int, list[int]]:
    """Unit → its earlier rows, newest first, as long as it was one unit: one predecessor, which went nowhere else.

    Only between reforms. Across a reform even the same code and name may stand for another area: there a head-count
    must be said anew.
    """
    reforms = Structure.objects.filter(is_reform=True).values("valid_from")
    one_to_one = UnitSuccession.objects.filter(principal=True).exclude(effective_on__in=reforms)
    one_to_one = one_to_one.annotate(
        parts=Count("predecessor__successions", distinct=True), sources=Count("successor__precessions", distinct=True)
    )
    found: dict[int, list[int]] = {}
    now = {pk: pk for pk in units}
    while now:
        links = one_to_one.filter(
            successor__in=now, parts=1, sources=1, predecessor__code=F("successor__code")
        ).values_list("successor", "predecessor")
        before = {earlier: now[later] for later, earlier in links if earlier not in found.get(now[later], ())}
        for earlier, unit in before.items():
            found.setdefault(unit, []).append(earlier)
        now = before
    return found


@dataclass(frozen=True)
class Listed:
    """Members on the list of a day: unit → people; None for an indicator that no list can speak of.

    For an indicator that counts teams or schools the units that stand on the day. ``nobody``: why there is no number,
    where it is not that nobody is on the list.
    """

    people: dict[int, int] | None
    day: date
    nobody: str = ""


def denominator_of(
    indicator: Indicator, unit: Unit, official: Official, listed: Listed, *, is_place: bool
) -> Denominator:
    """The denominator of an indicator in a unit; ``is_place`` where the unit is the one that is read as a whole."""
    if own := official.of(indicator, unit):
        return Denominator(own.value, own.source, own.quote, own.year)
    if is_place and (parts := official.parts(indicator)):
        said = _("%(unit)s trước sắp xếp: %(number)s")
        known = "; ".join(said % {"unit": part.unit.name, "number": wording.number(part.value)} for part in parts)
        why = _("Chưa có số cho cả %(unit)s. Mới có số của %(known)s.") % {"unit": unit.name, "known": known}
        return Denominator(why=why)
    if listed.people is None:
        return Denominator(why=_("Chưa có số dân chính thức của đơn vị; số người đăng ký học không thay được."))
    if not (people := listed.people.get(unit.pk)):
        # Nobody on the list is not a denominator of zero: the list is simply not there yet.
        return Denominator(why=listed.nobody or _("Văn bản không nêu, danh sách thành viên chưa có ai."))
    return Denominator(people, f"{BY_LIST} ngày {vi_date(listed.day)}", listed_on=listed.day)


def heads(place: Place, audiences: Collection[int], day: date, *, total: bool, rows: Collection[int]) -> dict[int, int]:
    """Members of a day, in the audiences, reckoned to the place and to its rows: distinct people in each."""
    where = Q(pk__in=[])
    if total:
        where |= Q(structure=place.home, ancestor=place.unit)
    if rows:
        where |= Q(structure=place.structure, ancestor__in=rows)
    if not (total or rows):
        return {}
    counted = UnitAncestor.objects.filter(where, members_of(audiences, day)).values_list("ancestor_id")
    return dict(counted.annotate(people=Count("descendant__memberships__user", distinct=True)))


def members_of(audiences: Collection[int], day: date) -> Q:
    """Rows of the closure below which somebody in the audiences is on the list of a day."""
    member = "descendant__memberships__"
    return Q(**{f"{member}audience__in": audiences, f"{member}valid_from__lte": day}) & (
        Q(**{f"{member}valid_to__isnull": True}) | Q(**{f"{member}valid_to__gt": day})
    )


def heads_by_group(place: Place, day: date, groups: set[frozenset[int]]) -> dict[frozenset[int], int]:
    """Head-counts of several groups of audiences at once: one query."""
    if not groups:
        return {}
    named = {f"group_{n}": group for n, group in enumerate(sorted(groups, key=sorted))}
    everybody = frozenset().union(*groups)
    members = Membership.objects.in_force(day).filter(audience__in=everybody, unit_id__any_of=place.units)
    counts = members.aggregate(
        **{name: Count("user", distinct=True, filter=Q(audience__in=group)) for name, group in named.items()}
    )
    return {group: counts[name] for name, group in named.items()}
