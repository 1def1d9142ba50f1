"""A year of learning: the rows that real learning leaves behind."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from courses.models import Completion, CompletionStanding, Course, Enrolment, Step, StepCompletion
from people.models import Membership, User

SEED = 20261122
CHUNK = 1000


def _course_for(audience: str, courses: dict[str, Course]) -> Course:
    slug = {
        "y_bac_si": "ho-so-suc-khoe-dien-tu-tram-y-te-xa",
        "giao_vien": "day-hoc-tren-nen-tang-so",
    }.get(audience, "5-ky-nang-so-co-ban")
    return courses[slug]


@dataclass(frozen=True)
class _Learning:
    """What one demo person did with one course."""

    membership: Membership
    enrolment: Enrolment
    end: datetime
    finished: bool


def history_create(rng: random.Random, memberships: list[Membership], bar: Any) -> int:
    """Give people of these memberships a course each: many finished, some half-way, some not begun."""
    courses = {c.slug: c for c in Course.objects.prefetch_related("steps")}
    steps = {c.pk: [s for s in c.steps.all() if s.is_active and s.required] for c in courses.values()}
    learnt = list(_learnings(rng, memberships, courses, bar))
    Enrolment.objects.bulk_create([learning.enrolment for learning in learnt], batch_size=CHUNK)
    _accounts_claimed(learnt)
    done, completions, standings = [], [], []
    for learning in learnt:
        todo = steps[learning.enrolment.course_id]
        part = todo if learning.finished else todo[: rng.randint(1, len(todo) - 1)]
        score = Decimal(rng.choice([80, 80, 90, 90, 100]))
        done += _steps_done(learning, part, score)
        if learning.finished:
            completions.append(_completion(learning.enrolment, learning.end, score))
            standings.append(_standing(completions[-1], learning.membership))
    StepCompletion.objects.bulk_create(done, batch_size=CHUNK)
    Completion.objects.bulk_create(completions, batch_size=CHUNK)
    CompletionStanding.objects.bulk_create(standings, batch_size=CHUNK)
    return len(completions)


def _learnings(
    rng: random.Random, memberships: list[Membership], courses: dict[str, Course], bar: Any
) -> Iterator[_Learning]:
    """Who began a course and when they ended; units differ in their zeal."""
    zeal = {unit: random.Random(f"{SEED}-{unit}").uniform(0.25, 0.9) for unit in {m.unit_id for m in memberships}}
    for membership in memberships:
        bar.update()
        if rng.random() > zeal[membership.unit_id] + 0.1:
            continue
        end = _some_moment(rng, membership.valid_from)
        enrolment = Enrolment(
            user=membership.user,
            course=_course_for(membership.audience.code, courses),
            started_at=end - timedelta(days=6),
            last_seen_at=end,
        )
        yield _Learning(membership, enrolment, end, finished=rng.random() < zeal[membership.unit_id] + 0.15)


def _accounts_claimed(learnt: list[_Learning]) -> None:
    """Who has learnt has taken over the account before: nobody learns on one that still waits for its owner."""
    claimed: dict[int, User] = {}
    for learning in learnt:
        person = claimed.setdefault(learning.membership.user_id, learning.membership.user)
        person.claimed_at = min(filter(None, (person.claimed_at, learning.enrolment.started_at)))
    User.objects.bulk_update(claimed.values(), ["claimed_at"], batch_size=200)


def _steps_done(learning: _Learning, part: list[Step], score: Decimal) -> list[StepCompletion]:
    return [
        StepCompletion(
            enrolment=learning.enrolment,
            step=step,
            completed_at=learning.end - timedelta(hours=len(part) - place),
            score=score if step.kind == "quiz" else None,
        )
        for place, step in enumerate(part, start=1)
    ]


def _standing(completion: Completion, membership: Membership) -> CompletionStanding:
    return CompletionStanding(completion=completion, unit=membership.unit, audience=membership.audience, is_main=True)


def _some_moment(rng: random.Random, since: date) -> datetime:
    """A moment between January of last year (or ``since``) and yesterday, mostly this year, in waking hours."""
    today = timezone.localdate()
    first = max(since, date(today.year - 1, 1, 1) if rng.random() < 0.25 else date(today.year, 1, 5))
    day = first + timedelta(days=rng.randrange(max(1, (today - first).days)))
    moment = datetime(day.year, day.month, day.day, rng.randint(6, 21), rng.randint(0, 59))
    return timezone.make_aware(moment)


def _completion(enrolment: Enrolment, at: datetime, score: Decimal) -> Completion:
    return Completion(
        enrolment=enrolment,
        user=enrolment.user,
        course=enrolment.course,
        completed_at=at,
        learner_name=enrolment.user.full_name,
        learner_birth_date=enrolment.user.birth_date,
        course_title=enrolment.course.title,
        course_revision=enrolment.course.revision,
        course_hours=enrolment.course.hours,
        course_level=enrolment.course.level,
        score=score,
    )
