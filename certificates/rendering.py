"""From a frozen row to a PDF: WeasyPrint, one embedded font family, no network, the same bytes every time."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlsplit

import fontpkg_be_vietnam_pro
import segno
import weasyprint
from django.conf import settings
from django.template.loader import render_to_string
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from certificates.models import Certificate
from certificates.wording import hours_text, score_text

FONTS = Path(fontpkg_be_vietnam_pro.ROOT) / "files"
ART = Path(__file__).parent / "templates" / "certificates" / "designs"
WEIGHTS = {400: "Regular", 500: "Medium", 600: "SemiBold", 700: "Bold"}
#: PDF/A with room for an attachment; readable text is mapped to Unicode.
VARIANT = "pdf/a-3u"

# Pango's font map is shared by the whole process: one layout at a time.
_LOCK = Lock()


class OwnFiles(URLFetcher):
    """Hands out the project's own fonts and drawings; anything else stops the rendering."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        parts = urlsplit(url)
        path = Path(unquote(parts.path)).resolve()
        own = parts.scheme == "file" and any(path.is_relative_to(folder) for folder in (FONTS.resolve(), ART.resolve()))
        if not own and parts.scheme != "data":
            raise FatalURLFetchingError(f"A certificate may not read {url}.")
        return super().fetch(url, headers)


@lru_cache(maxsize=1)
def _fonts() -> FontConfiguration:
    """One for the process: each new one leaks memory and costs a third of the time."""
    return FontConfiguration()


@lru_cache(maxsize=8)
def _style(design: str) -> Any:
    """The style sheet of a design with its fonts, parsed once for the process."""
    faces = "".join(
        f"@font-face{{font-family:'Be Vietnam Pro';font-weight:{weight};"
        f"src:url('{(FONTS / f'BeVietnamPro-{name}.ttf').as_uri()}')}}"
        for weight, name in WEIGHTS.items()
    )
    css = render_to_string(f"certificates/designs/{design}.css", {"art": ART.as_uri()})
    return weasyprint.CSS(string=faces + css, font_config=_fonts(), url_fetcher=OwnFiles())


def certificate_pdf(certificate: Certificate) -> bytes:
    """The certificate as PDF/A. Reads the frozen row (and its design) only, so the bytes never change."""
    design = f"{certificate.design.code}-{certificate.design.version}"
    html = render_to_string(f"certificates/designs/{design}.html", context_for(certificate))
    with _LOCK:
        document = weasyprint.HTML(string=html, base_url=None, url_fetcher=OwnFiles())
        pdf = document.write_pdf(
            stylesheets=[_style(design)],
            font_config=_fonts(),
            pdf_variant=VARIANT,
            pdf_identifier=certificate.uuid.bytes,
            presentational_hints=False,
        )
    return bytes(pdf)


def context_for(certificate: Certificate) -> dict[str, Any]:
    """What a design may show: the frozen row, the address to check it at, and sizes that make long text fit."""
    address = f"{settings.BASE_URL}/xac-minh/{certificate.token}/"
    # Vector modules stay sharp at any zoom; M repairs 15 % of a scratched print.
    qr = segno.make(address, error="m", micro=False)
    drawing = qr.svg_inline(border=2, dark="#14283a", light="#fff", omitsize=True, svgclass=None, lineclass=None)
    return {
        "certificate": certificate,
        "issuer_lines": issuer_lines(certificate.issuer_name),
        "signer_lines": signer_lines(certificate.signer_title),
        "score": score_text(certificate.score),
        "hours": hours_text(certificate.course_hours),
        "name_size": size_for(certificate.holder_name, (24, 34, 46, 64)),
        "course_size": size_for(certificate.course_title, (38, 70, 110, 150)),
        "address": address,
        "qr": drawing,
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
