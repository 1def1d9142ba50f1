"""Signing files with the key of the platform, in the words of a certificate or of a register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.models import Certificate
from certificates.signing import Signer, get_signer
from common.errors import Refusal


@dataclass(frozen=True)
class SignedFile:
    """A signed file, when it was signed, and the name in the certificate of the key."""

    pdf: bytes
    at: datetime
    by: str


def file_sign(pdf: bytes, *, certificate: Certificate) -> SignedFile:
    """Sign the file of a certificate with the platform's key. Raises Refusal ``no_signing_key`` or one of
    ``certificates.signing``'s (key expired, pass-phrase wrong, time server away…)."""
    return _sign(pdf, reason=f"Cấp {certificate.series.name} số {certificate.number}", location=certificate.place)


def document_sign(pdf: bytes, *, reason: str, location: str = "") -> bytes:
    """Sign another document of ours, such as a register, where the platform has a key; unchanged where it has none."""
    return _sign(pdf, reason=reason, location=location).pdf if get_signer() else pdf


def _sign(pdf: bytes, *, reason: str, location: str) -> SignedFile:
    signer = signer_require()
    at = timezone.now()
    return SignedFile(signer.sign(pdf, reason=reason, location=location, at=at), at, signer.signer_name)


def signer_require() -> Signer:
    """The key of the platform. Raises Refusal ``no_signing_key``, or why the key file cannot be read."""
    signer = get_signer()
    if signer is None:
        raise Refusal(
            _("Loại giấy này phải ký số, nhưng hệ thống chưa có khoá ký."),
            code="no_signing_key",
            fix=_(
                "Người quản trị đặt khoá ký (CERTIFICATE_SIGNING, SIGNING_P12_FILE), hoặc đổi cách ký của loại giấy."
            ),
        )
    return signer
