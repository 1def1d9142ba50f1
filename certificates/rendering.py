"""From a frozen row to a PDF."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from certificates.models import Certificate
from certificates.wording import score_text
from common.pdf import pdf_render, qr_drawn
from common.text import vi_hours

ART = Path(__file__).parent / "templates" / "certificates" / "designs"
#: PDF/A with room for an attachment; readable text is mapped to Unicode.
VARIANT = "pdf/a-3u"


def certificate_pdf(certificate: Certificate) -> bytes:
    """The certificate as PDF/A. Reads the frozen row (and its design) only, so the bytes never change."""
    assert certificate.design is not None  # only what was taken over from a paper register has none, and no file
    design = f"{certificate.design.code}-{certificate.design.version}"
    html = render_to_string(f"certificates/designs/{design}.html", context_for(certificate))
    css = _style(design)
    return pdf_render(html=html, css=css, art=ART, variant=VARIANT, identifier=certificate.uuid.bytes)


@lru_cache(maxsize=8)
def _style(design: str) -> str:
    """The style sheet of a design, read once for the process."""
    return render_to_string(f"certificates/designs/{design}.css", {"art": ART.as_uri()})


def context_for(certificate: Certificate) -> dict[str, Any]:
    """What a design may show: the frozen row, the address to check it at, and sizes that make long text fit."""
    address = f"{settings.BASE_URL}/xac-minh/{certificate.token}/"
    return {
        "certificate": certificate,
        "issuer_lines": issuer_lines(certificate.issuer_name),
        "signer_lines": signer_lines(certificate.signer_title),
        "score": score_text(certificate.score),
        "hours": vi_hours(certificate.course_hours or Decimal(0)),
        "name_size": size_for(certificate.holder_name, (24, 34, 46, 64)),
        "course_size": size_for(certificate.course_title, (38, 70, 110, 150)),
        "address": address,
        "qr": qr_drawn(address),
        "check_at": settings.BASE_URL.split("://", 1)[-1] + "/xac-minh/",
    }


def size_for(text: str, limits: tuple[int, ...]) -> int:
    """0 for the largest type; one more for each limit that the length of ``text`` passes."""
    return sum(len(text) > limit for limit in limits)


def signer_lines(title: str) -> list[str]:
    """In what capacity somebody signs: a deputy signs for the head (Nghị định 30/2020/NĐ-CP).

    "Phó Giám đốc" gives "KT. GIÁM ĐỐC" over "PHÓ GIÁM ĐỐC".
    """
    lines = [title.upper()] if title else []
    first, _, head = title.partition(" ")
    return [f"KT. {head.upper()}", *lines] if head and first.casefold() == "phó" else lines


def issuer_lines(name: str) -> list[str]:
    """The head of an administrative paper: a department stands under its people's committee.

    "Sở Khoa học và Công nghệ tỉnh Bắc Ninh" gives "UBND tỉnh Bắc Ninh" over "Sở Khoa học và Công nghệ".
    """
    for place in (" tỉnh ", " thành phố "):
        if name.startswith("Sở ") and place in name:
            department, province = name.rsplit(place, 1)
            return [f"UBND{place}{province}", department]
    return [name]
