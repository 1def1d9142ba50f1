"""Seconds and queries of the team pages at the size of a province: 99 communes, 2,100 teams, 16,000 members.

    python -m tests.bench.bench_teams [--teams 2100] [--members 16000] [--json]
    python -m tests.services -- python -m tests.bench.bench_teams        (the same on PostgreSQL)

A throw-away database; one request at a time through Django's test client, so the time is that of one process. A third
of the members learnt this year, every tenth team is silent, and as many people again outside of teams finished courses.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from datetime import date, timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")

import django

django.setup()

from django.conf import settings  # noqa: E402  (Django must be set up before models are imported)
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_databases, teardown_databases  # noqa: E402
from django.utils import timezone  # noqa: E402

from common.text import fold, sort_key  # noqa: E402
from courses.models import Completion, Course, Enrolment  # noqa: E402
from people.models import Audience, Membership, Role, Structure, Unit, UnitKind, User  # noqa: E402
from people.services import structures_rebuild  # noqa: E402
from tests.factories.courses import CourseFactory  # noqa: E402
from tests.proof import prove, with_second_step  # noqa: E402

DAY = date(2025, 7, 1)
COMMUNES = 99
RUNS = 7


class _NoMigrations:
    """Tables straight from the models: the history of migrations is not what is measured."""

    def __contains__(self, app: str) -> bool:
        return True

    def __getitem__(self, app: str) -> None:
        return None


def _units(teams: int) -> tuple[Unit, list[Unit]]:
    def unit(code: str, name: str, kind: str, parent: Unit | None) -> Unit:
        return Unit(code=code, name=name, kind=kind, parent=parent, valid_from=DAY, search_key=fold(name))

    root = unit("24", "Tỉnh Bắc Ninh", UnitKind.PROVINCE, None)
    root.save()
    communes = Unit.objects.bulk_create(
        [unit(f"{n:05d}", f"Xã Thử nghiệm {n}", UnitKind.COMMUNE, root) for n in range(COMMUNES)]
    )
    made = Unit.objects.bulk_create(
        [unit(f"TO-{n}", f"Tổ CNSCĐ thôn {n}", UnitKind.TEAM, communes[n % COMMUNES]) for n in range(teams)],
        batch_size=1000,
    )
    return root, made


def _people(count: int) -> list[User]:
    names = [f"Nguyễn Thị Thử {n}" for n in range(count)]
    users = [
        User(full_name=name, sort_key=sort_key(name), search_key=fold(name), phone=f"+8491{n:07d}", password="!")
        for n, name in enumerate(names)
    ]
    return User.objects.bulk_create(users, batch_size=1000)


def _learning(users: list[User], course: Course, teams: int) -> None:
    """A third learnt this year, a third last year; every tenth team only last year."""
    now = timezone.now()
    rows = []
    for n, user in enumerate(users):
        if n % 3 == 2:
            continue
        at = now - timedelta(days=5 + n % 60) if n % 3 == 0 and (n % teams) % 10 else now - timedelta(days=400)
        rows.append(Enrolment(user=user, course=course, started_at=at, last_seen_at=at))
    for row in Enrolment.objects.bulk_create(rows, batch_size=1000):
        row.completion_row = Completion(  # type: ignore[attr-defined]
            enrolment=row, user=row.user, course=course, completed_at=row.last_seen_at, learner_name=row.user.full_name,
            course_title=course.title, course_revision=1, course_hours=1,
        )  # fmt: skip
    Completion.objects.bulk_create([row.completion_row for row in rows], batch_size=1000)  # type: ignore[attr-defined]


def build(teams: int, members: int) -> tuple[User, Unit]:
    """A province of that size; its lead, and one of its teams."""
    Structure.objects.create(code="2025-07-01", name="Từ 1/7/2025", valid_from=DAY)
    audience = Audience.objects.create(code="to_cnscd", name="Thành viên Tổ CNSCĐ")
    root, units = _units(teams)
    structures_rebuild()
    course = CourseFactory()
    course.audiences.add(audience)
    users = _people(2 * members)  # as many again outside of teams
    Membership.objects.bulk_create(
        [
            Membership(
                user=user, unit=units[n % teams], audience=audience, valid_from=DAY, is_main=True,
                role=Role.TEAM_LEADER if n < teams else Role.LEARNER,
            )
            for n, user in enumerate(users[:members])
        ],
        batch_size=1000,
    )  # fmt: skip
    _learning(users, course, teams)
    lead = User.objects.create_user(full_name="Vũ Thị Hằng", email="lead@example.vn")
    Membership.objects.create(user=lead, unit=root, audience=audience, role=Role.PROVINCIAL_LEAD, valid_from=DAY)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return lead, units[0]


def measure(client: Client, path: str) -> dict[str, Any]:
    """Median and worst seconds of a page, its queries and kilobytes; the first request warms up."""
    client.get(path)
    took = []
    for _ in range(RUNS):
        started = time.perf_counter()
        answer = client.get(path)
        took.append(time.perf_counter() - started)
        assert answer.status_code == 200, (path, answer.status_code)
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    return {
        "path": path,
        "median_ms": round(statistics.median(took) * 1000),
        "worst_ms": round(max(took) * 1000),
        "queries": len(queries),
        "kilobytes": len(answer.content) // 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--teams", type=int, default=2100)
    parser.add_argument("--members", type=int, default=16000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    settings.MIGRATION_MODULES = _NoMigrations()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        lead, team = build(asked.teams, asked.members)
        client = Client()
        client.force_login(with_second_step(lead))
        prove(client)
        paths = ("/quan-ly/to/", "/quan-ly/to/danh-sach/?loc=chua-hoat-dong", f"/quan-ly/to/{team.uuid}/")
        results = [measure(client, path) for path in paths]
    finally:
        teardown_databases(databases, verbosity=0)
    if asked.json:
        print(json.dumps({"database": connection.vendor, "pages": results}, indent=2))
        return
    print(f"{connection.vendor}: {asked.teams} teams, {asked.members} members")
    for r in results:
        name = r["path"].replace(str(team.uuid), "<team>")
        print(f"  {name:45} median {r['median_ms']} ms, worst {r['worst_ms']} ms, {r['queries']} queries, "
              f"{r['kilobytes']} KB")  # fmt: skip


if __name__ == "__main__":
    main()
