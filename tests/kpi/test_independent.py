"""What the platform says of every indicator, unit, year and structure is what a reckoning of its own says."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from courses.models import Completion, CompletionStanding, Enrolment, Level
from kpi import rollup
from kpi.models import CountingKind, Recurrence
from people.models import User
from tests.factories.courses import course_with_steps
from tests.factories.kpi import IndicatorFactory
from tests.kpi.agreeing import agree
from tests.lanes import draws

pytestmark = pytest.mark.slow

#: Fifty on SQLite; on PostgreSQL a third shows that the same queries do the same there.
PROVINCES = draws(50)
YEARS = (2024, 2025, 2026)


def indicators_make(chance: random.Random, reform: object, courses: list) -> None:
    """Five of any kind that one's completions alone decide."""
    kinds = (CountingKind.COMPLETED, CountingKind.PASSED, CountingKind.LEVEL, CountingKind.HOURS)
    for number in range(5):
        kind = chance.choice(kinds)
        IndicatorFactory(
            code=f"N-{number}",
            counting=kind,
            recurrence=chance.choice((Recurrence.YEARLY, Recurrence.CUMULATIVE)),
            audiences=chance.sample([reform.citizen, reform.member], chance.randint(1, 2)),
            courses=chance.sample(courses, chance.choice((0, 1, 2))),
            min_score=chance.choice((50, 80)) if kind == CountingKind.PASSED else None,
            level=Level.PROFICIENT if kind == CountingKind.LEVEL else "",
            min_hours=chance.choice((3, 6)) if kind == CountingKind.HOURS else None,
        )


def histories(chance: random.Random, reform: object, courses: list) -> None:
    """Up to forty people with up to four completions, in units before and after the reform, in two places or none."""
    old, new = (reform.a, reform.b, reform.c, reform.s), (reform.x, reform.y, None)
    people = User.objects.bulk_create(
        User(full_name=f"Lò Thị Ưỡng {n}", email=f"n{n}-{uuid4().hex}@vidu.vn", password="!")
        for n in range(chance.randint(5, 40))
    )
    now = timezone.now()
    for person in people:
        for course in chance.sample(courses, chance.randint(0, 4)):
            at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(60 * 24 * 1050))
            enrolment = Enrolment.objects.create(user=person, course=course, started_at=now, last_seen_at=now)
            completion = Completion.objects.create(
                enrolment=enrolment, user=person, course=course, completed_at=at, learner_name=person.full_name,
                course_title=course.title, course_revision=1, course_hours=chance.choice((1, 2, 4)),
                course_level=chance.choice(Level.values), score=chance.choice((None, 49, 50, 80, 100)),
            )  # fmt: skip
            units = old if at.date() < date(2025, 7, 1) else new
            places_ = {(chance.choice(units), chance.choice((reform.citizen, reform.member))) for _ in range(2)}
            CompletionStanding.objects.bulk_create(
                CompletionStanding(completion=completion, unit=unit, audience=audience, is_main=not turn)
                for turn, (unit, audience) in enumerate(sorted(places_, key=str))
            )


def test_fifty_provinces(reform):
    courses = [course_with_steps(1) for _ in range(4)]
    compared = 0
    for seed in range(PROVINCES):
        with transaction.atomic():
            chance = random.Random(seed)
            indicators_make(chance, reform, courses)
            histories(chance, reform, courses)
            rollup.counted_rebuild(check=False)
            compared += agree(YEARS)
            transaction.set_rollback(True)
    assert compared > PROVINCES * 20
