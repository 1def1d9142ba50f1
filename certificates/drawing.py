"""From a design kept in the database and a frozen row to a page: what each field becomes, and the sheet around it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from certificates.design_language import Fault, Template, body_read
from certificates.design_style import style_read
from certificates.fitting import QR_SAYS
from certificates.models import Asset, Certificate, Design, Paper
from certificates.wording import score_text
from common.language import on_record
from common.pdf import qr_drawn
from common.text import vi_date, vi_hours

#: Drawings that designs may name. One that an issued certificate shows is never changed: a new look is a new file.
ART = Path(__file__).parent / "data" / "designs"
SIZES = {Paper.LANDSCAPE: ("297mm", "210mm"), Paper.PORTRAIT: ("210mm", "297mm"), Paper.CARD: ("85.6mm", "54mm")}
#: Pictures are not smoothed by readers: PDF/A does not let them.
_SHEET = """\
@page {{ size: {0} {1}; margin: 0; }}
* {{ box-sizing: border-box; margin: 0; padding: 0; }}
html {{ font-family: "Be Vietnam Pro"; font-size: 12pt; line-height: 1.35; color: #1b2733; }}
body {{ width: {0}; height: {1}; position: relative; }}
img {{ display: inline-block; image-rendering: crisp-edges; max-width: 100%; max-height: 100%; }}
.dong {{ display: block; }}
.ma-qr, .ma-qr img {{ display: block; width: 100%; height: 100%; }}
.con-dau {{ display: block; width: 100%; height: 100%; border: .2mm dashed #c3cad0; border-radius: 50%; }}
"""
#: From how many letters on a text takes a smaller type: classes ``dai-0`` to ``dai-4``.
NAME_LIMITS, TITLE_LIMITS, ISSUER_LIMITS = (24, 34, 46, 64), (38, 70, 110, 150), (40, 60, 85, 110)


@dataclass(frozen=True)
class Sound:
    """A design read once: its template, the whole style of its sheet, and what is wrong with it."""

    template: Template
    style: str
    faults: Sequence[Fault]
    style_faults: Sequence[Fault]


def design_read(body: str, style: str, paper: str) -> Sound:
    """A design as it can be drawn; faults of the body and of the style apart, in the language of who reads them."""
    return _read(body, style, paper, get_language() or settings.LANGUAGE_CODE)


@lru_cache(maxsize=64)
def _read(body: str, style: str, paper: str, language: str) -> Sound:
    """Remembered for each language: faults are sentences."""
    template, faults = body_read(body)
    written, style_faults = style_read(style, art_addresses())
    return Sound(template, _SHEET.format(*SIZES[Paper(paper)]) + written, tuple(faults), tuple(style_faults))


@lru_cache(maxsize=1)
def art_addresses() -> dict[str, str]:
    """The address of each drawing by its file name."""
    return {file.name: file.as_uri() for file in sorted(ART.glob("*.svg"))}


def page_of(certificate: Certificate, design: Design) -> tuple[str, str]:
    """HTML and CSS of a certificate in a sound design, in the language of papers whoever asks."""
    with on_record():
        sound = design_read(design.body, design.style, design.paper)
        body = sound.template.render(field_values(certificate, design))
    day = certificate.issued_on.isoformat()
    html = format_html(
        '<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{} số {} – {}</title>'
        '<meta name="author" content="{}"><meta name="description" content="{}">'
        '<meta name="dcterms.created" content="{}T00:00:00Z"><meta name="dcterms.modified" content="{}T00:00:00Z">'
        "</head><body>{}</body></html>",
        design.name,
        certificate.number,
        certificate.holder_name,
        certificate.issuer_name,
        f"{design.name}: {certificate.course_title}",
        day,
        day,
        SafeString(body),
    )
    return html, sound.style


def field_values(certificate: Certificate, design: Design) -> dict[str, str]:
    """What each field shows of a frozen row; an empty one is empty text."""
    address = f"{settings.BASE_URL}/xac-minh/{certificate.token}/"
    return {
        "ho_ten": _sized(certificate.holder_name, NAME_LIMITS),
        "ngay_sinh": vi_date(certificate.holder_birth_date),
        "khoa_hoc": _sized(certificate.course_title, TITLE_LIMITS),
        "so_gio": vi_hours(certificate.course_hours or Decimal(0)),
        "ket_qua": score_text(certificate.score),
        "ngay_hoan_thanh": vi_date(certificate.completed_on),
        "so": certificate.number,
        "ngay_cap": day_written(certificate.issued_on),
        "noi_cap": certificate.place,
        "don_vi_cap": _issuer(certificate.issuer_name),
        "chuc_danh": _lines(signer_lines(certificate.signer_title)),
        "nguoi_ky": certificate.signer_name,
        "so_quyet_dinh": certificate.decision_number,
        "ngay_quyet_dinh": vi_date(certificate.decision_date),
        "het_han": vi_date(certificate.expires_on),
        "ma_qr": _code(address),
        "dia_chi_kiem_tra": check_address(),
        "quoc_hieu": "Cộng hoà xã hội chủ nghĩa Việt Nam",
        "tieu_ngu": "Độc lập - Tự do - Hạnh phúc",
        "logo": _picture(design.logo, "logo", f"Biểu trưng của {certificate.issuer_name}"),
        "chu_ky": _picture(certificate.signature, "chu-ky", f"Chữ ký của {certificate.signer_name}"),
        "con_dau": SafeString('<span class="con-dau"></span>') if design.has_seal else "",
    }


def check_address() -> str:
    """Where a paper is checked by its number, as it is printed."""
    return settings.BASE_URL.split("://", 1)[-1] + "/xac-minh/"


def day_written(day: date) -> str:
    """``ngày 18 tháng 11 năm 2026``; days and the first two months with a zero, so that nothing can be put before."""
    return f"ngày {day.day:02} tháng {day.month:02} năm {day.year}"


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


def _sized(text: str, limits: tuple[int, ...]) -> str:
    return format_html('<span class="dai-{}">{}</span>', size_for(text, limits), text) if text else ""


def _lines(lines: Sequence[str]) -> str:
    return format_html_join("", '<span class="dong">{}</span>', ((line,) for line in lines))


def _issuer(name: str) -> str:
    *above, own = issuer_lines(name)
    size = size_for(own, ISSUER_LIMITS)
    return _lines(above) + format_html('<span class="dong chinh dai-{}">{}</span>', size, own)


def _code(address: str) -> str:
    code = qr_drawn(address).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)  # a picture of its own
    picture = b64encode(code.encode()).decode()
    drawn = format_html('<img src="data:image/svg+xml;base64,{}" alt="{}">', picture, QR_SAYS)
    return format_html('<a class="ma-qr" href="{}">{}</a>', address, drawn)


def _picture(asset: Asset | None, class_name: str, says: str) -> str:
    if asset is None:
        return ""
    return format_html('<img class="{}" alt="{}" src="{}">', class_name, says, asset_address(asset))


@lru_cache(maxsize=16)
def _asset_data(sha256: str, media_type: str, name: str) -> str:
    with Asset._meta.get_field("file").storage.open(name) as file:
        return f"data:{media_type};base64,{b64encode(file.read()).decode()}"


def asset_address(asset: Asset) -> str:
    """The picture itself as an address; read once for the process, for what stands under a hash never changes."""
    return _asset_data(asset.sha256, asset.media_type, asset.file.name)
