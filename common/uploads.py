"""Files that people hand in: a file is what its first bytes say it is, never what its name or the browser says."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import Refusal
from common.text import nfc

MEGABYTE = 1024 * 1024
#: What an Office file may unpack to.
MOST_UNPACKED = 200 * MEGABYTE
#: A name beside the file, for people to read.
LONGEST_NAME = 120


@dataclass(frozen=True)
class FileKind:
    """A kind of file: its extensions, the first one being ours, and what it is called."""

    extensions: tuple[str, ...]
    name: str | Promise


JPEG = FileKind(("jpg", "jpeg"), gettext_lazy("ảnh JPG"))
PNG = FileKind(("png",), gettext_lazy("ảnh PNG"))
PDF = FileKind(("pdf",), gettext_lazy("tệp PDF"))
DOCX = FileKind(("docx",), gettext_lazy("tệp Word"))
XLSX = FileKind(("xlsx",), gettext_lazy("tệp Excel"))
MP4 = FileKind(("mp4",), gettext_lazy("video MP4"))
#: What a learner may hand in.
WORK_KINDS = (JPEG, PNG, PDF, DOCX, XLSX, MP4)


def kind_of(file: Any) -> FileKind | None:
    """The kind of an uploaded file by its content; None for anything that is none of ours. Leaves it at its start."""
    file.seek(0)
    head = file.read(12)
    file.seek(0)
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"%PDF-"):
        return PDF
    if head[4:8] == b"ftyp":
        return MP4
    return _office_kind(file) if head.startswith(b"PK\x03\x04") else None


def _office_kind(file: Any) -> FileKind | None:
    """Word or Excel without macros, of a size that can be opened; None for any other archive."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return None
    finally:
        file.seek(0)
    names = {part.filename for part in parts}
    has_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    if has_macros or "[Content_Types].xml" not in names or sum(part.file_size for part in parts) > MOST_UNPACKED:
        return None
    return DOCX if "word/document.xml" in names else XLSX if "xl/workbook.xml" in names else None


def upload_kind(file: Any, *, kinds: tuple[FileKind, ...] = WORK_KINDS, most_megabytes: int = 20) -> FileKind:
    """The kind of an uploaded file that may be taken.

    Refuses with ``file_empty``, ``file_too_big``, ``file_unknown`` or ``file_mislabelled`` (the name says otherwise).
    """
    allowed = ", ".join(kind.extensions[0] for kind in kinds)
    if not file.size:
        raise Refusal(_("Tệp này trống."), code="file_empty", fix=_("Hãy chọn tệp khác."), status=400)
    if file.size > most_megabytes * MEGABYTE:
        raise Refusal(
            _("Tệp nặng %(size)s MB, chỉ nhận tệp đến %(most)s MB.")
            % {"size": -(-file.size // MEGABYTE), "most": most_megabytes},
            code="file_too_big",
            fix=_("Hãy chụp lại ở cỡ nhỏ hơn, cắt ngắn video, hoặc nộp từng phần."),
            status=400,
        )
    kind = kind_of(file)
    if kind is None or kind not in kinds:
        raise Refusal(
            _("Không nhận loại tệp này."),
            code="file_unknown",
            fix=_("Hãy nộp một trong các loại: %(kinds)s.") % {"kinds": allowed},
            status=400,
        )
    ending = PurePosixPath(file.name or "").suffix.lower().removeprefix(".")
    if ending not in kind.extensions:
        raise Refusal(
            _("Tên tệp có đuôi «%(ending)s» nhưng bên trong là %(kind)s.")
            % {"ending": ending or _("trống"), "kind": kind.name},
            code="file_mislabelled",
            fix=_("Hãy đổi đuôi tên tệp thành .%(ending)s nếu đúng là tệp bạn muốn nộp.")
            % {"ending": kind.extensions[0]},
            status=400,
        )
    return kind


def plain_name(name: str, kind: FileKind) -> str:
    """The name of an upload as it may be shown and sent: no folders, no control signs, our own extension."""
    last = re.split(r"[\\/]", nfc(name))[-1]
    stem = re.sub(r'[\x00-\x1f\x7f"<>:|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069]+', "", last.rsplit(".", 1)[0])
    return f"{stem.strip(' .')[:LONGEST_NAME] or 'bai-nop'}.{kind.extensions[0]}"
