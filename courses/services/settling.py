"""A changed outline may leave people with nothing to do: they are completed here."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from operator import itemgetter
from time import sleep

from django.db import connection, transaction
from django.utils import timezone

from common.database import plans_by_index
from common.queue import enqueue
from courses.models import Enrolment
from courses.services.completing import completions_create, done_of

#: Enrolments settled in one transaction: long enough to share its queries, short enough to wait for.
CHUNK = 100
#: Seconds between two chunks on a database without row locks. SQLite lets one writer in at a time and keeps no queue of
#: those who wait: without a breath a learner would starve.
BREATH = 0.04


def enqueue_settling(course_id: int) -> None:
    """Ask for the completions that a changed outline leaves due; what the queue loses, the sweep finds."""
    from courses import tasks  # tasks call this module

    enqueue(tasks.settle, course_id)


def enrolments_settle(*, course_id: int | None = None, at: datetime | None = None) -> int:
    """Complete every enrolment that has no required step left (of one course, or of all); return how many.

    Needed when an editor takes out the last step that somebody had still to do. In chunks, each in a transaction of
    its own, so that learners at work wait for a moment at most: whoever is just handing something in is passed over
    and looked at again at the end. Safe to repeat and to run twice at once.
    """
    at = at or timezone.now()
    due = Enrolment.objects.nothing_left().order_by("course_id", "pk")
    if course_id is not None:
        due = due.filter(course=course_id)
    settled = 0
    by_course = groupby(list(due.values_list("course_id", "pk")), key=itemgetter(0))
    for pks in [[pk for _, pk in rows] for _, rows in by_course]:
        passed_over: list[int] = []
        for start in range(0, len(pks), CHUNK):
            if start and not connection.features.has_select_for_update:
                sleep(BREATH)
            made, busy = _chunk_settle(pks[start : start + CHUNK], at, wait=False)
            settled += made
            passed_over += busy
        for pk in passed_over:
            settled += _chunk_settle([pk], at, wait=True)[0]
    return settled


@transaction.atomic
def _chunk_settle(pks: list[int], at: datetime, *, wait: bool) -> tuple[int, list[int]]:
    """Complete some enrolments of one course; return how many, and those that somebody else holds.

    Their rows are locked in the order of their keys; NO KEY, so that opening a lesson, which only refers to
    the row, never waits. With ``wait`` none is passed over.
    """
    plans_by_index()
    rows = Enrolment.objects.select_for_update(of=("self",), no_key=True, skip_locked=not wait).filter(pk__in=pks)
    held = list(rows.select_related("user").order_by("pk"))
    done = done_of(held)
    learnt = [(enrolment, done[enrolment.pk].scores) for enrolment in held if done[enrolment.pk].completion_id is None]
    made = completions_create(learnt, at) if learnt else []
    return len(made), sorted(set(pks) - {enrolment.pk for enrolment in held})
