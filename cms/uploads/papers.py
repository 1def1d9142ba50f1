"""Plain text and PDF."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from cms.uploads.base import broken, refuse

_HTML = re.compile(r"<\s*(?:!doctype\s+html|html|head|body|script|iframe)\b", re.IGNORECASE)
_ACTIVE = re.compile(rb"/(JavaScript|Launch|EmbeddedFile|RichMedia)\b|/(JS)\s*[(<\d]")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")


def check_text(data: bytes) -> None:
    """Words that everybody can read: UTF-8 or UTF-16, and no page of a web site."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refuse(
            _("Dòng %(line)s có chữ không phải mã UTF-8, người khác mở ra sẽ thấy chữ lạ.") % {"line": line},
            _("Mở bằng Notepad, chọn Lưu thành (Save as), mục Mã hoá (Encoding) chọn UTF-8."),
            code="encoding",
        ) from error
    if "\0" in text:
        raise broken(_("tệp chữ"))
    if found := _HTML.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise refuse(
            _("Dòng %(line)s là mã của trang web (%(group)s), không phải chữ thường.")
            % {"line": line, "group": found.group()},
            _("Chỉ chép phần chữ sang tệp mới."),
            code="mislabelled",
        )


def check_pdf(data: bytes) -> None:
    """A PDF that is read, not run. What a PDF keeps compressed is not looked into."""
    end = data.rfind(b"%%EOF")
    if end < 0:
        raise broken("PDF")
    if data[end + 5 :].strip(b"\0 \t\r\n"):
        raise refuse(
            _("Sau chỗ kết thúc của PDF còn dữ liệu khác."),
            _("Mở tệp rồi in ra PDF mới (Print to PDF)."),
            code="polyglot",
        )
    plain = _ESCAPED.sub(lambda found: bytes([int(found.group(1), 16)]), data)
    if found := _ACTIVE.search(plain):
        what = (found.group(1) or b"JavaScript").decode().replace("JS", "JavaScript")
        raise refuse(
            _("PDF có phần tự chạy hoặc tệp kèm bên trong (%(what)s).") % {"what": what},
            _("Mở tệp rồi in ra PDF mới (Print to PDF): bản in chỉ còn phần để đọc."),
            code="active",
        )
