"""Invented people in real units: institutions, names, and where each person stands."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from itertools import islice

from django.contrib.auth.hashers import make_password

from common.text import fold, lower_first, sort_key
from lms.demo.accounts import LED_TEAM
from lms.province import REFORM_DAY, communes_now, units_bulk_create
from people.models import Audience, Membership, Role, Unit, UnitKind, User

CHUNK = 1000

FAMILY = (
    "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Giáp Thân Nông Vi Lăng Chu Hà Tạ"
).split()
MIDDLE = {
    "f": ["Thị", "Thị Ngọc", "Thị Thu", "Thuỳ", "Minh", "Thị Hồng", "Bích", "Thị Kim"],
    "m": ["Văn", "Đức", "Minh", "Hữu", "Quang", "Công", "Đình", "Xuân"],
}
GIVEN = {
    "f": (
        "Ánh Ngọc Ưỡng Hằng Dương Oanh Uyên Ước Thuỷ Hoà Lệ Mỵ Nhạn Quỳnh Thảo Vân Yến Ái Diễm Đào Hạnh Hiền Huệ Loan"
    ).split(),
    "m": (
        "Đức Ổn Ấn Dũng Hiếu Hùng Khởi Lượng Mạnh Nghĩa Phước Quý Sỹ Tuấn Uý Vỹ Ước Bảo Chiến Đạt Giáp Hưởng Kỷ Lực"
    ).split(),
}


def institutions_create(now: Unit, then: Unit) -> dict[str, int]:
    """A health station and a school in each of today's communes, and the provincial hospital."""
    known = set(Unit.objects.values_list("code", flat=True))
    new = []
    for commune in communes_now(now, then):
        short = commune.name.removeprefix("Xã ").removeprefix("Phường ")
        place = lower_first(commune.name)
        wanted = [
            (f"TYT-{commune.code}", f"Trạm y tế {place}", UnitKind.HEALTH_STATION),
            (f"TH-{commune.code}", f"Trường Tiểu học {short}", UnitKind.SCHOOL),
            (f"THCS-{commune.code}", f"Trường Trung học cơ sở {short}", UnitKind.SCHOOL),
        ]
        new += [
            Unit(code=code, name=name, kind=kind, parent=commune, valid_from=REFORM_DAY)
            for code, name, kind in wanted
            if code not in known
        ]
    if "BVDK-BG" not in known:
        new.append(
            Unit(
                code="BVDK-BG",
                name="Bệnh viện Đa khoa Bắc Giang",
                kind=UnitKind.HOSPITAL,
                parent=Unit.objects.get(code="SYT", valid_to=None),
                valid_from=REFORM_DAY,
            )
        )
    units_bulk_create(new)
    counts = dict.fromkeys(("schools", "health_stations", "hospitals"), 0)
    kinds = {UnitKind.SCHOOL: "schools", UnitKind.HEALTH_STATION: "health_stations", UnitKind.HOSPITAL: "hospitals"}
    for kind in Unit.objects.filter(kind__in=kinds).values_list("kind", flat=True):
        counts[kinds[UnitKind(kind)]] += 1
    return counts


def places(rng: random.Random, now: Unit, then: Unit, people: int) -> Iterator[tuple[Unit, str]]:
    """Where each demo person stands: (unit, audience code), in the proportions of a province's training scheme."""
    communes = communes_now(now, then)
    teams = list(Unit.objects.filter(kind=UnitKind.TEAM).order_by("code"))
    schools = list(Unit.objects.filter(kind=UnitKind.SCHOOL).order_by("code"))
    clinics = list(Unit.objects.filter(kind__in=[UnitKind.HEALTH_STATION, UnitKind.HOSPITAL]).order_by("code"))
    offices = [*communes, *communes, *Unit.objects.filter(kind=UnitKind.DEPARTMENT, valid_to=None).order_by("code")]
    shares: list[tuple[list[Unit], str, float]] = [
        (communes, "nguoi_dan", 0.16),
        (schools, "giao_vien", 0.13),
        (offices, "cccvc", 0.10),
        (clinics, "y_bac_si", 0.06),
    ]
    # The team whose leader has a demo account is full, so that there is somebody to look after.
    yield from ((Unit.objects.get(code=LED_TEAM), "to_cnscd") for _ in range(8))
    yield from ((team, "to_cnscd") for team in _team_seats(rng, teams, int(people * 0.55)))
    for units, audience, share in shares:
        for index in range(int(people * share)):
            # Round-robin fills every unit; the rest falls as it may.
            yield (units[index % len(units)] if index < 3 * len(units) else rng.choice(units)), audience


def _team_seats(rng: random.Random, teams: list[Unit], people: int) -> Iterator[Unit]:
    """Teams as a province finds them half-way through its lists: most of 4 to 9 members, some too few, others empty.

    The neighbours of the led team come first, so that their ward has people however few there are in all.
    """
    order = sorted(rng.sample(teams, len(teams)), key=lambda team: not team.code.startswith(LED_TEAM))
    seats = (team for team in order for _ in range(rng.choice((2, 3, 5, 6, 7, 7, 8, 9))))
    return islice(seats, people)


def _name(rng: random.Random) -> str:
    sex = rng.choice("fm")
    return f"{rng.choice(FAMILY)} {rng.choice(MIDDLE[sex])} {rng.choice(GIVEN[sex])}"


def people_create(rng: random.Random, places: list[tuple[Unit, str]]) -> list[Membership]:
    """Create a person and a membership for each place; return the memberships."""
    audiences = {a.code: a for a in Audience.objects.all()}
    no_password = make_password(None)
    led: set[int] = {Unit.objects.get(code=LED_TEAM).pk}  # its leader is one of the accounts
    memberships = []
    users = []
    for number, (unit, audience) in enumerate(places, start=1):
        name = _name(rng)
        user = User(
            full_name=name,
            sort_key=sort_key(name),
            search_key=fold(name),
            # 0570… is not given out to anybody, so no demo message can reach a real phone.
            phone=f"+84570{number:06d}",
            birth_date=date(rng.randint(1956, 2004), rng.randint(1, 12), rng.randint(1, 28)),
            password=no_password,
        )
        leads = unit.kind == UnitKind.TEAM and unit.pk not in led
        led.add(unit.pk)
        users.append(user)
        memberships.append(
            Membership(
                user=user,
                unit=unit,
                audience=audiences[audience],
                role=Role.TEAM_LEADER if leads else Role.LEARNER,
                title="Tổ trưởng" if leads else "",
                is_main=True,
                valid_from=max(unit.valid_from, date(2024, 1, 1)),
            )
        )
    User.objects.bulk_create(users, batch_size=CHUNK)
    Membership.objects.bulk_create(memberships, batch_size=CHUNK)
    return memberships


def twin_create() -> None:
    """A second record of a member of the led team, as the health station of the ward wrote her down: to be merged."""
    ward = LED_TEAM.removeprefix("TO-")
    first = Membership.objects.filter(unit__code=LED_TEAM, role=Role.LEARNER).select_related("user").earliest("pk").user
    again = User.objects.create(
        full_name=first.full_name, birth_date=first.birth_date, staff_code="YT-0712", password=make_password(None)
    )
    Membership.objects.create(
        user=again,
        unit=Unit.objects.get(code=f"TYT-{ward}"),
        audience=Audience.objects.get(code="y_bac_si"),
        is_main=True,
        valid_from=REFORM_DAY,
    )
