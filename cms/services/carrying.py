"""Every open course carried again: what an upgrade works out anew of pages reaches the courses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import transaction

from cms.models import CoursePage
from cms.publishing import course_carry
from common.errors import Refusal
from courses.models import Course, Step, StepKind


@dataclass
class CarryReport:
    """How many courses were carried, how many of them changed, and which could not be, with the reason."""

    carried: int = 0
    changed: int = 0
    refused: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def carrying_needed() -> bool:
    """Whether an open course was carried before its lessons' words were kept: one query."""
    lessons = Step.objects.filter(is_active=True, kind=StepKind.LESSON, course__is_published=True)
    return bool(lessons.filter(text="").exists())


def courses_carry(*, dry_run: bool = False, say: Callable[[int, int, str], None] | None = None) -> CarryReport:
    """Carry every live course page into ``courses``. Idempotent; each course in a transaction of its own.

    ``say`` hears how many are done of how many, and the title of the one that was carried last.
    """
    report = CarryReport()
    pages = CoursePage.objects.live().order_by("path")
    total = pages.count()
    for number, page in enumerate(pages.iterator(chunk_size=50), start=1):
        try:
            with transaction.atomic():
                before = _fingerprint(page)
                course_carry(course_page=page)
                report.changed += before != _fingerprint(page)
                report.carried += 1
                transaction.set_rollback(dry_run)
        except Refusal as refusal:
            report.refused[page.title] = f"{refusal.text} {refusal.fix}".strip()
        if say:
            say(number, total, page.title)
    return report


def _fingerprint(page: CoursePage) -> tuple[Any, ...]:
    """What learners meet of a course."""
    course = Course.objects.filter(key=page.translation_key)
    return (
        list(course.values()),
        list(course.values("modules__key", "modules__title")),
        list(course.order_by("steps__pk").values_list("steps__key", "steps__text", "steps__rule", "steps__is_active")),
    )
