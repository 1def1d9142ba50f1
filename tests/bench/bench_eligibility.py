"""Seconds to tell 16,000 people apart for a list of certificates, and to open that list as an official does.

    python -m tests.bench.bench_eligibility [--people 16000] [--json]
    python -m tests.services -- python -m tests.bench.bench_eligibility        (the same on PostgreSQL)

A throw-away database: everybody finished the two courses of a programme, one in ten only one of them, one in twenty
with a log-in for a name. Measured: the proposal for the whole province by course and by programme, putting the list
forward, then the pages of the list through Django's test client. Certificates of another list stand beside them.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")

import django

django.setup()

from django.conf import settings  # noqa: E402  (Django must be set up before models are imported)
from django.db import connection, reset_queries  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_databases, teardown_databases  # noqa: E402
from django.utils import timezone  # noqa: E402

from certificates.models import Basis, Batch, Series  # noqa: E402
from certificates.services import batch_propose, proposal_for, series_ensure_defaults  # noqa: E402
from common.text import fold, sort_key  # noqa: E402
from courses.models import Completion, CompletionStanding, Course, Enrolment  # noqa: E402
from people.models import Audience, Membership, Role, Structure, Unit, UnitKind, User  # noqa: E402
from people.services import structures_rebuild  # noqa: E402
from tests.bench.bench_teams import _NoMigrations, measure  # noqa: E402
from tests.factories.courses import CourseFactory  # noqa: E402
from tests.proof import prove, with_second_step  # noqa: E402

DAY = date(2025, 7, 1)
COMMUNES = 99
BATCH = 1000


def build(people: int) -> tuple[Unit, Series, list[Course]]:
    """The province, the programme's series, and its two courses."""
    Structure.objects.create(code="2025-07-01", name="Từ 1/7/2025", valid_from=DAY)
    audience = Audience.objects.create(code="nguoi_dan", name="Người dân")
    root = Unit.objects.create(code="24", name="Tỉnh Bắc Ninh", kind=UnitKind.PROVINCE, valid_from=DAY)
    communes = Unit.objects.bulk_create(
        Unit(code=f"{n:05d}", name=f"Xã {n}", kind=UnitKind.COMMUNE, parent=root, valid_from=DAY)
        for n in range(COMMUNES)
    )
    structures_rebuild()
    _, series = series_ensure_defaults(unit=root, signer_name="Trần Đức Hiếu", signer_title="Giám đốc")
    courses = [CourseFactory(automatic_confirmation=False) for _ in range(2)]
    names = [f"user{n}" if n % 20 == 0 else f"Nguyễn Thị Hoa {_word(n)}" for n in range(people)]
    users = User.objects.bulk_create(
        [
            User(full_name=n, sort_key=sort_key(n), search_key=fold(n), phone=f"+8491{i:07d}", password="!",
                 birth_date=date(1960 + i % 40, 1 + i % 12, 1 + i % 28))
            for i, n in enumerate(names)
        ],
        batch_size=BATCH,
    )  # fmt: skip
    for course in courses:
        _completions(
            course, users if course == courses[0] else [u for i, u in enumerate(users) if i % 10], communes, audience
        )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return root, series, courses


def _word(n: int) -> str:
    letters = "bcdghklmnpqrstvx"
    return "".join(letters[n // 16**place % 16] for place in range(4)).title()


def _completions(course: Course, users: list[User], communes: list[Unit], audience: Audience) -> None:
    now = timezone.now()
    rows = Enrolment.objects.bulk_create(
        [Enrolment(user=user, course=course, started_at=now, last_seen_at=now) for user in users], batch_size=BATCH
    )
    done = Completion.objects.bulk_create(
        [
            Completion(
                enrolment=row, user=user, course=course, completed_at=now, learner_name=user.full_name,
                learner_birth_date=user.birth_date, course_title=course.title, course_revision=1,
                course_hours=Decimal("1.5"), score=Decimal(80),
            )
            for row, user in zip(rows, users, strict=True)
        ],
        batch_size=BATCH,
    )  # fmt: skip
    CompletionStanding.objects.bulk_create(
        [
            CompletionStanding(completion=one, unit=communes[one.user_id % COMMUNES], audience=audience, is_main=True)
            for one in done
        ],
        batch_size=BATCH,
    )


def timed(what: str, act: Callable[[], Any]) -> dict[str, Any]:
    """Seconds, of them those that this process worked, and queries of one call."""
    reset_queries()
    with CaptureQueriesContext(connection) as queries:
        started, worked = time.perf_counter(), time.process_time()
        found = act()
        seconds, worked = time.perf_counter() - started, time.process_time() - worked
    return {
        "what": what, "seconds": round(seconds, 2), "cpu": round(worked, 2), "queries": len(queries), "people": found
    }  # fmt: skip


def pages(root: Unit) -> list[dict[str, Any]]:
    """The pages of the list for the official who is to approve it."""
    official = User.objects.create_user(full_name="Trần Đức Hiếu", email="kycap@example.vn")
    audience = Audience.objects.get()
    Membership.objects.create(user=official, unit=root, audience=audience, role=Role.ISSUING_OFFICIAL, valid_from=DAY)
    client = Client()
    client.force_login(with_second_step(official))
    prove(client)
    User.objects.filter(full_name__startswith="Nguyễn Thị Hoa B").update(full_name="Nguyễn Thị Hoa Khác")
    here = f"/quan-ly/cap-chung-nhan/dot/{Batch.objects.get().uuid}/"
    return [measure(client, path) for path in (here, f"{here}?trang=200", f"{here}?loc=khac-biet", f"{here}?q=hoa+bc")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=16000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    settings.MIGRATION_MODULES = _NoMigrations()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        root, series, courses = build(asked.people)
        lead = User.objects.create_user(full_name="Vũ Thị Hằng", email="lead@example.vn")
        audience = Audience.objects.get()
        Membership.objects.create(user=lead, unit=root, audience=audience, role=Role.PROVINCIAL_LEAD, valid_from=DAY)
        results = [timed("by course", lambda: len(proposal_for(series=series, unit=root, course=courses[0]).people))]
        series.basis = Basis.PROGRAMME
        series.save()
        series.required_courses.set(courses)
        results.append(timed("by programme", lambda: len(proposal_for(series=series, unit=root).people)))

        def send() -> int:
            eligible = proposal_for(series=series, unit=root).eligible
            batch = batch_propose(proposer=lead, series=series, unit=root, title="Đợt 1", completions=eligible)
            return batch.items.count()

        results.append(timed("proposed", send))
        opened = pages(root)
    finally:
        teardown_databases(databases, verbosity=0)
    if asked.json:
        print(json.dumps({"database": connection.vendor, "lists": results, "pages": opened}, indent=2))
        return
    print(f"{connection.vendor}: {asked.people} people")
    for one in results:
        used = f"{one['seconds']} s ({one['cpu']} s of this process)"
        print(f"  {one['what']:15} {used}, {one['queries']} queries, {one['people']} people")
    for one in opened:
        path = one["path"].split("/dot/")[1][36:]
        print(f"  list {path:16} median {one['median_ms']} ms, worst {one['worst_ms']} ms, {one['queries']} queries, "
              f"{one['kilobytes']} KB")  # fmt: skip


if __name__ == "__main__":
    main()
