"""Signing in this process with a key from a PKCS#12 file: PAdES, invisible, one incremental update.

pyHanko writes the update and the CMS. What is ours keeps the file PDF/A and the update small and reproducible: no stamp
is drawn (its font would not be embedded), the metadata stay as they are, and the key is taken apart once, not at each
signature (for RSA that is most of the time).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import algos
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils import timezone
from django.utils.translation import gettext as _
from pyhanko.pdf_utils.generic import ArrayObject, ByteStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers import constants as signer_constants
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper
from pyhanko.stamp import BaseStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from certificates.signing.keys import SigningKey, key_load, key_require
from certificates.signing.wording import VIETNAM
from common.errors import Refusal

DIGEST = "sha256"
SALT = 32
#: How long the time server may take to answer (seconds).
TSA_PATIENCE = 10
#: Fields are called ChuKy1, ChuKy2, … in the order of signing.
FIELD = "ChuKy"


class LocalSigner:
    """Signs with one key: RSASSA-PSS or ECDSA, both with SHA-256. May be kept and used again; see ``signer_load``."""

    def __init__(self, key: SigningKey, *, tsa_url: str = "") -> None:
        self.key = key
        self.tsa_url = tsa_url
        self._cms = _CmsSigner(key)
        self._reserved: int | None = None
        self._timestamper = _TimeServer(tsa_url, timeout=TSA_PATIENCE) if tsa_url else None

    @property
    def signer_name(self) -> str:
        """Whose key it is, as its certificate says."""
        return self.key.holder

    def sign(
        self, pdf: bytes, *, reason: str = "", location: str = "", name: str = "", at: datetime | None = None
    ) -> bytes:
        """See ``Signer.sign``. An empty signature field already drawn in the file is used, otherwise an invisible one.

        Refuses with ``key_expired``, ``key_not_yet_valid``, ``key_weak``, ``key_usage``, ``key_mismatch``,
        ``pdf_unreadable``, ``pdf_encrypted`` or ``tsa_failed``. With an elliptic curve and without a time server the
        same file at the same second gives the same bytes; RSASSA-PSS is salted, so there only the signature differs.
        """
        now = (at or timezone.now()).astimezone(VIETNAM).replace(microsecond=0)
        key_require(self.key, at=now)
        writer, field = _opened(pdf)
        meta = signers.PdfSignatureMetadata(
            field_name=field,
            md_algorithm=DIGEST,
            subfilter=fields.SigSeedSubFilter.PADES,
            reason=reason or None,
            location=location or None,
            name=name or None,
        )
        signer = _PdfSigner(meta, self._cms, timestamper=self._timestamper, stamp_style=_Undrawn())
        try:
            return asyncio.run(self._signed(signer, writer, now))
        except _TimeServerFailed as error:
            raise Refusal(
                _("Máy chủ dấu thời gian %(address)s không trả lời đúng.") % {"address": self.tsa_url},
                code="tsa_failed",
                fix=_("Hãy kiểm tra SIGNING_TSA_URL và đường mạng rồi ký lại; chưa có gì được ký."),
                cause=str(error),
            ) from None
        except Exception as error:  # damage further in, or a signature that forbids any other
            raise _unreadable() from error

    async def _signed(self, signer: _PdfSigner, writer: _Writer, now: datetime) -> bytes:
        """The steps of pyHanko's ``async_sign_pdf``, at a time of our choosing and with room measured once."""
        session = signer.init_signing_session(writer)
        session.system_time = now
        if self._reserved is None:
            tight = self._timestamper is None
            self._reserved = await session.estimate_signature_container_size(None, tight=tight)
        prepared = session.prepare_tbs_document(None, self._reserved)
        digest, output = prepared.digest_tbs_document()
        done = await prepared.perform_signature(digest.document_digest, PdfCMSSignedAttributes(signing_time=now))
        await done.post_signature_processing(output)
        signed: bytes = output.getvalue()
        return signed


def _opened(pdf: bytes) -> tuple[_Writer, str]:
    """A file ready to be added to, and the name of the field to sign in."""
    try:
        writer = _Writer(BytesIO(pdf))
        if writer.security_handler is None:
            return writer, _field_name(writer)
    except Exception:  # whatever a damaged file makes the reader stumble over
        raise _unreadable() from None
    fix = _("Hãy bỏ mật khẩu của tệp.")
    raise Refusal(_("Tệp PDF được đặt mật khẩu nên không ký được."), code="pdf_encrypted", fix=fix)


def _field_name(writer: IncrementalPdfFileWriter) -> str:
    """The empty signature field of the file, otherwise the next free name for a new one."""
    known = {name: filled is not None for name, filled, _ in fields.enumerate_sig_fields(writer.prev)}
    for name, filled in known.items():
        if not filled:
            return str(name)
    return next(name for number in range(1, len(known) + 2) if (name := f"{FIELD}{number}") not in known)


def _unreadable() -> Refusal:
    said = _("Tệp PDF bị hỏng hoặc đã bị khoá nên không ký được.")
    return Refusal(said, code="pdf_unreadable", fix=_("Hãy tạo lại tệp PDF rồi ký."))


class _TimeServerFailed(Exception):
    """No good answer came from the time server."""


class _TimeServer(RequestsHTTPTimeStamper):
    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
        """The server's token, for exactly what was asked; any other answer is a failure of one kind."""
        try:
            token = await super().async_timestamp(message_digest, md_algorithm)
            imprint = token["content"]["encap_content_info"]["content"].parsed["message_imprint"]
        except Exception as error:  # no line, a page instead of a token, a token that cannot be read
            raise _TimeServerFailed(f"{type(error).__name__}: {error}") from None
        if imprint["hashed_message"].native != message_digest:
            raise _TimeServerFailed("The token is for something else.")
        return token


class _Writer(IncrementalPdfFileWriter):
    """Adds the signature and nothing else: no new producer or dates in the metadata, an identifier made of the file."""

    def _update_meta(self) -> None:
        """The metadata were written with the file, and PDF/A wants them to stay in step."""

    @classmethod
    def _handle_id(cls, prev: Any) -> ArrayObject:
        own = hashlib.sha256(prev.stream.getbuffer()).digest()[:16]
        first = super()._handle_id(prev)[0] if "/ID" in prev.trailer else ByteStringObject(own)
        return ArrayObject([first, ByteStringObject(own)])


class _PdfSigner(signers.PdfSigner):
    def register_extensions(self, pdf_out: Any, *, md_algorithm: str) -> None:
        """Name the PAdES extension only: for elliptic curves pyHanko would call the file PDF 2.0, which PDF/A-3 is
        not."""
        pdf_out.register_extension(signer_constants.ESIC_EXTENSION_1)


class _Undrawn(BaseStampStyle):
    """A field drawn beforehand keeps its drawing; fonts that are not embedded would break PDF/A."""

    def create_stamp(self, writer: Any, box: Any, text_params: Any) -> Any:
        return None


class _CmsSigner(signers.Signer):
    """Signs with a key that is already taken apart."""

    def __init__(self, key: SigningKey) -> None:
        store = SimpleCertificateStore()
        store.register_multiple(_asn1(key.chain))
        self._private = key.private
        [certificate] = _asn1([key.certificate])
        super().__init__(
            signature_mechanism=_mechanism(key), signing_cert=certificate, cert_registry=store, embed_roots=False
        )

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """The signature of ``data``; with ``dry_run`` as many zeros as it may take up."""
        if isinstance(self._private, rsa.RSAPrivateKey):
            if dry_run:
                return bytes(self._private.key_size // 8)
            return self._private.sign(data, padding.PSS(padding.MGF1(SHA256()), SALT), SHA256())
        if dry_run:
            return bytes(2 * ((self._private.key_size + 7) // 8 + 1) + 10)
        # Deterministic (RFC 6979): no random number whose repetition would give the key away.
        return self._private.sign(data, ec.ECDSA(SHA256(), deterministic_signing=True))


def _mechanism(key: SigningKey) -> algos.SignedDigestAlgorithm:
    if not isinstance(key.private, rsa.RSAPrivateKey):
        return algos.SignedDigestAlgorithm({"algorithm": f"{DIGEST}_ecdsa"})
    digest = algos.DigestAlgorithm({"algorithm": DIGEST})
    parameters = algos.RSASSAPSSParams(
        {
            "hash_algorithm": digest,
            "mask_gen_algorithm": algos.MaskGenAlgorithm({"algorithm": "mgf1", "parameters": digest}),
            "salt_length": SALT,
        }
    )
    return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})


def _asn1(certificates: Iterable[Any]) -> list[asn1_x509.Certificate]:
    return [asn1_x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in certificates]


def signer_load(path: str | Path, password: str, *, tsa_url: str = "") -> LocalSigner:
    """The signer of a key file, kept for the life of the process and read anew when the file changes.

    Refuses as ``keys.key_load`` does.
    """
    try:
        status = Path(path).stat()
    except OSError:
        key_load(path, password)  # says why
        raise
    return _kept(str(path), status.st_mtime_ns, status.st_size, password, tsa_url)


@lru_cache(maxsize=16)
def _kept(path: str, changed: int, size: int, password: str, tsa_url: str) -> LocalSigner:
    return LocalSigner(key_load(path, password), tsa_url=tsa_url)
