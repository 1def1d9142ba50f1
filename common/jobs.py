"""Long work that somebody waits for: a row for its state, a bar for its progress, a page that shows both.

A room registers what a kind of job does, and opens jobs of that kind::

    @jobs.register("people.roster_check")
    def _check(progress: Progress, *, roster: str) -> dict[str, Any]: ...

    job = jobs.job_open(kind="people.roster_check", owner=user, title="Kiểm tra danh sách", args={"roster": str(uuid)})

Work must be safe to repeat: a worker that dies leaves its job to the sweep, which runs it again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.utils import timezone

from common.errors import Refusal
from common.models import Job, JobState
from common.queue import enqueue

logger = logging.getLogger(__name__)

MAX_TRIES = 3
#: How long a waiting job may be lost, or a running one silent, before the sweep takes it up.
LOST_AFTER = timedelta(minutes=2)
FILE_KEPT = timedelta(days=3)
_EVERY = 0.5  # seconds between two writes of progress
_BROKEN = "Hệ thống gặp lỗi khi làm việc này. Chưa có gì bị thay đổi."
_BROKEN_FIX = "Hãy thử lại. Nếu vẫn lỗi, hãy báo người quản trị kèm thời điểm gặp lỗi."

Work = Callable[..., dict[str, Any]]
_WORK: dict[str, Work] = {}


def register(kind: str) -> Callable[[Work], Work]:
    """Say what a kind of job does: a function of a Progress and the job's ``args``, returning its ``result``."""

    def wrap(work: Work) -> Work:
        _WORK[kind] = work
        return work

    return wrap


@dataclass(frozen=True)
class Shown:
    """How far a job is, for its page."""

    done: int
    total: int
    note: str

    @property
    def percent(self) -> int | None:
        """0 to 100; None while nobody knows how much there is."""
        return min(100, self.done * 100 // self.total) if self.total else None


class Progress:
    """Handed to the work: counts what is done, and keeps the file that the work makes for the owner."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.done, self.total, self.note = 0, job.total, ""
        self._written = 0.0

    def begin(self, total: int, note: str = "") -> None:
        """A new part of the work begins, with ``total`` things to do."""
        self.done, self.total, self.note = 0, total, note
        self._write()

    def advance(self, count: int = 1) -> None:
        """``count`` more things are done. Cheap: written at most twice a second."""
        self.done += count
        if time.monotonic() - self._written >= _EVERY:
            self._write()

    def hand_over(self, *, name: str, content: bytes) -> None:
        """Keep a file for the owner of the job; saved when the work ends well."""
        self.job.file_name = name
        self.job.file.save(f"{self.job.uuid}-{name}", ContentFile(content), save=False)

    def _write(self) -> None:
        self._written = time.monotonic()
        cache.set(
            _key(self.job),
            {"done": self.done, "total": self.total, "note": self.note, "at": timezone.now().timestamp()},
            timeout=3600,
        )


def _key(job: Job) -> str:
    return f"job:{job.uuid}"


def progress_of(job: Job) -> Shown:
    """How far a job is: from the cache while it runs, from its row afterwards."""
    if job.state == JobState.RUNNING and (seen := cache.get(_key(job))):
        return Shown(seen["done"], seen["total"], seen["note"])
    return Shown(job.done, job.total, "")


def job_open(
    *, kind: str, owner: Any, title: str, args: dict[str, Any] | None = None, next_path: str = "", total: int = 0
) -> Job:
    """Make a job and send it to the queue after commit. ``args`` must be JSON: ids, not objects."""
    from common.tasks import run_job

    if kind not in _WORK:
        raise LookupError(f"No work is registered for «{kind}».")
    job = Job.objects.create(kind=kind, args=args or {}, owner=owner, title=title, next_path=next_path, total=total)
    transaction.on_commit(lambda: enqueue(run_job, str(job.uuid)))
    return job


def job_run(*, uuid: str) -> Job | None:
    """Do the work of a waiting job, once: the claim is one conditional update. None where somebody else has it.

    A Refusal becomes the job's ``error`` and ``fix``; anything else is logged and shown as a fault of ours.
    """
    claimed = Job.objects.filter(uuid=uuid, state=JobState.WAITING).update(
        state=JobState.RUNNING, started_at=timezone.now(), tries=models.F("tries") + 1
    )
    if not claimed:
        return None
    job = Job.objects.get(uuid=uuid)
    progress = Progress(job)
    progress.begin(job.total)
    try:
        job.result = _WORK[job.kind](progress, **job.args)
        job.state, job.error, job.fix = JobState.DONE, "", ""
    except Refusal as refusal:
        job.state, job.error, job.fix = JobState.FAILED, refusal.text, refusal.fix
    except Exception:
        logger.exception("Job %s (%s) failed.", job.uuid, job.kind)
        job.state, job.error, job.fix = JobState.FAILED, _BROKEN, _BROKEN_FIX
    job.done, job.total, job.finished_at = progress.done, progress.total, timezone.now()
    job.save()
    return job


def jobs_sweep() -> int:
    """Send jobs again that were lost on the way or whose worker died; return how many. Gives up after MAX_TRIES."""
    from common.tasks import run_job

    limit = timezone.now() - LOST_AFTER
    for job in Job.objects.filter(state=JobState.RUNNING, started_at__lt=limit):
        seen = cache.get(_key(job))
        if seen and seen["at"] > limit.timestamp():
            continue
        lost = Job.objects.filter(pk=job.pk, state=JobState.RUNNING)
        if job.tries >= MAX_TRIES:
            lost.update(state=JobState.FAILED, error=_BROKEN, fix=_BROKEN_FIX, finished_at=timezone.now())
        else:
            lost.update(state=JobState.WAITING)
    waiting = list(Job.objects.filter(state=JobState.WAITING, made_at__lt=limit).values_list("uuid", flat=True))
    for uuid in waiting:
        enqueue(run_job, str(uuid))
    return len(waiting)


def files_forget() -> int:
    """Delete the files of jobs that ended some days ago; return how many."""
    old = Job.objects.filter(finished_at__lt=timezone.now() - FILE_KEPT).exclude(file="")
    for job in old:
        job.file.delete(save=False)
        Job.objects.filter(pk=job.pk).update(file="")
    return len(old)
