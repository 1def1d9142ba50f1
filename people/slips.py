"""Slips: printed codes that hand accounts to people, or give them a new password. Who prints is answered elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common import audit
from common.errors import Refusal
from common.models import AuditEntry
from common.text import fold, vi_date
from people import access
from people.claims import WAITING, account_claim, helper_of, is_waiting, learner_codes_give, main_unit
from people.entry_codes import slip_code_new, slip_code_read
from people.models import ClaimSlip, Membership, Role, Unit, User
from people.querysets import today

#: Up to so many slips come at once; more are a job.
DIRECT_LIMIT = 160
#: So many wrong birth years void a slip.
WRONG_YEARS = 5

_CHUNK = 400


# --- For whom -------------------------------------------------------------------------------------------------------
#: Claimed, but without anything of their own that a code could go to.
_UNREACHABLE = Q(claimed_at__isnull=False, is_active=True, phone=None, email=None)


#: Whoever may do everything gets in by nobody's paper.
def slip_people(*, unit: Unit, by: User, claimed: bool = False) -> models.QuerySet[User]:
    """People of ``unit`` and below who can get a slip from ``by``: for an account, or (``claimed``) a new password.

    Left out: who holds a place that ``by`` could not give (see ``access.places_beyond``), and who can help themselves.
    """
    inside = Membership.objects.in_force().under([unit.pk], access.current_structure()).values("user")
    return _people(by, claimed).filter(pk__in=inside)


def _people(by: User, claimed: bool) -> models.QuerySet[User]:
    return _helpless(_UNREACHABLE if claimed else WAITING).exclude(Exists(access.places_beyond(by)))


def _helpless(state: Q) -> models.QuerySet[User]:
    """Accounts in this state whose holder has no other way in: no sign-in of the province, no passkey."""
    linked = SocialAccount.objects.filter(user=OuterRef("pk"))
    keys = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.WEBAUTHN)
    found: models.QuerySet[User] = User.objects.filter(state).exclude(access.ABOVE_LISTS)
    return found.exclude(Exists(linked)).exclude(Exists(keys))


def slips_for_unit(
    *, unit: Unit, by: User, claimed: bool = False, words: str = "", state: str = ""
) -> models.QuerySet[User]:
    """The list of ``slip_people`` for its page, with the newest slip of each and where they stand.

    ``state`` narrows to "chua-in" (no slip that still works) or "da-in".
    """
    newest = ClaimSlip.objects.filter(user=OuterRef("pk")).order_by("-made_at", "-pk")
    found = slip_people(unit=unit, by=by, claimed=claimed).annotate(
        slip_made=Subquery(newest.values("made_at")[:1]),
        slip_expires=Subquery(newest.values("expires_at")[:1]),
        slip_over=Subquery(newest.values("voided_at")[:1]),
        slip_used=Subquery(newest.values("used_at")[:1]),
    )
    works = Q(slip_expires__gt=timezone.now(), slip_over=None, slip_used=None)
    if state:
        found = found.filter(works) if state == "da-in" else found.filter(Q(slip_made=None) | ~works)
    if words:
        found = found.filter(search_key__contains=fold(words))
    places = Membership.objects.in_force().under([unit.pk], access.current_structure()).select_related("unit")
    return found.prefetch_related(models.Prefetch("memberships", queryset=places, to_attr="places")).order_by(
        "sort_key", "pk"
    )


def units_with_waiting(*, by: User, words: str = "") -> models.QuerySet[Unit]:
    """Units in the scope of ``by`` in which somebody waits for a slip, each with how many (``waiting``)."""
    scope = access.scope_units(by, access.TEAM_LEADING)
    here = (
        Membership.objects.in_force()
        .filter(unit__in=scope, user__in=_people(by, claimed=False))
        .values("unit")
        .annotate(people=Count("user", distinct=True))
    )
    counted = here.filter(unit=OuterRef("pk")).order_by().values("people")[:1]
    found = Unit.objects.filter(pk__in=here.order_by().values("unit")).annotate(waiting=Subquery(counted))
    if words:
        found = found.search(words)
    return found.select_related("parent").order_by("search_key", "pk")


# --- Printing -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Printed:
    """What stands on one slip; the only moment at which its code is known."""

    person: User
    unit: Unit
    code: str
    expires: str
    resets: bool


@transaction.atomic
def slips_make(*, people: Iterable[User], unit: Unit, by: User) -> list[Printed]:
    """New slips for the given people of ``slip_people``, sorted for handing out; their earlier ones are void.

    Raises Refusal (``not_for_a_slip``) for somebody who can neither claim nor be reset by a slip of ``by``.
    """
    wanted = [person.pk for person in people]
    printed: list[Printed] = []
    for start in range(0, len(wanted), _CHUNK):
        printed += _make_some(wanted[start : start + _CHUNK], unit, by)
    return sorted(printed, key=lambda slip: (slip.unit.search_key, slip.unit.pk, slip.person.sort_key))


def _make_some(wanted: list[int], unit: Unit, by: User) -> list[Printed]:
    people = list(User.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk"))
    allowed = {
        pk
        for claimed in (False, True)
        for pk in slip_people(unit=unit, by=by, claimed=claimed).filter(pk__in=wanted).values_list("pk", flat=True)
    }
    if refused := [person for person in people if person.pk not in allowed]:
        raise _not_for_a_slip(refused[0])
    learner_codes_give(people)
    now = timezone.now()
    expires = now + timedelta(days=settings.SLIP_VALID_DAYS)
    ClaimSlip.objects.filter(user__in=people, used_at=None, voided_at=None).update(voided_at=now)
    places = _places(people, unit)
    printed, rows = [], []
    for person in people:
        code, place = slip_code_new(), places.get(person.pk, unit)
        rows.append(ClaimSlip(user=person, unit=place, code_hash=_hash(code), made_by=by, expires_at=expires))
        printed.append(Printed(person, place, code, vi_date(timezone.localdate(expires)), not is_waiting(person)))
    ClaimSlip.objects.bulk_create(rows, batch_size=200)
    audit.record_many(
        actor=by,
        act="slip_print",
        rows=[{"subject": slip.person, "unit": slip.unit, "detail": {"resets": slip.resets}} for slip in printed],
    )
    return printed


def _places(people: list[User], unit: Unit) -> dict[int, Unit]:
    """Where each person stands under ``unit``: the team whose leader hands the slip out."""
    found: dict[int, Unit] = {}
    members = Membership.objects.in_force().filter(user__in=people).under([unit.pk], access.current_structure())
    for membership in members.select_related("unit").order_by("user", "-is_main", "pk"):
        found.setdefault(membership.user_id, membership.unit)
    return found


def _hash(code: str) -> str:
    return salted_hmac("people.slips", code, algorithm="sha256").hexdigest()


# --- Opening an account ---------------------------------------------------------------------------------------------
def slip_find(*, code: str) -> ClaimSlip | None:
    """The slip with this code, however it was typed; None if there is none."""
    read = slip_code_read(code)
    if read is None:
        return None
    return ClaimSlip.objects.select_related("user", "unit").filter(code_hash=_hash(read)).first()


def slip_check(*, slip: ClaimSlip) -> None:
    """Raise Refusal, with whom to ask, where the slip opens nothing any more."""
    if slip.used_at:
        raise Refusal(
            _("Phiếu này đã được dùng ngày %(day)s.") % {"day": _day(slip.used_at)},
            code="slip_used",
            fix=_("Nếu bạn đã dùng, hãy đăng nhập. Nếu không phải bạn, hãy báo ngay cho %(helper)s.") % _helper(slip),
            link=("/tai-khoan/login/", _("Đăng nhập")),
        )
    if slip.voided_at:
        raise _voided(slip)
    if slip.expires_at <= timezone.now():
        raise Refusal(
            _("Phiếu này đã hết hạn ngày %(day)s.") % {"day": _day(slip.expires_at)},
            code="slip_expired",
            fix=_("Hãy nhờ %(helper)s in phiếu mới.") % _helper(slip),
        )
    person = slip.user
    if not _helpless(WAITING | _UNREACHABLE).filter(pk=person.pk).exists():
        raise Refusal(
            _("Tài khoản này đã có người nhận."),
            code="already_claimed",
            fix=_(
                "Hãy đăng nhập bằng số điện thoại hoặc email của bạn; quên mật khẩu thì lấy lại bằng mã. "
                "Nếu không phải bạn nhận, hãy báo ngay cho %(helper)s."
            )
            % _helper(slip),
            link=("/tai-khoan/login/", _("Đăng nhập")),
        )
    if _rose_since(slip):
        raise Refusal(
            _("Từ khi in phiếu này, %(name)s có vai trò mới, nên phiếu không còn dùng được.")
            % {"name": person.full_name},
            code="slip_outgrown",
            fix=_("Hãy nhờ %(helper)s in phiếu mới.") % _helper(slip),
        )


def _helper(slip: ClaimSlip) -> dict[str, str]:
    return {"helper": helper_of(slip.unit)}


def _day(moment: datetime) -> str:
    """A day of the slip's life as its reader writes days."""
    return date_format(timezone.localdate(moment))


def _rose_since(slip: ClaimSlip) -> bool:
    """Whether the holder has an office by now that who made the slip could not give: it opened less when printed."""
    offices = Membership.objects.filter(user=slip.user_id).exclude(role=Role.LEARNER)
    if not offices.filter(Q(valid_to=None) | Q(valid_to__gt=today())).exists():
        return False
    return bool(User.objects.filter(Exists(access.places_beyond(slip.made_by)), pk=slip.user_id).exists())


def asks_birth_year(slip: ClaimSlip) -> bool:
    """Whether the roster knows a birth date to ask for."""
    return slip.user.birth_date is not None


@transaction.atomic
def slip_year_tell(*, slip: ClaimSlip, year: int) -> bool:
    """Whether ``year`` is the holder's. A wrong one is kept in the log; the fifth voids the slip."""
    locked = ClaimSlip.objects.select_for_update(of=("self",)).select_related("user", "unit").get(pk=slip.pk)
    slip_check(slip=locked)
    if locked.user.birth_date and locked.user.birth_date.year == year:
        return True
    audit.record(actor=None, act="slip_wrong_year", subject=locked, unit=locked.unit)
    if wrong_years(locked) >= WRONG_YEARS:
        locked.voided_at = timezone.now()
        locked.save(update_fields=["voided_at"])
    return False


def wrong_years(slip: ClaimSlip) -> int:
    """How often a wrong birth year was given with this slip."""
    return AuditEntry.objects.filter(act="slip_wrong_year", subject_uuid=slip.uuid).count()


@transaction.atomic
def slip_claim(*, slip: ClaimSlip, password: str, phone: str = "", reminders: bool = False) -> User:
    """Use the slip: the account is its holder's, with this password (a hash); or it gets a new password.

    ``phone`` is what the person says is theirs: a contact until a code proves it. A number of the roster that is not
    theirs, or that they left out, opens the account no more. Raises as ``slip_check`` does.
    """
    locked = ClaimSlip.objects.select_for_update(of=("self",)).select_related("user", "unit").get(pk=slip.pk)
    slip_check(slip=locked)
    person = locked.user
    if is_waiting(person):
        account_claim(user=person, contact="", password=password, reminders=reminders, how="slip")
    else:
        person.password = password
        person.save(update_fields=["password"])
        audit.record(actor=person, act="slip_password_reset", subject=person, unit=main_unit(person))
    if person.phone != (phone or None) and not person.phone_verified:
        person.contact_phone, person.phone = phone or person.phone or person.contact_phone, None
        person.save(update_fields=["contact_phone", "phone"])
    locked.used_at = timezone.now()
    locked.save(update_fields=["used_at"])
    return person


def _voided(slip: ClaimSlip) -> Refusal:
    newer = ClaimSlip.objects.filter(user=slip.user, made_at__gt=slip.made_at).order_by("-made_at").first()
    if newer is not None:
        return Refusal(
            _("Phiếu này đã được thay bằng phiếu mới."),
            code="slip_replaced",
            fix=_("Hãy dùng phiếu in ngày %(day)s. Chưa có phiếu đó? Hãy hỏi %(helper)s.")
            % {"day": _day(newer.made_at), **_helper(slip)},
        )
    if slip.user.merged_into_id:
        return Refusal(
            _("Hồ sơ của phiếu này đã được gộp với một hồ sơ khác của bạn."),
            code="slip_merged",
            fix=_("Đăng nhập bằng tài khoản còn lại. Chưa có? Hãy nhờ %(helper)s in phiếu mới.") % _helper(slip),
        )
    return Refusal(
        _("Phiếu này đã bị khoá vì năm sinh sai nhiều lần."),
        code="slip_locked",
        fix=_("Hãy nhờ %(helper)s xem lại năm sinh trong danh sách rồi in phiếu mới.") % _helper(slip),
    )


def _not_for_a_slip(person: User) -> Refusal:
    return Refusal(
        _("Không in được phiếu cho %(name)s.") % {"name": person.full_name},
        code="not_for_a_slip",
        fix=_(
            "Người này tự lấy lại được mật khẩu, giữ vai trò do cấp trên cấp phiếu, còn thuộc một đơn vị ngoài phạm vi "
            "của bạn, hoặc không còn trong đơn vị. Hãy bỏ chọn người này; nếu cần phiếu, nhờ cấp trên của các đơn vị "
            "đó."
        ),
        back="/quan-ly/phieu/",
    )
