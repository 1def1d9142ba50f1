"""Copies out of the register (bản sao từ sổ gốc): who asked, how many, and the page that is handed out."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.models import Act, Certificate, CertificateState, RegisterEntry
from certificates.services.issuing import checked_reason, require_issuing_right
from certificates.services.register import register_append
from certificates.services.standing import certificate_lock, ended_refusal
from common import audit
from common.errors import Refusal
from common.text import nfc
from people.models import User

#: Copies that one request can ask for.
MOST_COPIES = 50


@transaction.atomic
def certificate_copy(
    *, certificate: Certificate, actor: User, asked_by: str, copies: int, reason: str
) -> tuple[RegisterEntry, bool]:
    """Write down that copies are handed out, on request and so without a decision; nothing of the certificate changes.
    Returns (register row, written now): the same request on the same day is one.

    Raises Refusal ``not_allowed``, ``asked_by_missing``, ``copies_wrong``, ``reason_missing`` or ``already_ended``.
    """
    require_issuing_right(actor, certificate.series.unit)
    asked_by, reason = nfc(asked_by)[:150], checked_reason(reason, "xin bản sao")
    if not asked_by:
        raise Refusal(
            _("Chưa ghi ai đề nghị cấp bản sao."), code="asked_by_missing", fix=_("Ghi họ tên người đề nghị.")
        )
    if not 1 <= copies <= MOST_COPIES:
        fix = _("Ghi một số từ 1 đến %(most)s.") % {"most": MOST_COPIES}
        raise Refusal(_("Số bản chưa đúng."), code="copies_wrong", fix=fix)
    series, locked = certificate_lock(certificate)
    if locked.state != CertificateState.VALID:
        raise ended_refusal(locked)
    at = timezone.now()
    asked = {"asked_by": asked_by, "copies": copies}
    for earlier in locked.register.filter(act=Act.COPY, actor=actor, reason=reason):
        same_day = timezone.localdate(earlier.at) == timezone.localdate(at)
        if same_day and {name: earlier.content[name] for name in asked} == asked:
            return earlier, False
    (entry,) = register_append(
        series=series, certificates=[locked], act=Act.COPY, at=at, actor=actor, reason=reason, more=asked
    )
    audit.record(
        actor=actor,
        act="certificate_copy",
        subject=locked,
        unit=series.unit,
        number=locked.number,
        asked_by=asked_by,
        copies=copies,
        reason=reason,
    )
    return entry, True
