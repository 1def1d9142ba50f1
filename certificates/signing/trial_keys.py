"""Keys to try signing with: a root of our own and a signer under it. No law recognises them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from certificates.signing.keys import SigningKey

Kind = Literal["ec", "rsa"]
TRIAL = "KHOÁ THỬ, KHÔNG CÓ GIÁ TRỊ PHÁP LÝ"


@dataclass(frozen=True)
class TrialRoot:
    """A root certificate and its key: what signer certificates are made under."""

    private: Any
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def _private(kind: Kind, bits: int = 2048) -> Any:
    return ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, bits)


def _name(name: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _usage(*named: str) -> x509.KeyUsage:
    every = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign "
        "encipher_only decipher_only"
    ).split()
    return x509.KeyUsage(**{one: one in named for one in every})


def trial_root(*, begins: datetime, days: int, kind: Kind = "ec", name: str = "Học Số: chứng thư gốc thử") -> TrialRoot:
    """A root that vouches for itself."""
    private = _private(kind)
    subject = _name(name, TRIAL)
    built = _builder(subject, subject, private.public_key(), begins, days)
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
    built = built.add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
    return TrialRoot(private, built.sign(private, SHA256()))


def _builder(subject: x509.Name, issuer: x509.Name, public: Any, begins: datetime, days: int) -> Any:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def trial_key(
    root: TrialRoot,
    *,
    name: str,
    begins: datetime,
    days: int,
    kind: Kind = "ec",
    organisation: str = TRIAL,
    bits: int = 2048,
    usage: Sequence[str] = ("digital_signature", "content_commitment"),
) -> SigningKey:
    """A signer's key under a root. ``usage`` are the uses that its certificate names."""
    private = _private(kind, bits)
    built = _builder(_name(name, organisation), root.certificate.subject, private.public_key(), begins, days)
    built = built.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    built = built.add_extension(_usage(*usage), critical=True)
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.private.public_key())
    built = built.add_extension(above, critical=False)
    return SigningKey(private, built.sign(root.private, SHA256()), (root.certificate,))


def key_packed(key: SigningKey, password: str) -> bytes:
    """The key, its certificate and those above it as PKCS#12; without a pass-phrase it is not encrypted."""
    secret = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"hoc-so", key.private, key.certificate, list(key.chain), secret)
