"""Loading audiences and the dated unit tree of a province from the data files of this room."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import transaction

from common.datafiles import Entry, read_csv
from common.errors import DataError
from people.models import Audience, Structure, Unit, UnitKind, UnitSuccession

DATA = Path(__file__).parent / "data"

#: Code, name, first day, first day no longer.
STRUCTURES = [
    ("2022", "Cơ cấu đến 31/12/2024", date(2022, 1, 1), date(2025, 1, 1)),
    ("2025-01-01", "Cơ cấu từ 1/1/2025 đến 30/6/2025", date(2025, 1, 1), date(2025, 7, 1)),
    ("2025-07-01", "Cơ cấu từ 1/7/2025", date(2025, 7, 1), None),
]
_KINDS = {kind.value for kind in UnitKind}
Key = tuple[str, str]


@dataclass(frozen=True)
class UnitRow:
    """One line of ``admin_units.csv``."""

    structure: str
    code: str
    name: str
    kind: str
    parent_code: str
    lat: float | None
    lon: float | None
    line: str

    @property
    def key(self) -> Key:
        return (self.structure, self.code)


#: What forms call the audiences that courses and people are sorted by; the full names are for officials.
SHORT_NAMES = {
    "nguoi_dan": "Người dân",
    "nguoi_dan_lao_dong": "Người dân trong độ tuổi lao động",
    "to_cnscd": "Thành viên Tổ công nghệ số cộng đồng",
    "giao_vien": "Giáo viên",
    "giao_vien_tin_hoc": "Giáo viên tin học",
    "cbql_truong": "Cán bộ quản lý trường học",
    "y_bac_si": "Cán bộ y tế",
    "cccvc": "Cán bộ, công chức, viên chức",
    "lao_dong_dn": "Người lao động doanh nghiệp",
}


@transaction.atomic
def audiences_load(*, file: Path = DATA / "audiences.yaml") -> int:
    """Load audiences with their parents, sources and quotes; idempotent. Returns how many there are in the file."""
    entries = Entry.read(file).coded("audiences")
    codes = {entry.text("code") for entry in entries}
    for position, entry in enumerate(entries, start=1):
        code, parent = entry.text("code"), entry.text("parent", needed=False)
        if parent and parent not in codes:
            raise entry.wrong("parent", f"không có đối tượng {parent}")
        Audience.objects.update_or_create(
            code=code,
            defaults={
                "name": entry.text("name_vi"),
                "short_name": SHORT_NAMES.get(code, ""),
                "includes_minors": entry.yes("includes_minors", False),
                "source": entry.text("source"),
                "quote": entry.text("quote"),
                "position": position,
            },
        )
    ids = dict(Audience.objects.values_list("code", "pk"))
    for entry in entries:
        Audience.objects.filter(code=entry.text("code")).update(parent_id=ids.get(entry.text("parent", needed=False)))
    return len(entries)


def read_units(file: Path = DATA / "admin_units.csv") -> dict[Key, UnitRow]:
    """All administrative units of the file by (structure, code), checked for kinds, parents and duplicates."""
    rows: dict[Key, UnitRow] = {}
    for raw in read_csv(file, ["structure", "code", "name", "kind", "parent_code", "lat", "lon"]):
        where = f"dòng {raw['line']}"
        if raw["structure"] not in {code for code, *_ in STRUCTURES}:
            raise DataError(file.name, where, "structure", f"không có cơ cấu «{raw['structure']}»")
        if raw["kind"] not in _KINDS:
            raise DataError(file.name, where, "kind", f"không có loại đơn vị «{raw['kind']}»")
        try:
            lat, lon = (float(raw[name]) if raw[name] else None for name in ("lat", "lon"))
        except ValueError as error:
            raise DataError(file.name, where, "lat, lon", "toạ độ phải là số") from error
        row = UnitRow(
            raw["structure"], raw["code"], raw["name"], raw["kind"], raw["parent_code"], lat, lon, raw["line"]
        )
        if row.key in rows:
            raise DataError(file.name, where, "code", f"mã {row.code} đã có trong cơ cấu {row.structure}")
        rows[row.key] = row
    for row in rows.values():
        if row.parent_code and (row.structure, row.parent_code) not in rows:
            raise DataError(file.name, f"dòng {row.line}", "parent_code", f"không có đơn vị {row.parent_code}")
    return rows


def read_successions(units: dict[Key, UnitRow], file: Path = DATA / "successions.csv") -> list[tuple[Key, Key, bool]]:
    """(predecessor, successor, principal) of the file, and those it leaves to be read off.

    Districts that kept their code from one structure to the next are not in the file; they took over from themselves.
    """
    links: list[tuple[Key, Key, bool]] = []
    for raw in read_csv(file, ["from_structure", "from_code", "to_structure", "to_code", "principal"]):
        before, after = (raw["from_structure"], raw["from_code"]), (raw["to_structure"], raw["to_code"])
        for field, key in (("from_code", before), ("to_code", after)):
            if key not in units:
                raise DataError(
                    file.name, f"dòng {raw['line']}", field, f"không có đơn vị {key[1]} trong cơ cấu {key[0]}"
                )
        links.append((before, after, raw["principal"] == "1"))
    linked = {before for before, _, _ in links}
    districts = {UnitKind.CITY.value, UnitKind.TOWN.value, UnitKind.DISTRICT.value}
    codes = [code for code, *_ in STRUCTURES]
    for row in units.values():
        following = codes[codes.index(row.structure) + 1 :][:1]
        if row.kind in districts and row.key not in linked and following and (following[0], row.code) in units:
            links.append((row.key, (following[0], row.code), True))
    return links


def province_keys(units: dict[Key, UnitRow], links: list[tuple[Key, Key, bool]], root: Key) -> set[Key]:
    """Keys of a province, of every province it came from or went into, and of all their units."""
    provinces = {root}
    while (
        grown := {
            key
            for before, after, _ in links
            for key, other in ((before, after), (after, before))
            if other in provinces and units[key].kind == UnitKind.PROVINCE
        }
        - provinces
    ):
        provinces |= grown
    children: dict[Key, list[Key]] = defaultdict(list)
    for row in units.values():
        children[(row.structure, row.parent_code)].append(row.key)
    found, waiting = set(), list(provinces)
    while waiting:
        key = waiting.pop()
        found.add(key)
        waiting += children[key]
    return found


@transaction.atomic
def units_load(*, root: Key) -> dict[Key, Unit]:
    """Load the structures, and the units and successions of one province; idempotent. Returns units by key."""
    rows = read_units()
    links = read_successions(rows)
    wanted = province_keys(rows, links, root)
    begins = {code: (start, end) for code, _, start, end in STRUCTURES}
    for code, name, start, end in STRUCTURES:
        Structure.objects.update_or_create(code=code, defaults={"name": name, "valid_from": start, "valid_to": end})
    existing = {(u.code, u.valid_from): u for u in Unit.objects.all()}
    units: dict[Key, Unit] = {}
    # Parents first: the file's order is not promised, the depth of the administrative levels is.
    depth = {UnitKind.PROVINCE: 0, UnitKind.CITY: 1, UnitKind.TOWN: 1, UnitKind.DISTRICT: 1}
    for key in sorted(wanted, key=lambda k: (depth.get(UnitKind(rows[k].kind), 2), k)):
        row, (start, end) = rows[key], begins[key[0]]
        unit = existing.get((row.code, start)) or Unit(code=row.code, valid_from=start)
        unit.name, unit.kind, unit.valid_to, unit.lat, unit.lon = row.name, row.kind, end, row.lat, row.lon
        unit.parent = units[(row.structure, row.parent_code)] if row.parent_code else None
        unit.save()
        units[key] = unit
    UnitSuccession.objects.bulk_create(
        [
            UnitSuccession(
                predecessor=units[before],
                successor=units[after],
                effective_on=begins[after[0]][0],
                principal=principal,
            )
            for before, after, principal in links
            if before in wanted and after in wanted
        ],
        ignore_conflicts=True,
    )
    return units
