"""Archives, and the documents that are archives inside (docx, xlsx, pptx, odt, ods, odp)."""

from __future__ import annotations

import stat
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cms.uploads.base import MB, Limits, UnsafeFile, broken, extension_of, refuse

_OOXML = {"docx": "wordprocessingml.document", "xlsx": "spreadsheetml.sheet", "pptx": "presentationml.presentation"}
_ODF = {"odt": b"opendocument.text", "ods": b"opendocument.spreadsheet", "odp": b"opendocument.presentation"}
OFFICE = (*_OOXML, *_ODF)
ARCHIVES = ("zip", *OFFICE)
_CALLED = {
    "docx": "Word",
    "xlsx": "Excel",
    "pptx": "PowerPoint",
    "odt": gettext_noop("văn bản"),
    "ods": gettext_noop("bảng tính"),
    "odp": gettext_noop("trình chiếu"),
}
_PROGRAMS = {
    "exe", "msi", "bat", "cmd", "com", "scr", "ps1", "vbs", "vbe", "js", "jse", "wsf", "hta", "jar", "apk", "dll",
    "lnk", "sh", "reg", "docm", "xlsm", "pptm", "dotm", "html", "htm", "svg", "xhtml",
}  # fmt: skip
_PACKED = {"zip", "rar", "7z", "gz", "tgz", "tar", "bz2", "xz", "cab", "iso"}
#: Relations of a document that fetch something when it is opened.
_FETCHING = ("/attachedTemplate", "/oleObject", "/frame", "/subDocument")
DEEPEST = 2
_CHUNK = 64 * 1024
_END = b"PK\x05\x06"


@dataclass
class _Budget:
    """What may still be unpacked from one upload, in all its layers."""

    bytes_left: int
    entries_left: int


def check(file: BinaryIO, extension: str, limits: Limits) -> None:
    """Refuse an archive that blows up, hides others, runs, or is not the document that its name says."""
    budget = _Budget(limits.unpacked_mb * MB, limits.entries)
    _check_layer(file, extension, limits, budget, depth=0)


def _check_layer(file: BinaryIO, extension: str, limits: Limits, budget: _Budget, *, depth: int) -> None:
    if depth > DEEPEST:
        raise _bomb(_("quá nhiều lớp nén lồng nhau"))
    size = _check_frame(file, limits)
    try:
        with ZipFile(file) as archive:
            entries = archive.infolist()
            _check_entries(entries, extension, size, limits, budget)
            if extension in OFFICE:
                _check_office(archive, extension)
            for entry in entries:
                _check_content(archive, entry, extension, limits, budget, depth)
    except (BadZipFile, LargeZipFile, zlib.error, NotImplementedError, EOFError, ValueError, RuntimeError) as error:
        raise broken(_("tệp nén")) from error


def _check_frame(file: BinaryIO, limits: Limits) -> int:
    """From the first byte to the last it is this archive and nothing else; returns its size.

    Asked before the list of entries is read, which a bomb can make as long as it likes.
    """
    size = file.seek(0, 2)
    file.seek(0)
    if file.read(4) != b"PK\x03\x04":
        raise refuse(_("Tệp nén rỗng hoặc có dữ liệu lạ ở đầu."), _("Nén lại các tệp cần gửi."), code="polyglot")
    file.seek(max(0, size - 65_557))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        raise broken(_("tệp nén"))
    if at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") != len(tail):
        raise refuse(
            _("Sau chỗ kết thúc của tệp nén còn dữ liệu khác."), _("Nén lại các tệp cần gửi."), code="polyglot"
        )
    listed = int.from_bytes(tail[at + 12 : at + 16], "little")
    begins = int.from_bytes(tail[at + 16 : at + 20], "little")
    if listed > limits.entries * 512:
        raise _bomb(_("hơn %(entries)s tệp bên trong") % {"entries": limits.entries})
    if begins + listed > size - (len(tail) - at):
        raise broken(_("tệp nén"))
    file.seek(0)
    return size


def _bomb(what: str) -> UnsafeFile:
    return refuse(
        _("Tệp nén có %(what)s: mở ra có thể làm treo máy.") % {"what": what},
        _("Tải lên riêng từng tệp cần dùng."),
        code="zip_bomb",
    )


def _check_entries(entries: list[ZipInfo], extension: str, size: int, limits: Limits, budget: _Budget) -> None:
    """By the list alone: how many, how large, where they lie, how they are called."""
    budget.entries_left -= len(entries)
    if budget.entries_left < 0:
        raise _bomb(_("hơn %(entries)s tệp bên trong") % {"entries": limits.entries})
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > budget.bytes_left:
        raise _bomb(_("hơn %(unpacked_mb)s MB khi giải nén") % {"unpacked_mb": limits.unpacked_mb})
    if unpacked > 10 * MB and unpacked > size * limits.ratio:
        raise _bomb(_("nội dung nén hơn %(ratio)s lần") % {"ratio": limits.ratio})
    placed = sorted(entries, key=lambda entry: entry.header_offset)
    for entry, following in zip(placed, placed[1:], strict=False):
        if entry.header_offset + 30 + entry.compress_size > following.header_offset:
            raise _bomb(_("các tệp chồng lên nhau"))
    for entry in entries:
        _check_name(entry, extension)


def _check_name(entry: ZipInfo, extension: str) -> None:
    name = entry.filename
    shown = f"«{name[-80:]}»"
    if entry.flag_bits & 1:
        raise refuse(
            _("Tệp nén có mật khẩu nên không kiểm tra được."), _("Nén lại không đặt mật khẩu."), code="encrypted"
        )
    if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name:
        raise refuse(
            _("Tệp nén có đường dẫn trỏ ra ngoài %(shown)s.") % {"shown": shown},
            _("Nén lại các tệp cần gửi."),
            code="path",
        )
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise refuse(
            _("Tệp nén có lối tắt %(shown)s thay cho tệp thật.") % {"shown": shown},
            _("Nén lại bằng tệp thật."),
            code="path",
        )
    if extension == "zip" and extension_of(name) in _PROGRAMS:
        raise refuse(
            _("Trong tệp nén có tệp chạy được %(shown)s.") % {"shown": shown},
            _("Bỏ tệp đó ra rồi nén lại."),
            code="program",
        )
    if extension == "zip" and extension_of(name) in _PACKED:
        raise refuse(
            _("Trong tệp nén còn tệp nén %(shown)s.") % {"shown": shown},
            _("Giải nén tệp đó ra rồi nén lại một lần."),
            code="nested",
        )


def _check_content(
    archive: ZipFile, entry: ZipInfo, extension: str, limits: Limits, budget: _Budget, depth: int
) -> None:
    """Unpack and count: what the list says of sizes may be a lie, and its check sums tell."""
    kept = bytearray()
    ending = extension_of(entry.filename)
    with archive.open(entry) as content:
        head = content.read(_CHUNK)
        if head[:2] == b"MZ" or head[:4] == b"\x7fELF":
            raise refuse(
                _("Trong tệp có chương trình máy tính «%(name)s».") % {"name": entry.filename[-80:]},
                _("Bỏ tệp đó ra."),
                code="program",
            )
        is_layer = head[:4] == b"PK\x03\x04"
        if is_layer and ending not in OFFICE:
            raise refuse(
                _("Trong tệp còn tệp nén «%(name)s».") % {"name": entry.filename[-80:]},
                _("Giải nén ra rồi nén lại một lần."),
                code="nested",
            )
        while head:
            budget.bytes_left -= len(head)
            if budget.bytes_left < 0:
                raise _bomb(_("hơn %(unpacked_mb)s MB khi giải nén") % {"unpacked_mb": limits.unpacked_mb})
            if is_layer:
                kept += head
            head = content.read(_CHUNK)
    if is_layer:
        _check_layer(BytesIO(bytes(kept)), ending, limits, budget, depth=depth + 1)


def _check_office(archive: ZipFile, extension: str) -> None:
    names = {name.lower() for name in archive.namelist()}
    if any(_is_macro(name) for name in names):
        raise refuse(
            _("Tài liệu có macro (mã lệnh chạy khi mở)."),
            _("Lưu lại dạng .%(extension)s không macro, hoặc lưu thành PDF.") % {"extension": extension},
            code="macro",
        )
    if any("activex/" in name or ("embeddings/" in name and name.endswith(".bin")) for name in names):
        raise refuse(
            _("Tài liệu có đối tượng nhúng chạy được (OLE, ActiveX)."),
            _("Dán đối tượng đó thành hình, hoặc lưu thành PDF."),
            code="active",
        )
    (_check_ooxml if extension in _OOXML else _check_odf)(archive, extension)


def _is_macro(name: str) -> bool:
    """Where the two families of documents keep their macros."""
    return "vbaproject" in name or "macrosheets/" in name or name.startswith(("basic/", "scripts/"))


def _check_ooxml(archive: ZipFile, extension: str) -> None:
    types = _small_xml(archive, "[Content_Types].xml")
    said = [element.get("ContentType", "") for element in types]
    if any("macroenabled" in content_type.lower() for content_type in said):
        raise refuse(
            _("Tài liệu là loại có macro, chỉ đổi đuôi."),
            _("Lưu lại dạng .%(extension)s thường, không macro.") % {"extension": extension},
            code="macro",
        )
    if not any(f"{_OOXML[extension]}.main+xml" in content_type for content_type in said):
        raise _not_that(extension)
    for name in archive.namelist():
        if name.endswith(".rels"):
            for relation in _small_xml(archive, name):
                if relation.get("TargetMode") == "External" and relation.get("Type", "").endswith(_FETCHING):
                    raise refuse(
                        _("Tài liệu tự tải thứ khác khi mở («%(address)s»).")
                        % {"address": relation.get("Target", "")[:60]},
                        _("Lưu lại không kèm mẫu từ xa, hoặc lưu thành PDF."),
                        code="external",
                    )


def _check_odf(archive: ZipFile, extension: str) -> None:
    first = archive.infolist()[0]
    if first.filename != "mimetype" or first.file_size > 200 or not archive.read(first).endswith(_ODF[extension]):
        raise _not_that(extension)


def _not_that(extension: str) -> UnsafeFile:
    return refuse(
        _("Tệp tên .%(extension)s nhưng bên trong không phải tài liệu %(kind)s.")
        % {"extension": extension, "kind": _(_CALLED[extension])},
        _("Mở tệp bằng phần mềm đã tạo ra nó và lưu lại đúng loại."),
        code="mislabelled",
    )


def _small_xml(archive: ZipFile, name: str) -> list[dict[str, str]]:
    """The attributes of the elements right below the root of a small XML part."""
    try:
        part = archive.getinfo(name)
    except KeyError:
        return []
    if part.file_size > 4 * MB:
        raise _bomb(_("phần mô tả quá lớn"))
    try:
        return [dict(element.attrib) for element in fromstring(archive.read(part))]
    except (ParseError, DefusedXmlException) as error:
        raise broken(_("tài liệu")) from error
