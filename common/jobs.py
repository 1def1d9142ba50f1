"""Long work that somebody waits for: a row for its state, a bar for its progress, a page that shows both.

A room registers what a kind of job does, and opens jobs of that kind::

    @jobs.register("people.roster_check")
    def _check(progress: Progress, *, roster: str) -> dict[str, Any]: ...

    job = jobs.job_open(kind="people.roster_check", owner=user, title="Kiểm tra danh sách", args={"roster": str(uuid)})

Work must be safe to repeat: a worker that dies leaves its job to the sweep, which runs it again. While a worker lives
it says so every few seconds, however long one step of the work takes.
"""

from __future__ import annotations

import json
import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from common.errors import Refusal
from common.models import Job, JobState
from common.queue import enqueue

logger = logging.getLogger(__name__)

MAX_TRIES = 3
#: How long a waiting job may be lost, or a running one silent, before the sweep takes it up.
LOST_AFTER = timedelta(minutes=2)
FILE_KEPT = timedelta(days=3)
#: How long a job may wait before its page says that nobody seems to work.
WAITS_TOO_LONG = timedelta(seconds=60)
UNFINISHED = frozenset({JobState.WAITING, JobState.RUNNING})
_EVERY = 0.5  # seconds between two writes of progress
_BEAT = 15.0  # seconds between two signs of life
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
        self.say()

    def advance(self, count: int = 1) -> None:
        """``count`` more things are done. Cheap: written at most twice a second."""
        self.done += count
        if time.monotonic() - self._written >= _EVERY:
            self.say()

    def hand_over(self, *, name: str, content: bytes) -> None:
        """Keep a file for the owner of the job; saved when the work ends well."""
        if self.job.file:
            self.job.file.delete(save=False)
        self.job.file_name = name
        self.job.file.save(f"{self.job.uuid}-{name}", ContentFile(content), save=False)

    def say(self) -> None:
        """Write how far the work is, for its page, and that the worker lives, for the sweep."""
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

    A Refusal becomes the job's ``error`` and ``fix``; anything else is logged and shown as a fault of ours. A worker
    that was thought dead and ends after all changes nothing: the job belongs to the later try.
    """
    claimed = Job.objects.filter(uuid=uuid, state=JobState.WAITING).update(
        state=JobState.RUNNING, started_at=timezone.now(), tries=models.F("tries") + 1
    )
    if not claimed:
        return None
    job = Job.objects.get(uuid=uuid)
    progress = Progress(job)
    try:
        with _signs_of_life(progress):
            result = _WORK[job.kind](progress, **job.args)
        json.dumps(result)
        job.state, job.result = JobState.DONE, result
    except Refusal as refusal:
        job.state, job.error, job.fix = JobState.FAILED, refusal.text, refusal.fix
    except Exception:
        logger.exception("Job %s (%s) failed.", job.uuid, job.kind)
        job.state, job.error, job.fix = JobState.FAILED, _BROKEN, _BROKEN_FIX
    job.done, job.total, job.finished_at = progress.done, progress.total, timezone.now()
    if job.state == JobState.FAILED:
        _file_drop(job)
    return job if _ended(job) else None


def _ended(job: Job) -> bool:
    """Write how the job ended, unless a later try has it by now."""
    fields = ("state", "result", "error", "fix", "done", "total", "finished_at", "file", "file_name")
    mine = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, tries=job.tries)
    if mine.update(**{field: getattr(job, field) for field in fields}):
        return True
    logger.warning("Job %s ended after another try had taken it up; its result is dropped.", job.uuid)
    _file_drop(job)
    return False


def _file_drop(job: Job) -> None:
    if job.file:
        job.file.delete(save=False)
    job.file_name = ""


@contextmanager
def _signs_of_life(progress: Progress) -> Iterator[None]:
    """While the work goes on, write its progress every few seconds: the sweep takes silence for death."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(_BEAT):
            try:
                progress.say()
            except Exception:
                logger.exception("Job %s cannot write its progress.", progress.job.uuid)

    progress.say()
    thread = threading.Thread(target=beat, name=f"job-{progress.job.uuid}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@transaction.atomic
def job_retry(*, job: Job) -> bool:
    """Send a failed job to the queue once more, with all its tries; return whether it was a failed one."""
    from common.tasks import run_job

    again = Job.objects.filter(pk=job.pk, state=JobState.FAILED).update(
        state=JobState.WAITING,
        made_at=timezone.now(),
        started_at=None,
        finished_at=None,
        tries=0,
        done=0,
        error="",
        fix="",
    )
    if again:
        transaction.on_commit(lambda: enqueue(run_job, str(job.uuid)))
    return bool(again)


def jobs_of(owner: Any) -> models.QuerySet[Job]:
    """For the first page of somebody's office: what is under way, what failed of late, files that can be fetched."""
    lately = Q(finished_at__gt=timezone.now() - FILE_KEPT)
    return Job.objects.filter(
        Q(state__in=UNFINISHED) | lately & (Q(state=JobState.FAILED) | ~Q(file="")), owner=owner
    ).order_by("-made_at")


def is_stuck(job: Job, now: datetime) -> bool:
    """Whether a job has waited so long that probably no worker runs; said once in the log."""
    if job.state != JobState.WAITING or now - job.made_at < WAITS_TOO_LONG:
        return False
    if cache.add(f"job-stuck:{job.uuid}", True, timeout=3600):
        logger.warning("Job %s (%s) waits since %s: does the worker run?", job.uuid, job.kind, job.made_at)
    return True


def is_fault(job: Job) -> bool:
    """Whether a failed job broke, so that trying again may help; a refusal says itself what helps."""
    return job.state == JobState.FAILED and job.error == _BROKEN


def minutes_left(job: Job, shown: Shown, now: datetime) -> int | None:
    """Whole minutes until a running job ends if it goes on like this, at least 1; None while that cannot be known."""
    if job.state != JobState.RUNNING or job.started_at is None or not shown.total or not shown.done:
        return None
    passed = (now - job.started_at).total_seconds()
    # The first moments say little about the rest.
    if passed < 5:
        return None
    return max(1, math.ceil(passed * (shown.total - shown.done) / shown.done / 60))


def jobs_sweep() -> int:
    """Send jobs again that were lost on the way or whose worker died; return how many. Gives up after MAX_TRIES."""
    from common.tasks import run_job

    limit = timezone.now() - LOST_AFTER
    for job in Job.objects.filter(state=JobState.RUNNING, started_at__lt=limit):
        seen = cache.get(_key(job))
        if seen and seen["at"] > limit.timestamp():
            continue
        lost = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, tries=job.tries)
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
