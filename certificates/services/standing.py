"""Before an act on a certificate: its row and that of its series are locked, and it still holds."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from certificates.models import Act, Certificate, CertificateState, Series
from certificates.services.issuing import series_lock
from certificates.services.proving import ENDING
from certificates.services.register import Decision
from common.errors import Refusal
from common.wording import day

#: Why a decision about a certificate cannot be older than that day.
ISSUED_BEFORE = gettext_noop("ngày cấp giấy")
#: What became of a certificate that no longer holds; one that was replaced names the other, too.
_ENDED = {
    CertificateState.REVOKED: gettext_noop("Giấy số %(number)s đã thu hồi ngày %(day)s."),
    CertificateState.CANCELLED: gettext_noop("Giấy số %(number)s đã huỷ bỏ ngày %(day)s."),
}
#: Acts of which each certificate sees one at most.
_ENDING_ACTS = [act for acts in ENDING.values() for act in acts]


def address_of(certificate: Certificate) -> str:
    """The officials' page of a certificate."""
    return f"/quan-ly/cap-chung-nhan/giay/{certificate.uuid}/"


def certificate_lock(certificate: Certificate) -> tuple[Series, Certificate]:
    """Lock the series, then the row of the certificate, and return both as they are now."""
    series = series_lock(pk=certificate.series_id)
    assert series is not None  # a certificate protects its series from deletion
    rows = Certificate.objects.select_for_update(of=("self",)).select_related("batch__unit")
    return series, rows.get(pk=certificate.pk)


def last_of(certificate: Certificate) -> Certificate:
    """The certificate that stands for this one now: the end of its chain of replacements."""
    while certificate.state == CertificateState.REPLACED:
        later = getattr(certificate, "replaced_by", None)
        if later is None:  # tampered with; register_verify says so
            break
        certificate = later
    return certificate


def may_act(certificate: Certificate, *, act: Act, decision: Decision) -> bool:
    """Whether an act that ends a locked certificate goes on; False: the very same was done before, a repeat.

    Raises Refusal ``already_ended``, which names what is there.
    """
    if certificate.state == CertificateState.VALID:
        return True
    ended = certificate.register.filter(act__in=_ENDING_ACTS).order_by("-position").first()
    if ended and (ended.act, ended.decision_number, ended.decision_date) == (act, decision.number, decision.day):
        return False
    raise ended_refusal(certificate)


def ended_refusal(certificate: Certificate) -> Refusal:
    """Says what became of a certificate that no longer holds, and where to go on."""
    said = {"number": certificate.number, "day": day(certificate.ended_on)}
    if certificate.state != CertificateState.REPLACED:
        return Refusal(
            _(_ENDED[CertificateState(certificate.state)]) % said,
            code="already_ended",
            fix=_("Mỗi giấy chỉ kết thúc một lần. Xem lịch sử của giấy trong sổ gốc."),
            back=address_of(certificate),
        )
    last = last_of(certificate)
    return Refusal(
        _("Giấy số %(number)s đã được thay thế ngày %(day)s bởi giấy số %(last)s.") % (said | {"last": last.number}),
        code="already_ended",
        fix=_("Làm việc này trên giấy số %(number)s.") % {"number": last.number},
        link=(address_of(last), _("Mở giấy số %(number)s") % {"number": last.number}),
        back=address_of(certificate),
    )
