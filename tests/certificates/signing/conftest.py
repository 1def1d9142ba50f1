"""A small PDF/A, an office with a root of its own, and people with keys under it. Everything happens on 20/11/2026."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from certificates.rendering import ART
from certificates.signing.keys import SigningKey
from certificates.signing.local import LocalSigner
from certificates.signing.trial_keys import TrialRoot, key_packed, trial_key, trial_root
from certificates.signing.trust import TrustStore
from common.pdf import pdf_render
from tests.factories.certificates import AT

YEAR = timedelta(days=365)
PERSON = "Nguyễn Thị Ngọc Ưỡng"
OFFICE = "Sở Khoa học và Công nghệ"
#: For roots, and for keys of software that signs by the machine's own clock.
AGES: dict[str, Any] = {"begins": datetime(2015, 1, 1, tzinfo=UTC), "days": 36_500}


@dataclass(frozen=True)
class World:
    """What the tests of this folder share; made once, for keys cost time."""

    pdf: bytes
    root: TrialRoot
    stranger: TrialRoot
    person: SigningKey
    seal: SigningKey
    trust: TrustStore

    def key(self, **changes: Any) -> SigningKey:
        """A key under the known root: begun a month ago and good for a year, unless told otherwise."""
        settings: dict[str, Any] = {"name": PERSON, "begins": AT - timedelta(days=30), "days": 365}
        return trial_key(**(settings | {"root": self.root} | changes))

    def signed(self, pdf: bytes | None = None, *, key: SigningKey | None = None, at: datetime = AT) -> bytes:
        signer = LocalSigner(key or self.person)
        return signer.sign(pdf or self.pdf, reason="Cấp giấy chứng nhận", location="Bắc Ninh", name=PERSON, at=at)

    def crl(self, key: SigningKey, *, at: datetime, reason: x509.ReasonFlags | None = None) -> TrustStore:
        """The store of this world with a list of the root that takes ``key`` back at a moment."""
        entry = x509.RevokedCertificateBuilder().serial_number(key.certificate.serial_number).revocation_date(at)
        if reason:
            entry = entry.add_extension(x509.CRLReason(reason), critical=False)
        made = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.root.certificate.subject)
            .last_update(AT - YEAR)
            .next_update(AT + 10 * YEAR)
            .add_revoked_certificate(entry.build())
            .sign(self.root.private, SHA256())
        )
        return TrustStore(self.trust.certificates, (made,))


@pytest.fixture(scope="session")
def world() -> World:
    page = "<html lang=vi><head><title>Giấy chứng nhận</title></head><body><h1>Giấy số 00042</h1></body></html>"
    pdf = pdf_render(
        html=page, css="body{font-family:'Be Vietnam Pro'}", art=ART, variant="pdf/a-3u", identifier=b"0" * 16
    )
    root = trial_root(**AGES)
    stranger = trial_root(**AGES, name="Gốc lạ")
    begun = {"begins": AT - timedelta(days=30), "days": 365}
    person = trial_key(root, name=PERSON, organisation=OFFICE, **begun)
    seal = trial_key(root, name=OFFICE, organisation=OFFICE, **begun)
    return World(pdf, root, stranger, person, seal, TrustStore((root.certificate,)))


@dataclass(frozen=True)
class KeyFile:
    path: Path
    password: str


@pytest.fixture
def key_file(world, tmp_path):
    """Writes a key to a file of the test's own."""

    def write(key: SigningKey | None = None, password: str = "mật khẩu 1") -> KeyFile:
        path = tmp_path / "khoa.p12"
        path.write_bytes(key_packed(key or world.person, password))
        return KeyFile(path, password)

    return write
