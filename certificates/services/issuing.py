"""Numbering and issuing. Every number and register row of a series is taken under a lock on its row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.db.models import F, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from certificates.models import Act, Batch, Certificate, Design, Series, SeriesCounter
from certificates.numbering import number_key, number_text
from certificates.services.designs import design_for
from certificates.services.files import enqueue_rendering
from certificates.services.register import Decision, register_append
from certificates.signals import tell_changed
from common.errors import Refusal
from common.text import lower_first, nfc
from courses.models import Completion
from courses.rules import valid_until
from people import access
from people.models import Unit, UnitKind, User


def series_lock(**lookup: object) -> Series | None:
    """Lock and return a series with what its certificates name, or None.

    The one lock of numbering and of the register, taken as late as possible. NO KEY: rows that merely refer to the
    series are not kept waiting. SQLite has no row locks; its write transactions are one after the other anyway.
    """
    locked = Series.objects.select_for_update(of=("self",), no_key=True)
    found: Series | None = locked.select_related("unit__parent", "design").filter(**lookup).first()
    return found


def numbers_take(*, series: Series, year: int, count: int) -> int:
    """Take ``count`` consecutive numbers and return the first. A rollback of the caller gives them all back."""
    counter, _made = SeriesCounter.objects.select_for_update().get_or_create(series=series, year=year)
    SeriesCounter.objects.filter(pk=counter.pk).update(last=F("last") + count)
    return counter.last + 1


def issuer_name(unit: Unit) -> str:
    """The issuing unit as a certificate names it: a department together with its province."""
    if unit.kind == UnitKind.DEPARTMENT and unit.parent and unit.parent.kind == UnitKind.PROVINCE:
        province = lower_first(unit.parent.name)
        return unit.name if province in unit.name else f"{unit.name} {province}"
    return unit.name


@dataclass(frozen=True)
class Claim:
    """What a certificate will say of one person; ``award`` names the course, path or programme it is for."""

    completion: Completion
    holder_name: str
    holder_birth_date: date | None
    title: str
    hours: Decimal
    score: Decimal | None
    award: str


def claim_of(completion: Completion) -> Claim:
    """What the completion itself froze, about its course."""
    return Claim(
        completion=completion,
        holder_name=nfc(completion.learner_name),
        holder_birth_date=completion.learner_birth_date,
        title=completion.course_title,
        hours=completion.course_hours,
        score=completion.score,
        award=f"course:{completion.course.uuid}",
    )


def certificates_issue(
    *,
    series: Series,
    claims: Sequence[Claim],
    at: datetime,
    actor: User | None = None,
    decision: Decision | None = None,
    batch: Batch | None = None,
) -> list[Certificate]:
    """Number and register certificates for people who have none in the series; everything they claim is frozen.

    The caller runs the transaction, holds the lock of the series and has left out what was already issued.
    """
    decision = decision or Decision()
    day = timezone.localdate(at)
    first = numbers_take(series=series, year=day.year, count=len(claims))
    design = design_for(series=series, unit=batch.unit if batch else None)
    certificates = [
        _frozen(series, claim, day, seq, decision=decision, batch=batch, design=design)
        for seq, claim in enumerate(claims, start=first)
    ]
    Certificate.objects.bulk_create(certificates, batch_size=200)
    register_append(series=series, certificates=certificates, act=Act.ISSUE, at=at, actor=actor, decision=decision)
    tell_changed(Act.ISSUE, certificates, [claim.completion for claim in claims])
    transaction.on_commit(partial(enqueue_rendering, [certificate.pk for certificate in certificates]))
    return certificates


def _frozen(
    series: Series, claim: Claim, day: date, seq: int, *, decision: Decision, batch: Batch | None, design: Design
) -> Certificate:
    number = number_text(series.pattern, seq=seq, year=day.year, suffix=series.suffix)
    completion = claim.completion
    return Certificate(
        series=series,
        year=day.year,
        seq=seq,
        number=number,
        number_key=number_key(number),
        completion=completion,
        award=claim.award,
        batch=batch,
        design=design,
        signature_id=series.signature_id,
        holder_id=completion.user_id,
        holder_name=claim.holder_name,
        holder_birth_date=claim.holder_birth_date,
        course_title=claim.title,
        course_hours=claim.hours,
        score=claim.score,
        completed_on=timezone.localdate(completion.completed_at),
        issued_on=day,
        expires_on=expires_on(series, completion, day),
        issuer_name=issuer_name(series.unit),
        place=series.place,
        signer_name=series.signer_name,
        signer_title=series.signer_title,
        decision_number=decision.number,
        decision_date=decision.day,
    )


def expires_on(series: Series, completion: Completion, issued_on: date) -> date | None:
    """The last day on which a certificate holds: that of its series or of what was learnt, whichever comes first."""
    last_days = [valid_until(issued_on, series.valid_months), completion.valid_until]
    return min((day for day in last_days if day), default=None)


@transaction.atomic
def certificates_issue_automatic(*, completions: Sequence[Completion]) -> list[Certificate]:
    """Number the confirmations of completions whose courses ask for one; return those that are new, in their order.

    Idempotent; nothing where the platform has no automatic series. However many there are: one lock of the series,
    numbers without a gap between them, and the same queries as for one.
    """
    prefetch_related_objects(completions, "course")
    wanted = [completion for completion in completions if completion.course.automatic_confirmation]
    series = series_lock(is_automatic=True) if wanted else None
    if series is None:
        return []
    issued = set(Certificate.objects.filter(series=series, completion__in=wanted).values_list("completion", flat=True))
    fresh = [completion for completion in wanted if completion.pk not in issued]
    if not fresh:
        return []
    # Dated when it is written: a completion that arrives late belongs to this day's number, year and register row.
    return certificates_issue(series=series, claims=[claim_of(completion) for completion in fresh], at=timezone.now())


def require_issuing_right(actor: User, unit: Unit) -> None:
    """Let pass who may issue and revoke in the name of ``unit``."""
    if not access.can_issue_certificates(actor, unit):
        raise Refusal(
            _("Bạn không có quyền cấp chứng nhận thay mặt %(unit)s.") % {"unit": unit.name},
            code="not_allowed",
            fix=_("Việc này do người ký cấp chứng nhận của đơn vị cấp thực hiện."),
            status=403,
        )


#: What is said where an act has no reason; ``checked_reason`` is told which.
_NO_REASON = {
    "thu hồi": gettext_noop("Chưa ghi lý do thu hồi."),
    "huỷ bỏ": gettext_noop("Chưa ghi lý do huỷ bỏ."),
    "cấp lại": gettext_noop("Chưa ghi lý do cấp lại."),
    "chỉnh sửa": gettext_noop("Chưa ghi lý do chỉnh sửa."),
    "xin bản sao": gettext_noop("Chưa ghi lý do xin bản sao."),
    "không duyệt": gettext_noop("Chưa ghi lý do không duyệt."),
    "tạm giữ": gettext_noop("Chưa ghi lý do tạm giữ."),
    "loại khỏi danh sách": gettext_noop("Chưa ghi lý do loại khỏi danh sách."),
}


def checked_reason(reason: str, what: str) -> str:
    """The reason in the form in which it is kept; refused without one. ``what`` completes "Chưa ghi lý do …"."""
    if not (reason := nfc(reason)):
        raise Refusal(_(_NO_REASON[what]), code="reason_missing", fix=_("Ghi lý do rồi gửi lại."))
    return reason
