"""What happens to a certificate after it was issued. Each act is a new row of the register; none changes an old one."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from certificates.models import Act, Certificate, CertificateState, ReasonClass
from certificates.services.decisions import checked_decision
from certificates.services.issuing import checked_reason, require_issuing_right, series_lock
from certificates.services.register import register_append
from common import audit
from people.models import User

#: Why a decision to revoke cannot be older than that day.
REVOKED_AFTER = "ngày cấp giấy"


@transaction.atomic
def certificate_revoke(
    *,
    certificate: Certificate,
    actor: User,
    reason: str,
    decision_number: str,
    decision_date: date,
    reason_class: str = ReasonClass.OTHER,
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
        state=CertificateState.REVOKED,
        ended_on=timezone.localdate(at),
        ended_reason=reason,
        ended_class=reason_class,
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
