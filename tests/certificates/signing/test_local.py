"""Signing: PAdES with the right algorithms, nothing of the file changed, refused when the key may not sign."""

from __future__ import annotations

import logging
import os
import subprocess
from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
from asn1crypto import cms
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, append_signature_field
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from certificates import rendering
from certificates.signing import get_signer
from certificates.signing.local import LocalSigner, signer_load
from certificates.signing.verifying import signature_check
from common.errors import Refusal
from tests.certificates.signing.conftest import AGES, OFFICE, PERSON
from tests.certificates.test_files import frozen
from tests.factories.certificates import AT


def signature_of(pdf: bytes):
    [found] = PdfFileReader(BytesIO(pdf)).embedded_signatures
    return found


def information(pdf: bytes) -> cms.SignerInfo:
    return signature_of(pdf).signer_info


def pdfsig(pdf: bytes, folder) -> str:
    file = folder / "ky.pdf"
    file.write_bytes(pdf)
    return subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, check=False).stdout.decode()


@pytest.fixture(scope="module")
def rsa_key(world):
    return world.key(kind="rsa")


def test_the_signed_file_is_the_original_with_an_update_behind_it(world):
    signed = world.signed()
    assert signed.startswith(world.pdf)
    report = signature_check(signed, trust=world.trust, original=world.pdf)
    assert (report.state, report.covers_whole_file, report.original_unchanged) == ("valid", True, True)
    assert report.problems == []
    assert (report.signer_name, report.organisation) == (PERSON, OFFICE)
    assert report.signing_time == AT
    assert report.summary == f"Chữ ký số hợp lệ. Người ký: {PERSON}; ký lúc 10:00:00 ngày 20/11/2026."


def test_the_dictionary_says_pades_and_why(world):
    entry = signature_of(world.signed()).sig_object
    assert entry["/SubFilter"] == "/ETSI.CAdES.detached"
    assert (entry["/Reason"], entry["/Location"], entry["/Name"]) == ("Cấp giấy chứng nhận", "Bắc Ninh", PERSON)
    assert entry["/M"] == "D:20261120100000+07'00'"


def test_an_elliptic_key_signs_with_ecdsa_and_sha_256(world):
    found = information(world.signed())
    assert found["signature_algorithm"]["algorithm"].native == "sha256_ecdsa"
    assert found["digest_algorithm"]["algorithm"].native == "sha256"
    assert signature_check(world.signed(), trust=world.trust).algorithm == "ECDSA P-256, SHA-256"


def test_an_rsa_key_signs_with_pss_salted_as_long_as_the_hash(world, rsa_key):
    signed = world.signed(key=rsa_key)
    algorithm = information(signed)["signature_algorithm"]
    assert algorithm["algorithm"].native == "rsassa_pss"
    assert algorithm["parameters"]["salt_length"].native == 32
    assert algorithm["parameters"]["hash_algorithm"]["algorithm"].native == "sha256"
    assert algorithm["parameters"]["mask_gen_algorithm"]["parameters"]["algorithm"].native == "sha256"
    report = signature_check(signed, trust=world.trust)
    assert report.algorithm == "RSASSA-PSS 2048, SHA-256"
    assert "rsa_pkcs1" not in report.codes


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_poppler_and_pyhanko_call_it_valid(world, rsa_key, kind, tmp_path):
    signed = world.signed(key=rsa_key if kind == "rsa" else None)
    told = pdfsig(signed, tmp_path)
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    assert f"Signer Certificate Common Name: {PERSON}" in told
    context = ValidationContext(trust_roots=world.trust.roots, moment=AT)
    status = validate_pdf_signature(signature_of(signed), context, context)
    assert status.bottom_line, status.pretty_print_details()


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_poppler_sees_a_changed_byte(world, rsa_key, kind, tmp_path):
    signed = world.signed(key=rsa_key if kind == "rsa" else None)
    at = signed.index(b"%PDF-1.7") + 7
    changed = signed[:at] + b"6" + signed[at + 1 :]
    assert "Signature is Valid" not in pdfsig(changed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("design", ["chung-nhan", "xac-nhan"])
def test_pdf_a_stays_what_it_was(world, design):
    """Nothing that makes a file PDF/A is touched, and nothing comes along that PDF/A forbids."""
    pdf = rendering.certificate_pdf(frozen(design))
    signed = world.signed(pdf)
    with pikepdf.open(BytesIO(pdf)) as before, pikepdf.open(BytesIO(signed)) as after:
        assert after.pdf_version == before.pdf_version == "1.7"
        assert "/Version" not in after.Root
        assert after.Root.OutputIntents[0].S == "/GTS_PDFA1"
        assert after.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
        assert b"pdfaid:part" in after.Root.Metadata.read_bytes()
        assert dict(after.docinfo) == dict(before.docinfo)
        assert after.pages[0].Contents.read_bytes() == before.pages[0].Contents.read_bytes()
        assert after.pages[0].Resources.Font.keys() == before.pages[0].Resources.Font.keys()
        assert "/NeedAppearances" not in after.Root.AcroForm
        assert "/XFA" not in after.Root.AcroForm
        [widget] = [one for one in after.pages[0].Annots if one.Subtype == "/Widget"]
        assert [float(side) for side in widget.Rect] == [0, 0, 0, 0], "an invisible field needs no drawing"
        assert int(widget.F) & 0b100, "PDF/A wants annotations printed"
        assert int(widget.F) & 0b11 == 0, "and neither hidden nor invisible"
        assert after.check_pdf_syntax() == []


def test_a_field_drawn_beforehand_is_used_and_keeps_its_drawing(world):
    writer = IncrementalPdfFileWriter(BytesIO(world.pdf))
    append_signature_field(writer, SigFieldSpec("ODau", on_page=0, box=(50, 50, 200, 100)))
    prepared = BytesIO()
    writer.write(prepared)
    signed = world.signed(prepared.getvalue())
    report = signature_check(signed, trust=world.trust, original=prepared.getvalue())
    assert (report.state, report.main.field) == ("valid", "ODau")
    with pikepdf.open(BytesIO(prepared.getvalue())) as before, pikepdf.open(BytesIO(signed)) as after:
        drawn = [pdf.pages[0].Annots[-1].AP.N.read_bytes() for pdf in (before, after)]
        assert drawn[0] == drawn[1]
        assert "/Font" not in after.pages[0].Annots[-1].AP.N.get("/Resources", {})


def test_two_sign_in_fields_of_their_own(world):
    both = world.signed(world.signed(), key=world.seal)
    report = signature_check(both, trust=world.trust, original=world.pdf)
    assert report.state == "valid"
    assert [(one.field, one.signer_name) for one in report.signatures] == [("ChuKy1", PERSON), ("ChuKy2", OFFICE)]


def test_the_same_file_at_the_same_second_gives_the_same_bytes(world):
    assert world.signed() == world.signed()
    assert world.signed() != world.signed(at=AT + timedelta(seconds=1))


def test_with_rsa_only_the_salted_signature_differs(world, rsa_key):
    one, two = world.signed(key=rsa_key), world.signed(key=rsa_key)
    assert one != two
    assert len(one) == len(two)
    places = [signature_of(each).byte_range for each in (one, two)]
    assert list(places[0]) == list(places[1])
    _, first, second, length = places[0]
    assert one[:first] == two[:first]
    assert one[second : second + length] == two[second : second + length]


REFUSALS = {
    "key_expired": {"days": 20},
    "key_not_yet_valid": {"begins": AT + timedelta(days=1)},
    "key_weak": {"kind": "rsa", "bits": 1024},
    "key_usage": {"usage": ["key_encipherment"]},
}


@pytest.mark.parametrize("code", REFUSALS)
def test_a_key_that_may_not_sign_is_refused(world, code):
    with pytest.raises(Refusal) as refused:
        world.signed(key=world.key(**REFUSALS[code]))
    assert refused.value.code == code
    assert refused.value.fix


def test_a_key_and_a_certificate_that_are_no_pair_are_refused(world):
    from dataclasses import replace

    with pytest.raises(Refusal) as refused:
        world.signed(key=replace(world.person, private=world.seal.private))
    assert refused.value.code == "key_mismatch"


def encrypted(pdf: bytes) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        opened.save(out, encryption=pikepdf.Encryption(user="a", owner="b"))
    return out.getvalue()


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (lambda pdf: b"", "pdf_unreadable"),
        (lambda pdf: b"hello", "pdf_unreadable"),
        (lambda pdf: pdf[: len(pdf) // 2], "pdf_unreadable"),
        (encrypted, "pdf_encrypted"),
    ],
)
def test_a_file_that_cannot_be_signed_is_refused(world, broken, code):
    with pytest.raises(Refusal) as refused:
        LocalSigner(world.person).sign(broken(world.pdf), at=AT)
    assert refused.value.code == code


def test_a_file_that_a_signature_locked_is_refused(world):
    writer = IncrementalPdfFileWriter(BytesIO(world.pdf))
    key = world.key(**AGES)
    private = key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    certificate = asn1_x509.Certificate.load(key.certificate.public_bytes(Encoding.DER))
    locked = MDPPerm.NO_CHANGES
    meta = signers.PdfSignatureMetadata(field_name="K", md_algorithm="sha256", certify=True, docmdp_permissions=locked)
    token = signers.SimpleSigner(certificate, asn1_keys.PrivateKeyInfo.load(private), None)
    with pytest.raises(Refusal) as refused:
        world.signed(signers.sign_pdf(writer, meta, token).getvalue())
    assert refused.value.code == "pdf_unreadable"


@given(junk=st.binary(max_size=300), cut=st.floats(0, 1))
def test_whatever_is_to_be_signed_it_is_signed_or_refused(world, junk, cut):
    at = int(len(world.pdf) * cut)
    for pdf in (junk, b"%PDF-1.7\n" + junk, world.pdf[:at] + junk + world.pdf[at:]):
        try:
            outcome = LocalSigner(world.person).sign(pdf, at=AT).startswith(pdf)
        except Refusal as refusal:
            outcome = refusal.code in ("pdf_unreadable", "pdf_encrypted")
        assert outcome


def test_the_key_is_read_once_and_anew_when_the_file_changes(world, key_file, monkeypatch):
    file = key_file()
    first = signer_load(file.path, file.password)
    assert signer_load(file.path, file.password) is first
    key_file(world.seal)
    os.utime(file.path, ns=(1, 1))
    assert signer_load(file.path, file.password).key.certificate == world.seal.certificate


def test_settings_name_the_key(world, key_file):
    file = key_file()
    assert get_signer() is None
    with override_settings(CERTIFICATE_SIGNING="handoff"):
        assert get_signer() is None
    with override_settings(
        CERTIFICATE_SIGNING="local", SIGNING_P12_FILE=str(file.path), SIGNING_P12_PASSWORD=file.password
    ):
        signed = get_signer().sign(world.pdf, at=AT)
    assert signature_check(signed, trust=world.trust).ok


def test_neither_the_pass_phrase_nor_the_key_is_ever_shown(world, key_file, caplog):
    file = key_file(password="bí-mật-không-lộ")
    with caplog.at_level(logging.DEBUG):
        signer = signer_load(file.path, file.password)
        signer.sign(world.pdf, at=AT)
        with pytest.raises(Refusal) as refused:
            signer_load(file.path, "sai-mật-khẩu-này")
    told = caplog.text + repr(signer) + repr(signer.key) + str(refused.value) + refused.value.fix
    assert "bí-mật-không-lộ" not in told
    assert "sai-mật-khẩu-này" not in told
    assert str(signer.key.private.private_numbers().private_value) not in told
