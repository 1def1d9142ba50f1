"""A province ready to work in: units, offices, teams, audiences, decisions, pages, courses and certificate series.

Real data throughout: administrative units from the official lists, teams in the number that the documents count
(a team for each of the 209 communes and 1,891 village teams), decisions with their quotes. Idempotent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction

from certificates.services import series_ensure_defaults
from cms.services import course_load, editor_group_ensure, paths_load, site_ensure
from common.database import statistics_refresh
from common.errors import Refusal
from common.text import lower_first
from courses.loading import frameworks_load, topics_load
from kpi.assigning import assignments_carry
from kpi.services import kpi_load
from people.loading import audiences_load, units_load
from people.models import COMMUNE_KINDS, Unit, UnitAncestor, UnitKind, UnitSuccession
from people.querysets import today
from people.services import structures_rebuild

OLD_DAY, REFORM_DAY = date(2022, 1, 1), date(2025, 7, 1)


@dataclass(frozen=True)
class Province:
    """What a province brings of its own. Keys are (structure, code)."""

    slug: str
    name: str
    then: tuple[str, str]
    now: tuple[str, str]
    village_teams: int
    place: str
    departments: tuple[tuple[str, str, str], ...] = field(default=())


#: Code, name since 1/7/2025, name before in each of the provinces that merged.
BAC_GIANG = Province(
    slug="bac-giang",
    name="Bắc Giang",
    then=("2022", "24"),
    now=("2025-07-01", "24"),
    village_teams=1891,
    place="Bắc Ninh",
    departments=(
        ("SKHCN", "Sở Khoa học và Công nghệ", "Sở Thông tin và Truyền thông"),
        ("SNV", "Sở Nội vụ", "Sở Nội vụ"),
        ("SGDDT", "Sở Giáo dục và Đào tạo", "Sở Giáo dục và Đào tạo"),
        ("SYT", "Sở Y tế", "Sở Y tế"),
        ("STC", "Sở Tài chính", "Sở Tài chính"),
        ("SNNMT", "Sở Nông nghiệp và Môi trường", "Sở Nông nghiệp và Phát triển nông thôn"),
        ("SXD", "Sở Xây dựng", "Sở Xây dựng"),
        ("SCT", "Sở Công Thương", "Sở Công Thương"),
        ("STP", "Sở Tư pháp", "Sở Tư pháp"),
        ("SVHTTDL", "Sở Văn hoá, Thể thao và Du lịch", "Sở Văn hoá, Thể thao và Du lịch"),
        ("VPUBND", "Văn phòng Uỷ ban nhân dân tỉnh", "Văn phòng Uỷ ban nhân dân tỉnh"),
        ("TTT", "Thanh tra tỉnh", "Thanh tra tỉnh"),
    ),
)
PROVINCES = {province.slug: province for province in (BAC_GIANG,)}


def province_find(slug: str) -> Province:
    """The province of that name; Refusal (``unknown_province``) that lists those there are."""
    if slug not in PROVINCES:
        raise Refusal(
            f"Chưa có dữ liệu của tỉnh «{slug}».",
            code="unknown_province",
            fix=f"Các tỉnh có sẵn: {', '.join(PROVINCES)}.",
        )
    return PROVINCES[slug]


@transaction.atomic
def province_load(*, province: Province, say: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Load everything that a province needs before its people come; idempotent. Returns counts."""
    say("Đối tượng, chủ đề")
    result: dict[str, Any] = {"audiences": audiences_load(), "topics": topics_load()}
    result |= frameworks_load()
    say("Đơn vị hành chính")
    units = units_load(root=province.now)
    then, now = units[province.then], units[province.now]
    departments = _departments(province, now)
    result["administrative_units"] = len(units)
    result["departments"] = len(departments)
    result["teams"] = _teams(province, then)
    result["closure_rows"] = structures_rebuild()
    statistics_refresh(Unit, UnitSuccession, UnitAncestor)
    say("Trang và khoá học")
    site_ensure()
    editor_group_ensure()
    folders = sorted((settings.BASE_DIR / "cms" / "data" / "courses").glob("*/course.yaml"))
    result["courses"] = len([course_load(folder=file.parent) for file in folders])
    result["paths"] = sum(paths_load().values())
    say("Chỉ tiêu và sổ cấp")
    result["kpi"] = kpi_load(province=province.name, unit=then)
    result["assignments"] = asdict(assignments_carry(year=today().year))
    # Who signs is entered by the administrator: no list is approved before.
    series_ensure_defaults(unit=departments["SKHCN"], signer_name="", signer_title="", place=province.place)
    return result


def _unit(code: str, start: date, **fields: Any) -> Unit:
    """Get or create a unit by its key; what is there stays as officials left it."""
    return Unit.objects.get_or_create(code=code, valid_from=start, defaults=fields)[0]


def _departments(province: Province, now: Unit) -> dict[str, Unit]:
    """Departments of the merged province, and those of the provinces before, linked by succession."""
    olds = [
        link.predecessor
        for last in UnitSuccession.objects.filter(successor=now).select_related("predecessor")
        for link in UnitSuccession.objects.filter(successor=last.predecessor).select_related("predecessor")
    ]
    found: dict[str, Unit] = {}
    for code, name, old_name in province.departments:
        new = _unit(code, REFORM_DAY, name=name, kind=UnitKind.DEPARTMENT, parent=now)
        for old in olds:
            label = old.name.removeprefix("Tỉnh ")
            before = _unit(
                f"{code}-{old.code}",
                OLD_DAY,
                name=f"{old_name.removesuffix(' tỉnh')} tỉnh {label}",
                kind=UnitKind.DEPARTMENT,
                parent=old,
                valid_to=REFORM_DAY,
            )
            UnitSuccession.objects.get_or_create(
                predecessor=before, successor=new, defaults={"effective_on": REFORM_DAY, "principal": True}
            )
        found[code] = new
    return found


def communes_then(then: Unit) -> list[Unit]:
    """Communes of the province as it was, in the order of their codes."""
    return list(Unit.objects.filter(parent__parent=then, kind__in=COMMUNE_KINDS).order_by("code"))


def communes_now(now: Unit, then: Unit) -> list[Unit]:
    """Today's communes that came from the province as it was.

    Asked in steps: while a province is loaded, PostgreSQL has no statistics yet, and one query over six joins took
    minutes.
    """
    districts = list(Unit.objects.filter(parent__code=then.code).values_list("pk", flat=True))
    before = list(Unit.objects.filter(parent__in=districts).values_list("pk", flat=True))
    links = UnitSuccession.objects.filter(predecessor__in=before).values_list("successor", flat=True)
    return list(Unit.objects.filter(pk__in=list(links), parent=now, kind__in=COMMUNE_KINDS).order_by("code"))


def _teams(province: Province, then: Unit) -> int:
    """A team for every commune, and village teams in the number that the documents count, spread over the communes."""
    communes = communes_then(then)
    each, rest = divmod(province.village_teams, len(communes))
    known = set(Unit.objects.filter(kind=UnitKind.TEAM).values_list("code", flat=True))
    new = []
    for index, commune in enumerate(communes):
        place = lower_first(commune.name)
        village = "tổ dân phố" if commune.kind != UnitKind.COMMUNE else "thôn"
        names = {f"TO-{commune.code}": f"Tổ CNSCĐ {place}"}
        for number in range(1, each + (index < rest) + 1):
            names[f"TO-{commune.code}-{number:02d}"] = f"Tổ CNSCĐ {village} {number}, {place}"
        new += [
            Unit(code=code, name=name, kind=UnitKind.TEAM, parent=commune, valid_from=OLD_DAY)
            for code, name in names.items()
            if code not in known
        ]
    units_bulk_create(new)
    return Unit.objects.filter(kind=UnitKind.TEAM).count()


def units_bulk_create(units: list[Unit]) -> None:
    """Create many units at once with the search key that ``save`` would give them."""
    for unit in units:
        unit.search_key = Unit.search_key_for(unit.name)
    Unit.objects.bulk_create(units, batch_size=2000)
