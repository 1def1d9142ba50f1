"""A file is what its bytes say: every kind that is taken, and what only pretends to be one."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from common import uploads
from common.errors import Refusal
from common.uploads import plain_name, upload_kind
from tests.factories.rosters import xlsx_bytes


def office(*names, **parts):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", *names):
            archive.writestr(name, "<x/>")
        for name, content in parts.items():
            archive.writestr(name, content)
    return held.getvalue()


DOCX = office("word/document.xml")
XLSX = xlsx_bytes(["Họ và tên"], ["Nguyễn Văn A"])
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 20
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
PDF = b"%PDF-1.7\n" + b"0" * 20
MP4 = b"\x00\x00\x00\x20ftypisom" + b"0" * 20


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("anh.jpg", JPEG, uploads.JPEG),
        ("ANH.JPEG", JPEG, uploads.JPEG),
        ("a.png", PNG, uploads.PNG),
        ("a.pdf", PDF, uploads.PDF),
        ("a.docx", DOCX, uploads.DOCX),
        ("a.xlsx", XLSX, uploads.XLSX),
        ("a.mp4", MP4, uploads.MP4),
    ],
)
def test_what_is_taken(name, content, kind):
    file = SimpleUploadedFile(name, content)
    assert upload_kind(file) is kind
    assert file.read() == content  # left at its start


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.jpg", b"", "file_empty"),
        ("a.jpg", PNG, "file_mislabelled"),
        ("a.html", PDF, "file_mislabelled"),
        ("a.docx", XLSX, "file_mislabelled"),
        ("a", PDF, "file_mislabelled"),
        ("a.jpg", b"<html><script>alert(1)</script>", "file_unknown"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file_unknown"),
        ("a.exe", b"MZ" + b"0" * 50, "file_unknown"),
        ("a.docx", office(), "file_unknown"),
        ("a.docx", DOCX[:40], "file_unknown"),
        ("a.docx", office("word/document.xml", "word/vbaProject.bin"), "file_unknown"),
        ("a.zip", office("word/tai-lieu.txt"), "file_unknown"),
        ("a.gif", b"GIF89a" + b"0" * 20, "file_unknown"),
    ],
)
def test_what_is_refused(name, content, code):
    with pytest.raises(Refusal) as refusal:
        upload_kind(SimpleUploadedFile(name, content))
    assert (refusal.value.code, refusal.value.status) == (code, 400)
    assert refusal.value.fix


def test_an_archive_that_unpacks_to_too_much_is_no_document(monkeypatch):
    monkeypatch.setattr(uploads, "MOST_UNPACKED", 100_000)
    bomb = office("word/document.xml", big="0" * 200_000)
    assert len(bomb) < 2_000
    with pytest.raises(Refusal) as refusal:
        upload_kind(SimpleUploadedFile("a.docx", bomb))
    assert refusal.value.code == "file_unknown"


def test_a_file_that_is_too_big_says_how_big():
    file = SimpleUploadedFile("a.mp4", MP4)
    file.size = 20 * uploads.MEGABYTE + 1
    with pytest.raises(Refusal, match="Tệp nặng 21 MB, chỉ nhận tệp đến 20 MB"):
        upload_kind(file)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Bài làm của Ưỡng.JPEG", "Bài làm của Ưỡng.jpg"),
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\Users\\a\\anh.jpg", "anh.jpg"),
        ('a"b\r\nX: y.jpg', "ab X y.jpg"),
        ("\u202egpj.exe.jpg", "gpj.exe.jpg"),
        ("...jpg", "bai-nop.jpg"),
        ("", "bai-nop.jpg"),
        ("x" * 500 + ".jpg", "x" * 120 + ".jpg"),
    ],
)
def test_names_are_kept_for_people_and_harmless(name, kept):
    assert plain_name(name, uploads.JPEG) == kept
