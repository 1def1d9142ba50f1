"""Hand-off: what goes out is a plain zip, what comes back is unpacked with care and looked over strictly."""

from __future__ import annotations

import csv
import hashlib
import io
import struct
import zipfile
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
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.stamp import TextStampStyle

from certificates.signing import handoff, local
from certificates.signing.handoff import (
    COLUMNS,
    FIXES,
    GUIDE,
    LIST,
    HandoffLimits,
    handoff_accept,
    handoff_name,
    handoff_package,
    handoff_read,
)
from common.errors import Refusal
from tests.certificates.signing import tampering
from tests.certificates.signing.conftest import AGES, OFFICE, PERSON
from tests.factories.certificates import AT

NUMBERS = ["00001/2026/CN-SKHCN", "00002/2026/CN-SKHCN"]
SMALL = HandoffLimits(most_files=5, most_file_bytes=20_000, most_bytes=60_000)


def packed(*entries: tuple[str, bytes], compression: int = zipfile.ZIP_STORED) -> BytesIO:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out


def refused(source: BytesIO, **options) -> str:
    with pytest.raises(Refusal) as told:
        list(handoff_read(source, **options))
    assert told.value.text.endswith(".")
    assert told.value.fix
    return told.value.code


# --- Out ------------------------------------------------------------------------------------------------------------


def test_a_package_holds_the_files_the_list_and_a_guide(world):
    out = BytesIO()
    assert handoff_package([(NUMBERS[0], world.pdf), (NUMBERS[1], lambda: world.pdf + b"2")], out, at=AT) == 2
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["00001-2026-CN-SKHCN.pdf", "00002-2026-CN-SKHCN.pdf", LIST, GUIDE]
        assert archive.read("00001-2026-CN-SKHCN.pdf") == world.pdf
        rows = list(csv.reader(io.StringIO(archive.read(LIST).decode("utf-8-sig"))))
        assert rows[0] == list(COLUMNS)
        digest = hashlib.sha256(world.pdf + b"2").hexdigest()
        assert rows[2] == [NUMBERS[1], "00002-2026-CN-SKHCN.pdf", digest]
        assert "Đừng đổi tên tệp" in archive.read(GUIDE).decode("utf-8-sig")


def test_the_same_package_twice_is_the_same_bytes(world):
    outs = [BytesIO(), BytesIO()]
    for out in outs:
        handoff_package([(NUMBERS[0], world.pdf)], out, at=AT)
    assert outs[0].getvalue() == outs[1].getvalue()


def test_files_are_read_one_at_a_time(world):
    alive = 0
    most = 0

    class Content(bytes):
        def __new__(cls):
            nonlocal alive, most
            alive += 1
            most = max(most, alive)
            return super().__new__(cls, world.pdf)

        def __del__(self):
            nonlocal alive
            alive -= 1

    handoff_package(((f"{n:05d}/2026/CN", Content) for n in range(50)), BytesIO(), at=AT)
    assert most <= 2


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("00042/2026/CN-SKHCN", "00042-2026-CN-SKHCN.pdf"),
        ("../../x", "x.pdf"),
        ("7/Đ", "7-Đ.pdf"),
        ("a\\b:c", "a-b-c.pdf"),
    ],
)
def test_names_stay_inside_the_folder(number, name):
    assert handoff_name(number) == name


def test_two_numbers_of_one_name_are_a_mistake_of_the_caller(world):
    with pytest.raises(ValueError, match=r"00001-2026\.pdf"):
        handoff_package([("00001/2026", world.pdf), ("00001-2026", world.pdf)], BytesIO())


# --- Back: unpacking ------------------------------------------------------------------------------------------------


def test_there_and_back(world):
    out = BytesIO()
    handoff_package([(number, world.pdf) for number in NUMBERS], out, at=AT)
    assert list(handoff_read(out)) == [(handoff_name(number), world.pdf) for number in NUMBERS]


def test_a_single_pdf_comes_back_as_it_is(world):
    assert list(handoff_read(BytesIO(world.pdf), name="C:\\ky\\00001-2026-CN.pdf")) == [
        ("00001-2026-CN.pdf", world.pdf)
    ]


def test_folders_and_leftovers_are_passed_over(world):
    source = packed(
        ("da-ky/", b""),
        ("da-ky/00001.PDF", world.pdf),
        ("__MACOSX/da-ky/._00001.pdf", b"x"),
        ("da-ky/._00002.pdf", b"x"),
        ("da-ky/.DS_Store", b"x"),
        ("Thumbs.db", b"x"),
        (LIST, b"x"),
        compression=zipfile.ZIP_DEFLATED,
    )
    assert list(handoff_read(source, limits=HandoffLimits(most_files=10))) == [("00001.PDF", world.pdf)]


def with_password_flag(source: BytesIO) -> BytesIO:
    data = bytearray(source.getvalue())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    return BytesIO(bytes(data))


def lying_about_size(size: int) -> BytesIO:
    """An archive whose table of contents says that its entry is small; it unpacks to ``size``."""
    source = packed(("a.pdf", b"\0" * size), compression=zipfile.ZIP_DEFLATED)
    data = bytearray(source.getvalue())
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.index(mark)
        data[at + offset : at + offset + 4] = struct.pack("<I", 100)
    return BytesIO(bytes(data))


BAD_ARCHIVES = {
    "empty": ("handoff_empty", lambda: BytesIO()),
    "words": ("handoff_unknown", lambda: BytesIO(b"xin chao")),
    "a picture": ("handoff_unknown", lambda: BytesIO(b"\x89PNG\r\n\x1a\n")),
    "nothing in it": ("handoff_empty", lambda: packed()),
    "no PDF in it": ("handoff_empty", lambda: packed(("a.docx", b"x"))),
    "cut short": ("handoff_damaged", lambda: BytesIO(packed(("a.pdf", b"x" * 900)).getvalue()[:-40])),
    "only a head": ("handoff_damaged", lambda: BytesIO(b"PK\x03\x04" + b"\0" * 100)),
    "a flipped byte": (
        "handoff_damaged",
        lambda: BytesIO(packed(("a.pdf", b"x" * 900)).getvalue().replace(b"xxxx", b"xxyx", 1)),
    ),
    "out of the folder": ("handoff_unsafe_name", lambda: packed(("../../etc/a.pdf", b"x"))),
    "an absolute name": ("handoff_unsafe_name", lambda: packed(("/etc/a.pdf", b"x"))),
    "a drive": ("handoff_unsafe_name", lambda: packed(("C:\\a.pdf", b"x"))),
    "out of the folder, Windows": ("handoff_unsafe_name", lambda: packed(("..\\a.pdf", b"x"))),
    "a password": ("handoff_encrypted_zip", lambda: with_password_flag(packed(("a.pdf", b"x")))),
    "too many": ("handoff_too_many", lambda: packed(*((f"{n}.pdf", b"x") for n in range(6)))),
    "a long table of contents": ("handoff_too_many", lambda: packed(*(("a" * 90 + f"{n}", b"") for n in range(60)))),
    "too big a file": ("handoff_too_big", lambda: packed(("a.pdf", b"x" * 20_001))),
    "too big a PDF": ("handoff_too_big", lambda: BytesIO(b"%PDF-" + b"x" * 20_000)),
    "too much in all": ("handoff_bomb", lambda: packed(*((f"{n}.pdf", b"x" * 16_000) for n in range(4)))),
    "a bomb": (
        "handoff_bomb",
        lambda: packed(("a.bin", b"\0" * 10_000_000), compression=zipfile.ZIP_DEFLATED),
    ),
    "a bomb that lies": ("handoff_damaged", lambda: lying_about_size(10_000_000)),
    "twice the same name": ("handoff_twice", lambda: packed(("a/1.pdf", b"x"), ("b/1.PDF", b"y"))),
}


@pytest.mark.parametrize("what", BAD_ARCHIVES)
def test_a_bad_archive_is_refused(what):
    code, make = BAD_ARCHIVES[what]
    assert refused(make(), limits=SMALL) == code


def test_an_archive_in_an_archive_is_not_opened(world):
    inner = packed(("a.pdf", world.pdf)).getvalue()
    assert refused(packed(("a.zip", inner))) == "handoff_empty"
    assert list(handoff_read(packed(("a.pdf", inner)))) == [("a.pdf", inner)], "what it is the check of the file says"


def test_a_name_in_the_wrong_letters_is_still_a_name(world):
    """Windows writes names in a code page of its own; the bytes of the file matter, not its name."""
    source = packed(("Chứng nhận 1.pdf", world.pdf))
    assert [name for name, _ in handoff_read(source)] == ["Chứng nhận 1.pdf"]


@given(junk=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(world, junk):
    for data in (junk, b"PK\x03\x04" + junk, b"PK\x05\x06" + junk, b"%PDF-" + junk):
        try:
            told = [content for _, content in handoff_read(BytesIO(data), limits=SMALL)] == [data]
        except Refusal as refusal:
            told = refusal.code.startswith("handoff_")
        assert told


@given(where=st.floats(0, 1), junk=st.binary(max_size=20), dropped=st.integers(0, 30))
def test_a_damaged_archive_is_read_or_refused(world, where, junk, dropped):
    data = packed(("a.pdf", world.pdf), ("b.pdf", b"x" * 500), compression=zipfile.ZIP_DEFLATED).getvalue()
    at = int(where * len(data))
    try:
        found = dict(handoff_read(BytesIO(data[:at] + junk + data[at + dropped :]), limits=SMALL))
    except Refusal as refusal:
        found = {}
        assert refusal.code.startswith("handoff_")  # noqa: PT017
    assert set(found.values()) <= {world.pdf, b"x" * 500}


# --- Back: accepting ------------------------------------------------------------------------------------------------


def accepted(world, returned: bytes, **options):
    settings = {"trust": world.trust, "issued": AT - timedelta(hours=1), "at": AT + timedelta(hours=1)}
    return handoff_accept(world.pdf, returned, **(settings | options))


def test_a_file_signed_as_it_should_be_is_accepted(world):
    report = accepted(world, world.signed(), signer_name=PERSON)
    assert report.ok
    assert report.signer_name == PERSON


def test_a_person_and_a_seal_are_accepted(world):
    report = accepted(world, world.signed(world.signed(), key=world.seal), signer_name=PERSON)
    assert [one.signer_name for one in report.signatures] == [PERSON, OFFICE]


@pytest.mark.parametrize("certify", [False, True])
def test_what_token_software_adds_is_accepted(world, certify):
    """A visible stamp with a font, its own name in the metadata, and a lock on the document."""
    writer = IncrementalPdfFileWriter(BytesIO(world.pdf))
    writer.document_meta.producer = "Phần mềm ký số"
    key = world.key(**AGES)
    private = key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    certificate = asn1_x509.Certificate.load(key.certificate.public_bytes(Encoding.DER))
    meta = signers.PdfSignatureMetadata(field_name="Signature1", md_algorithm="sha256", certify=certify)
    token = signers.PdfSigner(
        meta,
        signers.SimpleSigner(certificate, asn1_keys.PrivateKeyInfo.load(private), None),
        stamp_style=TextStampStyle(stamp_text="Signed by %(signer)s"),
        new_field_spec=SigFieldSpec("Signature1", on_page=0, box=(300, 50, 500, 120)),
    )
    now = datetime.now(UTC)
    report = accepted(world, token.sign_pdf(writer).getvalue(), issued=now - timedelta(hours=1), at=now)
    assert (report.signer_name, report.algorithm) == (PERSON, "ECDSA P-256, SHA-256")


@pytest.mark.parametrize(
    ("holder", "expected", "fits"),
    [
        ("Trần Đức Hiếu", "Trần Đức Hiếu", True),
        ("TRAN DUC HIEU", "Trần Đức Hiếu", True),
        ("Sở KH&CN - Trần Đức Hiếu (PGĐ)", "Trần Đức Hiếu", True),
        ("Trần Đức Hiển", "Trần Đức Hiếu", False),
        ("Hiếu Trần Đức", "Trần Đức Hiếu", False),
        ("Đức Hiếu", "Trần Đức Hiếu", False),
    ],
)
def test_the_person_named_on_the_paper_signs(world, holder, expected, fits):
    signed = world.signed(key=world.key(name=holder))
    if fits:
        assert accepted(world, signed, signer_name=expected).ok
    else:
        with pytest.raises(Refusal) as told:
            accepted(world, signed, signer_name=expected)
        assert told.value.code == "handoff_other_signer"
        assert holder in told.value.text


REFUSED = {
    "unsigned": lambda world: world.pdf,
    "not_pdf": lambda world: b"PK\x03\x04",
    "unreadable": lambda world: world.signed()[:-200],
    "original_changed": lambda world: world.signed(tampering.rewritten(world.pdf)),
    "content_changed": lambda world: world.signed(tampering.with_page_text(world.pdf)),
    "changed_after": lambda world: tampering.with_note(world.signed()),
    "not_covered": lambda world: world.signed() + b"x",
    "content_tampered": lambda world: tampering.flipped(world.signed(), world.signed().index(b"/Reason (") + 12),
    "unknown_signer": lambda world: world.signed(key=world.key(root=world.stranger)),
    "key_expired": lambda world: world.signed(key=world.key(days=20)),
    "key_weak": lambda world: world.signed(key=world.key(kind="rsa", bits=1024)),
    "key_usage": lambda world: world.signed(key=world.key(usage=["data_encipherment"])),
    "signed_in_future": lambda world: world.signed(at=AT + timedelta(hours=2)),
    "signed_before": lambda world: world.signed(at=AT - timedelta(hours=2)),
}


@pytest.mark.parametrize("code", REFUSED)
def test_each_refusal_is_told_apart(world, code, monkeypatch):
    monkeypatch.setattr(local, "key_require", lambda *args, **kwargs: None)
    with pytest.raises(Refusal) as told:
        accepted(world, REFUSED[code](world))
    assert told.value.code == f"handoff_{code}"
    assert told.value.text.endswith(".")
    assert told.value.fix
    assert told.value.status == 400
    assert code in told.value.detail["report"].codes or code == "signed_before"


def test_a_revoked_key_is_refused(world):
    store = world.crl(world.person, at=AT - timedelta(days=1), reason=x509.ReasonFlags.superseded)
    with pytest.raises(Refusal) as told:
        accepted(world, world.signed(), trust=store)
    assert told.value.code == "handoff_key_revoked"


def test_the_file_of_somebody_else_is_refused(world):
    other = tampering.with_title(world.pdf)
    with pytest.raises(Refusal) as told:
        handoff_accept(other, world.signed(), trust=world.trust, at=AT)
    assert told.value.code == "handoff_original_changed"
    assert "tệp khác" in told.value.fix


def test_clocks_may_be_a_little_apart(world):
    for minutes in (-4, 4):
        signed = world.signed(at=AT + timedelta(minutes=minutes))
        assert accepted(world, signed, issued=AT, at=AT).ok


def test_every_fix_is_a_sentence():
    assert all(fix[0].isupper() and fix.endswith(".") for fix in [*FIXES.values(), handoff.DEFAULT_FIX])
