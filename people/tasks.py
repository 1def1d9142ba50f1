"""Work for the queue: each task calls one service."""

from __future__ import annotations

from celery import shared_task

from people.rosters import jobs  # noqa: F401  (importing registers the work of lists, for the worker)
from people.rosters.services import roster_forget_old
from people.tasks_notices import deliver as deliver_notices  # noqa: F401  (registered for the worker)
from people.units import import_job


@shared_task(name="people.forget_old_rosters")
def forget_old_rosters() -> int:
    """Delete the files and lines of lists that ended some weeks ago."""
    return roster_forget_old()


@shared_task(name="people.forget_old_structures")
def forget_old_structures() -> int:
    """Delete uploaded structures that nobody applied."""
    return import_job.files_forget()
