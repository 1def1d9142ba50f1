"""What all checks of uploads share: limits, refusals, and what a file really is by its first bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from common.errors import Refusal
from common.wording import number

MB = 1024 * 1024
#: Each ending that may be uploaded: which limit of weight it has, and what its first bytes must say.
KINDS = {
    "gif": ("picture", "gif"),
    "jpg": ("picture", "jpg"),
    "jpeg": ("picture", "jpg"),
    "png": ("picture", "png"),
    "webp": ("picture", "webp"),
    "svg": ("drawing", "svg"),
    "pdf": ("document", "pdf"),
    "docx": ("document", "zip"),
    "xlsx": ("document", "zip"),
    "pptx": ("document", "zip"),
    "odt": ("document", "zip"),
    "ods": ("document", "zip"),
    "odp": ("document", "zip"),
    "zip": ("document", "zip"),
    "txt": ("document", "text"),
    "mp3": ("audio", "mp3"),
    "mp4": ("video", "mp4"),
    "vtt": ("captions", "text"),
}
CALLED = {
    "gif": gettext_noop("ảnh GIF"),
    "jpg": gettext_noop("ảnh JPEG"),
    "png": gettext_noop("ảnh PNG"),
    "webp": gettext_noop("ảnh WebP"),
    "avif": gettext_noop("ảnh AVIF hoặc HEIC"),
    "svg": gettext_noop("hình vẽ SVG"),
    "pdf": gettext_noop("tài liệu PDF"),
    "zip": gettext_noop("tệp nén hoặc tệp Office"),
    "ole": gettext_noop("tệp Office kiểu cũ (.doc, .xls, .ppt)"),
    "archive": gettext_noop("tệp nén RAR, 7z hoặc GZIP"),
    "program": gettext_noop("chương trình máy tính"),
    "html": "trang web HTML",
    "xml": gettext_noop("tệp XML"),
    "mp3": gettext_noop("âm thanh MP3"),
    "mp4": "video MP4",
    "mov": "video MOV",
    "text": gettext_noop("chữ thường"),
    "other": gettext_noop("loại tệp khác"),
}
_MAGIC: tuple[tuple[str, re.Pattern[bytes]], ...] = tuple(
    (kind, re.compile(pattern, re.DOTALL | re.IGNORECASE))
    for kind, pattern in (
        ("jpg", rb"\xff\xd8\xff"),
        ("png", rb"\x89PNG\r\n\x1a\n"),
        ("gif", rb"GIF8[79]a"),
        ("webp", rb"RIFF....WEBP"),
        ("pdf", rb"%PDF-"),
        ("zip", rb"PK\x03\x04|PK\x05\x06"),
        ("ole", rb"\xd0\xcf\x11\xe0"),
        ("archive", rb"Rar!|7z\xbc\xaf|\x1f\x8b"),
        ("program", rb"MZ.\x00|\x7fELF|\xca\xfe\xba\xbe|\xcf\xfa\xed\xfe|#!"),
        ("avif", rb"....ftyp(?:avif|avis|heic|heix|mif1)"),
        ("mov", rb"....ftypqt  "),
        ("mp4", rb"....ftyp"),
        ("mp3", rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]"),
    )
)


_PROLOGUE = ((b"<?", b"?>"), (b"<!--", b"-->"))
_SVG = re.compile(rb"<(?:(?:\w{1,20}:)?svg[\s>]|!doctype\s+svg\b)", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|iframe)", re.IGNORECASE)


_NO_TAGS = str.maketrans("<>&", "‹›+")


@dataclass(frozen=True)
class Limits:
    """What one file may weigh (megabytes by kind), and how large it may get once it is opened."""

    megabytes: Mapping[str, int]
    pixels: int
    unpacked_mb: int
    entries: int
    ratio: int


class UnsafeFile(Refusal):
    """A file that the platform does not keep."""

    status = 400


def refuse(text: str, fix: str, *, code: str) -> UnsafeFile:
    """The refusal to raise: what is wrong, and what to do.

    Names and addresses out of the file stand in it, and Wagtail's page for many uploads puts the words into the page as
    HTML: angle brackets become single quotation marks that look alike.
    """
    return UnsafeFile(text.translate(_NO_TAGS), code=code, fix=fix.translate(_NO_TAGS))


def broken(what: str) -> UnsafeFile:
    """A file that cannot be read to its end."""
    return refuse(
        _("Không đọc được %(what)s: tệp bị hỏng hoặc tải lên chưa hết.") % {"what": what},
        _("Mở tệp trên máy, lưu lại rồi tải lên lần nữa."),
        code="broken",
    )


def extension_of(name: str) -> str:
    """The ending of a file's name, in small letters; empty without one."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def kind_of(head: bytes) -> str:
    """What a file is by its first bytes; "text" for plain words, "other" for what nothing is known of."""
    for kind, pattern in _MAGIC:
        if pattern.match(head):
            return kind
    if markup := _markup(head):
        return markup
    return "other" if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")) else "text"


def _markup(head: bytes) -> str:
    """Which markup a file begins with, after what may stand before its first element; empty for none."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    is_xml = text.startswith(b"<?xml")
    for opened, closed in _PROLOGUE * 8:
        if text[: len(opened)].lower() == opened:
            text = text[text.find(closed) + len(closed) :].lstrip() if closed in text else b""
    if _SVG.match(text):
        return "svg"
    if _HTML.match(text):
        return "html"
    return "xml" if is_xml else ""


def check_label(name: str, file: BinaryIO, limits: Limits, *, allowed: tuple[str, ...]) -> str:
    """The ending of the name, once it is allowed, the file is not too heavy and its first bytes say the same."""
    extension = extension_of(name)
    if extension not in allowed:
        nameless = _("Tệp không có đuôi không tải lên được ở đây.")
        named = _("Tệp .%(extension)s không tải lên được ở đây.") % {"extension": extension}
        raise refuse(
            named if extension else nameless,
            _("Dùng một trong các loại: %(kinds)s.") % {"kinds": ", ".join(allowed)},
            code="extension",
        )
    weight, wanted = KINDS[extension]
    size = file.seek(0, 2)
    if not size:
        raise refuse(_("Tệp rỗng."), _("Chọn lại tệp có nội dung."), code="empty")
    if size > limits.megabytes[weight] * MB:
        raise refuse(
            _("Tệp nặng %(size)s MB, loại .%(extension)s tối đa %(most)s MB.")
            % {"size": number(size / MB, 1), "extension": extension, "most": limits.megabytes[weight]},
            _(HOW_TO_SHRINK[weight]),
            code="too_heavy",
        )
    file.seek(0)
    found = kind_of(file.read(4096))
    # A drawing may begin with declarations of any length; its parser looks further.
    if found != wanted and (wanted, found) != ("svg", "xml"):
        raise refuse(
            _("Tệp tên .%(extension)s nhưng bên trong là %(kind)s.")
            % {"extension": extension, "kind": _(CALLED[found])},
            _("Lưu lại thành %(kind)s bằng phần mềm đã tạo ra nó; đổi tên tệp thôi thì chưa đủ.")
            % {"kind": _(CALLED[wanted])},
            code="mislabelled",
        )
    file.seek(0)
    return extension


HOW_TO_SHRINK = {
    "picture": gettext_noop("Thu nhỏ ảnh còn rộng khoảng 2000 điểm rồi tải lại."),
    "drawing": gettext_noop("Bỏ bớt chi tiết, hoặc xuất hình thành PNG."),
    "document": gettext_noop("Giảm dung lượng ảnh trong tài liệu, hoặc chia thành nhiều tệp."),
    "audio": gettext_noop("Xuất lại ở 64 kbit/giây, một kênh, hoặc chia thành nhiều bài nghe."),
    "video": gettext_noop("Xuất lại ở 480p, cắt ngắn, hoặc đưa lên YouTube rồi dùng khối «Video từ nơi khác»."),
    "captions": gettext_noop("Kiểm tra lại: tệp phụ đề chỉ chứa chữ."),
}


def read_all(file: BinaryIO) -> bytes:
    """The whole content; the limit of weight was asked before."""
    file.seek(0)
    content = file.read()
    file.seek(0)
    return content
