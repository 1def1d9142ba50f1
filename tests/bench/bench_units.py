"""Seconds of changes of the unit tree and of its search: 15,000 units under four structures, 16,000 members.

    python -m tests.bench.bench_units [--units 15000] [--members 16000] [--json]
    python -m tests.services -- python -m tests.bench.bench_units        (the same on PostgreSQL)

A throw-away database, one process. The search is asked for by somebody who leads the whole province; its time is the
database's and Python's for the page of results, without HTTP.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")

import django

django.setup()

from django.conf import settings  # noqa: E402  (Django must be set up before models are imported)
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_databases, teardown_databases  # noqa: E402
from django.urls import reverse  # noqa: E402

from common.text import fold, sort_key  # noqa: E402
from people import access  # noqa: E402
from people.models import (  # noqa: E402
    Audience,
    Membership,
    Role,
    Structure,
    Unit,
    UnitAncestor,
    UnitKind,
    UnitSuccession,
    User,
)  # fmt: skip
from people.querysets import today  # noqa: E402
from people.services import structures_rebuild  # noqa: E402
from people.units import changes  # noqa: E402
from people.units.importing import plan_of, standing_on, structure_import  # noqa: E402
from people.units.previews import preview  # noqa: E402
from people.units.reads import paths_of, units_found, units_page  # noqa: E402
from people.units.structure_file import rows_read  # noqa: E402
from tests.bench.bench_teams import _NoMigrations  # noqa: E402
from tests.proof import prove, with_second_step  # noqa: E402

DAYS = [date(2022, 1, 1), date(2024, 1, 1), date(2025, 1, 1), date(2025, 7, 1)]
COMMUNES = 400
WORDS = ["yen the", "thôn 12", "Trường Tiểu học", "to-00", "xa 7", "khongcodau"]


def build(units: int, members: int) -> User:
    """Communes have a row in each structure, what is below them goes on; every unit has a name to be found by."""

    def unit(code: str, name: str, kind: str, parent: Unit | None, begins: int, ends: date | None = None) -> Unit:
        return Unit(
            code=code,
            name=name,
            kind=kind,
            parent=parent,
            valid_from=DAYS[begins],
            valid_to=ends,
            search_key=fold(name),
        )

    for number, day in enumerate(DAYS):
        end = DAYS[number + 1] if number + 1 < len(DAYS) else None
        Structure.objects.create(code=str(day), name=str(day), valid_from=day, valid_to=end)
    root = unit("24", "Tỉnh Bắc Ninh", UnitKind.PROVINCE, None, 0)
    root.save()
    rows: list[list[Unit]] = []
    for number in range(len(DAYS)):
        end = DAYS[number + 1] if number + 1 < len(DAYS) else None
        made = [unit(f"{i:05d}", f"Xã Yên Thế {i}", UnitKind.COMMUNE, root, number, end) for i in range(COMMUNES)]
        rows.append(Unit.objects.bulk_create(made))
    UnitSuccession.objects.bulk_create(
        UnitSuccession(predecessor=a, successor=b, effective_on=b.valid_from)
        for before, after in zip(rows, rows[1:], strict=False)
        for a, b in zip(before, after, strict=True)
    )
    kinds = [(UnitKind.TEAM, "Tổ CNSCĐ thôn"), (UnitKind.SCHOOL, "Trường Tiểu học số"), (UnitKind.TEAM, "Tổ dân phố")]
    rest = units - 1 - len(DAYS) * COMMUNES
    below = [
        unit(f"TO-{i:05d}", f"{name} {i}, Xã Yên Thế {i % COMMUNES}", kind, rows[0][i % COMMUNES], 0)
        for i in range(rest)
        for kind, name in [kinds[i % len(kinds)]]
    ]
    below = Unit.objects.bulk_create(below, batch_size=2000)
    audience = Audience.objects.create(code="to_cnscd", name="Thành viên Tổ CNSCĐ")
    names = [f"Nguyễn Thị Thử {i}" for i in range(members)]
    people = User.objects.bulk_create(
        [User(full_name=n, search_key=fold(n), sort_key=sort_key(n), password="!") for n in names], batch_size=2000
    )
    Membership.objects.bulk_create(
        [
            Membership(user=user, unit=below[i % len(below)], audience=audience, valid_from=DAYS[0])
            for i, user in enumerate(people)
        ],
        batch_size=2000,
    )
    lead = User.objects.create(full_name="Vũ Thị Hằng", password="!")
    Membership.objects.create(
        user=lead, unit=root, audience=audience, role=Role.PROVINCIAL_LEAD, valid_from=DAYS[0], is_main=True
    )
    return with_second_step(lead)


def timed(work: Callable[[], Any]) -> float:
    """Milliseconds of one run."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def search(viewer: User, words: str) -> None:
    """What the search page asks of the database."""
    page = units_page(units_found(viewer, words=words, state="moi"), 1, size=50)
    paths_of(page, access.current_structure())


def import_file() -> io.BytesIO:
    """The tree that stands, with one commune merged into another."""
    lines = ["code,name,kind,parent_code,predecessors"]
    newest = Structure.objects.latest("valid_from")
    pairs = UnitAncestor.objects.filter(structure=newest, depth=1).select_related("ancestor")
    above = {row.descendant_id: row.ancestor.code for row in pairs}
    for unit in Unit.objects.filter(valid_to=None).exclude(code="00001"):
        parent = above.get(unit.pk, "")
        before = "00000*;00001*" if unit.code == "00000" else ""
        parent = "00000" if parent == "00001" else parent
        lines.append(f'{unit.code},"{unit.name}",{unit.kind},{parent},{before}')
    return io.BytesIO("\n".join(lines).encode())


def run(units: int, members: int) -> dict[str, float]:
    """Everything measured, in milliseconds."""
    lead = build(units, members)
    found: dict[str, float] = {"structures_rebuild, first": timed(structures_rebuild)}
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # what the server does by itself within a minute
    found["closure rows"] = UnitAncestor.objects.count()
    found["structures_rebuild, nothing changed"] = timed(structures_rebuild)
    for words in WORDS:
        found[f"search «{words}», median of 9"] = statistics.median(
            timed(lambda w=words: search(lead, w)) for _ in range(9)
        )
    client = Client()
    client.force_login(lead)
    prove(client)
    for name, url in (
        ("search page", f"{reverse('units:tree')}?q=yen+the+7"),
        ("tree page", reverse("units:tree")),
        ("unit page", reverse("units:unit", args=[Unit.objects.filter(code="00007").latest("valid_from").uuid])),
    ):
        if (status := client.get(url).status_code) != 200:
            raise SystemExit(f"{name} answers {status}")
        found[f"{name} with HTTP, median of 5"] = statistics.median(
            timed(lambda u=url: client.get(u)) for _ in range(5)
        )

    def unit(code: str) -> Unit:
        return Unit.objects.get(code=code, valid_to=None)

    def rename(code: str, on: date) -> Any:
        return changes.unit_rename(actor=lead, unit=unit(code), name=f"Xã {code} mới", kind="ward", on=on)

    day = today() - timedelta(days=5)
    found["preview of a renaming, new version"] = timed(lambda: preview(lambda: rename("00007", day)))
    found["renaming, new version"] = timed(lambda: rename("00007", day))
    found["renaming, same day"] = timed(lambda: rename("00008", day))
    found["merger of two communes"] = timed(
        lambda: changes.units_merge(actor=lead, units=[unit("00009")], into=unit("00010"), on=day + timedelta(days=1))
    )
    file, on = import_file(), today()
    rows, faults = rows_read(file)
    found["import: report"] = timed(lambda: plan_of(rows, standing_on(on), faults))
    with transaction.atomic():
        found["import: applied"] = timed(
            lambda: structure_import(actor=lead, rows=rows, faults=faults, on=on, name="x")
        )
    found["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=15000)
    parser.add_argument("--members", type=int, default=16000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    settings.MIGRATION_MODULES = _NoMigrations()
    old = setup_databases(verbosity=0, interactive=False)
    try:
        found = run(asked.units, asked.members)
    finally:
        teardown_databases(old, verbosity=0)
    if asked.json:
        print(json.dumps({"database": connection.vendor, **found}, ensure_ascii=False, indent=2))
        return
    print(f"{connection.vendor}, {asked.units} units, {asked.members} members; milliseconds unless said otherwise")
    for name, value in found.items():
        print(f"  {name:<50}{value:>12,.1f}")


if __name__ == "__main__":
    main()
