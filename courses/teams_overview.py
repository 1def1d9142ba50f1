"""Teams rolled up under today's structure: by team, by commune, over everything that a person answers for.

A handful of queries, whatever the number of teams; people are counted in sets, so that somebody in two teams counts
once at every level.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from common import audit
from common.text import fold
from courses.models import Completion, Enrolment
from courses.team_rules import INACTIVE_AFTER, Gap, Seat, team_gaps
from courses.teams import REMIND_DAYS, team_courses, team_memberships
from people import access
from people.claims import WAITING
from people.models import COMMUNE_KINDS, Membership, Notice, Role, Unit, UnitAncestor, UnitKind, User
from people.notices import notices_send
from people.querysets import today

LEADERS_KIND = "remind_team_leader"
#: A reminder to more leaders than this is asked back first.
ASK_ABOVE = 50
#: What a list of teams can be narrowed to, as the address says it, and the page in the language of its reader.
FILTERS = {
    "chua-hoat-dong": gettext_noop("Chưa hoạt động"),
    "thieu-nguoi": gettext_noop("Thiếu người"),
    "chua-co-to-truong": gettext_noop("Chưa có tổ trưởng"),
    "chua-du": gettext_noop("Chưa đủ điều kiện"),
}


@dataclass(frozen=True)
class Place:
    """A commune of today."""

    id: int
    uuid: UUID
    name: str
    search_key: str


@dataclass
class TeamRow:
    """A team in a list."""

    id: int
    uuid: UUID
    name: str
    search_key: str
    commune: Place | None
    people: set[int] = field(default_factory=set)
    leaders: set[int] = field(default_factory=set)
    reachable: set[int] = field(default_factory=set)
    trained: set[int] = field(default_factory=set)
    active: bool = False
    leader_names: list[str] = field(default_factory=list)

    @cached_property
    def gaps(self) -> list[Gap]:
        return team_gaps(Seat(leads=p in self.leaders, reachable=p in self.reachable) for p in self.people)

    def is_listed(self, narrowed: str) -> bool:
        """Whether the team belongs to a list narrowed by one of FILTERS."""
        if narrowed == "chua-hoat-dong":
            return not self.active
        codes = {gap.code for gap in self.gaps}
        if narrowed == "thieu-nguoi":
            return bool(codes & {"empty", "too_few"})
        if narrowed == "chua-co-to-truong":
            return not self.leaders
        return bool(codes)


@dataclass
class Figures:
    """Teams taken together. ``commune`` is empty for a total and for teams of no commune of today."""

    commune: Place | None
    teams: list[TeamRow]

    def __post_init__(self) -> None:
        self.members = len(set().union(*(team.people for team in self.teams)))
        self.trained = len(set().union(*(team.trained for team in self.teams)))
        self.incomplete = sum(bool(team.gaps) for team in self.teams)
        self.inactive = [team for team in self.teams if not team.active]


@dataclass
class Overview:
    """All teams that a person answers for; ``communes`` also holds communes without any team."""

    total: Figures
    communes: list[Figures]
    unplaced: Figures | None

    @property
    def without(self) -> list[Place]:
        """Communes of today that have no team."""
        return [f.commune for f in self.communes if f.commune and not f.teams]

    def of_commune(self, uuid: UUID) -> Figures | None:
        return next((f for f in self.communes if f.commune and f.commune.uuid == uuid), None)


def teams_overview(viewer: Any) -> Overview:
    """Teams in the scope of ``viewer`` with members, trained this year, gaps and activity; nine queries at most."""
    scope = access.scope_units(viewer, access.TEAM_LEADING)
    units = Unit.objects.standing_on().filter(kind=UnitKind.TEAM, pk__in=scope)
    places = {
        row[0]: Place(*row)
        for row in Unit.objects.standing_on()
        .filter(kind__in=COMMUNE_KINDS, pk__in=scope)
        .values_list("id", "uuid", "name", "search_key")
    }
    teams = _teams(units, places)
    _fill(teams, units)
    grouped: dict[int | None, list[TeamRow]] = defaultdict(list)
    for team in teams.values():
        grouped[team.commune.id if team.commune else None].append(team)
    communes = {place.id: place for team in teams.values() if (place := team.commune)} | places
    ordered = sorted(communes.values(), key=lambda place: place.search_key)
    return Overview(
        total=Figures(None, list(teams.values())),
        communes=[Figures(place, grouped[place.id]) for place in ordered],
        unplaced=Figures(None, grouped[None]) if grouped[None] else None,
    )


def _teams(units: QuerySet[Unit], places: dict[int, Place]) -> dict[int, TeamRow]:
    """The teams by id, each under the commune of today in which it lies, wherever it was founded."""
    above = UnitAncestor.objects.filter(
        structure=access.current_structure(), descendant__in=units.values("pk"), ancestor__kind__in=COMMUNE_KINDS
    )
    standing = Unit.objects.standing_on().filter(kind__in=COMMUNE_KINDS).values("pk")
    commune_of = dict(above.filter(ancestor__in=standing).values_list("descendant", "ancestor"))
    if missing := set(commune_of.values()) - set(places):
        # A leader of one team answers for no commune, but the team still lies in one.
        rows = Unit.objects.filter(pk__in=missing).values_list("id", "uuid", "name", "search_key")
        places = places | {row[0]: Place(*row) for row in rows}
    return {
        row[0]: TeamRow(*row, commune=places.get(commune_of.get(row[0], 0)))
        for row in units.order_by("search_key", "pk").values_list("id", "uuid", "name", "search_key")
    }


def _fill(teams: dict[int, TeamRow], units: QuerySet[Unit]) -> None:
    """Members, leaders, trained this year and activity of each team: three queries over all of them."""
    memberships = team_memberships().filter(unit__in=units.values("pk"))
    people = memberships.values("user")
    limit = timezone.now() - INACTIVE_AFTER
    learnt = Completion.objects.filter(user__in=people, course__in=team_courses().order_by().values("pk"))
    trained = set(learnt.filter(completed_at__year=today().year).order_by().values_list("user", flat=True))
    active = set(learnt.filter(completed_at__gte=limit).order_by().values_list("user", flat=True))
    seen = Enrolment.objects.filter(user__in=people, last_seen_at__gte=limit)
    active |= set(seen.order_by().values_list("user", flat=True))
    rows = memberships.order_by().values_list(
        "unit", "user", "role", "user__phone", "user__contact_phone", "user__last_login"
    )
    for unit, user, role, phone, contact_phone, last_login in rows:
        team = teams[unit]
        team.people.add(user)
        if role == Role.TEAM_LEADER:
            team.leaders.add(user)
        if phone or contact_phone:
            team.reachable.add(user)
        if user in trained:
            team.trained.add(user)
        team.active |= user in active or (last_login is not None and last_login >= limit)


def teams_narrowed(teams: Iterable[TeamRow], *, words: str = "", narrowed: str = "") -> list[TeamRow]:
    """Teams whose name holds all the words (accents optional), and which belong to the narrowed list."""
    wanted = fold(words).split()
    found = [team for team in teams if all(word in team.search_key for word in wanted)]
    return [team for team in found if team.is_listed(narrowed)] if narrowed in FILTERS else found


def leaders_named(teams: Iterable[TeamRow]) -> None:
    """Write the names of their leaders on the teams of one page; one query."""
    by_id = {team.id: team for team in teams}
    leading = Membership.objects.in_force().filter(unit__in=by_id, role=Role.TEAM_LEADER, user__is_active=True)
    for unit, name in leading.order_by("user__sort_key").values_list("unit", "user__full_name"):
        by_id[unit].leader_names.append(name)


@dataclass(frozen=True)
class LeadersReminder:
    """How many leaders of inactive teams can be reminded now, and when some of them last were.

    ``without_account`` is the number of those who would not see it before somebody hands them a slip.
    """

    count: int
    last_at: datetime | None
    without_account: int

    @property
    def is_many(self) -> bool:
        """Whether the person is asked once more before so many are written to."""
        return self.count > ASK_ABOVE


def _leaders_without_account() -> set[int]:
    held = team_memberships().filter(role=Role.TEAM_LEADER, user__in=User.objects.filter(WAITING).order_by())
    return set(held.order_by().values_list("user", flat=True))


def leaders_reminder(figures: Figures) -> LeadersReminder:
    """What the button that reminds leaders says; two queries."""
    leading = set().union(*(team.leaders for team in figures.inactive))
    leaders = leading - _leaders_without_account()
    since = timezone.now() - timedelta(days=REMIND_DAYS)
    recent = Notice.objects.filter(kind=LEADERS_KIND, made_at__gt=since).values_list("user", "made_at")
    reminded = {user: at for user, at in recent if user in leaders}
    return LeadersReminder(
        count=len(leaders) - len(reminded),
        last_at=max(reminded.values(), default=None),
        without_account=len(leading) - len(leaders),
    )


@transaction.atomic
def leaders_remind(*, figures: Figures, actor: User, unit: Unit) -> list[Notice]:
    """Remind the leaders of inactive teams, each once however many teams; not again within three days. Who has no
    account yet is left out.

    ``unit`` is the office in whose name the reminder goes out. Returns the notices made.
    """
    leaders = set().union(*(team.leaders for team in figures.inactive)) - _leaders_without_account()
    made = notices_send(
        users=User.objects.filter(pk__in=leaders),
        kind=LEADERS_KIND,
        subject="Tổ của bạn chưa hoạt động",
        body=f"Đã {INACTIVE_AFTER.days} ngày chưa có ai trong tổ bạn phụ trách vào học trên Học Số. "
        "Hãy mở trang của tổ để xem ai chưa học rồi nhắc.",
        path="/quan-ly/to/",
        actor=actor,
        unit=unit,
        not_within_days=REMIND_DAYS,
    )
    if made:
        audit.record(actor=actor, act="team_leaders_remind", subject=unit, unit=unit, people=len(made))
    return made
