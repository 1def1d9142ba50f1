"""Seconds to settle a course that many are learning, and what a learner at work notices of it.

    python -m tests.bench.bench_settling [--learners 10000] [--steps 12] [--json]
    python -m tests.services -- python -m tests.bench.bench_settling        (the same on PostgreSQL)

A throw-away database; on SQLite a file in WAL, as ``script/server`` has it. Everybody did every required step but the
last one; that one is taken out of the outline and the job settles. Every completion is counted for two indicators and
numbered with a register row. Another process is a learner: twenty times a second somebody of the same course hands in
an optional step, first for some seconds alone, then while the job runs. Rendering files and refreshing summaries are
jobs of their own and are left out.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import statistics
import tempfile
import time
from datetime import date, timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")

import django

django.setup()

from django.conf import settings  # noqa: E402  (Django must be set up before models are imported)
from django.db import connection, connections  # noqa: E402
from django.test.utils import setup_databases, teardown_databases  # noqa: E402
from django.utils import timezone  # noqa: E402

from certificates.models import Certificate  # noqa: E402
from certificates.services import files, register_verify, series_ensure_defaults  # noqa: E402
from common.text import fold, sort_key  # noqa: E402
from courses.models import Completion, Course, Enrolment, Step, StepCompletion  # noqa: E402
from courses.services import enrolments_settle, step_complete  # noqa: E402
from kpi import refreshing, rollup  # noqa: E402
from kpi.models import Counted  # noqa: E402
from people.models import Audience, Membership, Structure, Unit, UnitKind, User  # noqa: E402
from people.services import structures_rebuild  # noqa: E402
from tests.bench.bench_teams import _NoMigrations  # noqa: E402
from tests.factories.courses import StepFactory, course_with_steps  # noqa: E402
from tests.factories.kpi import IndicatorFactory  # noqa: E402

DAY = date(2025, 7, 1)
COMMUNES = 99
BATCH = 2000
ALONE = 5.0
EVERY = 0.05


def _people(count: int) -> list[User]:
    names = [f"Nguyễn Thị Thử {n}" for n in range(count)]
    return User.objects.bulk_create(
        [User(full_name=n, sort_key=sort_key(n), search_key=fold(n), phone=f"+8491{i:07d}", password="!")
         for i, n in enumerate(names)],
        batch_size=BATCH,
    )  # fmt: skip


def build(learners: int, steps: int) -> Course:
    """A province and a course; everybody did all required steps but the last."""
    Structure.objects.create(code="2025-07-01", name="Từ 1/7/2025", valid_from=DAY)
    audience = Audience.objects.create(code="nguoi_dan", name="Người dân")
    root = Unit.objects.create(code="24", name="Tỉnh Bắc Ninh", kind=UnitKind.PROVINCE, valid_from=DAY)
    communes = Unit.objects.bulk_create(
        [
            Unit(code=f"{n:05d}", name=f"Xã {n}", kind=UnitKind.COMMUNE, parent=root, valid_from=DAY)
            for n in range(COMMUNES)
        ]
    )
    structures_rebuild()
    series_ensure_defaults(unit=root)
    for _ in range(2):
        IndicatorFactory(audiences=[audience])
    course = course_with_steps(lessons=steps)
    StepFactory(course=course, position=steps + 1, required=False)
    users = _people(learners)
    Membership.objects.bulk_create(
        [
            Membership(user=user, unit=communes[n % COMMUNES], audience=audience, valid_from=DAY, is_main=True)
            for n, user in enumerate(users)
        ],
        batch_size=BATCH,
    )
    at = timezone.now() - timedelta(days=3)
    rows = Enrolment.objects.bulk_create(
        [Enrolment(user=user, course=course, started_at=at, last_seen_at=at) for user in users], batch_size=BATCH
    )
    required = list(course.steps.filter(required=True))
    StepCompletion.objects.bulk_create(
        [StepCompletion(enrolment=row, step=step, completed_at=at) for row in rows for step in required[:-1]],
        batch_size=BATCH,
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return course


def learn(step_id: int, begin: Any, end: Any, took: Any) -> None:
    """Be a learner until told to stop: hand in a step twenty times a second and note how long each took."""
    step = Step.objects.get(pk=step_id)
    pks = list(Enrolment.objects.filter(course=step.course_id).values_list("pk", flat=True))
    random.Random(7).shuffle(pks)
    begin.set()
    noted = []
    for pk in pks:
        if end.is_set():
            break
        started = time.perf_counter()
        step_complete(enrolment=Enrolment(pk=pk), step=step)
        noted.append((time.time(), time.perf_counter() - started))
        time.sleep(EVERY)
    connections.close_all()
    took.put(noted)


def measure(course: Course) -> dict[str, Any]:
    """Settle while somebody learns; seconds, and milliseconds of the learner before and meanwhile."""
    optional = course.steps.get(required=False)
    context = multiprocessing.get_context("fork")
    begin, end, took = context.Event(), context.Event(), context.Queue()
    connections.close_all()  # a connection must not be shared with the other process
    process = context.Process(target=learn, args=(optional.pk, begin, end, took))
    process.start()
    begin.wait()
    time.sleep(ALONE)
    course.steps.filter(pk=course.steps.filter(required=True).last().pk).update(is_active=False)
    started, worked = time.time(), time.process_time()
    settled = enrolments_settle(course_id=course.pk)
    ended, worked = time.time(), time.process_time() - worked
    end.set()
    noted = took.get()
    process.join()
    return {
        "seconds": round(ended - started, 1),
        "cpu_seconds": round(worked, 1),
        "settled": settled,
        "alone": _said([s for at, s in noted if at < started]),
        "meanwhile": _said([s for at, s in noted if started <= at <= ended]),
    }


def _said(seconds: list[float]) -> dict[str, int]:
    ms = sorted(round(s * 1000) for s in seconds)
    return {"n": len(ms), "median": int(statistics.median(ms)), "p95": ms[int(len(ms) * 0.95)], "worst": ms[-1]}


def check(learners: int) -> None:
    """Nobody lost, nobody twice, counts as a rebuild would have them, a register without a gap."""
    series = Certificate.objects.select_related("series").first().series  # type: ignore[union-attr]
    assert Completion.objects.count() == learners
    assert Counted.objects.count() == 2 * learners
    assert series.certificates.count() == learners
    assert register_verify(series=series).ok
    assert not rollup.counted_rebuild(check=True).drifted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=10000)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    settings.MIGRATION_MODULES = _NoMigrations()
    files.enqueue = refreshing.enqueue = lambda *args: True  # type: ignore[attr-defined]  # jobs of their own
    with tempfile.TemporaryDirectory() as folder:
        if connection.vendor == "sqlite":
            connection.settings_dict["TEST"]["NAME"] = f"{folder}/bench.sqlite3"
        databases = setup_databases(verbosity=0, interactive=False)
        try:
            result = {"database": connection.vendor, **measure(build(asked.learners, asked.steps))}
            check(asked.learners)
        finally:
            teardown_databases(databases, verbosity=0)
    if asked.json:
        print(json.dumps(result, indent=2))
        return
    print(f"{connection.vendor}: {asked.learners} learners, {result['settled']} settled in {result['seconds']} s "
          f"({result['cpu_seconds']} s of CPU in the job's process)")  # fmt: skip
    for when in ("alone", "meanwhile"):
        r = result[when]
        print(
            f"  a learner {when:10} {r['n']} times: median {r['median']} ms, p95 {r['p95']} ms, worst {r['worst']} ms"
        )


if __name__ == "__main__":
    main()
