"""A small province that every view test shares: two communes, and one person for each door."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from django.contrib.auth.signals import user_logged_in

from people.access import STAFF
from people.models import Role, UnitKind
from people.services import structures_rebuild
from tests.factories.people import AudienceFactory, MembershipFactory, StructureFactory, UnitFactory, UserFactory
from tests.proof import remember_second_step, with_second_step

user_logged_in.connect(remember_second_step, dispatch_uid="tests.second_step")


def pytest_make_parametrize_id(val):
    """Files as parameters are named "bytes": a workbook holds the second it was made in, and parallel processes must
    collect the same names."""
    return "bytes" if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The site that every installation has: made once, for it costs half a second, and tests roll back what they do.

    A test about a house without it takes it away first: ``tests.factories.cms.no_site``.
    """
    from tests.factories.cms import site

    with django_db_blocker.unblock():
        site()


@pytest.fixture
def province(db):
    """Tỉnh Bắc Ninh with two communes and a department, under today's structure; closure built."""
    structure = StructureFactory()
    citizen = AudienceFactory(code="nguoi_dan")
    team = AudienceFactory(code="to_cnscd")
    staff = AudienceFactory(code="cccvc", name="Cán bộ, công chức, viên chức")
    root = UnitFactory(code="24", name="Tỉnh Bắc Ninh", kind=UnitKind.PROVINCE)
    north = UnitFactory(code="07246", name="Xã Xuân Lương", parent=root)
    south = UnitFactory(code="07288", name="Xã Yên Thế", parent=root)
    department = UnitFactory(code="SKHCN", name="Sở Khoa học và Công nghệ", kind=UnitKind.DEPARTMENT, parent=root)
    structures_rebuild()
    return SimpleNamespace(
        structure=structure,
        root=root,
        north=north,
        south=south,
        department=department,
        citizen=citizen,
        team=team,
        staff=staff,
        day=date(2026, 11, 20),
    )


def _member(unit, audience, role, name):
    """Somebody with an office; whoever must have a second step has one."""
    user = MembershipFactory(user=UserFactory(full_name=name), unit=unit, audience=audience, role=role).user
    return with_second_step(user) if role in STAFF else user


@pytest.fixture
def learner(province):
    """A citizen of Xã Xuân Lương: the owner in view tests."""
    return _member(province.north, province.citizen, Role.LEARNER, "Nguyễn Thị Ngọc Ưỡng")


@pytest.fixture
def stranger(province):
    """A citizen of Xã Yên Thế without any office."""
    return _member(province.south, province.citizen, Role.LEARNER, "Trần Văn Đức")


@pytest.fixture
def coordinator(province):
    """The coordinator of Xã Xuân Lương."""
    return _member(province.north, province.staff, Role.COORDINATOR, "Lê Thị Ánh")


@pytest.fixture
def other_coordinator(province):
    """The coordinator of Xã Yên Thế: a colleague of another scope."""
    return _member(province.south, province.staff, Role.COORDINATOR, "Phạm Văn Ổn")


@pytest.fixture
def official(province):
    """The official who issues certificates for the whole province."""
    return _member(province.root, province.staff, Role.ISSUING_OFFICIAL, "Trần Đức Hiếu")


@pytest.fixture
def lead(province):
    """The provincial lead unit."""
    return _member(province.root, province.staff, Role.PROVINCIAL_LEAD, "Vũ Thị Hằng")


@pytest.fixture
def editor(province):
    """An editor of course pages."""
    return _member(province.department, province.staff, Role.EDITOR, "Đặng Thuỳ Dương")
