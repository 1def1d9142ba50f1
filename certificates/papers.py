"""Papers made out of the register: a copy of one certificate, a book as it is filed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from certificates.models import RegisterEntry
from certificates.rendering import VARIANT, issuer_lines
from certificates.wording import score_text
from common.pdf import pdf_render, qr_drawn
from common.text import vi_date, vi_hours

ART = Path(__file__).parent / "templates" / "certificates" / "papers"


def copy_pdf(row: RegisterEntry) -> bytes:
    """The page of a copy (bản sao), as its register row says it: the same bytes every time."""
    assert row.certificate is not None  # only closings name none
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
