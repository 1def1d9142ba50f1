"""Files as people and attackers upload them, crafted byte by byte."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

HTML = b"<html><script>alert(1)</script></html>"
_MAIN = {
    "docx": ("word/document.xml", "wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet.main+xml"),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation.main+xml"),
}
_ODF = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}


def raster(kind: str, *, size: tuple[int, int] = (60, 40), frames: int = 1, **options: Any) -> bytes:
    """A sound picture: kind is gif, jpeg, png or webp."""
    out = BytesIO()
    first = Image.new("RGB", size, "#0a5f53")
    if frames > 1:
        rest = [Image.new("RGB", size, (n * 7 % 255, 0, 0)) for n in range(1, frames)]
        options |= {"save_all": True, "append_images": rest}
    first.save(out, kind.upper(), **options)
    return out.getvalue()


def png_with_text(text: str) -> bytes:
    info = PngInfo()
    info.add_text("Comment", text)
    return raster("png", pnginfo=info)


def jpeg_with(marker: int, content: bytes) -> bytes:
    """A JPEG with one more segment after its first marker."""
    sound = raster("jpeg")
    return sound[:2] + struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content + sound[2:]


def jpeg_from_a_phone(orientation: int = 6) -> bytes:
    """Held upright, with the name of the place."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "Nha ba Thu, Xuan Luong"
    return raster("jpeg", exif=exif)


def gif_with_comment(comment: bytes) -> bytes:
    sound = raster("gif")
    return sound[:-1] + b"\x21\xfe" + bytes([len(comment)]) + comment + b"\0" + b"\x3b"


def png_bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A small file that says it is a wall of pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(b"\0" * 99)), chunk(b"IEND", b""))
    )


def svg(inner: str = "", attributes: str = "", before: str = "") -> bytes:
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'{before}<svg {names} width="64" height="36" viewBox="0 0 64 36" {attributes}>{inner}</svg>'.encode()


def archive(files: dict[str, bytes], *, stored: tuple[str, ...] = (), comment: bytes = b"") -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content, zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED)
        made.comment = comment
    return out.getvalue()


def office(kind: str, more: dict[str, bytes] | None = None, *, says: str = "") -> bytes:
    """A document of an office suite; ``says`` is another kind that its content types tell."""
    if kind in _ODF:
        return archive(
            {"mimetype": f"application/vnd.oasis.opendocument.{_ODF[says or kind]}".encode(), **(more or {})},
            stored=("mimetype",),
        )
    part, content_type = _MAIN[says or kind]
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/{part}" ContentType="application/vnd.openxmlformats-officedocument.{content_type}"/>'
        "</Types>"
    )
    return archive({"[Content_Types].xml": types.encode(), part: b"<document/>", **(more or {})})


def relations(kind: str, target: str) -> bytes:
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{base}/{kind}" Target="{target}" TargetMode="External"/></Relationships>'
    ).encode()


def archive_that_lies() -> bytes:
    """The list says 10 bytes; what is packed is more."""
    made = bytearray(archive({"a.txt": b"0" * 100_000}))
    true = struct.pack("<I", 100_000)
    at = made.find(true)
    while at >= 0:
        made[at : at + 4] = struct.pack("<I", 10)
        at = made.find(true, at)
    return bytes(made)


def archive_of_overlaps() -> bytes:
    """Two names in the list for one packed file: the trick of bombs that unpack to petabytes."""
    made = archive({"a.txt": b"0" * 1000, "b.txt": b"1" * 1000})
    start = made.find(b"PK\x01\x02")
    second = made.find(b"PK\x01\x02", start + 4)
    return made[: second + 42] + struct.pack("<I", 0) + made[second + 46 :]


def mp4(*, brand: bytes = b"isom", after: bytes = b"", with_moov: bool = True) -> bytes:
    def box(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I4s", len(content) + 8, name) + content

    moov = box(b"moov", b"\0" * 20) if with_moov else b""
    return box(b"ftyp", brand + b"\0\0\2\0isomiso2") + moov + box(b"mdat", b"\0" * 50) + after


def mp3(*, tag: bool = True) -> bytes:
    """Two frames of MPEG 1 layer III at 64 kbit/s, 44.1 kHz: 208 bytes each."""
    frame = b"\xff\xfb\x50\x00" + b"\0" * 204
    return (b"ID3\x04\0\0\0\0\0\x0a" + b"\0" * 10 if tag else b"") + frame * 2


def pdf(extra: bytes = b"", after: bytes = b"") -> bytes:
    return b"%PDF-1.7\n1 0 obj\n<</Type/Catalog" + extra + b">>\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF\n" + after
