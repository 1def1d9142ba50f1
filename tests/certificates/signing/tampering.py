"""Ways to spoil a signed file, and to add to one what may be added."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pikepdf
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter


def flipped(pdf: bytes, at: int) -> bytes:
    return pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]


def rewritten(pdf: bytes, **options: Any) -> bytes:
    """As "Save as" of another program leaves it: the same page, none of the same bytes."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        opened.save(out, **options)
    return out.getvalue()


def without_signature(pdf: bytes) -> bytes:
    """The field stays, its signature is taken out and the file written anew."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        for field in opened.Root.AcroForm.Fields:
            del field["/V"]
        opened.save(out)
    return out.getvalue()


def with_page_text(pdf: bytes, words: bytes = b"BT (Xuat sac) Tj ET") -> bytes:
    """An incremental update draws over the page."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    writer.add_stream_to_page(0, writer.add_object(StreamObject(stream_data=words)))
    return _written(writer)


def with_note(pdf: bytes) -> bytes:
    """An incremental update puts a text box over the page."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0]
    note = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/FreeText"),
            NameObject("/Contents"): TextStringObject("Xuất sắc"),
            NameObject("/Rect"): ArrayObject([NumberObject(n) for n in (0, 0, 200, 200)]),
        }
    )
    page.setdefault(NameObject("/Annots"), ArrayObject()).append(writer.add_object(note))
    writer.update_container(page["/Annots"])
    return _written(writer)


def with_script(pdf: bytes) -> bytes:
    """An incremental update lets the file run something when it is opened."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    writer.root[NameObject("/OpenAction")] = writer.add_object(DictionaryObject(action))
    writer.update_root()
    return _written(writer)


def with_title(pdf: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    info = writer.trailer["/Info"]
    info[NameObject("/Title")] = TextStringObject("Bằng đại học")
    writer.update_container(info)
    return _written(writer)


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
