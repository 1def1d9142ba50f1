"""The designs and the two series that a province starts with."""

from __future__ import annotations

from django.db import transaction

from certificates.models import Design, Kind, Series
from common.text import nfc
from people.models import Unit

CONFIRMATION_SERIES = "giay-xac-nhan"
CERTIFICATE_SERIES = "giay-chung-nhan"


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
    automatic, _ = Series.objects.get_or_create(
        code=CONFIRMATION_SERIES,
        defaults={
            "name": "Giấy xác nhận hoàn thành",
            "kind": Kind.CONFIRMATION,
            "suffix": "XN-HS",
            "unit": unit,
            "design": _design("xac-nhan", "Giấy xác nhận hoàn thành"),
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
            "design": _design("chung-nhan", "Giấy chứng nhận"),
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


def _design(code: str, name: str) -> Design:
    design, _ = Design.objects.get_or_create(code=code, version=1, defaults={"name": name})
    return design


def _place(unit: Unit) -> str:
    """ "Bắc Ninh" for a department of Tỉnh Bắc Ninh."""
    name = (unit.parent or unit).name
    for kind in ("Tỉnh ", "Thành phố "):
        name = name.removeprefix(kind)
    return name
