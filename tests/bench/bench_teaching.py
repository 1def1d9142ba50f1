"""Seconds and queries of an instructor's pages at a course of 10,000 learners.

    python -m tests.bench.bench_teaching [--learners 10000] [--steps 12] [--json]
    python -m tests.services -- python -m tests.bench.bench_teaching        (the same on PostgreSQL)

The database of ``bench_settling`` with a visit for every step done and a word from every tenth learner; read by the
provincial lead, whose scope is everybody. One request at a time through Django's test client.
"""

from __future__ import annotations

import argparse
import json
import os
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")

import django

django.setup()

from django.conf import settings  # noqa: E402  (Django must be set up before models are imported)
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_databases, teardown_databases  # noqa: E402
from django.utils import timezone  # noqa: E402

from courses.models import (  # noqa: E402
    Course,
    Enrolment,
    LessonFeedback,
    Step,
    StepCompletion,
    StepVisit,
    Submission,
    Verdict,
)
from people.models import Audience, Membership, Role, Unit, User  # noqa: E402
from tests.bench.bench_settling import BATCH, DAY, build  # noqa: E402
from tests.bench.bench_teams import _NoMigrations, measure  # noqa: E402
from tests.proof import prove, with_second_step  # noqa: E402


def traces(course: Course) -> Step:
    """Visits, places, opinions and work that waits; returns the first step."""
    now = timezone.now()
    steps = list(course.steps.order_by("position"))
    done = StepCompletion.objects.filter(enrolment__course=course).values_list("enrolment", "step")
    StepVisit.objects.bulk_create(
        (
            StepVisit(enrolment_id=e, step_id=s, first_at=now, last_at=now, seconds=30 + (e * 37 + s * 11) % 900)
            for e, s in done
        ),
        batch_size=BATCH,
    )
    rows = list(Enrolment.objects.filter(course=course))
    for n, row in enumerate(rows):
        row.last_step, row.last_seen_at = steps[-2], now - timedelta(days=n % 40)
    Enrolment.objects.bulk_update(rows, ["last_step", "last_seen_at"], batch_size=BATCH)
    LessonFeedback.objects.bulk_create(
        LessonFeedback(user_id=row.user_id, step=steps[0], verdict=Verdict.UNCLEAR, comment="Hơi nhanh.")
        for row in rows[::10]
    )
    Submission.objects.bulk_create(
        Submission(enrolment=row, step=steps[-2], text="Tôi đã làm.", submitted_at=now) for row in rows[::20]
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return steps[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=10000)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    settings.MIGRATION_MODULES = _NoMigrations()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        course = build(asked.learners, asked.steps)
        step = traces(course)
        lead = User.objects.create_user(full_name="Vũ Thị Hằng", email="lead@example.vn")
        root, audience = Unit.objects.get(code="24"), Audience.objects.get()
        Membership.objects.create(user=lead, unit=root, audience=audience, role=Role.PROVINCIAL_LEAD, valid_from=DAY)
        client = Client()
        client.force_login(with_second_step(lead))
        prove(client)
        home = "/quan-ly/giang-day/"
        here = f"{home}{course.uuid}/"
        paths = [home, here, f"{here}bai/{step.uuid}/", f"{here}nguoi-hoc/", f"{here}nguoi-hoc/?q=thu+77",
                 f"{home}bai-nop/"]  # fmt: skip
        results = [measure(client, path) for path in paths]
    finally:
        teardown_databases(databases, verbosity=0)
    if asked.json:
        print(json.dumps({"database": connection.vendor, "pages": results}, indent=2))
        return
    print(f"{connection.vendor}: {asked.learners} learners, {asked.steps + 1} steps")
    for r in results:
        name = r["path"].replace(str(course.uuid), "<course>").replace(str(step.uuid), "<step>")
        print(f"  {name:45} median {r['median_ms']} ms, worst {r['worst_ms']} ms, {r['queries']} queries, "
              f"{r['kilobytes']} KB")  # fmt: skip


if __name__ == "__main__":
    main()
