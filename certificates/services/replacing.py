"""A certificate in place of another: the paper was lost or damaged, or what it says is corrected by a decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.models import Act, Certificate, CertificateState, ReasonClass, Series
from certificates.numbering import number_key, number_text
from certificates.services.corrections import CORRECTABLE, checked_changes, said_of
from certificates.services.decisions import checked_decision
from certificates.services.designs import design_for
from certificates.services.files import enqueue_rendering
from certificates.services.issuing import checked_reason, issuer_name, numbers_take, require_issuing_right
from certificates.services.register import Decision, register_append
from certificates.services.standing import ISSUED_BEFORE, address_of, certificate_lock, last_of, may_act
from certificates.signals import tell_changed
from common import audit
from common.errors import Refusal
from common.wording import day as day_said
from people.models import User


@transaction.atomic
def certificate_reissue(
    *, certificate: Certificate, actor: User, reason: str, decision_number: str, decision_date: date
) -> tuple[Certificate, bool]:
    """Issue a certificate anew (cấp lại) whose paper was lost or damaged: the same claims under a new number of this
    year; the old one is replaced. Returns (new certificate, issued now); a repeat issues nothing.

    Raises Refusal ``not_allowed``, ``already_ended``, ``expired``, ``no_signer``, ``details_missing`` (taken over from
    a paper register without what the paper has to say), ``reason_missing`` or one of the decision's.
    """
    decision = _checked(certificate, actor, decision_number, decision_date)
    reason = checked_reason(reason, "cấp lại")
    return _replace(certificate, actor, Act.REISSUE, reason, ReasonClass.LOST, decision, {})


@transaction.atomic
def certificate_correct(
    *,
    certificate: Certificate,
    actor: User,
    reason: str,
    decision_number: str,
    decision_date: date,
    changes: Mapping[str, Any],
) -> tuple[Certificate, bool]:
    """Correct what a certificate says (chỉnh sửa): a new certificate with the corrected claims, the old one is
    replaced. ``changes`` holds any of ``CORRECTABLE``. Returns (new certificate, issued now).

    Raises what ``certificate_reissue`` raises, and ``nothing_changes``, ``name_unusable``, ``birth_date_wrong``,
    ``hours_wrong``, ``score_wrong``, ``title_missing`` or ``completed_on_wrong``.
    """
    decision = _checked(certificate, actor, decision_number, decision_date)
    reason = checked_reason(reason, "chỉnh sửa")
    return _replace(certificate, actor, Act.CORRECT, reason, ReasonClass.WRONG_CONTENT, decision, changes)


def _checked(certificate: Certificate, actor: User, number: str, day: date) -> Decision:
    require_issuing_right(actor, certificate.series.unit)
    return checked_decision(number, day, earliest=certificate.issued_on, because=ISSUED_BEFORE)


def _replace(
    certificate: Certificate,
    actor: User,
    act: Act,
    reason: str,
    reason_class: ReasonClass,
    decision: Decision,
    changes: Mapping[str, Any],
) -> tuple[Certificate, bool]:
    series, old = certificate_lock(certificate)
    if not may_act(old, act=act, decision=decision):
        return last_of(old), False
    at = timezone.now()
    _require_holding(old, timezone.localdate(at))
    changed = checked_changes(old, changes) if act == Act.CORRECT else {}
    new = _anew(old, series, at, decision, changed)
    _require_complete(new, series)
    # First the old one ends: nobody holds two standing certificates for one completion, not even within this act.
    old.state, old.ended_on = CertificateState.REPLACED, timezone.localdate(at)
    old.ended_reason, old.ended_class = reason, reason_class
    old.save(update_fields=["state", "ended_on", "ended_reason", "ended_class"])
    new.save(force_insert=True)
    _register(series, old, new, act, at, actor, decision, reason, changed)
    tell_changed(act, [new])
    transaction.on_commit(partial(enqueue_rendering, [new.pk]))
    certificate.refresh_from_db()
    return new, True


def _require_holding(old: Certificate, today: date) -> None:
    if old.expires_on and old.expires_on < today:
        raise Refusal(
            _("Giấy số %(number)s đã hết hiệu lực sau ngày %(day)s.")
            % {"number": old.number, "day": day_said(old.expires_on)},
            code="expired",
            fix=_("Giấy đã hết hạn không cấp lại; người học hoàn thành khoá học lần nữa để được cấp giấy mới."),
            back=address_of(old),
        )


def _require_complete(new: Certificate, series: Series) -> None:
    """What the paper has to say is there: who signs, and for how many hours of what, finished when."""
    if not series.is_automatic and not series.has_signer:
        raise Refusal(
            _("Chưa có họ tên và chức danh người ký của «%(series)s».") % {"series": series.name},
            code="no_signer",
            fix=_("Điền người ký của loại giấy này rồi làm lại."),
        )
    if new.course_hours is None or new.completed_on is None:
        raise Refusal(
            _("Giấy ghi lại từ sổ giấy chưa có số giờ hoặc ngày hoàn thành nên chưa in được."),
            code="details_missing",
            fix=_("Dùng «Chỉnh sửa nội dung» để điền số giờ và ngày hoàn thành theo hồ sơ."),
        )


def _anew(
    old: Certificate, series: Series, at: datetime, decision: Decision, changed: Mapping[str, Any]
) -> Certificate:
    """The certificate in place of ``old``: its claims, issued and signed as the series is today."""
    day = timezone.localdate(at)
    seq = numbers_take(series=series, year=day.year, count=1)
    number = number_text(series.pattern, seq=seq, year=day.year, suffix=series.suffix)
    kept = {name: getattr(old, name) for name in CORRECTABLE} | dict(changed)
    return Certificate(
        **kept,
        series=series,
        year=day.year,
        seq=seq,
        number=number,
        number_key=number_key(number),
        completion_id=old.completion_id,
        award=old.award,
        batch=old.batch,
        design=design_for(series=series, unit=old.batch.unit if old.batch else None),
        signature_id=series.signature_id,
        holder_id=old.holder_id,
        issued_on=day,
        expires_on=old.expires_on,
        issuer_name=issuer_name(series.unit),
        place=series.place,
        signer_name=series.signer_name,
        signer_title=series.signer_title,
        decision_number=decision.number,
        decision_date=decision.day,
        replaces=old,
    )


def _register(
    series: Series,
    old: Certificate,
    new: Certificate,
    act: Act,
    at: datetime,
    actor: User,
    decision: Decision,
    reason: str,
    changed: Mapping[str, Any],
) -> None:
    """A row on the old certificate, a row on the new one, and the log."""
    before, after = said_of(old, changed), said_of(new, changed)
    common: dict[str, Any] = {"series": series, "at": at, "actor": actor, "decision": decision, "reason": reason}
    about: dict[str, Any] = {"replaced_by": new.number}
    if changed:
        about |= {"before": before, "after": after}
    register_append(certificates=[old], act=act, more=about, **common)
    register_append(certificates=[new], act=Act.ISSUE, more={"replaces": old.number}, **common)
    audit.record(
        actor=actor,
        act="certificate_correct" if act == Act.CORRECT else "certificate_reissue",
        subject=old,
        unit=series.unit,
        before={**before, "state": str(CertificateState.VALID)},
        after={**after, "state": str(CertificateState.REPLACED)},
        number=old.number,
        replaced_by=new.number,
        reason=reason,
        decision_number=decision.number,
        decision_date=decision.day.isoformat() if decision.day else "",
    )
