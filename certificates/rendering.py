"""From a frozen row to a PDF."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from certificates import drawing
from certificates.drawing import check_address, issuer_lines, signer_lines, size_for
from certificates.models import Certificate, Design
from certificates.wording import score_text
from common.language import on_record
from common.pdf import pdf_render, qr_drawn
from common.text import vi_hours

ART = Path(__file__).parent / "templates" / "certificates" / "designs"
#: PDF/A with room for an attachment: structure with alternative text; readable text is mapped to Unicode.
VARIANT = "pdf/a-3a"
#: The designs kept as files were drawn without structure. Their papers are out, and keep their very bytes.
FILE_VARIANT = "pdf/a-3u"


def certificate_pdf(certificate: Certificate) -> bytes:
    """The certificate as PDF/A. Reads the frozen row (with its design and pictures) only: the bytes never change."""
    assert certificate.design is not None  # only what was taken over from a paper register has none, and no file
    if not certificate.design.body:
        return _from_files(certificate, certificate.design)
    html, css = drawing.page_of(certificate, certificate.design)
    return pdf_render(
        html=html,
        css=css,
        art=drawing.ART,
        variant=VARIANT,
        identifier=certificate.uuid.bytes,
        name=certificate.uuid.urn,
    )


def _from_files(certificate: Certificate, design: Design) -> bytes:
    """A design of the first version, kept as files."""
    name = f"{design.code}-{design.version}"
    with on_record():
        html = render_to_string(f"certificates/designs/{name}.html", context_for(certificate))
    identifier = certificate.uuid.bytes
    return pdf_render(html=html, css=_style(name), art=ART, variant=FILE_VARIANT, identifier=identifier)


@lru_cache(maxsize=8)
def _style(design: str) -> str:
    """The style sheet of a design, read once for the process."""
    return render_to_string(f"certificates/designs/{design}.css", {"art": ART.as_uri()})


def context_for(certificate: Certificate) -> dict[str, Any]:
    """What a design kept as files may show: the frozen row, the address to check it at, sizes for long text."""
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
        "check_at": check_address(),
    }
