"""Numbering, issuing and revoking. Every number and register row of a series is taken under a lock on its row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial

from django.db import transaction
from django.db.models import F, prefetch_related_objects
from django.utils import timezone

from certificates.models import Act, Certificate, CertificateState, Series, SeriesCounter
from certificates.services.decisions import checked_decision
from certificates.services.files import enqueue_rendering
from certificates.services.register import Decision, register_append
from common import audit
from common.errors import Refusal
from common.text import nfc
from courses.models import Completion
from people import access
from people.models import Unit, UnitKind, User

#: Why a decision to revoke cannot be older than that day.
REVOKED_AFTER = "ngày cấp giấy"


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
    counter, _ = SeriesCounter.objects.select_for_update().get_or_create(series=series, year=year)
    SeriesCounter.objects.filter(pk=counter.pk).update(last=F("last") + count)
    return counter.last + 1


def issuer_name(unit: Unit) -> str:
    """The issuing unit as a certificate names it: a department together with its province."""
    if unit.kind == UnitKind.DEPARTMENT and unit.parent and unit.parent.kind == UnitKind.PROVINCE:
        province = unit.parent.name[:1].lower() + unit.parent.name[1:]
        return unit.name if province in unit.name else f"{unit.name} {province}"
    return unit.name


def certificates_issue(
    *,
    series: Series,
    completions: Sequence[Completion],
    at: datetime,
    actor: User | None = None,
    decision: Decision | None = None,
    batch_id: int | None = None,
) -> list[Certificate]:
    """Number and register certificates for completions that have none in the series; everything they claim is frozen.

    The caller runs the transaction, holds the lock of the series and has left out what was already issued.
    """
    decision = decision or Decision()
    day = timezone.localdate(at)
    first = numbers_take(series=series, year=day.year, count=len(completions))
    certificates = [
        _frozen(series, completion, day, seq, decision, batch_id)
        for seq, completion in enumerate(completions, start=first)
    ]
    Certificate.objects.bulk_create(certificates, batch_size=200)
    register_append(series=series, certificates=certificates, act=Act.ISSUE, at=at, actor=actor, decision=decision)
    transaction.on_commit(partial(enqueue_rendering, [certificate.pk for certificate in certificates]))
    return certificates


def _frozen(
    series: Series, completion: Completion, day: date, seq: int, decision: Decision, batch_id: int | None
) -> Certificate:
    return Certificate(
        series=series,
        year=day.year,
        seq=seq,
        number=f"{seq:05d}/{day.year}/{series.suffix}",
        completion=completion,
        batch_id=batch_id,
        design=series.design,
        holder_id=completion.user_id,
        holder_name=nfc(completion.learner_name),
        holder_birth_date=completion.learner_birth_date,
        course_title=completion.course_title,
        course_hours=completion.course_hours,
        score=completion.score,
        completed_on=timezone.localdate(completion.completed_at),
        issued_on=day,
        issuer_name=issuer_name(series.unit),
        place=series.place,
        signer_name=series.signer_name,
        signer_title=series.signer_title,
        decision_number=decision.number,
        decision_date=decision.day,
    )


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
    return certificates_issue(series=series, completions=fresh, at=timezone.now())


@transaction.atomic
def certificate_revoke(
    *,
    certificate: Certificate,
    actor: User,
    reason: str,
    decision_number: str,
    decision_date: date,
) -> tuple[Certificate, bool]:
    """Revoke a certificate by a decision. Returns (certificate, changed); a repeat changes nothing.

    Raises Refusal ``not_allowed`` (no right over the issuing unit), ``reason_missing`` or one of the decision's:
    ``decision_missing``, ``decision_number_unclear``, ``decision_too_early`` (before the day of issue),
    ``decision_in_future``.
    """
    require_issuing_right(actor, certificate.series.unit)
    decision = checked_decision(decision_number, decision_date, earliest=certificate.issued_on, because=REVOKED_AFTER)
    reason = checked_reason(reason, "thu hồi")
    series = series_lock(pk=certificate.series_id)
    assert series is not None  # a certificate protects its series from deletion
    at = timezone.now()
    changed = Certificate.objects.filter(pk=certificate.pk, state=CertificateState.VALID).update(
        state=CertificateState.REVOKED, revoked_on=timezone.localdate(at), revoked_reason=reason
    )
    certificate.refresh_from_db()
    if not changed:
        return certificate, False
    register_append(
        series=series, certificates=[certificate], act=Act.REVOKE, at=at, actor=actor, decision=decision, reason=reason
    )
    audit.record(
        actor=actor,
        act="certificate_revoke",
        subject=certificate,
        unit=series.unit,
        before={"state": str(CertificateState.VALID)},
        after={"state": str(CertificateState.REVOKED)},
        number=certificate.number,
        reason=reason,
        decision_number=decision.number,
        decision_date=decision_date.isoformat(),
    )
    return certificate, True


def require_issuing_right(actor: User, unit: Unit) -> None:
    """Let pass who may issue and revoke in the name of ``unit``."""
    if not access.can_issue_certificates(actor, unit):
        raise Refusal(
            f"Bạn không có quyền cấp chứng nhận thay mặt {unit.name}.",
            code="not_allowed",
            fix="Việc này do người ký cấp chứng nhận của đơn vị cấp thực hiện.",
            status=403,
        )


def checked_reason(reason: str, what: str) -> str:
    """The reason in the form in which it is kept; refused without one. ``what`` completes "Chưa ghi lý do …"."""
    if not (reason := nfc(reason)):
        raise Refusal(f"Chưa ghi lý do {what}.", code="reason_missing", fix="Ghi lý do rồi gửi lại.")
    return reason
