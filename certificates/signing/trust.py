"""Whom signatures are trusted for: certificates and revocation lists from a folder, and the local key's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.signing.base import Backend
from certificates.signing.keys import SigningKey
from common.errors import Refusal

CERTIFICATE_FILES = (".pem", ".crt", ".cer")
LIST_FILES = (".crl",)

#: Reasons that say the key stayed in good hands: what was signed before still stands.
HARMLESS_REASONS = {
    x509.ReasonFlags.affiliation_changed,
    x509.ReasonFlags.superseded,
    x509.ReasonFlags.cessation_of_operation,
}


@dataclass(frozen=True)
class Revocation:
    """A certificate was taken back; ``harmless`` when the reason leaves older signatures standing."""

    at: datetime
    harmless: bool


@dataclass(frozen=True)
class TrustStore:
    """Trusted certificates (roots, or any other to be trusted as it is) and revocation lists. Nothing is fetched."""

    certificates: tuple[x509.Certificate, ...] = ()
    lists: tuple[x509.CertificateRevocationList, ...] = field(default=(), repr=False)

    @cached_property
    def roots(self) -> list[asn1_x509.Certificate]:
        """The certificates in the form the validator wants."""
        return [asn1_x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in self.certificates]

    def with_key(self, key: SigningKey) -> TrustStore:
        """This store, trusting also what stands above a key of our own."""
        return TrustStore((*self.certificates, *key.anchors), self.lists)

    def revocation(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Revocation | None | bool:
        """How a certificate was revoked; None when its issuer's lists do not name it, False when there is no list."""
        own = [one for one in self.lists if one.issuer == issuer.subject and _signed_by(one, issuer)]
        for one in own:
            entry = one.get_revoked_certificate_by_serial_number(certificate.serial_number)
            if entry is not None:
                return Revocation(entry.revocation_date_utc, _reason(entry) in HARMLESS_REASONS)
        # An old list says nothing of what was revoked since.
        now = timezone.now()
        return None if any((one.next_update_utc or now) >= now for one in own) else False


def _signed_by(one: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    try:
        return one.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
    except Exception:  # a key of a kind that signs no lists
        return False


def _reason(entry: x509.RevokedCertificate) -> x509.ReasonFlags | None:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except (x509.ExtensionNotFound, ValueError):
        return None


def trust_load(folder: str | Path) -> TrustStore:
    """The certificates (.pem, .crt, .cer) and revocation lists (.crl) of a folder, as PEM or DER.

    Refuses with ``trust_missing`` (no such folder) or ``trust_unreadable`` (names the file).
    """
    certificates: list[x509.Certificate] = []
    lists: list[x509.CertificateRevocationList] = []
    for file in _files(Path(folder)):
        try:
            data = file.read_bytes()
            if file.suffix.lower() in CERTIFICATE_FILES:
                certificates += _certificates(data)
            else:
                pem = b"-----BEGIN" in data
                lists.append(x509.load_pem_x509_crl(data) if pem else x509.load_der_x509_crl(data))
        except (OSError, ValueError):
            raise Refusal(
                _("Không đọc được %(file)s trong thư mục chứng thư tin cậy.") % {"file": file},
                code="trust_unreadable",
                fix=_("Chứng thư phải ở dạng PEM hoặc DER (.pem, .crt, .cer), danh sách thu hồi ở dạng .crl."),
            ) from None
    return TrustStore(tuple(certificates), tuple(lists))


def _files(folder: Path) -> Iterator[Path]:
    try:
        found = sorted(folder.iterdir())
    except OSError:
        raise Refusal(
            _("Không có thư mục chứng thư tin cậy %(folder)s.") % {"folder": folder},
            code="trust_missing",
            fix=_("Hãy tạo thư mục này hoặc sửa SIGNING_TRUST_DIR."),
        ) from None
    return (file for file in found if file.suffix.lower() in CERTIFICATE_FILES + LIST_FILES)


def _certificates(data: bytes) -> list[x509.Certificate]:
    if b"-----BEGIN" in data:
        return x509.load_pem_x509_certificates(data)
    return [x509.load_der_x509_certificate(data)]


def trust_default() -> TrustStore:
    """What the settings trust: SIGNING_TRUST_DIR, and with CERTIFICATE_SIGNING=local the chain of the key in use.

    Refuses as ``trust_load`` and ``keys.key_load`` do.
    """
    store = trust_load(settings.SIGNING_TRUST_DIR) if settings.SIGNING_TRUST_DIR else TrustStore()
    if settings.CERTIFICATE_SIGNING == Backend.LOCAL:
        from certificates.signing.local import signer_load  # the start-up checks read the folder, and need no pyHanko

        store = store.with_key(signer_load(settings.SIGNING_P12_FILE, settings.SIGNING_P12_PASSWORD).key)
    return store
