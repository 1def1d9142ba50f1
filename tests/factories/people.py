"""People, units and memberships for tests."""

from __future__ import annotations

from datetime import date

import factory

from people.models import Audience, Membership, Role, Structure, Unit, UnitKind, User


class AudienceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Audience
        django_get_or_create = ("code",)

    code = "nguoi_dan"
    name = factory.LazyAttribute(
        lambda o: {"nguoi_dan": "Người dân", "to_cnscd": "Thành viên Tổ CNSCĐ"}.get(o.code, o.code)
    )


class StructureFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Structure
        django_get_or_create = ("code",)

    code = "2025-07-01"
    name = factory.LazyAttribute(lambda o: f"Cơ cấu {'/'.join(reversed(o.code.split('-')))}")
    valid_from = factory.LazyAttribute(lambda o: date.fromisoformat(o.code if len(o.code) > 4 else f"{o.code}-01-01"))


class UnitFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Unit

    code = factory.Sequence(lambda n: f"U{n:05d}")
    name = factory.Sequence(lambda n: f"Xã Thử nghiệm {n}")
    kind = UnitKind.COMMUNE
    valid_from = date(2025, 7, 1)


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    full_name = factory.Sequence(lambda n: f"Nguyễn Thị Thử {n}")
    email = factory.Sequence(lambda n: f"nguoi{n}@example.vn")
    birth_date = date(1969, 5, 17)


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    unit = factory.SubFactory(UnitFactory)
    audience = factory.SubFactory(AudienceFactory)
    role = Role.LEARNER
    is_main = True
    valid_from = date(2025, 7, 1)
