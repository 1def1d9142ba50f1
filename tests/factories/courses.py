"""Courses, enrolments and completions for tests."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import factory

from courses.models import Completion, Course, Enrolment, Step, StepKind
from courses.services import step_complete
from tests.factories.people import UserFactory


class CourseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Course

    key = factory.LazyFunction(uuid.uuid4)
    slug = factory.Sequence(lambda n: f"khoa-{n}")
    code = factory.Sequence(lambda n: f"K-{n:03d}")
    title = factory.Sequence(lambda n: f"Khoá học thử {n}")
    summary = "Học để thử."
    path = factory.LazyAttribute(lambda o: f"/khoa-hoc/{o.slug}/")
    hours = Decimal("1.5")
    revision = 1
    is_published = True


class StepFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Step

    course = factory.SubFactory(CourseFactory)
    key = factory.LazyFunction(uuid.uuid4)
    kind = StepKind.LESSON
    title = factory.Sequence(lambda n: f"Bài {n}")
    path = factory.LazyAttribute(lambda o: f"{o.course.path}{o.key}/")
    position = factory.Sequence(lambda n: n)


class EnrolmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Enrolment

    user = factory.SubFactory(UserFactory)
    course = factory.SubFactory(CourseFactory)
    started_at = datetime(2026, 11, 1, tzinfo=UTC)
    last_seen_at = factory.SelfAttribute("started_at")


def course_with_steps(lessons: int = 2, **fields: Any) -> Course:
    """A published course of ``lessons`` required lessons."""
    course = CourseFactory(**fields)
    for position in range(1, lessons + 1):
        StepFactory(course=course, position=position)
    return course


def complete(user: Any, course: Course, at: datetime | None = None) -> Completion:
    """Let a person finish every active step of a course, through the real service."""
    at = at or datetime(2026, 11, 20, 3, tzinfo=UTC)
    enrolment, _ = Enrolment.objects.get_or_create(
        user=user, course=course, defaults={"started_at": at, "last_seen_at": at}
    )
    completion = None
    for step in course.steps.filter(is_active=True):
        completion = step_complete(enrolment=enrolment, step=step, at=at)
    assert completion is not None
    return completion
