"""Why people count or not: everything that ``kpi.explaining`` needs, read at once for any number of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from certificates.models import Certificate, CertificateState
from courses.models import Completion, Course
from kpi.explaining import Condition, Finding, Mender, Past, explain
from kpi.histories import history_of, papers_of, rules_load
from kpi.models import Counted, Indicator
from kpi.rules import Fact, Rule, Standing
from people import access
from people.models import CITIZEN, Audience, Membership, Role, UnitAncestor, User


@dataclass(frozen=True)
class Explained:
    """One indicator for one person. ``row`` is what is counted; ``paper`` the one that ended; ``learnt`` the title of
    the course of which the finding speaks; ``is_elsewhere``: counted under a unit in which the person is no longer."""

    indicator: Indicator
    rule: Rule
    finding: Finding
    row: Counted | None = None
    paper: Certificate | None = None
    learnt: str = ""
    courses: Sequence[Course] = ()
    is_elsewhere: bool = False

    @property
    def is_counted(self) -> bool:
        return self.finding.condition == Condition.COUNTED

    @property
    def is_concerned(self) -> bool:
        return self.finding.condition != Condition.NOT_IN_AUDIENCE


@dataclass
class Person:
    """What was read of one person."""

    history: list[tuple[Fact, Sequence[Standing]]] = field(default_factory=list)
    audiences: set[int] = field(default_factory=set)
    units: set[int] = field(default_factory=set)
    rows: dict[int, Counted] = field(default_factory=dict)


def explained_of(people: Collection[User], year: int) -> dict[int, list[Explained]]:
    """Person → every indicator that counts people, as read in ``year``; as many queries for one as for many."""
    ids = [person.pk for person in people]
    rules = {rule.indicator_id: rule for rule in rules_load()}
    wanted = Indicator.objects.for_figures().counting().prefetch_related("courses", "series__unit")
    indicators = list(wanted)
    known = _known(ids, year)
    papers, ended = papers_of(ids, rules.values()), _ended_papers(ids, rules.values())
    lost = {completion: {one.series_id for one in some} for completion, some in ended.items()}
    titles = _titles(known.values())
    open_courses = list(Course.objects.filter(is_published=True).order_by("title"))
    found: dict[int, list[Explained]] = {}
    for pk, person in known.items():
        past = Past(person.history, frozenset(person.audiences), papers, lost)
        found[pk] = []
        for indicator in indicators:
            rule, row = rules[indicator.pk], person.rows.get(indicator.pk)
            finding = Finding(Condition.COUNTED) if row else explain(rule, past, year)
            fact = finding.fact
            found[pk].append(
                Explained(
                    indicator=indicator,
                    rule=rule,
                    finding=finding,
                    row=row,
                    paper=_last(ended.get(fact.id, []), rule) if fact else None,
                    learnt=titles.get(fact.id, "") if fact else "",
                    courses=_courses(rule, open_courses),
                    is_elsewhere=bool(row and row.unit_id and row.unit_id not in person.units),
                )
            )
    return found


def _known(ids: Sequence[int], year: int) -> dict[int, Person]:
    """Completions, places of today and counted rows of some people; somebody without a place is a citizen."""
    known = {pk: Person() for pk in ids}
    for fact, standings in history_of(ids):
        known[fact.user_id].history.append((fact, standings))
    places = Membership.objects.in_force().filter(user__in=ids)
    for user, unit, audience in places.values_list("user_id", "unit_id", "audience_id"):
        known[user].units.add(unit)
        known[user].audiences.add(audience)
    citizen = set(Audience.objects.filter(code=CITIZEN).values_list("pk", flat=True))
    for person in known.values():
        person.audiences = person.audiences or citizen
    for row in Counted.objects.filter(user__in=ids).within(year).select_related("unit", "completion", "audience"):
        known[row.user_id].rows[row.indicator_id] = row
    return known


def _titles(people: Iterable[Person]) -> dict[int, str]:
    """Completion → title of its course, as it was frozen."""
    facts = [fact.id for person in people for fact, _ in person.history]
    return dict(Completion.objects.filter(pk__in=facts).values_list("pk", "course_title"))


def _ended_papers(ids: Sequence[int], rules: Iterable[Rule]) -> dict[int, list[Certificate]]:
    """Completion → papers that were revoked or cancelled, of the series that count."""
    asked = {series for rule in rules for series in rule.series}
    found: dict[int, list[Certificate]] = defaultdict(list)
    if asked:
        ends = [CertificateState.REVOKED, CertificateState.CANCELLED]
        rows = Certificate.objects.filter(completion__user__in=ids, series__in=asked, state__in=ends)
        for one in rows.order_by("ended_on", "pk"):
            if one.completion_id is not None:
                found[one.completion_id].append(one)
    return found


def _last(papers: Sequence[Certificate], rule: Rule) -> Certificate | None:
    return next((one for one in reversed(papers) if one.series_id in rule.series), None)


def _courses(rule: Rule, courses: Sequence[Course]) -> list[Course]:
    """Published courses that would do; empty where any course would."""
    if not rule.courses and not rule.level:
        return []
    return [one for one in courses if rule.asks_for_course(one.pk) and rule.is_reached_by(one.level)]


# --- Who can mend it ------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Offices:
    """Names of those whom a person can ask: the coordinators nearest to their units, and the provincial lead."""

    coordinators: list[str]
    leads: list[str]

    def of(self, one: Explained) -> list[str]:
        """Who can do something about a finding, by name; the learner needs no name."""
        match one.finding.mender:
            case Mender.COORDINATOR:
                return self.coordinators or self.leads
            case Mender.LEAD:
                return self.leads
            case Mender.ISSUER:
                return sorted({series.unit.name for series in one.indicator.series.all()})
            case _:
                return []


def offices_of(person: User) -> Offices:
    """Whom a person can ask; three queries. Coordinators of the unit itself come before those of a unit above."""
    structure = access.current_structure()
    units = person.memberships.in_force().values("unit")
    above = UnitAncestor.objects.filter(structure=structure, descendant__in=units)
    depths: dict[int, int] = {}
    for unit, depth in above.values_list("ancestor_id", "depth"):
        depths[unit] = min(depth, depths.get(unit, depth))
    asked = (Role.COORDINATOR, Role.PROVINCIAL_LEAD)
    held = Membership.objects.in_force().filter(role__in=asked)
    names: dict[str, dict[int, list[str]]] = {str(role): defaultdict(list) for role in asked}
    everywhere = not depths
    rows = held.order_by("user__sort_key", "pk").values_list("role", "unit_id", "user__full_name", "unit__name")
    for role, unit, name, title in rows:
        if unit in depths or (everywhere and role == Role.PROVINCIAL_LEAD):
            names[role][depths.get(unit, 0)].append(f"{name} ({title})")
    nearest = {role: found[min(found)] if found else [] for role, found in names.items()}
    return Offices(nearest[Role.COORDINATOR], nearest[Role.PROVINCIAL_LEAD])
