"""``verify_certificate`` and ``make_signing_key``."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from io import BytesIO, StringIO
from random import Random

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from certificates.models import Certificate
from certificates.signing import get_signer
from certificates.signing.keys import key_load, key_problems
from certificates.signing.trust import trust_default
from certificates.signing.verifying import signature_check
from tests.certificates.signing import tampering
from tests.factories.certificates import AT


def run(name: str, *args: object) -> tuple[int, str]:
    """Exit code and what was written."""
    out, code = StringIO(), 0
    try:
        call_command(name, *(str(arg) for arg in args), stdout=out, stderr=out)
    except CommandError as error:
        code = error.returncode
        out.write(str(error))
    except SystemExit as stopped:
        code = stopped.code
    assert "Traceback" not in out.getvalue()
    return code, out.getvalue()


# --- verify_certificate ---------------------------------------------------------------------------------------------


@pytest.fixture
def trusted(world, tmp_path):
    folder = tmp_path / "tin"
    folder.mkdir()
    (folder / "goc.pem").write_bytes(world.root.pem)
    with override_settings(SIGNING_TRUST_DIR=str(folder)):
        yield


@pytest.fixture
def file(tmp_path):
    def write(content: bytes):
        path = tmp_path / "giay.pdf"
        path.write_bytes(content)
        return path

    return write


def issue(certificate: Certificate, content: bytes, **changes: object) -> None:
    changes = {"file": "x.pdf", "file_sha256": hashlib.sha256(content).hexdigest()} | changes
    Certificate.objects.filter(pk=certificate.pk).update(**changes)


def test_an_issued_signed_file_is_valid(world, trusted, issued, file):
    issue(issued.certificate, world.signed())
    code, told = run("verify_certificate", file(world.signed()))
    assert code == 0, told
    assert f"giấy số {issued.certificate.number}" in told
    assert "Nguyễn Thị Ngọc Ưỡng (Sở Khoa học và Công nghệ), ký lúc 10:00:00 ngày 20/11/2026" in told
    assert "Kết luận: HỢP LỆ." in told


def test_json_says_the_same(world, trusted, issued, file):
    issue(issued.certificate, world.signed())
    code, told = run("verify_certificate", file(world.signed()), "--json")
    answer = json.loads(told)
    assert (code, answer["ok"], answer["readable"]) == (0, True, True)
    assert answer["certificate"]["number"] == issued.certificate.number
    assert answer["signatures"]["signatures"][0]["signer_name"] == "Nguyễn Thị Ngọc Ưỡng"
    assert answer["sha256"] == hashlib.sha256(world.signed()).hexdigest()


def test_an_issued_file_without_signature_is_valid_and_said_to_be_unsigned(world, issued, file):
    issue(issued.certificate, world.pdf)
    code, told = run("verify_certificate", file(world.pdf))
    assert code == 0
    assert "không có chữ ký số" in told


@pytest.mark.parametrize(
    "spoil",
    [
        lambda world: world.signed(at=AT - timedelta(hours=1)),
        lambda world: tampering.with_note(world.signed()),
        lambda world: tampering.flipped(world.signed(), world.signed().index(b"/Reason (") + 12),
        lambda world: world.signed() + b"x",
        lambda world: world.pdf,
    ],
)
def test_any_other_file_is_not(world, trusted, issued, file, spoil):
    issue(issued.certificate, world.signed())
    code, told = run("verify_certificate", file(spoil(world)))
    assert code == 1
    assert "Không trùng với tệp giấy chứng nhận nào" in told
    assert "Kết luận: KHÔNG HỢP LỆ." in told


def test_a_revoked_certificate_is_not_valid_though_its_file_is_intact(world, trusted, issued, file):
    issue(issued.certificate, world.signed(), state="revoked", ended_on=date(2026, 12, 1), ended_reason="Thi hộ")
    code, told = run("verify_certificate", file(world.signed()))
    assert code == 1
    assert "Đã thu hồi ngày 01/12/2026" in told
    assert "Chữ ký số hợp lệ" in told


def test_an_issued_file_by_somebody_nobody_vouches_for_is_not_valid(world, issued, file):
    issue(issued.certificate, world.signed())
    code, told = run("verify_certificate", file(world.signed()))
    assert code == 1
    assert "không có trong danh sách tin cậy" in told


def encrypted(pdf: bytes) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        opened.save(out, encryption=pikepdf.Encryption(user="a", owner="b"))
    return out.getvalue()


@pytest.mark.parametrize(
    "make",
    [
        lambda world: b"",
        lambda world: b"xin chao",
        lambda world: world.signed()[:-500],
        lambda world: b"%PDF-1.7\n" + Random(1).randbytes(3_000_000),
        lambda world: b"%PDF-1.7\n" + b"1 0 obj\n<<" * 300_000,
        lambda world: encrypted(world.pdf),
    ],
    ids=["empty", "words", "cut", "megabytes of noise", "megabytes of brackets", "encrypted"],
)
def test_what_cannot_be_read_is_said_so(world, db, file, make):
    code, told = run("verify_certificate", file(make(world)))
    assert code == 2
    assert "KHÔNG ĐỌC ĐƯỢC" in told
    code, told = run("verify_certificate", file(make(world)), "--json")
    assert (code, json.loads(told)["readable"]) == (2, False)


def test_a_file_over_the_limit_is_not_read(db, tmp_path):
    big = tmp_path / "lon.pdf"
    with big.open("wb") as out:
        out.truncate(51 * 1024 * 1024)
    code, told = run("verify_certificate", big)
    assert code == 2
    assert "50 MB" in told


def test_a_missing_file_a_folder_and_a_bad_name_are_said_so(db, tmp_path):
    assert run("verify_certificate", tmp_path / "khong-co.pdf")[0] == 2
    assert run("verify_certificate", tmp_path)[0] == 2
    assert run("verify_certificate", "a\0b")[0] == 2


def test_a_bad_folder_of_trust_is_said_so(world, db, file, tmp_path):
    with override_settings(SIGNING_TRUST_DIR=str(tmp_path / "khong-co")):
        code, told = run("verify_certificate", file(world.signed()))
    assert code == 2
    assert "Không có thư mục chứng thư tin cậy" in told


# --- make_signing_key -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_a_made_key_signs_and_is_said_to_be_for_trial(world, tmp_path, kind):
    out = tmp_path / "thu.p12"
    code, told = run("make_signing_key", "--out", out, "--type", kind, "--name", "Trần Đức Hiếu", "--days", 90)
    assert code == 0
    assert "KHÔNG có giá trị pháp lý" in told
    password = (tmp_path / "thu.pass").read_text()
    assert password not in told
    assert key_problems(key_load(out, password), at=AT) == []
    with override_settings(CERTIFICATE_SIGNING="local", SIGNING_P12_FILE=str(out), SIGNING_P12_PASSWORD=password):
        report = signature_check(get_signer().sign(world.pdf), trust=trust_default(), original=world.pdf)
    assert report.ok
    assert report.signer_name == "Trần Đức Hiếu"
    assert "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ" in report.organisation
    assert [(tmp_path / name).stat().st_mode & 0o077 for name in ("thu.p12", "thu.pass")] == [0, 0]


def test_a_dry_run_writes_nothing(tmp_path):
    code, told = run("make_signing_key", "--out", tmp_path / "thu.p12", "--dry-run", "--json")
    assert code == 0
    assert json.loads(told)["made"] is False
    assert list(tmp_path.iterdir()) == []


def test_an_old_key_is_never_written_over(tmp_path):
    (tmp_path / "thu.pass").write_text("cũ", encoding="utf-8")
    code, told = run("make_signing_key", "--out", tmp_path / "thu.p12")
    assert code == 2
    assert "thu.pass" in told
    assert [file.name for file in tmp_path.iterdir()] == ["thu.pass"]


@pytest.mark.parametrize("args", [["--days", 0], ["--days", 4000], ["--name", ""], ["--name", "x" * 65]])
def test_wrong_input_is_refused(tmp_path, args):
    assert run("make_signing_key", "--out", tmp_path / "thu.p12", *args)[0] == 2
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    code, told = run("make_signing_key", "--out", tmp_path / "khong-co" / "thu.p12")
    assert code == 1
    assert "Không ghi được" in told
