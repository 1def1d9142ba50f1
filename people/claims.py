"""How an account that only a roster knows becomes its owner's: by a code to its phone or address, or by a slip."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import is_password_usable
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.errors import Refusal
from people.access import current_structure
from people.consents import consents_record
from people.entry_codes import learner_code_new
from people.models import Membership, Role, Unit, UnitAncestor, User

#: Accounts that nobody has proved to be theirs, and into which no password leads.
WAITING = Q(claimed_at=None, last_login=None, is_active=True) & (Q(password__startswith="!") | Q(password=""))
_ANOTHER_TRY = 3


def is_waiting(user: User) -> bool:
    """Whether the account was made by a roster and nobody has claimed it yet; the same rule as ``WAITING``."""
    opened = user.claimed_at is not None or user.last_login is not None
    return user.is_active and not opened and (not user.password or not is_password_usable(user.password))


def is_unfinished(user: User) -> bool:
    """Whether somebody began to sign up with this contact and never typed the code."""
    return user.claimed_at is None and user.last_login is None and user.consents.filter(how="signup").exists()


def account_by_contact(contact: str) -> User | None:
    """The account that has this phone (E.164) or e-mail address, verified or not."""
    if "@" in contact:
        proved = EmailAddress.objects.filter(email=contact, verified=True).values("user")
        found: User | None = User.objects.filter(Q(email=contact) | Q(pk__in=proved)).first()
    else:
        found = User.objects.filter(phone=contact).first()
    return found


def account_to_open(contact: str) -> User | None:
    """The account that a code to ``contact`` hands over: of a roster, or of a sign-up that stopped half-way."""
    user = account_by_contact(contact)
    return user if user is not None and (is_waiting(user) or is_unfinished(user)) else None


def contact_to_prove(*, user: User, contact: str) -> None:
    """Before a code goes out: nothing that an earlier try proved counts for this one."""
    if "@" in contact:
        EmailAddress.objects.update_or_create(user=user, email=contact, defaults={"verified": False, "primary": True})
    else:
        User.objects.filter(pk=user.pk).update(phone_verified=False)
        user.phone_verified = False


@transaction.atomic
def account_claim(*, user: User, contact: str, password: str, reminders: bool, how: str) -> User:
    """Hand the account to whoever proved ``contact`` (or, with an empty one, a slip).

    ``password`` is a hash. Raises Refusal (``already_claimed``) when somebody was quicker.
    """
    locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if not is_waiting(locked):
        raise already_claimed()
    _hand_over(locked, contact, password)
    consents_record(user=locked, how="claim", reminders=reminders)
    audit.record(actor=locked, act="account_claim", subject=locked, unit=main_unit(locked), how=how)
    user.refresh_from_db()
    return user


@transaction.atomic
def signup_renew(*, user: User, contact: str, full_name: str, password: str, reminders: bool) -> None:
    """Who left a sign-up half-way began again, and typed the code this time: what they typed last counts."""
    locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if not is_unfinished(locked):
        raise already_claimed()
    locked.full_name = full_name
    _hand_over(locked, contact, password)
    consents_record(user=locked, how="signup", reminders=reminders)
    user.refresh_from_db()


@transaction.atomic
def claim_disown(*, user: User, contact: str) -> None:
    """The holder of ``contact`` is not the person of the roster: free it, keep the number as a contact only.

    The unit reads it in its log and mends its roster.
    """
    locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if not is_waiting(locked):
        raise already_claimed()
    if "@" in contact:
        EmailAddress.objects.filter(user=locked, email=contact).delete()
        locked.email = None
    else:
        locked.contact_phone, locked.phone, locked.phone_verified = contact, None, False
    locked.save()
    field = "email" if "@" in contact else "phone"
    audit.record(
        actor=None,
        act="claim_disowned",
        subject=locked,
        unit=main_unit(locked),
        before={field: masked(contact)},
        after={field: None},
    )


@transaction.atomic
def account_make(*, contact: str, full_name: str, password: str, reminders: bool) -> User:
    """An account for somebody who has just proved ``contact``; ``password`` is a hash."""
    user = User(full_name=full_name, password=password)
    if "@" in contact:
        user.email = contact
    else:
        user.phone = contact
    user.save()
    contact_proved(user, contact)
    user.claimed_at = timezone.now()
    user.save(update_fields=["claimed_at"])
    consents_record(user=user, how="signup", reminders=reminders)
    return user


def account_opened(*, user: User, at: datetime | None = None) -> None:
    """Somebody signs in with a password: from now on the account has an owner. Again is a no-op."""
    if user.claimed_at is None:
        user.claimed_at = at or timezone.now()
        User.objects.filter(pk=user.pk, claimed_at=None).update(claimed_at=user.claimed_at)


def contact_proved(user: User, contact: str) -> None:
    """Keep that a phone or address is really the person's."""
    if "@" in contact:
        EmailAddress.objects.update_or_create(user=user, email=contact, defaults={"verified": True, "primary": True})
    else:
        user.phone, user.phone_verified = contact, True
        user.save(update_fields=["phone", "phone_verified"])


def learner_codes_give(users: list[User]) -> None:
    """Give a learner code to each who has none; two people never get the same."""
    without = [user for user in users if not user.learner_code]
    for left in range(_ANOTHER_TRY, 0, -1):
        codes: set[str] = set()
        while len(codes) < len(without):
            codes |= {learner_code_new() for _ in range(len(without) - len(codes))}
            codes -= set(User.objects.filter(learner_code__in=codes).values_list("learner_code", flat=True))
        for user, code in zip(without, codes, strict=True):
            user.learner_code = code
        try:
            with transaction.atomic():
                User.objects.bulk_update(without, ["learner_code"], batch_size=200)
        except IntegrityError:  # somebody else drew the same code since
            if left == 1:
                raise
        else:
            return


def main_unit(user: User) -> Unit | None:
    """The unit of a person's main membership today."""
    membership = user.memberships.in_force().select_related("unit").first()
    return membership.unit if membership else None


def helper_of(unit: Unit) -> str:
    """Whom to ask for a new slip: the leader of the unit by name, else its coordinator or one above it."""
    above = UnitAncestor.objects.filter(descendant=unit, structure=current_structure()).order_by("depth")
    offices: dict[int, str] = {}
    held = Membership.objects.in_force().filter(
        unit__in=above.values("ancestor"), role__in=[Role.TEAM_LEADER, Role.COORDINATOR]
    )
    for office in held.select_related("user", "unit").order_by("role"):
        who = (
            _("tổ trưởng %(name)s (%(unit)s)") if office.role == Role.TEAM_LEADER else _("đầu mối %(name)s (%(unit)s)")
        )
        offices[office.unit_id] = who % {"name": office.user.full_name, "unit": office.unit.name}
    nearest = above.values_list("ancestor", flat=True)
    return next((offices[pk] for pk in nearest if pk in offices), _("đầu mối của %(unit)s") % {"unit": unit.name})


def masked(contact: str) -> str:
    """Enough of a phone or address to recognise it in a log, too little to write to it."""
    if "@" in contact:
        name, _, host = contact.partition("@")
        return f"{name[:2]}…@{host}"
    return f"…{contact[-3:]}"


def already_claimed() -> Refusal:
    return Refusal(
        _("Tài khoản này đã có người nhận."),
        code="already_claimed",
        fix=_(
            "Nếu là bạn nhận, hãy đăng nhập. Nếu không phải bạn, hãy báo ngay cho tổ trưởng hoặc đầu mối của đơn vị."
        ),
        link=("/tai-khoan/login/", _("Đăng nhập")),
    )


def _hand_over(user: User, contact: str, password: str) -> None:
    user.password = password
    user.claimed_at = timezone.now()
    user.save()
    if contact:
        contact_proved(user, contact)
    learner_codes_give([user])


def typed_in(full_name: str, password: str, reminders: bool) -> dict[str, Any]:
    """What a person typed before the code came, as it waits in the session; the password only as its hash."""
    return {"full_name": full_name, "password": password, "reminders": reminders}
