"""Ending a certificate that was issued. Each act is a new row of the register; none changes an old one."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.models import Act, Certificate, CertificateState, ReasonClass
from certificates.services.decisions import checked_decision
from certificates.services.issuing import checked_reason, require_issuing_right
from certificates.services.register import Decision, register_append
from certificates.services.standing import ISSUED_BEFORE, certificate_lock, may_act
from certificates.signals import tell_changed
from common import audit
from common.errors import Refusal
from people.models import User


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
    """Revoke a certificate (thu hồi) by a decision. Returns (certificate, changed); a repeat changes nothing.

    Raises Refusal ``not_allowed`` (no right over the issuing unit), ``already_ended`` (by something else),
    ``reason_missing``, ``reason_class_unknown`` or one of the decision's: ``decision_missing``,
    ``decision_number_unclear``, ``decision_too_early`` (before the day of issue), ``decision_in_future``.
    """
    require_issuing_right(actor, certificate.series.unit)
    decision = checked_decision(decision_number, decision_date, earliest=certificate.issued_on, because=ISSUED_BEFORE)
    reason, reason_class = checked_reason(reason, "thu hồi"), checked_class(reason_class)
    return _end(certificate, actor, Act.REVOKE, CertificateState.REVOKED, reason, reason_class, decision)


@transaction.atomic
def certificate_cancel(
    *,
    certificate: Certificate,
    actor: User,
    reason: str,
    decision_number: str,
    decision_date: date,
    reason_class: str = ReasonClass.WRONG_CONTENT,
) -> tuple[Certificate, bool]:
    """Cancel a certificate that was issued by mistake (huỷ bỏ); its holder may be issued another one. Returns and
    raises like ``certificate_revoke``."""
    require_issuing_right(actor, certificate.series.unit)
    decision = checked_decision(decision_number, decision_date, earliest=certificate.issued_on, because=ISSUED_BEFORE)
    reason, reason_class = checked_reason(reason, "huỷ bỏ"), checked_class(reason_class)
    return _end(certificate, actor, Act.CANCEL, CertificateState.CANCELLED, reason, reason_class, decision)


def checked_class(typed: str) -> ReasonClass:
    """One of the reasons that the public page may name. Raises Refusal ``reason_class_unknown``."""
    if typed not in ReasonClass.values:
        raise Refusal(
            _("Chưa rõ nhóm lý do."),
            code="reason_class_unknown",
            fix=_("Chọn một nhóm lý do trong danh sách rồi gửi lại."),
        )
    return ReasonClass(typed)


def _end(
    certificate: Certificate,
    actor: User,
    act: Act,
    state: CertificateState,
    reason: str,
    reason_class: ReasonClass,
    decision: Decision,
) -> tuple[Certificate, bool]:
    series, locked = certificate_lock(certificate)
    if not may_act(locked, act=act, decision=decision):
        certificate.refresh_from_db()
        return certificate, False
    at = timezone.now()
    locked.state, locked.ended_on = state, timezone.localdate(at)
    locked.ended_reason, locked.ended_class = reason, reason_class
    locked.save(update_fields=["state", "ended_on", "ended_reason", "ended_class"])
    states = {"before": {"state": str(CertificateState.VALID)}, "after": {"state": str(state)}}
    register_append(
        series=series,
        certificates=[locked],
        act=act,
        at=at,
        actor=actor,
        decision=decision,
        reason=reason,
        more=states | {"reason_class": str(reason_class)},
    )
    tell_changed(act, [locked])
    audit.record(
        actor=actor,
        act="certificate_revoke" if act == Act.REVOKE else "certificate_cancel",
        subject=locked,
        unit=series.unit,
        before={"state": str(CertificateState.VALID)},
        after={"state": str(state)},
        number=locked.number,
        reason=reason,
        reason_class=str(reason_class),
        decision_number=decision.number,
        decision_date=decision.day.isoformat() if decision.day else "",
    )
    certificate.refresh_from_db()
    return certificate, True
