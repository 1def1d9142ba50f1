"""Reconstitution of a community digital team (kiện toàn): its composition from a day on, as a dated version.

Memberships end and begin on that day; nothing earlier is rewritten, so figures of earlier days stay as they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, ProtectedError, Q
from django.utils.translation import gettext as _

from common import audit, wording
from common.errors import Forbidden, Refusal
from common.text import nfc
from people import access
from people.models import Audience, Membership, Role, RosterVersion, Unit, UnitKind, User
from people.querysets import today

TEAM_AUDIENCE = "to_cnscd"
#: Roles that make somebody a member of a team; an office over it (a coordinator of the team's own) is none.
TEAM_ROLES = (Role.TEAM_LEADER, Role.LEARNER)
#: A decision may be entered so long before it takes effect.
AHEAD = timedelta(days=92)


@dataclass(frozen=True)
class NewPerson:
    """Somebody who has no account yet."""

    full_name: str
    birth_date: date | None = None
    phone: str = ""  # E.164


@dataclass(frozen=True)
class Seat:
    """Who is to be in the team, and as what."""

    person: User | NewPerson
    leads: bool = False
    title: str = ""


@dataclass(frozen=True)
class Placed:
    """A member as a version keeps it. ``user`` is the person's uuid."""

    user: str
    name: str
    role: str
    title: str = ""

    @property
    def leads(self) -> bool:
        return self.role == Role.TEAM_LEADER


@dataclass
class Differences:
    """What changes from one composition to the next. ``changed`` holds (before, after)."""

    joined: list[Placed] = field(default_factory=list)
    left: list[Placed] = field(default_factory=list)
    changed: list[tuple[Placed, Placed]] = field(default_factory=list)
    stayed: list[Placed] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.joined or self.left or self.changed)


def differences(before: Iterable[Placed], after: Iterable[Placed]) -> Differences:
    """Who comes, who leaves, who gets another role or title. Pure; a name that was corrected is no change."""
    earlier = {member.user: member for member in before}
    found = Differences()
    for member in after:
        was = earlier.pop(member.user, None)
        if was is None:
            found.joined.append(member)
        elif (was.role, was.title) != (member.role, member.title):
            found.changed.append((was, member))
        else:
            found.stayed.append(member)
    found.left = list(earlier.values())
    return found


# --- Reads ----------------------------------------------------------------------------------------------------------
def team_on(unit: Unit, day: date) -> list[Placed]:
    """The composition of a team on a day, the leader first.

    Memberships say who was there, for lists change them between two decisions. Whoever the version then in force names
    bears the name that it was decided under.
    """
    version = RosterVersion.objects.filter(unit=unit, effective_on__lte=day).first()
    decided = {member["user"]: member["name"] for member in version.members} if version else {}
    return [replace(member, name=decided.get(member.user, member.name)) for member in composition(unit, day)]


def composition(unit: Unit, day: date) -> list[Placed]:
    """The composition of a team by its memberships in force on a day, each person once, the leader first."""
    rows: dict[int, Membership] = {}
    for row in _rows(unit, day):
        rows.setdefault(row.user_id, row)
    return [
        Placed(user=str(row.user.uuid), name=row.user.full_name, role=str(row.role), title=row.title)
        for row in rows.values()
    ]


def _rows(unit: Unit, day: date) -> list[Membership]:
    rows = unit.memberships.in_force(day).filter(role__in=TEAM_ROLES).select_related("user")
    return sorted(rows, key=lambda row: (row.role != Role.TEAM_LEADER, row.user.sort_key, row.user_id, row.pk))


def composition_mark(unit: Unit) -> str:
    """Changes whenever the composition does: a form says on which one it was based."""
    rows = unit.memberships.filter(role__in=TEAM_ROLES)
    seen = rows.filter(Q(valid_to=None) | Q(valid_to__gt=today())).order_by("pk")
    return "-".join(str(pk) if end is None else f"{pk}/{end}" for pk, end in seen.values_list("pk", "valid_to"))


def earliest_day(unit: Unit) -> date:
    """The first day from which a team may be reconstituted: what was decided for a day is not rewritten."""
    newest = RosterVersion.objects.filter(unit=unit).aggregate(day=Max("effective_on"))["day"]
    begun = unit.memberships.filter(role__in=TEAM_ROLES, valid_to=None).aggregate(day=Max("valid_from"))["day"]
    days: list[date] = [day for day in (unit.valid_from, newest, begun) if day]
    return max(days)


def seats_placed(seats: Sequence[Seat]) -> list[Placed]:
    """The seats as a version would keep them, the leader first; who has no account yet is named by their place."""
    placed = [
        Placed(
            user=str(seat.person.uuid) if isinstance(seat.person, User) else f"new-{number}",
            name=seat.person.full_name,
            role=str(Role.TEAM_LEADER if seat.leads else Role.LEARNER),
            title=nfc(seat.title),
        )
        for number, seat in enumerate(seats)
    ]
    return sorted(placed, key=lambda member: not member.leads)


# --- The act --------------------------------------------------------------------------------------------------------
@transaction.atomic
def team_reconstitute(
    *,
    team: Unit,
    actor: User,
    effective_on: date,
    seats: Sequence[Seat],
    decision_number: str = "",
    decision_date: date | None = None,
    based_on: str = "",
) -> RosterVersion:
    """Set the composition of a team from a day on. One transaction: all of it or nothing.

    Memberships of who left end on that day (excluded), those of who came begin; a new role or title ends one membership
    and begins another. ``based_on`` is the ``composition_mark`` that the official saw. Raises Forbidden where ``actor``
    may not appoint, Refusal for a composition or a day that cannot be (see ``composition_checked``, ``day_checked``).
    """
    team = Unit.objects.select_for_update(of=("self",)).get(pk=team.pk)
    composition_checked(team=team, actor=actor, seats=seats)
    day_checked(team=team, day=effective_on)
    if based_on and based_on != composition_mark(team):
        raise Refusal(
            _("Tổ vừa được người khác thay đổi."),
            code="team_changed",
            fix=_("Mở lại trang kiện toàn để làm trên danh sách mới."),
        )
    before = composition(team, effective_on)
    seats = [Seat(_person(seat.person), seat.leads, seat.title) for seat in seats]
    _memberships_set(team, effective_on, seats)
    after = seats_placed(seats)
    change = differences(before, after)
    version = RosterVersion.objects.create(
        unit=team,
        effective_on=effective_on,
        decision_number=nfc(decision_number),
        decision_date=decision_date,
        members=[asdict(member) for member in after],
        joined=[asdict(member) for member in change.joined],
        left=[asdict(member) for member in change.left],
        made_by=actor,
    )
    _recorded(version, before, after)
    return version


def _recorded(version: RosterVersion, before: Iterable[Placed], after: Iterable[Placed]) -> None:
    audit.record(
        actor=version.made_by,
        act="team_reconstitute",
        subject=version.unit,
        unit=version.unit,
        before=_in_the_log(before),
        after=_in_the_log(after),
        effective_on=version.effective_on.isoformat(),
        decision_number=version.decision_number,
        joined=len(version.joined),
        left=len(version.left),
        version=str(version.uuid),
    )


def _in_the_log(members: Iterable[Placed]) -> dict[str, Any]:
    """Uuids, not names: whoever may read the log and see the people finds them."""
    members = list(members)
    return {"leader": [m.user for m in members if m.leads], "members": sorted(m.user for m in members)}


def composition_checked(*, team: Unit, actor: User, seats: Sequence[Seat]) -> None:
    """Refuse what is no composition: ``not_a_team``, ``no_members``, ``no_leader``, ``many_leaders``, ``twice``."""
    if team.kind != UnitKind.TEAM:
        raise Refusal(
            _("Chỉ tổ công nghệ số cộng đồng mới kiện toàn được."),
            code="not_a_team",
            fix=_("Mở một tổ trong danh sách tổ. Người của đơn vị khác thì sửa bằng cách nhập danh sách."),
        )
    if not {Role.TEAM_LEADER, Role.LEARNER} <= access.may_appoint(actor, team):
        raise Forbidden(
            _("Bạn không được thay đổi thành phần của tổ này."),
            code="may_not_appoint",
            fix=_("Việc này do đầu mối của xã, phường hoặc cấp trên làm."),
        )
    if not seats:
        raise Refusal(_("Tổ phải còn ít nhất một người."), code="no_members", fix=_("Đánh dấu những người ở lại."))
    leaders = sum(seat.leads for seat in seats)
    if leaders == 0:
        raise Refusal(_("Tổ chưa có tổ trưởng."), code="no_leader", fix=_("Chọn một người làm tổ trưởng."))
    if leaders > 1:
        raise Refusal(_("Tổ chỉ có một tổ trưởng."), code="many_leaders", fix=_("Chọn một người làm tổ trưởng."))
    known = [seat.person.pk for seat in seats if isinstance(seat.person, User)]
    if len(set(known)) != len(known):
        raise Refusal(_("Có người được ghi hai lần."), code="twice", fix=_("Bỏ bớt một dòng."))


def day_checked(*, team: Unit, day: date) -> None:
    """Refuse a day that would rewrite what held: ``too_early``, ``too_late``, ``team_closed``."""
    earliest = earliest_day(team)
    if day < earliest:
        raise Refusal(
            _("Không kiện toàn lùi về ngày %(day)s được: thành phần hiện nay có từ ngày %(earliest)s.")
            % {"day": wording.day(day), "earliest": wording.day(earliest)},
            code="too_early",
            fix=_("Chọn một ngày từ %(day)s trở đi.") % {"day": wording.day(earliest)},
        )
    if day > today() + AHEAD:
        raise Refusal(
            _("Ngày %(day)s còn quá xa.") % {"day": wording.day(day)},
            code="too_late",
            fix=_("Chọn một ngày trước %(day)s.") % {"day": wording.day(today() + AHEAD)},
        )
    if not team.stands_on(day):
        raise Refusal(
            _("Ngày %(day)s tổ này không còn hoạt động.") % {"day": wording.day(day)},
            code="team_closed",
            fix=_("Mở tổ đã tiếp nhận để kiện toàn."),
        )


def _person(person: User | NewPerson) -> User:
    """The account of a seat; made where there is none. A number that somebody signs in with is shared as a contact."""
    if isinstance(person, User):
        return person
    taken = bool(person.phone) and User.objects.filter(phone=person.phone).exists()
    made: User = User.objects.create_user(
        full_name=person.full_name,
        birth_date=person.birth_date,
        phone=None if taken else person.phone or None,
        contact_phone=person.phone if taken else "",
    )
    return made


def _memberships_set(team: Unit, day: date, seats: Sequence[Seat]) -> None:
    """End, keep and begin memberships so that from ``day`` on exactly the seats stand."""
    held: dict[int, list[Membership]] = {}
    for row in _rows(team, day):
        held.setdefault(row.user_id, []).append(row)
    audience = Audience.objects.get(code=TEAM_AUDIENCE)
    for seat in seats:
        assert isinstance(seat.person, User)
        role, title = (Role.TEAM_LEADER if seat.leads else Role.LEARNER), nfc(seat.title)
        rows = held.pop(seat.person.pk, [])
        kept = next((row for row in rows if (row.role, row.title) == (role, title)), None)
        for row in rows:
            if row is not kept:
                _end(row, day)
        if kept is None:
            has_main = seat.person.memberships.in_force(day).filter(is_main=True).exists()
            Membership.objects.create(
                user=seat.person,
                unit=team,
                audience=rows[0].audience if rows else audience,
                role=role,
                title=title,
                is_main=any(row.is_main for row in rows) or not has_main,
                valid_from=day,
            )
    for rows in held.values():
        for row in rows:
            _end(row, day)


def _end(row: Membership, day: date) -> None:
    """End a membership before ``day``; one that begins on that very day never held, and goes."""
    if row.valid_from < day:
        row.valid_to = day
        row.save(update_fields=["valid_to"])
        return
    try:
        row.delete()
    except ProtectedError as error:
        raise Refusal(
            _("%(person)s vừa vào tổ đúng ngày %(day)s.") % {"person": row.user.full_name, "day": wording.day(day)},
            code="same_day",
            fix=_("Chọn ngày sau đó một ngày."),
        ) from error
