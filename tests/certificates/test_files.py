"""The PDF: golden by text and by picture, the same bytes each time, made later when the queue was down."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import zlib
from datetime import date
from decimal import Decimal
from pathlib import Path
from unittest import mock

import pytest
import zxingcpp
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from PIL import Image
from weasyprint.urls import FatalURLFetchingError

from certificates import rendering, tasks
from certificates.defaults import SHIPPED, shipped_text
from certificates.models import Certificate, Design
from certificates.services import certificate_render
from certificates.services.files import CHUNK, enqueue_rendering
from common import pdf as common_pdf
from common.queue import enqueue
from tests.factories.certificates import completions

pytestmark = pytest.mark.slow

NAME = "Nguyễn Thị Ngọc Ưỡng"


def shipped(code: str) -> Design:
    """An unsaved design that the platform brings along."""
    (name, paper), (body, style) = {known: rest for known, _, *rest in SHIPPED}[code], shipped_text(code)
    return Design(code=code, version=2, name=name, paper=paper, body=body, style=style)


def frozen(design: str = "chung-nhan", version: int = 1, **changes: object) -> Certificate:
    """An unsaved certificate as a row would freeze it; version 1 of a design is kept as files."""
    row: dict[str, object] = {
        "uuid": "00000000-0000-0000-0000-000000000007",
        "token": "Zq3n0-A8b_Xk2Lw9Tt5RcVhJm1p",
        "design": shipped(design) if version > 1 else Design(code=design, version=1),
        "number": "00042/2026/CN-SKHCN",
        "year": 2026,
        "seq": 42,
        "holder_name": NAME,
        "holder_birth_date": date(1969, 5, 17),
        "course_title": "5 kỹ năng số cơ bản",
        "course_hours": Decimal("1.5"),
        "score": Decimal("90"),
        "completed_on": date(2026, 11, 12),
        "issued_on": date(2026, 11, 18),
        "issuer_name": "Sở Khoa học và Công nghệ tỉnh Đắk Lắk",
        "place": "Đắk Lắk",
        "signer_name": "Trần Đức Hiếu",
        "signer_title": "Phó Giám đốc",
        "decision_number": "412/QĐ-SKHCN",
        "decision_date": date(2026, 11, 18),
    }
    certificate = Certificate(**(row | changes))
    certificate.clean_fields(exclude=["series", "completion", "design", "holder", "batch"])
    return certificate


def pdf_text(pdf: bytes, folder: Path) -> str:
    file = folder / "giay.pdf"
    file.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True)
    return done.stdout.decode()


def pdf_picture(pdf: bytes, folder: Path) -> Image.Image:
    file = folder / "giay.pdf"
    file.write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", "100", "-png", str(file), str(folder / "giay")], check=True)
    pages = sorted(folder.glob("giay*.png"))
    assert len(pages) == 1, "a certificate is one page"
    return Image.open(pages[0])


def test_golden_text(tmp_path):
    text = " ".join(pdf_text(rendering.certificate_pdf(frozen()), tmp_path).split())
    for part in (
        "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "UBND TỈNH ĐẮK LẮK",
        "SỞ KHOA HỌC VÀ CÔNG NGHỆ",
        "Số: 00042/2026/CN-SKHCN",
        "GIẤY CHỨNG NHẬN",
        "Nguyễn Thị Ngọc Ưỡng",
        "Sinh ngày 17/05/1969",
        "5 kỹ năng số cơ bản",
        "1,5 giờ",
        "90/100",
        "Theo Quyết định số 412/QĐ-SKHCN ngày 18/11/2026",
        "Đắk Lắk, ngày 18 tháng 11 năm 2026",
        "Chứng nhận ông/bà",
        "KT. GIÁM ĐỐC PHÓ GIÁM ĐỐC",
        "Trần Đức Hiếu",
    ):
        assert part in text, part


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("", []),
        ("Giám đốc", ["GIÁM ĐỐC"]),
        ("Phó Giám đốc", ["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"]),
        ("PHÓ CHỦ TỊCH", ["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]),
        ("Phó", ["PHÓ"]),
        ("Quyền Giám đốc", ["QUYỀN GIÁM ĐỐC"]),
    ],
)
def test_a_deputy_signs_for_the_head(title, lines):
    assert rendering.signer_lines(title) == lines


@override_settings(BASE_URL="https://hocso.bacninh.gov.vn")
def test_golden_picture(tmp_path):
    """A4 landscape; the QR decodes to the public page; the name is drawn where it belongs."""
    picture = pdf_picture(rendering.certificate_pdf(frozen()), tmp_path)
    assert abs(picture.width - 1169) <= 2
    assert abs(picture.height - 827) <= 2
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == "https://hocso.bacninh.gov.vn/xac-minh/Zq3n0-A8b_Xk2Lw9Tt5RcVhJm1p/"
    other = pdf_picture(rendering.certificate_pdf(frozen(holder_name="Trần Văn Đức")), tmp_path)
    changed = _bounds_of_difference(picture, other)
    assert changed is not None
    left, top, right, bottom = changed
    assert 0.1 < left / picture.width < right / picture.width < 0.9
    assert 0.3 < top / picture.height < bottom / picture.height < 0.55


def _bounds_of_difference(one: Image.Image, two: Image.Image) -> tuple[int, int, int, int] | None:
    from PIL import ImageChops

    return ImageChops.difference(one.convert("L"), two.convert("L")).getbbox()


def test_fonts_are_embedded_and_the_variant_is_declared(tmp_path):
    pdf = rendering.certificate_pdf(frozen())
    file = tmp_path / "giay.pdf"
    file.write_bytes(pdf)
    lines = subprocess.run(["pdffonts", str(file)], capture_output=True, check=True, text=True).stdout.splitlines()[2:]
    assert lines
    for line in lines:
        assert "Be-Vietnam-Pro" in line
        assert line.split()[-5:-2] == ["yes", "yes", "yes"], "embedded, subset, with Unicode"
    streams = [_inflated(part) for part in re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL)]
    (declared,) = [s for s in streams if b"pdfaid" in s]
    assert re.search(rb"pdfaid:part\W+3\b", declared)
    assert re.search(rb"pdfaid:conformance\W+U\b", declared)


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


@pytest.mark.parametrize("design", ["chung-nhan", "xac-nhan"])
@pytest.mark.parametrize(
    "changes",
    [
        {"holder_name": "Công Tằng Tôn Nữ Hoàng Thị Phương Thuỳ Ngọc Ưỡng Dương Khánh"},
        {"holder_name": ("Công Tằng Tôn Nữ Hoàng " * 7)[:150].strip()},
        {"course_title": ("Khai thác hồ sơ sức khoẻ điện tử tại trạm y tế xã, phường " * 4)[:200].strip()},
        {"issuer_name": "Trung tâm Đào tạo kỹ năng số thuộc Sở Khoa học và Công nghệ tỉnh Bắc Ninh"},
        {"holder_birth_date": None, "score": None, "decision_number": "", "signer_name": "", "signer_title": ""},
    ],
    ids=["60 letters", "150 letters", "title of 200", "long issuer", "nothing optional"],
)
def test_everything_fits_on_one_page(tmp_path, design, changes):
    certificate = frozen(design, **changes)
    pdf = rendering.certificate_pdf(certificate)
    picture = pdf_picture(pdf, tmp_path)
    words = " ".join(pdf_text(pdf, tmp_path).split())
    for word in f"{certificate.holder_name} {certificate.course_title}".split():
        assert word in words
    assert len(zxingcpp.read_barcodes(picture)) == 1, "nothing covers the code"
    margin = picture.convert("L").crop((52, 60, 68, picture.height - 60))
    assert margin.getextrema()[0] > 150, "no letter comes near the frame"


def test_the_same_row_gives_the_same_bytes():
    assert rendering.certificate_pdf(frozen()) == rendering.certificate_pdf(frozen())


def test_rendering_reads_the_row_and_its_design_only(issued):
    with CaptureQueriesContext(connection) as queries:
        certificate = Certificate.objects.select_related("design").get(pk=issued.certificate.pk)
        rendering.certificate_pdf(certificate)
    assert len(queries) == 1


@pytest.mark.parametrize("url", ["https://example.vn/a.png", "http://127.0.0.1/", "file:///etc/passwd"])
def test_nothing_but_own_files_is_read(url):
    with pytest.raises(FatalURLFetchingError):
        common_pdf.OwnFiles(rendering.ART).fetch(url)


def test_file_is_made_after_commit(issued, django_capture_on_commit_callbacks, series, province):
    with django_capture_on_commit_callbacks(execute=True):
        (completion,) = completions(province, province.north)
    certificate = completion.certificates.get()
    stored = storages["private"].open(certificate.file).read()
    assert stored.startswith(b"%PDF")
    assert hashlib.sha256(stored).hexdigest() == certificate.file_sha256
    assert certificate.file_sha256 in certificate.file


def test_rendering_again_changes_nothing(issued):
    certificate_render(certificate_id=issued.certificate.pk)
    first = Certificate.objects.get(pk=issued.certificate.pk)
    assert certificate_render(certificate_id=issued.certificate.pk) is None
    assert Certificate.objects.get(pk=issued.certificate.pk).file == first.file


def test_a_lost_file_is_replaced_by_the_same_bytes(issued):
    made = certificate_render(certificate_id=issued.certificate.pk)
    storages["private"].delete(made.file)
    again = certificate_render(certificate_id=issued.certificate.pk)
    assert (again.file, again.file_sha256) == (made.file, made.file_sha256)
    assert storages["private"].exists(made.file)


def test_issued_bytes_survive_rename_and_course_change(issued, learner, course):
    before = certificate_render(certificate_id=issued.certificate.pk)
    learner.full_name = "Nguyễn Thị Khác"
    learner.save()
    course.title = "Tên mới"
    course.save()
    fresh = Certificate.objects.select_related("design").get(pk=issued.certificate.pk)
    assert hashlib.sha256(rendering.certificate_pdf(fresh)).hexdigest() == before.file_sha256


def test_queue_down_at_commit_then_the_sweep(series, province, django_capture_on_commit_callbacks):
    """The completion and its number stand; the file comes with the sweep."""
    down = mock.patch.object(tasks.render, "apply_async", side_effect=ConnectionError("no broker"))
    with down, django_capture_on_commit_callbacks(execute=True):
        (completion,) = completions(province, province.north)
    certificate = completion.certificates.get()
    assert certificate.file == ""
    assert tasks.sweep() == 1
    certificate.refresh_from_db()
    assert storages["private"].exists(certificate.file)
    assert tasks.sweep() == 0


def test_a_queue_that_is_down_is_asked_once(caplog):
    """A province's list is hundreds of messages; waiting for a dead broker once is enough."""
    with mock.patch.object(tasks.render, "apply_async", side_effect=ConnectionError("no broker")) as send:
        enqueue_rendering(range(1, 3 * CHUNK))
    send.assert_called_once_with(args=(list(range(1, CHUNK + 1)),), retry=False)
    assert "certificates.render" in caplog.text


def test_enqueue_says_whether_the_queue_took_it():
    with mock.patch.object(tasks.render, "apply_async") as send:
        assert enqueue(tasks.render, [1, 2]) is True
        send.assert_called_once_with(args=([1, 2],), retry=False)
        send.side_effect = ConnectionError("no broker")
        assert enqueue(tasks.render, [1, 2]) is False


def test_a_failure_leaves_its_reason_and_does_not_stop_others(series, province):
    first, second = completions(province, province.north, 2)
    bad, good = first.certificates.get(), second.certificates.get()
    broken = Design.objects.create(code="khong-co", version=1, name="Không có")
    Certificate.objects.filter(pk=bad.pk).update(design=broken)
    tasks.render([bad.pk, good.pk])
    bad.refresh_from_db(), good.refresh_from_db()
    assert "TemplateDoesNotExist" in bad.render_error
    assert good.file
    Certificate.objects.filter(pk=bad.pk).update(design=good.design)
    assert tasks.sweep() == 1
    bad.refresh_from_db()
    assert bad.file
    assert bad.render_error == ""


def test_command_counts_then_makes(series, province, capsys):
    completions(province, province.north, 2)
    call_command("render_certificates", "--dry-run", "--json")
    assert json.loads(capsys.readouterr().out) == {"missing": 2, "made": 0, "failed": []}
    call_command("render_certificates", "--json")
    assert json.loads(capsys.readouterr().out) == {"missing": 2, "made": 2, "failed": []}
    assert not Certificate.objects.filter(file="").exists()
    call_command("render_certificates")
    assert capsys.readouterr().out == "0 giấy chưa có tệp, đã tạo 0, 0 giấy có lỗi.\n"


def test_command_exits_1_when_one_failed(series, province, capsys):
    completions(province, province.north)
    Certificate.objects.update(design=Design.objects.create(code="khong-co", version=1, name="Không có"))
    with pytest.raises(SystemExit) as left:
        call_command("render_certificates", "--json")
    assert left.value.code == 1
    assert len(json.loads(capsys.readouterr().out)["failed"]) == 1
