"""A community digital team as its leader sees it: who learnt this year, who did not, and the reminder to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from common import audit
from common.text import fold
from courses.models import Completion, Course, Enrolment
from courses.rules import completion_holds
from courses.team_rules import Gap, Seat, team_gaps
from people.access import current_structure
from people.claims import is_waiting
from people.models import COMMUNE_KINDS, Membership, Notice, Role, Unit, User
from people.notices import notices_send
from people.querysets import today
from people.slips import slip_people
from people.teams import TEAM_AUDIENCE, TEAM_ROLES

REMIND_KIND = "remind_team"
REMIND_DAYS = 3


def team_courses() -> QuerySet[Course]:
    """Courses that address members of community digital teams, also those no longer published."""
    return Course.objects.filter(audiences__code=TEAM_AUDIENCE).order_by("title", "pk")


def team_memberships() -> Any:
    """Memberships in force that make somebody a member of a team, where the account is in use."""
    return Membership.objects.in_force().filter(role__in=TEAM_ROLES, user__is_active=True)


@dataclass
class Member:
    """A member on the team page. ``missing``: published team courses that they never finished, or must learn anew."""

    user: User
    leads: bool
    title: str
    trained_at: datetime | None = None
    last_seen_at: datetime | None = None
    reminded_at: datetime | None = None
    missing: list[Course] = field(default_factory=list)
    is_viewer: bool = False  # nobody reminds themselves
    gets_slip: bool = False  # the viewer can print one for them

    @property
    def claimed(self) -> bool:
        """Whether the person has taken over the account: only then do they see what stands on the site."""
        return not is_waiting(self.user)

    @property
    def phones(self) -> list[str]:
        return list(dict.fromkeys(phone for phone in (self.user.phone, self.user.contact_phone) if phone))

    @property
    def to_learn(self) -> bool:
        """Whether there is something to remind of: not trained this year, and a course is left."""
        return self.trained_at is None and bool(self.missing)

    @property
    def remind_again_on(self) -> date | None:
        """The day from which the person may be reminded again; None when that is now."""
        if self.reminded_at is None:
            return None
        again = self.reminded_at + timedelta(days=REMIND_DAYS)
        return timezone.localdate(again) if again > timezone.now() else None


@dataclass
class Team:
    """A team and its members, the leader first, then by name."""

    unit: Unit
    commune: Unit | None
    members: list[Member]
    year: str
    #: For how many of them the viewer can print a slip: as many as the page of the slips lists.
    slips: int = 0

    @property
    def trained(self) -> list[Member]:
        return [member for member in self.members if member.trained_at]

    @property
    def untrained(self) -> list[Member]:
        return [member for member in self.members if not member.trained_at]

    @property
    def to_learn(self) -> list[Member]:
        """Whom the viewer can remind, now or in some days: who has no account would never see it."""
        return [m for m in self.members if m.to_learn and m.claimed and not m.is_viewer]

    @property
    def to_remind(self) -> list[Member]:
        """Who would get a reminder now: to learn, and not reminded within the last days."""
        return [member for member in self.to_learn if member.remind_again_on is None]

    @property
    def last_reminded_at(self) -> datetime | None:
        return max((m.reminded_at for m in self.to_learn if m.reminded_at), default=None)

    @property
    def unclaimed(self) -> list[Member]:
        return [member for member in self.members if not member.claimed]

    @property
    def gaps(self) -> list[Gap]:
        return team_gaps(Seat(leads=member.leads, reachable=bool(member.phones)) for member in self.members)


def commune_today(unit: Unit) -> Unit | None:
    """The commune in which a unit lies under today's structure; None for "chưa quy đổi"."""
    from people.models import UnitAncestor

    above = UnitAncestor.objects.filter(structure=current_structure(), descendant=unit).values("ancestor")
    commune: Unit | None = Unit.objects.standing_on().filter(pk__in=above, kind__in=COMMUNE_KINDS).first()
    return commune


def team_page(unit: Unit, viewer: Any) -> Team:
    """The team as its page shows it: five queries, two for its commune, three for slips, whatever its size."""
    members = _members(unit)
    people = list(members)
    year = today().year
    courses = list(team_courses())
    yearly = {course.pk: course.yearly_refresh for course in courses}
    finished: dict[int, set[int]] = defaultdict(set)
    for user, course, at, valid_until in Completion.objects.filter(user__in=people, course__in=courses).values_list(
        "user", "course", "completed_at", "valid_until"
    ):
        day = timezone.localdate(at)
        if completion_holds(completed_on=day, valid_until=valid_until, yearly=yearly[course], on=today()):
            finished[user].add(course)
        if timezone.localtime(at).year == year:
            members[user].trained_at = max(filter(None, (members[user].trained_at, at)))
    seen = Enrolment.objects.filter(user__in=people).order_by().values_list("user").annotate(Max("last_seen_at"))
    learnt = dict(seen)
    reminded = dict(
        Notice.objects.filter(user__in=people, kind=REMIND_KIND).order_by().values_list("user").annotate(Max("made_at"))
    )
    slips = set(slip_people(unit=unit, by=viewer).values_list("pk", flat=True))
    for user, member in members.items():
        member.last_seen_at = max(filter(None, (learnt.get(user), member.user.last_login)), default=None)
        member.reminded_at = reminded.get(user)
        member.is_viewer = member.user.pk == viewer.pk
        member.missing = [c for c in courses if c.is_published and c.pk not in finished[user]]
        member.gets_slip = user in slips
    return Team(unit, commune_today(unit), list(members.values()), str(year), slips=len(slips))


def _members(unit: Unit) -> dict[int, Member]:
    """The people of a team, each once, whatever the number of their memberships in it; the leader first."""
    found: dict[int, Member] = {}
    rows = team_memberships().filter(unit=unit).select_related("user").order_by("user__sort_key", "user_id", "id")
    for row in rows:
        member = found.setdefault(row.user_id, Member(user=row.user, leads=False, title=""))
        member.leads |= row.role == Role.TEAM_LEADER
        if fold(row.title) != fold(Role.TEAM_LEADER.label):  # the role says so already
            member.title = member.title or row.title
    return dict(sorted(found.items(), key=lambda item: not item[1].leads))


@transaction.atomic
def team_remind(*, team: Team, members: Iterable[Member], actor: User) -> list[Notice]:
    """Remind members of what they have to learn. Left out: who has no account yet, or was reminded within three days.

    Each reminder names the courses that the person lacks and leads to the first. Returns the notices made.
    """
    members = list(members)
    # All rows in one order before the groups below lock theirs: two clicks at one instant do not block each other.
    list(User.objects.select_for_update().filter(pk__in=[m.user.pk for m in members]).order_by("pk").values_list("pk"))
    groups: dict[tuple[int, ...], list[Member]] = defaultdict(list)
    for member in members:
        if member.to_learn and member.claimed:
            groups[tuple(course.pk for course in member.missing)].append(member)
    made: list[Notice] = []
    for group in groups.values():
        missing = group[0].missing
        titles = ", ".join(f"«{course.title}»" for course in missing)
        made += notices_send(
            users=[member.user for member in group],
            kind=REMIND_KIND,
            subject=f"Nhắc học năm {team.year}",
            body=f"{actor.full_name} nhắc bạn, thành viên {team.unit.name}, học {titles} trong năm {team.year}. "
            "Mỗi bài chỉ 5–10 phút, học dở lúc nào cũng học tiếp được.",
            path=missing[0].path,
            actor=actor,
            unit=team.unit,
            not_within_days=REMIND_DAYS,
        )
    if made:
        audit.record(actor=actor, act="team_remind", subject=team.unit, unit=team.unit, people=len(made))
    return made
