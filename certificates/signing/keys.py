"""Keys to sign with: read from a PKCS#12 file, and looked over before every use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from asn1crypto import pkcs12 as asn1_pkcs12
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs12
from cryptography.x509.oid import NameOID
from django.utils.translation import gettext as _

from certificates.signing.wording import day
from common.errors import Refusal

#: Circular 15/2025/TT-BKHCN: RSA of 2048 bits at least, elliptic curves of 256.
SHORTEST_RSA = 2048
CURVES = ("secp256r1", "secp384r1", "secp521r1")
EXPIRING = timedelta(days=30)
#: A key file weighs a few kilobytes.
BIGGEST_FILE = 1024 * 1024


@dataclass(frozen=True)
class SigningKey:
    """A private key, its certificate and the certificates above it. ``repr`` never shows the key."""

    private: RSAPrivateKey | EllipticCurvePrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    def __repr__(self) -> str:
        return f"<SigningKey of {self.certificate.subject.rfc4514_string()}>"

    @property
    def holder(self) -> str:
        """Whose key it is, as its certificate says."""
        return common_name(self.certificate.subject)

    @property
    def anchors(self) -> list[x509.Certificate]:
        """Whom to trust when this key is: the roots that came with it, otherwise its highest certificate."""
        known = [*self.chain, self.certificate]
        return [one for one in known if one.issuer == one.subject] or known[:1]


@dataclass(frozen=True)
class KeyProblem:
    """Why a key may not sign (``level`` "error") or soon will not ("warning"), and how to mend it."""

    code: str
    text: str
    fix: str
    level: Literal["error", "warning"] = "error"

    def refusal(self) -> Refusal:
        return Refusal(self.text, code=self.code, fix=self.fix)


def key_load(path: str | Path, password: str) -> SigningKey:
    """The key in a PKCS#12 file (.p12, .pfx).

    Refuses with ``key_file_missing``, ``key_file_unreadable``, ``key_file_damaged``, ``key_password_wrong``,
    ``key_unsupported``, ``key_missing`` or ``key_certificate_missing``; no message holds the pass-phrase.
    """
    data = _bytes_of(Path(path))
    try:
        private, certificate, others = pkcs12.load_key_and_certificates(data, password.encode() or None)
    except UnsupportedAlgorithm:
        raise _unsupported(_("Tệp khoá ký dùng cách mã hoá mà máy chủ không đọc được.")) from None
    except Exception:  # the library says little, and what it says must not reach a page together with the secret
        raise _unopened(data, path) from None
    if private is None:
        raise Refusal(
            _("Tệp %(path)s chỉ có chứng thư, không có khoá riêng để ký.") % {"path": path},
            code="key_missing",
            fix=_("Hãy xuất lại tệp .p12 kèm khoá riêng (private key)."),
        )
    if certificate is None:
        raise Refusal(
            _("Tệp %(path)s có khoá riêng nhưng không có chứng thư của khoá ấy.") % {"path": path},
            code="key_certificate_missing",
            fix=_("Hãy xuất lại tệp .p12 kèm chứng thư và các chứng thư cấp trên."),
        )
    if not isinstance(private, RSAPrivateKey | EllipticCurvePrivateKey):
        raise _unsupported(_("Khoá ký không phải khoá RSA hay khoá đường cong elliptic (EC)."))
    return SigningKey(private, certificate, tuple(others))


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > BIGGEST_FILE:
            raise Refusal(
                _("Tệp %(path)s quá lớn, không phải tệp khoá ký.") % {"path": path},
                code="key_file_damaged",
                fix=_("Hãy ghi đúng đường dẫn của tệp .p12 vào SIGNING_P12_FILE."),
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise Refusal(
            _("Không có tệp khoá ký %(path)s.") % {"path": path},
            code="key_file_missing",
            fix=_("Hãy chép tệp .p12 vào đúng chỗ hoặc sửa SIGNING_P12_FILE."),
        ) from None
    except OSError as error:
        raise Refusal(
            _("Không đọc được tệp khoá ký %(path)s: %(why)s.") % {"path": path, "why": error.strerror},
            code="key_file_unreadable",
            fix=_("Hãy cho tài khoản chạy nền tảng quyền đọc tệp này (và chỉ tài khoản đó)."),
        ) from None


def _unopened(data: bytes, path: str | Path) -> Refusal:
    """A file that looks like PKCS#12 has a pass-phrase that does not fit; any other is no key file."""
    try:
        looks_right = asn1_pkcs12.Pfx.load(data)["version"].native == "v3"
    except Exception:  # garbage fails in as many ways as there is garbage
        looks_right = False
    if looks_right:
        return Refusal(
            _("Mật khẩu không mở được tệp khoá ký %(path)s.") % {"path": path},
            code="key_password_wrong",
            fix=_("Hãy kiểm tra SIGNING_P12_PASSWORD_FILE (hoặc SIGNING_P12_PASSWORD). Nếu đã đúng thì tệp bị hỏng."),
        )
    return Refusal(
        _("Tệp %(path)s không phải tệp khoá PKCS#12, hoặc đã hỏng.") % {"path": path},
        code="key_file_damaged",
        fix=_("Hãy chép lại tệp .p12 (hoặc .pfx) từ nơi cấp khoá."),
    )


def _unsupported(text: str) -> Refusal:
    fix = _("Hãy xuất lại khoá RSA từ 2048 bit hoặc EC P-256 dạng PKCS#12.")
    return Refusal(text, code="key_unsupported", fix=fix)


def key_problems(key: SigningKey, *, at: datetime) -> list[KeyProblem]:
    """What stands against signing with ``key`` at a moment; warnings do not stop it."""
    found = [_mismatch(key), _period(key.certificate, at), _strength(key), key_usage_problem(key.certificate)]
    return [problem for problem in found if problem]


def key_require(key: SigningKey, *, at: datetime) -> None:
    """Refuse a key that may not sign at a moment, with the code of the first problem (``key_expired``, …)."""
    for problem in key_problems(key, at=at):
        if problem.level == "error":
            raise problem.refusal()


def _mismatch(key: SigningKey) -> KeyProblem | None:
    own = key.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    named = key.certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if own == named:
        return None
    return KeyProblem(
        "key_mismatch",
        _("Khoá riêng và chứng thư trong tệp khoá ký không phải một cặp."),
        _("Hãy xuất lại tệp .p12 từ nơi cấp khoá."),
    )


def _period(certificate: x509.Certificate, at: datetime) -> KeyProblem | None:
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if at < begins:
        return KeyProblem(
            "key_not_yet_valid",
            _("Chứng thư của khoá ký chỉ có hiệu lực từ ngày %(day)s.") % {"day": day(begins)},
            _("Hãy kiểm tra đồng hồ máy chủ, hoặc chờ đến ngày đó."),
        )
    if at > ends:
        return KeyProblem(
            "key_expired",
            _("Chứng thư của khoá ký đã hết hạn ngày %(day)s.") % {"day": day(ends)},
            _("Hãy gia hạn chứng thư rồi thay tệp trong SIGNING_P12_FILE. Giấy đã ký trước đó không bị ảnh hưởng."),
        )
    if ends - at <= EXPIRING:
        return KeyProblem(
            "key_expiring",
            _("Chứng thư của khoá ký sẽ hết hạn ngày %(day)s.") % {"day": day(ends)},
            _("Hãy gia hạn sớm: quá ngày đó nền tảng không ký được giấy nào."),
            level="warning",
        )
    return None


def _strength(key: SigningKey) -> KeyProblem | None:
    if isinstance(key.private, RSAPrivateKey):
        if key.private.key_size >= SHORTEST_RSA:
            return None
        return KeyProblem(
            "key_weak",
            _("Khoá RSA chỉ dài %(bits)s bit, quá yếu để ký.") % {"bits": key.private.key_size},
            _("Hãy xin cấp khoá RSA từ %(bits)s bit trở lên, hoặc khoá EC P-256.") % {"bits": SHORTEST_RSA},
        )
    if key.private.curve.name in CURVES:
        return None
    return KeyProblem(
        "key_weak",
        _("Khoá dùng đường cong %(curve)s, không thuộc loại được chấp nhận để ký.") % {"curve": key.private.curve.name},
        _("Hãy xin cấp khoá EC P-256, P-384 hoặc P-521, hoặc RSA từ 2048 bit."),
    )


def key_usage_problem(certificate: x509.Certificate) -> KeyProblem | None:
    """A certificate that names its uses must name one of those that signing is; one that names none may sign."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None
    if usage.digital_signature or usage.content_commitment:
        return None
    return KeyProblem(
        "key_usage",
        _("Chứng thư của khoá ký không được cấp để ký (thiếu digitalSignature hoặc nonRepudiation)."),
        _("Hãy xin cấp chứng thư dùng để ký số, không phải để mã hoá hay đăng nhập."),
    )


def name_part(name: x509.Name, *kinds: x509.ObjectIdentifier) -> str:
    """The first part of a distinguished name of these kinds, for example CN; empty when it has none."""
    for kind in kinds:
        for part in name.get_attributes_for_oid(kind):
            value = part.value
            return value if isinstance(value, str) else value.decode("utf-8", "replace")
    return ""


def common_name(name: x509.Name) -> str:
    """What people call the owner of a certificate."""
    return name_part(name, NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME) or name.rfc4514_string()


def fingerprints(certificates: Iterable[x509.Certificate]) -> set[bytes]:
    """The certificates as DER, to compare them."""
    return {one.public_bytes(Encoding.DER) for one in certificates}
