"""Papers made out of the register: a copy of one certificate, a book as it is filed."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pikepdf
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from certificates.books import Book, book_rows, note_of
from certificates.drawing import issuer_lines, signer_lines
from certificates.models import RegisterEntry, Series
from certificates.rendering import VARIANT
from certificates.services.issuing import issuer_name
from certificates.services.totals import COUNTED, book_totals
from certificates.wording import claim_said, score_text
from certificates.words import number_in_words
from common.language import on_record
from common.pdf import pdf_render, qr_drawn
from common.text import vi_date, vi_hours

ART = Path(__file__).parent / "templates" / "certificates" / "papers"


def copy_pdf(row: RegisterEntry) -> bytes:
    """The page of a copy (bản sao), as its register row says it: the same bytes every time."""
    assert row.certificate is not None  # only closings name none
    with on_record():
        html = render_to_string("certificates/papers/copy.html", copy_context(row))
    return pdf_render(
        html=html, css=style("copy"), art=ART, variant=VARIANT, identifier=bytes.fromhex(row.row_hash)[:16]
    )


def copy_context(row: RegisterEntry) -> dict[str, Any]:
    """What a copy says: the claims as the register kept them, days and figures in words."""
    said: dict[str, Any] = row.content
    assert row.certificate is not None
    address = f"{settings.BASE_URL}/xac-minh/{row.certificate.token}/"
    return {
        "row": row,
        "said": said,
        "issuer_lines": issuer_lines(said["issuer_name"]),
        "born": day_said(said["holder_birth_date"]),
        "completed": day_said(said["completed_on"]),
        "issued": day_said(said["issued_on"]),
        "expires": day_said(said.get("expires_on", "")),
        "decided": day_said(said["decision_date"]),
        "hours": vi_hours(Decimal(said["course_hours"])) if said["course_hours"] else "",
        "score": score_text(Decimal(said["score"])) if said["score"] else "",
        "address": address,
        "qr": qr_drawn(address),
    }


def day_said(iso: str) -> str:
    """A day of the register's as people write it; empty for none."""
    return vi_date(date.fromisoformat(iso)) if iso else ""


def style(name: str) -> str:
    """The style sheet of a paper."""
    return (ART / f"{name}.css").read_text(encoding="utf-8")


#: Rows laid out at once: a book of a province has thousands, and the layout of all of them would fill the memory.
ROWS_AT_ONCE = 400


def book_pdf(series: Series, book: Book, *, advance: Callable[[int], None] = lambda count: None) -> bytes:
    """A book in the layout of a register: A4 landscape, the heading of the table on every page, pages numbered through,
    the totals in words and room for a signature at the end."""
    totals = book_totals(series=series, year=book.year)
    rows = book_rows(series, book.year).iterator(chunk_size=ROWS_AT_ONCE)
    with pikepdf.new() as whole:
        part, is_first = list(islice(rows, ROWS_AT_ONCE)), True
        while part or is_first:
            following = list(islice(rows, ROWS_AT_ONCE))
            pdf = _book_part(
                series, book, part, totals, is_first=is_first, is_last=not following, page=len(whole.pages)
            )
            with pikepdf.open(io.BytesIO(pdf)) as piece:
                whole.pages.extend(piece.pages)
            advance(len(part))
            part, is_first = following, False
        whole.docinfo["/Title"] = f"Sổ gốc {series.name} năm {book.year}"
        written = io.BytesIO()
        whole.save(written)
    return written.getvalue()


def _book_part(
    series: Series,
    book: Book,
    part: list[RegisterEntry],
    totals: dict[str, Any],
    *,
    is_first: bool,
    is_last: bool,
    page: int,
) -> bytes:
    with on_record():
        html = _book_html(series, book, part, totals, is_first=is_first, is_last=is_last)
    css = style("book") + f"@page :first {{ counter-reset: page {page + 1}; }}"
    return pdf_render(html=html, css=css, art=ART)


def _book_html(
    series: Series, book: Book, part: list[RegisterEntry], totals: dict[str, Any], *, is_first: bool, is_last: bool
) -> str:
    issuer = issuer_name(series.unit)
    context = {name: totals[name] for name in COUNTED.values()} | {
        "series": series,
        "book": book,
        "issuer": issuer,
        "issuer_lines": issuer_lines(issuer),
        "signer_lines": signer_lines(series.signer_title),
        "lines": [_line(book, entry) for entry in part],
        "is_first": is_first,
        "is_last": is_last,
        "issued_words": number_in_words(totals["issued"]),
        "closing": book.closing,
        "today": timezone.localdate(),
    }
    return render_to_string("certificates/papers/book.html", context)


def _line(book: Book, entry: RegisterEntry) -> dict[str, Any]:
    said = entry.content
    decided = (said.get("decision_number", ""), day_said(said.get("decision_date", "")))
    return {
        "number": book.number_of(entry),
        "certificate": said.get("number", ""),
        "name": said.get("holder_name", ""),
        "born": day_said(said.get("holder_birth_date", "")),
        "title": said.get("course_title", ""),
        "hours": claim_said("course_hours", said["course_hours"]) if said.get("course_hours") else "",
        "score": claim_said("score", said["score"]) if said.get("score") else "",
        "issued": day_said(said.get("issued_on", "")),
        "decision": f"{entry.decision_number}, {vi_date(entry.decision_date)}"
        if entry.decision_number
        else ", ".join(part for part in decided if part),
        "act": entry.get_act_display(),
        "note": note_of(entry),
    }
