"""Seconds and peak memory of checking and importing a list, in a database of its own.

    python -m tests.bench.bench_roster [--rows 16000 160000] [--json]
    python -m tests.services -- python -m tests.bench.bench_roster        (PostgreSQL)

Each size runs in a process of its own, so that the peak is its own. Budget: 16,000 lines in 20 s and 300 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

BUDGET_SECONDS, BUDGET_MB = 20, 300


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[16_000, 160_000])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(_measure(options.one)))
        return
    for rows in options.rows:
        command = [sys.executable, "-m", "tests.bench.bench_roster", "--one", str(rows)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found = json.loads(done.stdout.splitlines()[-1])
        if options.json:
            print(json.dumps(found))
            continue
        print(
            f"{found['database']:<11} {rows:>8,} rows: check {found['check']:6.1f} s, import {found['apply']:6.1f} s, "
            f"again {found['again']:6.1f} s, export {found['export']:5.1f} s, "
            f"peak {found['peak_mb']} MB (before: {found['base_mb']} MB), cpu {found['cpu']}"
        )
        if rows == 16_000:
            within = found["check"] + found["apply"] <= BUDGET_SECONDS and found["peak_mb"] <= BUDGET_MB
            print(f"  budget {BUDGET_SECONDS} s, {BUDGET_MB} MB: {'kept' if within else 'BROKEN'}")


def _measure(rows: int) -> dict[str, Any]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
    with tempfile.TemporaryDirectory() as folder:
        if not os.environ.get("TEST_DATABASE_URL"):
            os.environ["TEST_DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
        import django

        django.setup()
        from django.conf import settings
        from django.db import connection
        from django.test.utils import setup_databases, teardown_databases

        if connection.vendor == "sqlite":
            # In memory, as tests have it, the database itself would be counted.
            settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = f"{folder}/test.sqlite3"
            connection.settings_dict["TEST"]["NAME"] = f"{folder}/test.sqlite3"
        old = setup_databases(verbosity=0, interactive=False)
        try:
            return {"database": connection.vendor, "rows": rows, **_run(rows, Path(folder))}
        finally:
            teardown_databases(old, verbosity=0)


def _run(rows: int, folder: Path) -> dict[str, Any]:
    from django.core.files import File

    from people.models import Role, UnitKind
    from people.rosters import exports, services
    from people.rosters.checking import roster_check
    from people.rosters.jobs import apply_or_check_again
    from people.services import structures_rebuild
    from tests.factories.people import AudienceFactory, MembershipFactory, StructureFactory, UnitFactory
    from tests.factories.rosters import DAY, Silent

    StructureFactory()
    AudienceFactory(code="to_cnscd")
    staff = AudienceFactory(code="cccvc")
    root = UnitFactory(code="24", name="Tỉnh", kind=UnitKind.PROVINCE)
    teams = min(2100, max(1, rows // 8))
    communes = [UnitFactory(code=f"{n:05d}", name=f"Xã {n}", parent=root) for n in range(99)]
    for n in range(teams):
        UnitFactory(code=f"T{n:05d}", name=f"Tổ CNSCĐ thôn {n}", kind=UnitKind.TEAM, parent=communes[n % 99])
    structures_rebuild()
    lead = MembershipFactory(unit=root, audience=staff, role=Role.PROVINCIAL_LEAD).user
    path = folder / "list.xlsx"
    subprocess.run([sys.executable, "-c", _WRITER, str(rows), str(teams), str(path)], check=True)
    base = _peak()

    def check() -> Any:
        with path.open("rb") as handle:
            roster = services.roster_keep(
                user=lead, unit=root, file=File(handle), file_name="list.xlsx", whole_unit=True, effective_on=DAY
            )
        return roster, roster_check(roster=roster, progress=Silent())

    times: dict[str, Any] = {"base_mb": base}
    (roster, counts), times["check"] = _timed(check)
    assert counts["new"] == rows, counts

    def apply() -> Any:
        services.roster_begin(roster=roster, by=lead)
        return apply_or_check_again(roster=roster, by=lead, progress=Silent())

    applied, times["apply"] = _timed(apply)
    assert applied["new"] == rows
    times["peak_mb"] = _peak()
    (_, counts), times["again"] = _timed(check)
    assert counts["unchanged"] == rows, counts
    content, times["export"] = _timed(lambda: exports.roster_file(unit=root, viewer=lead))
    return {**times, "cpu": Cpu.seconds, "export_mb": round(len(content) / 1e6, 1), "peak_all_mb": _peak()}


class Cpu:
    """Seconds of this process alone, for a machine that others use too: check, import, again, export."""

    seconds: list[float] = []


def _timed(work: Any) -> tuple[Any, float]:
    begun, cpu = time.perf_counter(), time.process_time()
    result = work()
    Cpu.seconds.append(round(time.process_time() - cpu, 1))
    return result, round(time.perf_counter() - begun, 1)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


#: Writes the file in a process of its own, so that its memory is not counted.
_WRITER = """
import random, sys, xlsxwriter
rows, teams, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
rng = random.Random(1)
family = "Nguyễn Trần Lê Phạm Hoàng Vũ Đặng Bùi Đỗ Hồ".split()
middle = "Văn Thị Đức Ngọc Hữu Thuỳ Minh Quang Thanh Hoài".split()
given = "An Bình Chi Dũng Đào Giang Hà Khánh Lan Mai Nga Oanh Phúc Quân Sơn Tâm Uyên Vân Yến".split()
with xlsxwriter.Workbook(path) as book:
    page = book.add_worksheet("DS")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    headings = "Họ và tên;Ngày sinh;Giới tính;SĐT;Email;Mã CB;Đơn vị;Đối tượng;Chức vụ;Vai trò;Từ ngày"
    for column, heading in enumerate(headings.split(";")):
        page.write(0, column, heading)
    for n in range(1, rows + 1):
        page.write(n, 0, " ".join([rng.choice(family), rng.choice(middle), rng.choice(middle), rng.choice(given)]))
        page.write_number(n, 1, rng.randint(20000, 38000), day)
        page.write(n, 2, rng.choice(["Nam", "Nữ"]))
        page.write(n, 3, 910000000 + n)
        page.write(n, 4, f"n{n}@x.vn" if n % 3 == 0 else None)
        page.write(n, 5, f"CB{n:06d}")
        page.write(n, 6, f"Tổ CNSCĐ thôn {n % teams}")
        page.write(n, 7, "to_cnscd")
        page.write(n, 8, "Tổ viên")
        page.write(n, 9, "Tổ trưởng" if n < teams else "Thành viên")
        page.write(n, 10, "01/07/2026")
"""

if __name__ == "__main__":
    main()
