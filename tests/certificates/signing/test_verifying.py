"""The report: every way of spoiling a file is told apart, and what may follow a signature does not spoil it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator import ValidationContext

from certificates.signing import local, verifying
from certificates.signing.local import LocalSigner
from certificates.signing.trust import TrustStore
from certificates.signing.verifying import signature_check
from certificates.signing.wording import NOTES, PROBLEMS
from tests.certificates.signing import tampering
from tests.certificates.signing.conftest import AGES, OFFICE, PERSON, YEAR
from tests.certificates.test_files import frozen
from tests.factories.certificates import AT

HARMLESS = {"no_timestamp", "revocation_unknown"}


def place(pdf: bytes) -> tuple[int, int]:
    """Where the signature itself begins and ends."""
    [found] = PdfFileReader(BytesIO(pdf)).embedded_signatures
    _, first, second, _ = found.byte_range
    return first, second


#: What is done to a signed file, the verdict, and the first thing said about it.
TAMPERED = {
    "a byte of the page": (lambda pdf: tampering.flipped(pdf, pdf.index(b"stream") + 60), "content_tampered"),
    "a byte of the reason": (
        lambda pdf: tampering.flipped(pdf, pdf.index(b"/Reason (") + 12),
        "content_tampered",
    ),
    "a byte of the signature": (lambda pdf: tampering.flipped(pdf, place(pdf)[0] + 1000), None),
    "bytes behind the end": (lambda pdf: pdf + b"and more", "not_covered"),
    "a comment behind the end": (lambda pdf: pdf + b"% checked\n" + pdf[pdf.rindex(b"startxref") :], "not_covered"),
    "text on the page": (tampering.with_page_text, "changed_after"),
    "a note over the page": (tampering.with_note, "changed_after"),
    "a script": (tampering.with_script, "changed_after"),
    "a title": (tampering.with_title, "changed_after"),
    "saved anew": (tampering.rewritten, None),
    "cut short": (lambda pdf: pdf[:-300], None),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_spoiled_file_is_not_valid(world, what):
    spoil, code = TAMPERED[what]
    spoiled = spoil(world.signed())
    report = signature_check(spoiled, trust=world.trust, at=AT)
    assert report.state == "invalid"
    assert not report.covers_whole_file or what == "a byte of the signature"
    if code:
        assert report.codes[0] == code
    assert report.problems
    assert all(text.endswith(".") for text in report.problems)


def test_a_signature_that_was_taken_out_leaves_an_unsigned_file(world):
    signed = world.signed()
    for unsigned in (world.pdf, tampering.without_signature(signed), signed[: len(world.pdf)]):
        report = signature_check(unsigned, trust=world.trust)
        assert (report.state, report.codes) == ("unsigned", ["unsigned"])
        assert report.signer_name == ""
    assert signature_check(world.pdf, trust=world.trust, original=world.pdf).original_unchanged is True
    assert signature_check(tampering.without_signature(signed), trust=world.trust, original=world.pdf).codes == [
        "original_changed"
    ]


@pytest.mark.parametrize(
    ("pdf", "code"),
    [
        (b"", "not_pdf"),
        (b"PK\x03\x04", "not_pdf"),
        (b"%PDF-1.7\n", "unreadable"),
        (b"%PDF-1.7\n" + b"\0" * 2000, "unreadable"),
        (b"%PDF-1.7\n" + b"[" * 100_000, "unreadable"),
    ],
)
def test_what_is_no_pdf_is_said_to_be_none(world, pdf, code):
    report = signature_check(pdf, trust=world.trust)
    assert (report.state, report.codes) == ("invalid", [code])


def test_an_encrypted_file_is_said_to_be_one(world):
    from tests.certificates.signing.test_local import encrypted

    assert signature_check(encrypted(world.pdf), trust=world.trust).codes == ["encrypted"]


def test_a_huge_file_is_not_even_opened(world, monkeypatch):
    monkeypatch.setattr(verifying, "MEGABYTE", 100)
    report = signature_check(world.signed(), trust=world.trust)
    assert report.codes == ["too_big"]
    assert "50 MB" in report.problems[0]


# --- Who signed -----------------------------------------------------------------------------------------------------


def test_a_stranger_is_unknown_and_the_file_intact(world):
    report = signature_check(world.signed(key=world.key(root=world.stranger)), trust=world.trust, at=AT)
    assert report.state == "unknown_signer"
    assert report.codes[0] == "unknown_signer"
    assert "Gốc lạ" in report.problems[0]
    assert report.covers_whole_file
    assert signature_check(world.signed(), trust=TrustStore(), at=AT).state == "unknown_signer"


def test_a_namesake_root_vouches_for_nobody(world):
    """A root of the same name and another key: the chain is looked at by signature, not by name."""
    from certificates.signing.trial_keys import trial_root

    false_root = trial_root(begins=AT - YEAR, days=3650)
    report = signature_check(world.signed(key=world.key(root=false_root)), trust=world.trust, at=AT)
    assert report.state in ("unknown_signer", "invalid")
    assert not report.ok


def test_the_key_itself_may_be_trusted(world):
    trust = TrustStore().with_key(world.key(root=world.stranger))
    assert signature_check(world.signed(key=world.key(root=world.stranger)), trust=trust, at=AT).ok


def signed_anyway(world, monkeypatch, **changes):
    """Signed by a key that our own signer would refuse."""
    monkeypatch.setattr(local, "key_require", lambda *args, **kwargs: None)
    return world.signed(key=world.key(**changes))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"days": 20}, "key_expired"),
        ({"begins": AT + timedelta(days=1)}, "key_not_yet_valid"),
        ({"kind": "rsa", "bits": 1024}, "key_weak"),
        ({"usage": ["key_encipherment"]}, "key_usage"),
    ],
)
def test_a_key_that_might_not_sign_spoils_the_signature(world, monkeypatch, changes, code):
    report = signature_check(signed_anyway(world, monkeypatch, **changes), trust=world.trust, at=AT)
    assert report.state == "invalid"
    assert report.codes[0] == code


def test_an_old_rsa_padding_is_worth_a_note(world):
    """Many tokens know no other: valid, and said."""
    key = world.key(kind="rsa", **AGES)
    writer = IncrementalPdfFileWriter(BytesIO(world.pdf))
    private = key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    certificate = asn1_x509.Certificate.load(key.certificate.public_bytes(Encoding.DER))
    signer = signers.SimpleSigner(certificate, asn1_keys.PrivateKeyInfo.load(private), None)
    meta = signers.PdfSignatureMetadata(field_name="Ky", md_algorithm="sha256")
    signed = signers.sign_pdf(writer, meta, signer).getvalue()
    report = signature_check(signed, trust=world.trust, at=datetime.now(UTC))
    assert report.ok
    assert "rsa_pkcs1" in report.codes
    assert report.algorithm == "RSA PKCS#1 v1.5 2048, SHA-256"


# --- When -----------------------------------------------------------------------------------------------------------


def test_a_signature_outlives_its_key(world):
    report = signature_check(world.signed(), trust=world.trust, at=AT + 5 * YEAR)
    assert report.ok
    assert "expired_since" in report.codes
    assert any("20/10/2027" in note or "21/10/2027" in note for note in report.notes)


@pytest.mark.parametrize(("ahead", "state"), [(4, "valid"), (6, "invalid")])
def test_clocks_may_be_five_minutes_apart(world, ahead, state):
    signed = world.signed(at=AT + timedelta(minutes=ahead))
    report = signature_check(signed, trust=world.trust, at=AT)
    assert report.state == state
    assert ("signed_in_future" in report.codes) == (state == "invalid")


# --- Revoked --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "reason", "code"),
    [
        (-1, None, "key_revoked"),
        (-1, x509.ReasonFlags.superseded, "key_revoked"),
        (1, x509.ReasonFlags.key_compromise, "key_revoked"),
        (1, None, "key_revoked"),
        (1, x509.ReasonFlags.superseded, "revoked_since"),
        (1, x509.ReasonFlags.affiliation_changed, "revoked_since"),
    ],
)
def test_a_revocation_list_at_hand_is_asked(world, days, reason, code):
    trust = world.crl(world.person, at=AT + timedelta(days=days), reason=reason)
    report = signature_check(world.signed(), trust=trust, at=AT + timedelta(days=2))
    assert code in report.codes
    assert report.ok == (code == "revoked_since")
    assert "revocation_unknown" not in report.codes


def test_without_a_list_it_is_said_that_nobody_could_be_asked(world):
    assert "revocation_unknown" in signature_check(world.signed(), trust=world.trust).codes
    other = world.crl(world.seal, at=AT)
    assert "revocation_unknown" not in signature_check(world.signed(), trust=other).codes


def test_a_list_signed_by_somebody_else_is_not_believed(world):
    from dataclasses import replace

    trust = replace(world, root=replace(world.root, private=world.stranger.private)).crl(
        world.person, at=AT - timedelta(days=1)
    )
    report = signature_check(world.signed(), trust=trust, at=AT)
    assert report.ok
    assert "revocation_unknown" in report.codes


# --- Several signatures ---------------------------------------------------------------------------------------------


def test_a_person_and_the_seal_of_the_office(world):
    both = world.signed(world.signed(), key=world.seal)
    report = signature_check(both, trust=world.trust, original=world.pdf, at=AT)
    assert (report.state, report.covers_whole_file) == ("valid", True)
    assert [one.signer_name for one in report.signatures] == [PERSON, OFFICE]
    assert report.signer_name == PERSON
    assert set(report.codes) == HARMLESS


def test_one_bad_signature_spoils_the_file(world):
    stranger = world.key(root=world.stranger)
    for first, second in ((stranger, world.seal), (world.person, stranger)):
        report = signature_check(world.signed(world.signed(key=first), key=second), trust=world.trust, at=AT)
        assert report.state == "unknown_signer"
        assert sorted(one.state for one in report.signatures) == ["unknown_signer", "valid"]


def test_between_two_signatures_the_page_may_not_change(world):
    signed = world.signed(tampering.with_page_text(world.signed()), key=world.seal)
    report = signature_check(signed, trust=world.trust, at=AT)
    assert (report.state, report.codes[0]) == ("invalid", "changed_after")
    assert [one.state for one in report.signatures] == ["invalid", "valid"]


def test_an_empty_field_added_after_the_last_signature_spoils_it(world):
    writer = IncrementalPdfFileWriter(BytesIO(world.signed()))
    fields.append_signature_field(writer, fields.SigFieldSpec("Che", on_page=0, box=(0, 0, 500, 500)))
    out = BytesIO()
    writer.write(out)
    report = signature_check(out.getvalue(), trust=world.trust, at=AT)
    assert (report.state, report.codes[0]) == ("invalid", "changed_after")


# --- The original ---------------------------------------------------------------------------------------------------


def test_what_was_signed_must_be_what_was_sent(world):
    cases = {
        "original_changed": (world.signed(tampering.rewritten(world.pdf)), world.pdf),
        "content_changed": (world.signed(tampering.with_page_text(world.pdf)), world.pdf),
    }
    for code, (signed, original) in cases.items():
        assert signature_check(signed, trust=world.trust, at=AT).ok, "the signature itself is good"
        report = signature_check(signed, trust=world.trust, original=original, at=AT)
        assert (report.state, report.codes[0]) == ("invalid", code)
        assert report.original_unchanged is (code == "content_changed")


@pytest.mark.parametrize("add", [tampering.with_note, tampering.with_script])
def test_nothing_may_be_slipped_in_before_signing(world, add):
    report = signature_check(world.signed(add(world.pdf)), trust=world.trust, original=world.pdf, at=AT)
    assert (report.state, report.codes[0]) == ("invalid", "content_changed")


@pytest.mark.slow
def test_a_real_certificate_with_links_and_fonts_is_the_same_content(world):
    from certificates.rendering import certificate_pdf

    pdf = certificate_pdf(frozen())
    report = signature_check(world.signed(world.signed(pdf), key=world.seal), trust=world.trust, original=pdf, at=AT)
    assert (report.state, report.original_unchanged) == ("valid", True)


# --- Time stamps ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def time_server(world):
    """Somebody who swears to the time, under a root of its own."""
    from certificates.signing import trial_keys

    root = trial_keys.trial_root(begins=AT - YEAR, days=3650, name="Gốc dấu thời gian")
    plain = trial_keys.trial_key(root, name="TSA", begins=AT - YEAR, days=3000, kind="rsa")
    old = plain.certificate
    built = trial_keys._builder(old.subject, old.issuer, old.public_key(), AT - YEAR, 3000)
    purpose = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING])
    certificate = built.add_extension(purpose, critical=True).sign(root.private, trial_keys.SHA256())
    private = plain.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    def at(moment):
        made = DummyTimeStamper(
            asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)),
            asn1_keys.PrivateKeyInfo.load(private),
            fixed_dt=moment,
        )
        made.root = root
        return made

    return at


def stamped(world, server, *, at=AT):
    signer = LocalSigner(world.person)
    signer._timestamper = server
    return signer.sign(world.pdf, at=at)


def test_a_trusted_time_stamp_says_when(world, time_server):
    server = time_server(AT + timedelta(minutes=1))
    signed = stamped(world, server)
    trust = TrustStore((*world.trust.certificates, server.root.certificate))
    report = signature_check(signed, trust=trust, at=AT)
    assert report.ok
    assert report.timestamp_time == AT + timedelta(minutes=1)
    assert report.main.time == report.timestamp_time
    assert "no_timestamp" not in report.codes
    assert "10:01:00" in report.summary


def test_an_unknown_time_server_proves_nothing_and_spoils_nothing(world, time_server):
    report = signature_check(stamped(world, time_server(AT)), trust=world.trust, at=AT)
    assert report.ok
    assert report.timestamp_time is None
    assert "timestamp_unknown" in report.codes


def test_a_trusted_time_stamp_protects_against_a_later_theft_of_the_key(world, time_server):
    server = time_server(AT)
    store = world.crl(world.person, at=AT + timedelta(days=1), reason=x509.ReasonFlags.key_compromise)
    trust = TrustStore((*store.certificates, server.root.certificate), store.lists)
    assert signature_check(stamped(world, server), trust=trust, at=AT + YEAR).ok
    assert not signature_check(world.signed(), trust=trust, at=AT + YEAR).ok


def test_a_time_stamp_for_the_whole_document_may_follow(world, time_server):
    writer = IncrementalPdfFileWriter(BytesIO(world.signed()))
    server = time_server(AT)
    roots = TrustStore((server.root.certificate,)).roots
    out = PdfTimeStamper(server).timestamp_pdf(writer, "sha256", ValidationContext(trust_roots=roots, moment=AT))
    report = signature_check(out.getvalue(), trust=world.trust, original=world.pdf, at=AT)
    assert (report.state, report.covers_whole_file) == ("valid", True)
    assert len(report.signatures) == 1, "a time stamp is no signature of a person"
    more = signature_check(tampering.with_page_text(out.getvalue()), trust=world.trust, at=AT)
    assert more.state == "invalid"


# --- Whatever comes ---------------------------------------------------------------------------------------------------


def test_the_report_goes_into_json(world):
    both = world.signed(world.signed(), key=world.seal)
    told = json.loads(json.dumps(signature_check(both, trust=world.trust, original=world.pdf, at=AT).as_dict()))
    assert (told["state"], told["ok"], told["original_unchanged"]) == ("valid", True, True)
    assert told["signatures"][0]["signing_time"] == "2026-11-20T10:00:00+07:00"
    assert told["signatures"][1]["signer_name"] == OFFICE


def test_every_sentence_is_one(world):
    for text in [*PROBLEMS.values(), *NOTES.values()]:
        assert text[0].isupper()
        assert text.endswith(".")


@given(junk=st.binary(max_size=400))
def test_any_bytes_give_a_report(world, junk):
    for pdf in (junk, b"%PDF-1.7\n" + junk):
        report = signature_check(pdf, trust=world.trust, original=junk, at=AT)
        assert not report.ok
        json.dumps(report.as_dict())


@given(where=st.floats(0, 1), junk=st.binary(max_size=40), dropped=st.integers(0, 60))
def test_no_change_of_bytes_goes_through(world, where, junk, dropped):
    """Anything put in, taken out or replaced anywhere: never a crash, and valid only when nothing was changed."""
    signed = world.signed()
    at = int(where * len(signed))
    changed = signed[:at] + junk + signed[at + dropped :]
    report = signature_check(changed, trust=world.trust, at=AT)
    first, second = place(signed)
    padding = signed[first:second].rstrip(b">0")
    inside = first + len(padding) <= at and at + max(dropped, len(junk)) < second
    assert not report.ok or changed == signed or changed.rstrip() == signed.rstrip() or inside
