"""Slips on paper: eight to an A4 page, with lines to cut along."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from common.language import on_record
from common.pdf import pdf_render, qr_drawn
from people.entry_codes import slip_code_show
from people.models import Unit, User
from people.slips import Printed, slips_make

ART = Path(__file__).parent / "templates" / "people" / "slips"
PER_PAGE = 8


def slips_print(*, people: Sequence[User], unit: Unit, by: User) -> bytes:
    """Make slips and return them as a PDF. See ``slips.slips_make`` for what that means and refuses."""
    return slips_drawn(slips_make(people=people, unit=unit, by=by))


def slips_drawn(printed: Sequence[Printed]) -> bytes:
    """The PDF of slips that were made: A4, eight to a page."""
    base = settings.BASE_URL.rstrip("/")
    slips = [
        {
            "slip": slip,
            "code": slip_code_show(slip.code),
            "qr": qr_drawn(base + reverse("account_slip_open", args=[slip.code])),
        }
        for slip in printed
    ]
    pages = [slips[start : start + PER_PAGE] for start in range(0, len(slips), PER_PAGE)]
    address = base.partition("://")[2] + reverse("account_slip")
    with on_record():
        html = render_to_string("people/slips/paper.html", {"pages": pages, "address": address})
    return pdf_render(html=html, css=(ART / "paper.css").read_text(encoding="utf-8"), art=ART)
