"""A province before and after the reform of 1/7/2025, and helpers to count people in it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from people.models import UnitKind, UnitSuccession
from people.services import structures_rebuild
from tests.factories.people import AudienceFactory, StructureFactory, UnitFactory

REFORM = date(2025, 7, 1)
OLD = {"valid_from": date(2022, 1, 1), "valid_to": REFORM}


def at(day: str) -> datetime:
    """Noon UTC of a day: the evening of the same day in the province."""
    return datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)


@pytest.fixture
def reform(db):
    """Bắc Giang of 2022 (districts D1 with A and B, D2 with C and S) became part of today's Bắc Ninh.

    A and B merged into X, C became Y, and S was divided between X and Y without a principal successor.
    """
    before, now = StructureFactory(code="2022"), StructureFactory(code="2025-07-01")
    old = UnitFactory(code="24", name="Tỉnh Bắc Giang", kind=UnitKind.PROVINCE, **OLD)
    d1 = UnitFactory(code="215", name="Huyện Yên Thế", kind=UnitKind.DISTRICT, parent=old, **OLD)
    d2 = UnitFactory(code="216", name="Huyện Tân Yên", kind=UnitKind.DISTRICT, parent=old, **OLD)
    a = UnitFactory(code="0A", name="Xã A", parent=d1, **OLD)
    b = UnitFactory(code="0B", name="Xã B", parent=d1, **OLD)
    c = UnitFactory(code="0C", name="Xã C", parent=d2, **OLD)
    s = UnitFactory(code="0S", name="Xã S", parent=d2, **OLD)
    new = UnitFactory(code="24", name="Tỉnh Bắc Ninh", kind=UnitKind.PROVINCE, valid_from=REFORM)
    x = UnitFactory(code="0A", name="Xã X", parent=new, valid_from=REFORM)
    y = UnitFactory(code="0C", name="Xã Y", parent=new, valid_from=REFORM)
    for predecessor, successor, principal in (
        (old, new, True),
        (a, x, True),
        (b, x, True),
        (c, y, True),
        (s, x, False),
        (s, y, False),
    ):
        UnitSuccession.objects.create(
            predecessor=predecessor, successor=successor, effective_on=REFORM, principal=principal
        )
    structures_rebuild()
    return SimpleNamespace(
        before=before, now=now, old=old, new=new, d1=d1, d2=d2, a=a, b=b, c=c, s=s, x=x, y=y,
        citizen=AudienceFactory(code="nguoi_dan"), member=AudienceFactory(code="to_cnscd"),
    )  # fmt: skip
