"""Work for the queue: each task takes ids and calls one service."""

from __future__ import annotations

from celery import shared_task

from courses.services import enrolments_settle


@shared_task(name="courses.settle")
def settle(course_id: int | None = None) -> int:
    """Complete enrolments that a changed outline left without anything to do; without a course, all of them."""
    return enrolments_settle(course_id=course_id)
