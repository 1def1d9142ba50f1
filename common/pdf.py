"""HTML to PDF: WeasyPrint, embedded fonts alone, no network, the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlsplit

import fontpkg_be_vietnam_pro
import segno
import weasyprint
from weasyprint.formatting_structure import boxes
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

FONTS = Path(fontpkg_be_vietnam_pro.ROOT) / "files"
WEIGHTS = {400: "Regular", 500: "Medium", 600: "SemiBold", 700: "Bold"}
#: As wide, letter for letter, as Times New Roman, which Nghị định 30/2020 asks for (Debian: fonts-croscore). Where it
#: is missing, papers that ask for it are set in the family above.
TINOS = Path("/usr/share/fonts/truetype/croscore")
SERIF_STYLES = {
    "Regular": (400, "normal"),
    "Bold": (700, "normal"),
    "Italic": (400, "italic"),
    "BoldItalic": (700, "italic"),
}

# Pango's font map is shared by the whole process: one layout at a time.
_LOCK = Lock()


class OwnFiles(URLFetcher):
    """Hands out the fonts and the drawings of one folder of ours; anything else stops the rendering."""

    def __init__(self, art: Path) -> None:
        super().__init__()
        self.folders = [FONTS.resolve(), TINOS.resolve(), art.resolve()]

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


def _face(family: str, weight: int, slant: str, file: Path) -> str:
    where = f"src:url('{file.as_uri()}')"
    return f"@font-face{{font-family:'{family}';font-weight:{weight};font-style:{slant};{where}}}"


@lru_cache(maxsize=16)
def style_parsed(css: str, art: Path) -> Any:
    """A style sheet with our fonts, parsed once for the process."""
    faces = [
        _face("Be Vietnam Pro", weight, "normal", FONTS / f"BeVietnamPro-{name}.ttf")
        for weight, name in WEIGHTS.items()
    ]
    serif = {TINOS / f"Tinos-{name}.ttf": style for name, style in SERIF_STYLES.items()}
    faces += [_face("Tinos", weight, slant, file) for file, (weight, slant) in serif.items() if file.exists()]
    return weasyprint.CSS(string="".join(faces) + css, font_config=_fonts(), url_fetcher=OwnFiles(art))


def pdf_render(
    *, html: str, css: str, art: Path, variant: str | None = None, identifier: bytes | None = None, name: str = ""
) -> bytes:
    """The PDF of a page. ``art`` is the folder of drawings that it may read.

    With a ``variant`` (such as "pdf/a-3a") and an ``identifier`` the same input gives the same bytes. ``name`` is what
    the metadata call the document for good, such as "urn:uuid:…".
    """
    with _LOCK:
        document = _laid_out(html, css, art, variant)
        if name:
            _name_in_metadata(document.metadata, name)
        pdf = document.write_pdf(pdf_variant=variant, pdf_identifier=identifier)
    return bytes(pdf)


def _laid_out(html: str, css: str, art: Path, variant: str | None = None) -> Any:
    page = weasyprint.HTML(string=html, base_url=None, url_fetcher=OwnFiles(art))
    return page.render(
        font_config=_fonts(),
        stylesheets=[style_parsed(css, art)],
        pdf_variant=variant,
        presentational_hints=False,
    )


def _name_in_metadata(metadata: Any, name: str) -> None:
    """The engine offers to add a second RDF beside its own, which readers need not look at: ours goes inside."""
    written = metadata.generate_rdf_metadata
    more = (
        f'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier>{escape(name)}'
        "</dc:identifier></rdf:Description></rdf:RDF>"
    )
    metadata.generate_rdf_metadata = lambda *args: written(*args).replace(b"</rdf:RDF>", more.encode())


@dataclass(frozen=True)
class Drawn:
    """A run of words or a picture on a page: where, in millimetres from the upper left corner; ``size`` of the type in
    points; ``says`` is the alternative text of a picture."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float = 0.0
    says: str = ""


def pages_measured(*, html: str, css: str, art: Path) -> list[list[Drawn]]:
    """What stands where on each page of a document, without making the PDF."""
    with _LOCK:
        return [list(_drawn(page._page_box)) for page in _laid_out(html, css, art).pages]


def _drawn(box: Any) -> Iterator[Drawn]:
    box = getattr(box, "_box", box)  # what stands absolutely is wrapped
    if isinstance(box, boxes.TextBox):
        left, top = box.position_x, box.position_y
        yield _placed(box.text, left, top, box, size=box.style["font_size"] * 0.75)
    elif isinstance(box, boxes.ReplacedBox):
        said = "" if box.element is None else box.element.get("alt", "")
        yield _placed("", box.content_box_x(), box.content_box_y(), box, says=said)
    for child in getattr(box, "children", ()):
        yield from _drawn(child)


def _placed(text: str, left: float, top: float, box: Any, size: float = 0.0, says: str = "") -> Drawn:
    dot = 96 / 25.4  # pixels of CSS in a millimetre
    return Drawn(text, left / dot, top / dot, (left + box.width) / dot, (top + box.height) / dot, size, says)


def qr_drawn(address: str) -> str:
    """A QR code as inline SVG: vector modules stay sharp at any zoom; M repairs 15 % of a scratched print."""
    qr = segno.make(address, error="m", micro=False)
    drawing: str = qr.svg_inline(border=2, dark="#14283a", light="#fff", omitsize=True, svgclass=None, lineclass=None)
    return drawing
