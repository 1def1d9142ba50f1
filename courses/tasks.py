"""Work for the queue: each task takes ids and calls one service."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from common.queue import enqueue
from courses.services import enrolments_settle, idle_learners_remind, path_completions_settle, uptake_rebuild
from courses.services.forgetting import submission_files_forget
from courses.services.reminding import AT_ONCE


@shared_task(name="courses.settle")
def settle(course_id: int | None = None) -> int:
    """Complete enrolments that a changed outline left without anything to do; without a course, all of them."""
    return enrolments_settle(course_id=course_id)


@shared_task(name="courses.settle_paths")
def settle_paths(path_id: int | None = None) -> int:
    """Record who finished a path that was opened or asks for less; without a path, of all of them."""
    return path_completions_settle(path_id=path_id)


@shared_task(name="courses.uptake")
def uptake() -> int:
    """Count anew what people of each audience finished in the last year."""
    return uptake_rebuild()["rows"]


@shared_task(name="courses.forget_returned_files")
def forget_returned_files() -> int:
    """Delete the files of work that was returned long ago."""
    return submission_files_forget()


@shared_task(name="courses.remind_learners")
def remind_learners() -> int:
    """Remind who stopped in the middle of a course; when there are more than one run takes, send for the next run."""
    made = len(idle_learners_remind(at=timezone.now()))
    if made == AT_ONCE:
        enqueue(remind_learners)
    return made
