"""Checking the signatures of a PDF file, and saying in Vietnamese what was found. Needs no network."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from io import BytesIO

from django.utils import timezone
from pyhanko.pdf_utils.decode_limits import DecodeLimits, DocumentDecodeBudget
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from certificates.signing.base import Finding, OneSignature, SignatureReport, State
from certificates.signing.one_signature import signature_judge
from certificates.signing.same_content import content_is_same
from certificates.signing.trust import TrustStore
from certificates.signing.wording import finding

MEGABYTE = 1024 * 1024
#: A bigger file is no certificate of ours, and would keep the process busy.
MOST_MEGABYTES = 50
MOST_SIGNATURES = 20
#: Clocks of signing machines run ahead by so much.
CLOCKS_APART = timedelta(minutes=5)
#: Streams may unpack to 64 MB, or ten times the file.
LIMITS = DecodeLimits(document_budget=DocumentDecodeBudget(base_allowance=64 * MEGABYTE, max_ratio=10))
#: What is found of a signature that does not stand for all that the file says.
UNCOVERED = {"changed_after", "content_tampered", "signature_unreadable"}
END = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*\Z")


def signature_check(
    pdf: bytes, *, trust: TrustStore, original: bytes | None = None, at: datetime | None = None
) -> SignatureReport:
    """What can be said of the signatures of a file; never raises, whatever the bytes are.

    ``original`` is the file as it was before it was signed: the signed one must begin with exactly these bytes and
    change nothing in them. ``at`` (aware, now by default) is the moment of the check: signing times after it are
    refused. A certificate is judged at the time of signing, for papers outlive the keys that they were signed with.
    """
    now = at or timezone.now()
    unchanged = None if original is None else pdf.startswith(original)
    if spoiled := _unusable(pdf):
        return SignatureReport(State.INVALID, original_unchanged=unchanged, found=(spoiled,))
    try:
        reader = PdfFileReader(BytesIO(pdf), decode_limits=LIMITS)
        if reader.encrypted:
            return SignatureReport(State.INVALID, original_unchanged=unchanged, found=(finding("encrypted"),))
        signatures = _signatures(reader)
        found = _about_original(reader, original, unchanged, signatures)
        if not signatures:
            state = State.INVALID if found else State.UNSIGNED
            return SignatureReport(state, original_unchanged=unchanged, found=found or (finding("unsigned"),))
        return _report(pdf, reader, signatures, trust=trust, now=now, unchanged=unchanged, found=found)
    except Exception:  # damaged files fail in as many ways as there is damage; recursion and limits included
        return SignatureReport(State.INVALID, original_unchanged=unchanged, found=(finding("unreadable"),))


def _unusable(pdf: bytes) -> Finding | None:
    if len(pdf) > MOST_MEGABYTES * MEGABYTE:
        return finding("too_big", most=MOST_MEGABYTES)
    return None if pdf.startswith(b"%PDF-") else finding("not_pdf")


def _signatures(reader: PdfFileReader) -> list[EmbeddedPdfSignature | str]:
    """The signatures in the order of signing, without document timestamps; the field's name where one is broken."""
    found: list[EmbeddedPdfSignature | str] = []
    for name, _, field in enumerate_sig_fields(reader, filled_status=True):
        if len(found) >= MOST_SIGNATURES:
            raise ValueError("too many signatures")
        try:
            found.append(EmbeddedPdfSignature(reader, field, name))
        except Exception:  # one broken signature must not hide the others
            found.append(str(name))
    people = [one for one in found if isinstance(one, str) or one.sig_object_type != "/DocTimeStamp"]
    return sorted(people, key=lambda one: -1 if isinstance(one, str) else one.signed_revision)


def _report(
    pdf: bytes,
    reader: PdfFileReader,
    signatures: list[EmbeddedPdfSignature | str],
    *,
    trust: TrustStore,
    now: datetime,
    unchanged: bool | None,
    found: tuple[Finding, ...],
) -> SignatureReport:
    judged = []
    for number, one in enumerate(signatures, 1):
        if isinstance(one, str):
            judged.append(OneSignature(State.INVALID, field=one, problems=(finding("signature_unreadable"),)))
        else:
            last = number == len(signatures)
            judged.append(signature_judge(one, trust=trust, latest=now + CLOCKS_APART, is_last=last))
    if loose := _loose_end(pdf, reader, signatures[-1]):
        found = (*found, loose)
    changed = UNCOVERED & {problem.code for problem in judged[-1].problems}
    states = {one.state for one in judged}
    state = (
        State.INVALID
        if found or State.INVALID in states
        else State.UNKNOWN_SIGNER
        if State.UNKNOWN_SIGNER in states
        else State.VALID
    )
    return SignatureReport(state, tuple(judged), not (changed or loose), unchanged, found)


def _loose_end(pdf: bytes, reader: PdfFileReader, last: EmbeddedPdfSignature | str) -> Finding | None:
    """Bytes behind the file proper: no signature covers them and no reader of PDF shows them, but they are there."""
    end = END.search(pdf, max(0, len(pdf) - 64))
    if end is None or int(end[1]) != reader.last_startxref:
        return finding("not_covered")
    if isinstance(last, str) or last.signed_revision < reader.xrefs.total_revisions - 1:
        return None  # what follows is judged by comparing revisions
    _, _, start, length = last.byte_range
    return finding("not_covered") if pdf[start + length :].strip() else None


def _about_original(
    reader: PdfFileReader, original: bytes | None, unchanged: bool | None, signatures: list[EmbeddedPdfSignature | str]
) -> tuple[Finding, ...]:
    """What was done to the original before the last signature; what was done afterwards the signature tells."""
    if original is None:
        return ()
    if not unchanged:
        return (finding("original_changed"),)
    last = signatures[-1] if signatures else ""
    until = reader.xrefs.total_revisions - 1 if isinstance(last, str) else last.signed_revision
    return () if content_is_same(reader, original, LIMITS, until=until) else (finding("content_changed"),)
