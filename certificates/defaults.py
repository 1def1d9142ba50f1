"""The designs and the two series that a province starts with."""

from __future__ import annotations

from django.db import transaction

from certificates.drawing import ART
from certificates.models import Design, DesignState, Kind, Paper, Series
from common.text import nfc
from people.models import Unit

CONFIRMATION_SERIES = "giay-xac-nhan"
CERTIFICATE_SERIES = "giay-chung-nhan"
#: The designs that the platform brings along: code, version, name, sheet. They stand in ``certificates/data/designs``;
#: the first version of two of them was kept as files (``templates/certificates/designs``) and lives on in papers.
SHIPPED = (
    ("chung-nhan", 2, "Giấy chứng nhận", Paper.LANDSCAPE),
    ("xac-nhan", 2, "Giấy xác nhận hoàn thành", Paper.PORTRAIT),
    ("tham-gia", 1, "Giấy xác nhận tham gia", Paper.LANDSCAPE),
    ("the-vi", 1, "Thẻ chứng nhận bỏ ví", Paper.CARD),
)


@transaction.atomic
def series_ensure_defaults(
    *, unit: Unit, signer_name: str = "", signer_title: str = "", place: str = ""
) -> tuple[Series, Series]:
    """Get or create the automatic and the official series of ``unit``, the department that issues. Idempotent.

    A province may start without a signer; one given later fills an empty place. What is already there stays as it is:
    a signer changed since is not changed back. ``place`` is where certificates are dated; by default the province's
    name without its kind. Returns (automatic, official).
    """
    place = place or _place(unit)
    designs = designs_ensure_shipped()
    automatic, _ = Series.objects.get_or_create(
        code=CONFIRMATION_SERIES,
        defaults={
            "name": "Giấy xác nhận hoàn thành",
            "kind": Kind.CONFIRMATION,
            "suffix": "XN-HS",
            "unit": unit,
            "design": designs["xac-nhan"],
            "place": place,
            "is_automatic": True,
        },
    )
    official, created = Series.objects.get_or_create(
        code=CERTIFICATE_SERIES,
        defaults={
            "name": "Giấy chứng nhận",
            "kind": Kind.CERTIFICATE,
            "suffix": "CN-SKHCN",
            "unit": unit,
            "design": designs["chung-nhan"],
            "signer_name": nfc(signer_name),
            "signer_title": nfc(signer_title),
            "place": place,
        },
    )
    if not created:
        _signer_fill(official, nfc(signer_name), nfc(signer_title))
    return automatic, official


def _signer_fill(series: Series, name: str, title: str) -> None:
    """Name and title belong together: half of one person is never completed with half of another."""
    nobody = Series.objects.filter(pk=series.pk, signer_name="", signer_title="")
    if nobody.update(signer_name=name, signer_title=title):
        series.signer_name, series.signer_title = name, title


@transaction.atomic
def designs_ensure_shipped() -> dict[str, Design]:
    """Get or create the designs that the platform brings along, by code. Idempotent.

    A kind of paper that still names the file-kept version goes over to the new one; what it issued keeps its own.
    Where the province published a version of its own in the meantime, that one stands.
    """
    found = {}
    for code, version, name, paper in SHIPPED:
        body, style = shipped_text(code)
        design, _ = Design.objects.get_or_create(
            code=code,
            unit=None,
            version=version,
            defaults={"name": name, "paper": paper, "body": body, "style": style},
        )
        found[code] = design
        if design.state == DesignState.PUBLISHED:
            older = Design.objects.filter(code=code, unit=None, body="", version__lt=version)
            Series.objects.filter(design__in=older).update(design=design)
            older.exclude(state=DesignState.RETIRED).update(state=DesignState.RETIRED)
    return found


def shipped_text(code: str) -> tuple[str, str]:
    """Body and style of a design that the platform brings along; both empty for a code that it does not know."""
    if code not in {known for known, *_ in SHIPPED}:
        return "", ""
    body, style = (ART / f"{code}.{ending}" for ending in ("html", "css"))
    return body.read_text(encoding="utf-8"), style.read_text(encoding="utf-8")


def _place(unit: Unit) -> str:
    """ "Bắc Ninh" for a department of Tỉnh Bắc Ninh."""
    name = (unit.parent or unit).name
    for kind in ("Tỉnh ", "Thành phố "):
        name = name.removeprefix(kind)
    return name
