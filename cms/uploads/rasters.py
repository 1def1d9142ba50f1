"""Photographs and screenshots: only the picture is kept. What hides behind or beside it is cut out or refused."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from io import BytesIO
from struct import error as struct_error
from struct import pack, unpack_from

from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from cms.uploads.base import Limits, broken, refuse
from common.wording import number

_HIDDEN = re.compile(
    rb"<\s*(?:script|html|!doctype|iframe|svg|body|\?php)|javascript:|PK\x03\x04|%PDF-|MZ\x90\x00", re.IGNORECASE
)
#: Long enough that pixels do not say it by chance.
_IN_PIXELS = re.compile(rb"<script|<html|<!doctype|<iframe|javascript:", re.IGNORECASE)
_JPEG_NEXT = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")
_PNG_KEPT = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs",
    b"cICP", b"acTL", b"fcTL", b"fdAT",
}  # fmt: skip
_WEBP_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
_ORIENTATION = 0x0112


@dataclass
class _Anatomy:
    """A picture taken apart: what is picture, and everything else."""

    kept: list[bytes] = field(default_factory=list)
    beside: list[bytes] = field(default_factory=list)
    frames: int = 1


def check(data: bytes, extension: str, limits: Limits) -> bytes | None:
    """Refuse what is no sound picture. Returns the picture without what stood beside it; None when that was nothing."""
    walk = {"jpg": _jpeg, "jpeg": _jpeg, "png": _png, "gif": _gif, "webp": _webp}[extension]
    try:
        anatomy = walk(data)
    except (IndexError, struct_error, ValueError) as error:
        raise broken(_("hình")) from error
    beside, kept = b"".join(anatomy.beside), b"".join(anatomy.kept)
    if _HIDDEN.search(beside) or _IN_PIXELS.search(kept):
        raise refuse(
            _("Trong tệp hình có giấu mã lệnh hoặc một tệp khác."),
            _("Đừng dùng tệp này. Hãy mở hình, chụp lại màn hình hoặc xuất ra hình mới rồi tải hình mới lên."),
            code="polyglot",
        )
    _decode(kept, anatomy.frames, limits)
    return kept if kept != data else None


def _decode(data: bytes, frames: int, limits: Limits) -> None:
    """Its size before its pixels: a small file can be a wall of them."""
    try:
        with Image.open(BytesIO(data)) as image:
            width, height = image.size
            if width * height * max(1, frames) <= limits.pixels:
                image.load()
                return
        size = {"width": number(width), "height": number(height), "frames": number(frames)}
        still, moving = _("%(width)s × %(height)s điểm"), _("%(width)s × %(height)s điểm, %(frames)s khung")
        told = (moving if frames > 1 else still) % size
    except Image.DecompressionBombError:
        told = _("quá nhiều điểm ảnh")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise broken(_("hình")) from error
    raise refuse(
        _("Hình quá lớn: %(told)s.") % {"told": told},
        _("Thu nhỏ hình còn rộng khoảng 2000 điểm rồi tải lại."),
        code="too_many_pixels",
    )


def _jpeg(data: bytes) -> _Anatomy:
    found, at = _Anatomy([data[:2]]), 2
    while True:
        if data[at] != 0xFF:
            raise ValueError("no marker")
        while data[at + 1] == 0xFF:
            at += 1
        marker = data[at + 1]
        if marker == 0xD9:
            found.kept.append(data[at : at + 2])
            found.beside.append(data[at + 2 :])
            return found
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            found.kept.append(data[at : at + 2])
            at += 2
            continue
        end = at + 2 + int(unpack_from(">H", data, at + 2)[0])
        if marker == 0xDA:
            following = _JPEG_NEXT.search(data, end)
            if not following:
                raise ValueError("no end")
            end = following.start()
        segment = data[at:end]
        _jpeg_sort(found, marker, segment)
        at = end


def _jpeg_sort(found: _Anatomy, marker: int, segment: bytes) -> None:
    """Comments and application data go, but for colours and which way is up."""
    said = segment[4:]
    if marker == 0xFE or 0xE0 <= marker <= 0xEF:
        if said.startswith((b"JFIF\0", b"ICC_PROFILE\0", b"Adobe")):
            found.kept.append(segment)
            return
        if marker == 0xE1 and said.startswith(b"Exif\0\0") and (upright := _orientation(said)):
            if upright != segment:
                found.beside.append(segment)
            found.kept.append(upright)
            return
        found.beside.append(segment)
    else:
        found.kept.append(segment)


def _orientation(said: bytes) -> bytes:
    """A segment that says only which way is up; empty when the camera was held upright. Places and names are lost."""
    exif = Image.Exif()
    try:
        exif.load(said)
        turned = exif.get(_ORIENTATION)
    except Exception:  # whatever a camera or an attacker wrote there
        return b""
    if turned not in range(2, 9):
        return b""
    only = Image.Exif()
    only[_ORIENTATION] = turned
    content = only.tobytes()
    content = content if content.startswith(b"Exif\0\0") else b"Exif\0\0" + content
    return b"\xff\xe1" + pack(">H", len(content) + 2) + content


def _png(data: bytes) -> _Anatomy:
    found, at = _Anatomy([data[:8]]), 8
    while True:
        length, name = unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data) or zlib.crc32(data[at + 4 : end - 4]) != unpack_from(">I", data, end - 4)[0]:
            raise ValueError("chunk")
        if name == b"acTL":
            found.frames = int(unpack_from(">I", data, at + 8)[0])
        (found.kept if name in _PNG_KEPT else found.beside).append(data[at:end])
        at = end
        if name == b"IEND":
            found.beside.append(data[at:])
            return found


def _sub_blocks(data: bytes, at: int) -> int:
    """Where the chain of small blocks that begins at ``at`` ends."""
    while data[at]:
        at += data[at] + 1
    return at + 1


def _gif(data: bytes) -> _Anatomy:
    flags = data[10]
    at = 13 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
    found = _Anatomy([data[:at]], frames=0)
    while True:
        sort = data[at]
        if sort == 0x3B:
            found.kept.append(b"\x3b")
            found.beside.append(data[at + 1 :])
            return found
        if sort == 0x2C:
            local = data[at + 9]
            start = at + 10 + (3 << ((local & 7) + 1) if local & 0x80 else 0) + 1
            found.frames += 1
            keep = True
        elif sort == 0x21:
            start = at + 2
            keep = data[at + 1] == 0xF9 or data[at + 2 : at + 14] in (b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0")
        else:
            raise ValueError("block")
        end = _sub_blocks(data, start)
        (found.kept if keep else found.beside).append(data[at:end])
        at = end


def _webp(data: bytes) -> _Anatomy:
    whole = 8 + int(unpack_from("<I", data, 4)[0])
    if whole > len(data):
        raise ValueError("size")
    found, at, chunks = _Anatomy(beside=[data[whole:]], frames=0), 12, []
    while at + 8 <= whole:
        name, length = unpack_from("<4sI", data, at)
        end = at + 8 + length + (length & 1)
        chunk = data[at:end]
        if at + 8 + length > whole:
            raise ValueError("chunk")
        if name == b"VP8X":
            # No more place and time of the camera: neither do the flags promise them.
            chunk = chunk[:8] + bytes([chunk[8] & ~0x0C]) + chunk[9:]
        found.frames += name == b"ANMF"
        if name in _WEBP_KEPT:
            chunks.append(chunk)
        else:
            found.beside.append(chunk)
        at = end
    content = b"".join(chunks)
    found.frames = max(1, found.frames)
    found.kept = [b"RIFF" + pack("<I", len(content) + 4) + b"WEBP", content]
    return found
