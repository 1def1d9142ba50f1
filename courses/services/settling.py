"""A changed outline may leave people with nothing to do: they are completed here."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from common.queue import enqueue
from courses.models import Enrolment
from courses.services.completing import completion_create
from courses.services.enrolments import enrolment_lock


def enqueue_settling(course_id: int) -> None:
    """Ask for the completions that a changed outline leaves due; what the queue loses, the sweep finds."""
    from courses import tasks  # tasks call this module

    enqueue(tasks.settle, course_id)


def enrolments_settle(*, course_id: int | None = None, at: datetime | None = None) -> int:
    """Complete every enrolment that has no required step left (of one course, or of all); return how many.

    Needed when an editor takes out the last step that somebody had still to do. Each in a transaction of its own.
    """
    at = at or timezone.now()
    due = Enrolment.objects.nothing_left()
    if course_id is not None:
        due = due.filter(course=course_id)
    return sum(_enrolment_settle(enrolment, at) for enrolment in due.iterator(chunk_size=500))


@transaction.atomic
def _enrolment_settle(enrolment: Enrolment, at: datetime) -> bool:
    locked = enrolment_lock(enrolment=enrolment)
    if getattr(locked, "completion", None) is not None:
        return False
    scores = dict(locked.step_completions.values_list("step_id", "score"))
    return completion_create(locked, scores, at) is not None
