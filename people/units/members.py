"""What becomes of memberships when a unit ends: carried to another unit on the day, or ended with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import wording
from common.errors import Refusal
from people import access
from people.models import Membership, Unit

Place = tuple[int, int, str, int]
_FAR = date(9999, 1, 1)


@dataclass
class Moved:
    """What happened to the people of units that ended: numbers of memberships, and the offices that were lost."""

    carried: int = 0
    stopped: int = 0
    unplaced: int = 0
    joined: int = 0  # were in the receiving unit already, in the same role
    offices: list[str] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Whether anybody is touched."""
        return bool(self.carried or self.stopped or self.unplaced or self.joined)

    def add(self, other: Moved) -> None:
        self.carried += other.carried
        self.stopped += other.stopped
        self.unplaced += other.unplaced
        self.joined += other.joined
        self.offices += other.offices


def members_from(units: list[int], on: date) -> list[Membership]:
    """Memberships of the units that hold on a day or begin later."""
    open_then = Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    return list(Membership.objects.filter(open_then, unit__in=units).select_related("user", "unit").order_by("pk"))


def members_end(unit: Unit, on: date) -> Moved:
    """End the memberships of a unit that closes. Raises Refusal for people who are to come after that day."""
    held = members_from([unit.pk], on)
    if later := [m for m in held if m.valid_from >= on]:
        raise Refusal(
            ngettext(
                "Có %(count)s người được ghi vào «%(unit)s» từ ngày %(day)s trở đi.",
                "Có %(count)s người được ghi vào «%(unit)s» từ ngày %(day)s trở đi.",
                len(later),
            )
            % {"count": len(later), "unit": unit.name, "day": wording.day(later[0].valid_from)},
            code="future_members",
            fix=_("Chọn một đơn vị tiếp nhận, hoặc bỏ những người đó khỏi danh sách trước."),
        )
    for membership in held:
        membership.valid_to = on
    Membership.objects.bulk_update(held, ["valid_to"], batch_size=500)
    return Moved(stopped=len(held), offices=[_office(m) for m in held if m.role in access.MANAGING])


def members_carry(unit: Unit, on: date, *, target: Unit | None, chosen: Mapping[int, Unit] | None = None) -> Moved:
    """Carry the memberships of a unit that ends on a day to ``target``; those in ``chosen`` (by pk) to theirs.

    Role, title, audience and being the main one are kept. Without a target a membership stays where it is: its people
    are shown as "chưa xếp đơn vị". Who is in the target already, in the same role, is not entered twice.
    """
    moved = Moved()
    by_target: dict[int, list[Membership]] = {}
    for membership in members_from([unit.pk], on):
        to = (chosen or {}).get(membership.pk, target)
        if to is None:
            moved.unplaced += 1
            if membership.role in access.MANAGING:
                moved.offices.append(_office(membership))
        else:
            by_target.setdefault(to.pk, []).append(membership)
    for target_pk, memberships in by_target.items():
        moved.add(_carry(memberships, target_pk, on))
    return moved


def members_carry_all(heirs: Mapping[int, int], on: date) -> Moved:
    """Carry the memberships of many units that end on a day, each to its successor (by pk)."""
    moved = Moved()
    by_target: dict[int, list[Membership]] = {}
    ended = list(heirs)
    for start in range(0, len(ended), 500):
        for membership in members_from(ended[start : start + 500], on):
            by_target.setdefault(heirs[membership.unit_id], []).append(membership)
    for target, memberships in by_target.items():
        moved.add(_carry(memberships, target, on))
    return moved


def _office(membership: Membership) -> str:
    """Whose office it was, for the page of the preview."""
    said = {"person": membership.user.full_name, "role": _(membership.get_role_display()), "unit": membership.unit.name}
    return _("%(person)s, %(role)s của %(unit)s") % said


def _place(membership: Membership, unit: int) -> Place:
    return (membership.user_id, unit, membership.role, membership.audience_id)


def _carry(memberships: list[Membership], target: int, on: date) -> Moved:
    """Begin in ``target`` what ends here; two memberships of one person in one role become one, as long as both."""
    there = {_place(m, target): m for m in members_from([target], on)}
    moved = Moved()
    ended: list[Membership] = []
    begun: list[Membership] = []
    changed: list[Membership] = []
    for old in memberships:
        start, known = max(on, old.valid_from), there.get(_place(old, target))
        if known is None:
            moved.carried += 1
            new = _again(old, target, start)
            there[_place(old, target)] = new
            (changed if new is old else begun).append(new)
        else:
            moved.joined += 1
            known.valid_from = min(known.valid_from, start)
            known.valid_to = max(known.valid_to or _FAR, old.valid_to or _FAR)
            known.valid_to = None if known.valid_to == _FAR else known.valid_to
            known.is_main = known.is_main or old.is_main
            if known.pk:
                changed.append(known)
        if old.unit_id != target:
            # What was to begin later never held: a single day of it is kept where lists may refer to the row.
            old.valid_to = on if old.valid_from < on else old.valid_from + timedelta(days=1)
            ended.append(old)
    Membership.objects.bulk_update(ended, ["valid_to"], batch_size=500)
    Membership.objects.bulk_create(begun, batch_size=1000)
    Membership.objects.bulk_update(changed, ["unit", "is_main", "valid_from", "valid_to"], batch_size=500)
    return moved


def _again(old: Membership, target: int, start: date) -> Membership:
    """The membership in the target: a new row; the same row where it has not begun yet."""
    if old.valid_from >= start:
        old.unit_id = target
        return old
    return Membership(
        user_id=old.user_id,
        unit_id=target,
        role=old.role,
        title=old.title,
        audience_id=old.audience_id,
        is_main=old.is_main,
        valid_from=start,
        valid_to=old.valid_to,
    )
