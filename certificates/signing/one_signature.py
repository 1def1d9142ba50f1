"""The verdict on one signature: is the content intact, does the key fit, who vouches for the signer, since when."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from django.utils import timezone
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, async_validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from certificates.signing.base import Finding, OneSignature, State
from certificates.signing.keys import SHORTEST_RSA, common_name, key_usage_problem, name_part
from certificates.signing.same_content import title_is_same
from certificates.signing.trust import TrustStore
from certificates.signing.wording import VIETNAM, finding

USAGE = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"})
#: What the validator says against a chain, as our codes; anything else is ``chain_invalid``.
CHAIN = {
    AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND: "unknown_signer",
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE: "weak_algorithm",
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: "weak_algorithm",
    AdESIndeterminate.CHAIN_CONSTRAINTS_FAILURE: "key_usage",
}


@dataclass
class _Looked:
    """What is known of a signature while it is being judged."""

    certificate: x509.Certificate
    claimed: datetime | None
    stamped: datetime | None
    status: PdfSignatureStatus
    trust: TrustStore
    retitled: bool
    problems: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)

    @property
    def stamp_is_trusted(self) -> bool:
        stamp = self.status.timestamp_validity
        return bool(stamp and stamp.valid and stamp.intact and stamp.trusted)

    @property
    def time(self) -> datetime | None:
        return self.stamped if self.stamp_is_trusted else self.claimed

    def words(self) -> dict[str, object]:
        """What the sentences may want to name."""
        return {
            "valid_from": self.certificate.not_valid_before_utc,
            "valid_to": self.certificate.not_valid_after_utc,
            "issuer": common_name(self.certificate.issuer),
            "time": self.time,
        }

    def problem(self, code: str, **more: object) -> None:
        self.problems.append(finding(code, **self.words(), **more))

    def note(self, code: str, **more: object) -> None:
        self.notes.append(finding(code, **self.words(), **more))


def signature_judge(
    signature: EmbeddedPdfSignature, *, trust: TrustStore, latest: datetime, is_last: bool
) -> OneSignature:
    """Judge one signature. ``latest`` is the last moment that a signing time may name; what follows the last signature
    may only be validation data and timestamps, what follows an earlier one may also be signatures."""
    try:
        looked = _look(signature, trust)
    except Exception:  # a signature can be damaged in as many ways as a file
        return OneSignature(State.INVALID, field=str(signature.field_name), problems=(finding("signature_unreadable"),))
    _integrity(looked, is_last)
    if not looked.problems:
        _times(looked, latest)
        _strength(looked)
        _chain(looked)
        _revocation(looked)
    codes = {problem.code for problem in looked.problems}
    state = State.VALID if not codes else State.UNKNOWN_SIGNER if codes == {"unknown_signer"} else State.INVALID
    return _told(looked, state, str(signature.field_name))


def _look(signature: EmbeddedPdfSignature, trust: TrustStore) -> _Looked:
    """Have the validator look, at the time of signing: certificates run out, signatures stay."""
    certificate = x509.load_der_x509_certificate(signature.signer_cert.dump())
    claimed = _aware(signature.self_reported_timestamp)
    stamped = next(_stamps(signature), None)
    moment = stamped or claimed or timezone.now()

    def context() -> ValidationContext:
        return ValidationContext(trust_roots=list(trust.roots), moment=moment, allow_fetching=False)

    status = asyncio.run(async_validate_pdf_signature(signature, context(), context(), key_usage_settings=USAGE))
    last = signature.reader.xrefs.total_revisions - 1
    retitled = not title_is_same(signature.reader, signature.signed_revision, last)
    return _Looked(certificate, claimed, stamped, status, trust, retitled)


def _aware(moment: Any) -> datetime | None:
    """Signing machines that name no zone stand in Vietnam."""
    if not isinstance(moment, datetime):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)


def _stamps(signature: EmbeddedPdfSignature) -> Iterator[datetime]:
    """The times of the time server's tokens in a signature, unchecked."""
    for token in extract_tst_data_iter(signature.signer_info, signed=False):
        if moment := _aware(token["encap_content_info"]["content"].parsed["gen_time"].native):
            yield moment


def _integrity(looked: _Looked, is_last: bool) -> None:
    status = looked.status
    if not status.intact:
        return looked.problem("content_tampered")
    if not status.valid:
        return looked.problem("signature_broken")
    most = ModificationLevel.LTA_UPDATES if is_last else ModificationLevel.FORM_FILLING
    level = status.modification_level
    covered = status.coverage is not None and status.coverage >= SignatureCoverageLevel.ENTIRE_REVISION
    if not covered or level is None or level > most or not status.docmdp_ok or looked.retitled:
        looked.problem("changed_after")
    if not status.seed_value_ok:
        looked.problem("seed_values")
    return None


def _times(looked: _Looked, latest: datetime) -> None:
    stamp = looked.status.timestamp_validity
    if stamp is None:
        looked.note("no_timestamp")
    elif not (stamp.valid and stamp.intact):
        looked.problem("timestamp_broken")
    elif not looked.stamp_is_trusted:
        looked.note("timestamp_unknown")
    time, certificate = looked.time, looked.certificate
    if time is None:
        return looked.problem("no_time")
    if time > latest:
        looked.problem("signed_in_future")
    if time > certificate.not_valid_after_utc:
        looked.problem("key_expired")
    elif time < certificate.not_valid_before_utc:
        looked.problem("key_not_yet_valid")
    elif latest > certificate.not_valid_after_utc:
        looked.note("expired_since")
    return None


def _strength(looked: _Looked) -> None:
    key = looked.certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < SHORTEST_RSA:
        looked.problem("key_weak")
    if isinstance(key, rsa.RSAPublicKey) and "pss" not in looked.status.pkcs7_signature_mechanism:
        looked.note("rsa_pkcs1")


def _chain(looked: _Looked) -> None:
    indication = looked.status.trust_problem_indic
    if indication is None and looked.status.validation_path is not None:
        return
    code = CHAIN.get(indication, "chain_invalid") if isinstance(indication, AdESIndeterminate) else "chain_invalid"
    if code == "key_usage" and key_usage_problem(looked.certificate) is None:
        code = "unknown_signer"  # the validator has one word for both: nobody stands above a self-made certificate
    told = {problem.code for problem in looked.problems}
    if code != "chain_invalid" or not told & {"key_expired", "key_not_yet_valid"}:
        looked.problem(code)


def _revocation(looked: _Looked) -> None:
    """Ask the lists at hand. Without a trusted timestamp a stolen key could sign back in time: then only a revocation
    for a harmless reason leaves an older signature standing."""
    path = looked.status.validation_path
    if path is None:
        return
    chain = [x509.load_der_x509_certificate(one.dump()) for one in path]
    if len(chain) < 2:
        return  # trusted as it is: nobody stands above it who could take it back
    unknown = False
    for issuer, certificate in zip(chain, chain[1:], strict=False):
        revoked = looked.trust.revocation(certificate, issuer)
        if revoked is False:
            unknown = True
        elif revoked is not None and not isinstance(revoked, bool):
            before = looked.time is not None and looked.time < revoked.at
            if before and (looked.stamp_is_trusted or revoked.harmless):
                looked.note("revoked_since", revoked=revoked.at)
            else:
                looked.problem("key_revoked", revoked=revoked.at)
    if unknown:
        looked.note("revocation_unknown")


def _told(looked: _Looked, state: State, name: str) -> OneSignature:
    certificate = looked.certificate
    return OneSignature(
        state=state,
        signer_name=common_name(certificate.subject),
        organisation=name_part(certificate.subject, NameOID.ORGANIZATION_NAME),
        serial=f"{certificate.serial_number:X}",
        issuer=common_name(certificate.issuer),
        valid_from=certificate.not_valid_before_utc,
        valid_to=certificate.not_valid_after_utc,
        signing_time=looked.claimed,
        timestamp_time=looked.stamped if looked.stamp_is_trusted else None,
        algorithm=_algorithm(looked),
        field=name,
        problems=tuple(looked.problems),
        notes=tuple(looked.notes),
    )


def _algorithm(looked: _Looked) -> str:
    """As people know it: "RSASSA-PSS 2048, SHA-256", "ECDSA P-256, SHA-256"."""
    key, digest = looked.certificate.public_key(), looked.status.md_algorithm.upper().replace("SHA", "SHA-", 1)
    if isinstance(key, rsa.RSAPublicKey):
        pss = "pss" in looked.status.pkcs7_signature_mechanism
        return f"{'RSASSA-PSS' if pss else 'RSA PKCS#1 v1.5'} {key.key_size}, {digest}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        curve = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}.get(key.curve.name, key.curve.name)
        return f"ECDSA {curve}, {digest}"
    return f"{looked.status.pkcs7_signature_mechanism}, {digest}"
