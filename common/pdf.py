"""HTML to PDF: WeasyPrint, one embedded font family, no network, the same bytes every time."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlsplit

import fontpkg_be_vietnam_pro
import segno
import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

FONTS = Path(fontpkg_be_vietnam_pro.ROOT) / "files"
WEIGHTS = {400: "Regular", 500: "Medium", 600: "SemiBold", 700: "Bold"}

# Pango's font map is shared by the whole process: one layout at a time.
_LOCK = Lock()


class OwnFiles(URLFetcher):
    """Hands out the fonts and the drawings of one folder of ours; anything else stops the rendering."""

    def __init__(self, art: Path) -> None:
        super().__init__()
        self.folders = [FONTS.resolve(), art.resolve()]

    def fetch(self, url: str, headers: Any = None) -> Any:
        parts = urlsplit(url)
        path = Path(unquote(parts.path)).resolve()
        own = parts.scheme == "file" and any(path.is_relative_to(folder) for folder in self.folders)
        if not own and parts.scheme != "data":
            raise FatalURLFetchingError(f"A paper may not read {url}.")
        return super().fetch(url, headers)


@lru_cache(maxsize=1)
def _fonts() -> FontConfiguration:
    """One for the process: each new one leaks memory and costs a third of the time."""
    return FontConfiguration()


@lru_cache(maxsize=16)
def style_parsed(css: str, art: Path) -> Any:
    """A style sheet with our fonts, parsed once for the process."""
    faces = "".join(
        f"@font-face{{font-family:'Be Vietnam Pro';font-weight:{weight};"
        f"src:url('{(FONTS / f'BeVietnamPro-{name}.ttf').as_uri()}')}}"
        for weight, name in WEIGHTS.items()
    )
    return weasyprint.CSS(string=faces + css, font_config=_fonts(), url_fetcher=OwnFiles(art))


def pdf_render(*, html: str, css: str, art: Path, variant: str | None = None, identifier: bytes | None = None) -> bytes:
    """The PDF of a page. ``art`` is the folder of drawings that it may read.

    With a ``variant`` (such as "pdf/a-3u") and an ``identifier`` the same input gives the same bytes.
    """
    with _LOCK:
        document = weasyprint.HTML(string=html, base_url=None, url_fetcher=OwnFiles(art))
        pdf = document.write_pdf(
            stylesheets=[style_parsed(css, art)],
            font_config=_fonts(),
            pdf_variant=variant,
            pdf_identifier=identifier,
            presentational_hints=False,
        )
    return bytes(pdf)


def qr_drawn(address: str) -> str:
    """A QR code as inline SVG: vector modules stay sharp at any zoom; M repairs 15 % of a scratched print."""
    qr = segno.make(address, error="m", micro=False)
    drawing: str = qr.svg_inline(border=2, dark="#14283a", light="#fff", omitsize=True, svgclass=None, lineclass=None)
    return drawing
