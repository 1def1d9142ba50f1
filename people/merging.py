"""Two records of one person: when they may become one, and what happens to where they stand and how they sign in.

What they learnt, hold and count for belongs to the rooms above; ``lms.merging`` puts it all together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import make_password
from django.db import DatabaseError, transaction
from django.db.models import Exists, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from common import wording
from common.errors import Refusal
from people import access
from people.claims import is_waiting, masked
from people.consents import refusal_carry
from people.models import ClaimSlip, Membership, Notice, Role, User
from people.querysets import today
from people.services import lists_lock

#: What the record that goes on takes from the other where it says nothing itself. Nothing that opens an account: who
#: could sign in with one record has not proved that the other is theirs.
_TAKEN = ("birth_date", "gender", "staff_code", "contact_phone")


@dataclass(frozen=True)
class Reassigned:
    """Memberships that changed hands, and what changed on both records, as the log keeps it."""

    places: list[Membership]
    taken: dict[str, Any]
    given_up: dict[str, Any]


def lists_stand_still() -> None:
    """Make changes of lists wait; raise Refusal (``lists_busy``) where one is under way. Before every other lock."""
    try:
        with transaction.atomic():
            lists_lock(wait=False)
    except DatabaseError as busy:
        raise Refusal(
            _("Đang có một danh sách được nhập, một lần gộp hồ sơ khác, hoặc cơ cấu đơn vị được thay đổi."),
            code="lists_busy",
            fix=_("Chờ vài phút rồi làm lại."),
        ) from busy


def records_lock(*, kept: User, lost: User) -> tuple[User, User]:
    """Both records as they are now, locked in one order for everybody; after enrolments and slips, as elsewhere."""
    list(ClaimSlip.objects.select_for_update(of=("self",)).filter(user__in=[kept, lost]).order_by("pk"))
    rows = User.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=[kept.pk, lost.pk]).order_by("pk")
    found = {user.pk: user for user in rows}
    return found[kept.pk], found[lost.pk]


def records_check(*, kept: User, lost: User, actor: User) -> None:
    """Raise Refusal unless both may be one person and ``actor`` may say so; who may see both is asked before."""
    about = (_about_records(kept, lost, actor), _about_person(kept, lost), _about_reach(kept, lost, actor))
    for refusal in (*about, _about_account(kept, lost, actor)):
        if refusal is not None:
            raise refusal


def _about_records(kept: User, lost: User, actor: User) -> Refusal | None:
    if kept.pk == lost.pk:
        return Refusal(_("Đây là cùng một hồ sơ."), code="same_record", fix=_("Chọn hai hồ sơ khác nhau."))
    if actor.pk in (kept.pk, lost.pk):
        return Refusal(
            _("Không ai tự gộp hồ sơ của mình."),
            code="own_record",
            fix=_("Nhờ một đầu mối khác hoặc đơn vị chủ trì cấp tỉnh gộp giúp."),
        )
    gone = next((one for one in (kept, lost) if one.merged_into_id or not one.is_active), None)
    if gone is None:
        return None
    if gone.merged_into_id:
        return Refusal(_("Hồ sơ này đã được gộp rồi."), code="merged_already", fix=_("Mở lại danh sách hồ sơ trùng."))
    return Refusal(
        _("Hồ sơ này đang bị khoá."), code="closed_record", fix=_("Nhờ người quản trị mở khoá tài khoản trước.")
    )


def _about_person(kept: User, lost: User) -> Refusal | None:
    if kept.search_key != lost.search_key:
        return Refusal(
            _("Hai hồ sơ mang hai tên khác nhau: «%(kept)s» và «%(lost)s».")
            % {"kept": kept.full_name, "lost": lost.full_name},
            code="other_name",
            fix=_("Nếu là cùng một người, hãy nhập lại danh sách để sửa tên sai, rồi gộp."),
        )
    born: list[date] = [one.birth_date for one in (kept, lost) if one.birth_date]
    if len(born) == 2 and born[0] != born[1]:
        return Refusal(
            _("Hai hồ sơ có ngày sinh khác nhau: %(one)s và %(other)s.")
            % {"one": wording.day(born[0]), "other": wording.day(born[1])},
            code="other_birth_date",
            fix=_("Nếu là cùng một người, hãy nhập lại danh sách để sửa ngày sinh sai, rồi gộp."),
        )
    return None


def _about_reach(kept: User, lost: User, actor: User) -> Refusal | None:
    beyond = Q(Exists(access.places_beyond(actor))) | access.ABOVE_LISTS
    if not User.objects.filter(beyond, pk__in=[kept.pk, lost.pk]).exists():
        return None
    return Refusal(
        _("Người này còn thuộc một đơn vị, hoặc giữ một vai trò, mà bạn không phụ trách."),
        code="beyond_reach",
        fix=_("Nhờ đơn vị chủ trì cấp tỉnh gộp giúp."),
    )


def _about_account(kept: User, lost: User, actor: User) -> Refusal | None:
    held = Membership.objects.filter(Q(valid_to=None) | Q(valid_to__gt=today()), user=lost).exclude(role=Role.LEARNER)
    if office := held.select_related("unit").first():
        return Refusal(
            _("Hồ sơ sẽ đóng đang giữ vai trò %(role)s của «%(unit)s».")
            % {"role": _(office.get_role_display()), "unit": office.unit.name},
            code="holds_office",
            fix=_("Giữ lại hồ sơ này và gộp hồ sơ kia vào, hoặc cho thôi vai trò đó trước."),
        )
    if is_waiting(lost):
        return None
    if is_waiting(kept):
        return Refusal(
            _("Hồ sơ sẽ đóng đang có người dùng, còn hồ sơ giữ lại thì chưa có ai nhận."),
            code="account_in_use",
            fix=_("Giữ lại hồ sơ đang được dùng và gộp hồ sơ kia vào."),
        )
    ids = {kept.pk, lost.pk}
    if access.people_answered_for(actor, ids, access.KPI_KEEPING) != ids:
        # Whoever hands out accounts could else close one that is in use, and keep what was learnt in it.
        return Refusal(
            _("Cả hai hồ sơ đều đang có người dùng."),
            code="both_in_use",
            fix=_("Nhờ đơn vị chủ trì cấp tỉnh gộp, sau khi hỏi người này muốn giữ tài khoản nào."),
        )
    return None


def record_reassign(*, kept: User, lost: User) -> Reassigned:
    """Give where ``lost`` stands to ``kept`` and close it.

    Both are locked and checked by the caller, in whose transaction this runs.
    """
    places = _memberships_reassign(kept, lost)
    User.objects.filter(merged_into=lost).update(merged_into=kept)
    ClaimSlip.objects.filter(user=lost, used_at=None, voided_at=None).update(voided_at=timezone.now())
    Notice.objects.filter(user=lost).update(user=kept)
    refusal_carry(kept=kept, lost=lost)
    EmailAddress.objects.filter(user=lost).delete()
    SocialAccount.objects.filter(user=lost).delete()  # the same sign-in of the province can be linked to the other
    taken = {name: getattr(lost, name) for name in _TAKEN if not getattr(kept, name) and getattr(lost, name)}
    if not kept.contact_phone and lost.phone not in (None, kept.phone):
        taken["contact_phone"] = lost.phone
    given_up = {name: masked(value) for name in ("phone", "email") if (value := getattr(lost, name))}
    _close(lost, into=kept, without_code="staff_code" in taken)
    for name, value in taken.items():
        setattr(kept, name, value)
    kept.save()
    said = {name: _said(name, value) for name, value in taken.items()}
    return Reassigned(places, said, given_up)


def _said(name: str, value: Any) -> Any:
    if name == "contact_phone":
        return masked(value)
    return value.isoformat() if isinstance(value, date) else value


def _close(lost: User, *, into: User, without_code: bool) -> None:
    """Phone and address are free again for the person to add; the learner code leads nowhere. A staff code that the
    other record does not take stays, so that lists which name it find the person."""
    lost.merged_into, lost.is_active, lost.password = into, False, make_password(None)
    lost.email, lost.phone, lost.phone_verified = None, None, False
    if without_code:
        lost.staff_code = None
    lost.save()


def _memberships_reassign(kept: User, lost: User) -> list[Membership]:
    """Where both stand in one place in one role, one membership goes on, from the earlier day."""
    open_places = {_place(one): one for one in kept.memberships.filter(valid_to=None)}
    mains = list(kept.memberships.filter(is_main=True))
    rows = list(lost.memberships.select_related("unit", "audience").order_by("pk"))
    for row in rows:
        row.is_main = row.is_main and not any(_at_one_time(row, main) for main in mains)
        twin = open_places.get(_place(row)) if row.valid_to is None else None
        if twin is not None:
            twin.valid_from = min(twin.valid_from, row.valid_from)
            twin.title, twin.is_main = twin.title or row.title, twin.is_main or row.is_main
            twin.save(update_fields=["valid_from", "title", "is_main"])
            row.delete()
            continue
        row.user = kept
        row.save(update_fields=["user", "is_main"])
    return rows


def _place(row: Membership) -> tuple[int, str, int]:
    return row.unit_id, row.role, row.audience_id


def _at_one_time(one: Membership, other: Membership) -> bool:
    return one.valid_from < (other.valid_to or date.max) and other.valid_from < (one.valid_to or date.max)
