"""How long counting what people of each audience finished takes, on a database that is made and thrown away here.

    python -m tests.bench.bench_uptake [--completions 100000]

SQLite unless DATABASE_URL names a server on which a test database may be made.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

CHUNK = 5_000
COURSES = 60


def fill(completions: int) -> None:
    """People of every audience who finished courses within fourteen months, one standing each, some with two."""
    from django.utils import timezone

    from courses.models import Completion, CompletionStanding, Course, Enrolment
    from people.loading import audiences_load
    from people.models import Audience, User

    audiences_load()
    rng, now = random.Random(1), timezone.now()
    audiences = list(Audience.objects.values_list("pk", flat=True))
    for number in range(COURSES):
        name = f"khoa-{number}"
        Course.objects.create(key=uuid4(), slug=name, code=name, title=name, hours=1, is_published=True)
    courses = list(Course.objects.all())
    users = [User(full_name=f"Người {n}", email=f"n{n}@bench.example") for n in range(completions // 2)]
    for user in users:
        user.sort_key = user.search_key = user.full_name
    User.objects.bulk_create(users, batch_size=500)
    people = list(User.objects.all())
    home = {person.pk: rng.choice(audiences) for person in people}
    for begin in range(0, completions, CHUNK):
        pairs = [
            (people[n % len(people)], courses[(n * 7 + n // len(people)) % COURSES])
            for n in range(begin, begin + CHUNK)
        ]
        enrolments = [Enrolment(user=u, course=c, started_at=now, last_seen_at=now) for u, c in pairs]
        Enrolment.objects.bulk_create(enrolments, batch_size=500)
        rows = [_completion(e, now - timedelta(days=rng.randrange(420)), Completion) for e in enrolments]
        Completion.objects.bulk_create(rows, batch_size=500)
        standings = [_standing(row, home[row.user_id], True, CompletionStanding) for row in rows]
        standings += [_standing(row, rng.choice(audiences), False, CompletionStanding) for row in rows[::10]]
        CompletionStanding.objects.bulk_create(standings, batch_size=500, ignore_conflicts=True)


def _completion(enrolment: Any, at: Any, model: Any) -> Any:
    course = enrolment.course
    return model(
        enrolment=enrolment, user=enrolment.user, course=course, completed_at=at, learner_name="Người",
        course_title=course.title, course_revision=1, course_hours=1,
    )  # fmt: skip


def _standing(completion: Any, audience: int, main: bool, model: Any) -> Any:
    return model(completion=completion, unit=None, audience_id=audience, is_main=main)


def measure() -> None:
    """Print rows and seconds of three rebuilds; with SQLite the database works in this process."""
    from courses.models import Completion, CompletionStanding
    from courses.services import uptake_rebuild

    print(f"{Completion.objects.count()} completions, {CompletionStanding.objects.count()} standings")
    for _ in range(3):
        begin, busy = time.perf_counter(), time.process_time()
        counts = uptake_rebuild()
        took, busy = time.perf_counter() - begin, time.process_time() - busy
        print(f"{counts}  {took:.2f} s, {busy:.2f} s of them on the processor")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--completions", type=int, default=100_000)
    wanted = parser.parse_args().completions
    import django

    django.setup()
    from django.apps import apps
    from django.conf import settings
    from django.db import connection

    settings.MIGRATION_MODULES = dict.fromkeys(app.label for app in apps.get_app_configs())
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    fill(wanted)
    measure()
