"""A small province with a past: two districts of 2022, the communes of today, teams under some of them."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from people.models import Role, UnitKind, UnitSuccession
from people.querysets import today
from people.services import structures_rebuild
from tests.factories.people import AudienceFactory, MembershipFactory, StructureFactory, UnitFactory, UserFactory

OLD = {"valid_from": date(2022, 1, 1), "valid_to": date(2025, 7, 1)}


@pytest.fixture
def world(db):
    """Tỉnh Cũ (2022) with districts D1 (A, B) and D2 (C) became Tỉnh Mới with X (of A, B), Y (of C) and Z (new).

    Teams stand since 2022 under A and C; ``lead`` keeps the tree, ``head`` coordinates X, ``people`` are in X, Y and Z.
    """
    before, now = StructureFactory(code="2022"), StructureFactory(code="2025-07-01")
    before.valid_to = now.valid_from
    before.save()
    old = UnitFactory(code="24", name="Tỉnh Cũ", kind=UnitKind.PROVINCE, **OLD)
    d1 = UnitFactory(code="215", name="Huyện Một", kind=UnitKind.DISTRICT, parent=old, **OLD)
    d2 = UnitFactory(code="216", name="Huyện Hai", kind=UnitKind.DISTRICT, parent=old, **OLD)
    a = UnitFactory(code="0A", name="Xã A", parent=d1, **OLD)
    b = UnitFactory(code="0B", name="Xã B", parent=d1, **OLD)
    c = UnitFactory(code="0C", name="Xã C", parent=d2, **OLD)
    team_a = UnitFactory(code="TO-A", name="Tổ A", kind=UnitKind.TEAM, parent=a, valid_from=OLD["valid_from"])
    team_c = UnitFactory(code="TO-C", name="Tổ C", kind=UnitKind.TEAM, parent=c, valid_from=OLD["valid_from"])
    root = UnitFactory(code="24", name="Tỉnh Mới", kind=UnitKind.PROVINCE)
    x = UnitFactory(code="0X", name="Xã Xuân Lương", parent=root)
    y = UnitFactory(code="0Y", name="Xã Yên Thế", parent=root)
    z = UnitFactory(code="0Z", name="Xã Đồng Kỳ", parent=root)
    for predecessor, successor in ((old, root), (a, x), (b, x), (c, y)):
        UnitSuccession.objects.create(predecessor=predecessor, successor=successor, effective_on=now.valid_from)
    structures_rebuild()
    citizen, staff = AudienceFactory(code="nguoi_dan"), AudienceFactory(code="cccvc")
    people = [
        MembershipFactory(unit=unit, audience=citizen, title="Hội viên").user
        for unit in (x, x, x, y, y, z, team_a, team_c)
    ]
    lead = MembershipFactory(
        user=UserFactory(full_name="Vũ Thị Hằng"), unit=root, audience=staff, role=Role.PROVINCIAL_LEAD
    ).user
    head = MembershipFactory(
        user=UserFactory(full_name="Lê Thị Ánh"), unit=x, audience=staff, role=Role.COORDINATOR
    ).user
    return SimpleNamespace(
        before=before, now=now, old=old, d1=d1, d2=d2, a=a, b=b, c=c, root=root, x=x, y=y, z=z, team_a=team_a,
        team_c=team_c, people=people, lead=lead, head=head, citizen=citizen, staff=staff,
        day=today() - timedelta(days=3),
    )  # fmt: skip
