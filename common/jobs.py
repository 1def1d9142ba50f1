"""Long work that somebody waits for: a row for its state, a bar for its progress, a page that shows both.

A room registers what a kind of job does, and opens jobs of that kind::

    @jobs.register("people.roster_check")
    def _check(progress: Progress, *, roster: str) -> dict[str, Any]: ...

    job = jobs.job_open(kind="people.roster_check", owner=user, title="Kiểm tra danh sách", args={"roster": str(uuid)})

A kind that makes a file says who may fetch it (``may_fetch``): rights end, and the file must not outlive them.

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
from typing import IO, Any

from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile, File
from django.db import models, transaction
from django.db.models import Q
from django.dispatch import Signal
from django.utils import timezone, translation
from django.utils.translation import gettext_noop

from common import audit
from common.errors import Refusal
from common.models import Job, JobState
from common.queue import enqueue

logger = logging.getLogger(__name__)

MAX_TRIES = 3
#: How long a waiting job may be lost, or a running one silent, before the sweep takes it up.
LOST_AFTER = timedelta(minutes=2)
FILE_KEPT = timedelta(days=3)
#: How long a failure that nobody looked at stays on the first page.
FAILURE_SHOWN = timedelta(days=1)
#: How long a job may wait before its page says that nobody seems to work.
WAITS_TOO_LONG = timedelta(seconds=60)
UNFINISHED = frozenset({JobState.WAITING, JobState.RUNNING})
_EVERY = 0.5  # seconds between two writes of progress
_BEAT = 15.0  # seconds between two signs of life
_BROKEN = gettext_noop("Hệ thống gặp lỗi khi làm việc này. Chưa có gì bị thay đổi.")
_BROKEN_FIX = gettext_noop("Hãy thử lại. Nếu vẫn lỗi, hãy báo người quản trị kèm thời điểm gặp lỗi.")

Work = Callable[..., dict[str, Any]]
MayFetch = Callable[[Job], bool]
_WORK: dict[str, Work] = {}
#: Sent with ``job`` when its end is written, whichever it was.
job_ended = Signal()


@dataclass(frozen=True)
class Keeping:
    """How the files of a kind are kept: who may fetch them, for how long, and whether the first time is the last."""

    may_fetch: MayFetch | None = None
    kept: timedelta = FILE_KEPT
    once: bool = False


_KEEPING: dict[str, Keeping] = {}


def register(
    kind: str, *, may_fetch: MayFetch | None = None, kept: timedelta = FILE_KEPT, once: bool = False
) -> Callable[[Work], Work]:
    """Say what a kind of job does: a function of a Progress and the job's ``args``, returning its ``result``.

    ``may_fetch`` says whether the job's owner still has the right to its file; without it the kind makes no files.
    A file is kept for ``kept`` at most; with ``once`` it goes with its first download.
    """

    def wrap(work: Work) -> Work:
        _WORK[kind] = work
        _KEEPING[kind] = Keeping(may_fetch, kept, once)
        return work

    return wrap


def keeping_of(job: Job) -> Keeping:
    """How the file of a job is kept; of a kind that nobody knows any more, nobody gets it."""
    return _KEEPING.get(job.kind, Keeping())


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

    def hand_over(self, *, name: str, content: bytes | IO[bytes]) -> None:
        """Keep a file for the owner of the job; saved when the work ends well. A large one is given as an open file and
        copied piece by piece."""
        if keeping_of(self.job).may_fetch is None:
            raise LookupError(f"Nobody may fetch files of «{self.job.kind}»: register it with may_fetch.")
        if self.job.file:
            self.job.file.delete(save=False)
        self.job.file_name = name
        kept = ContentFile(content) if isinstance(content, bytes) else File(content, name=name)
        self.job.file.save(f"{self.job.uuid}-{name}", kept, save=False)

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
    job = Job.objects.create(
        kind=kind,
        args=args or {},
        owner=owner,
        title=title,
        next_path=next_path,
        total=total,
        from_address=audit.address_now(),
        language=translation.get_language() or settings.LANGUAGE_CODE,
    )
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
        with _signs_of_life(progress), _asked_from(job), translation.override(job.language):
            result = _WORK[job.kind](progress, **job.args)
        json.dumps(result)
        job.state, job.result = JobState.DONE, result
    except Refusal as refusal:
        job.state, job.error, job.fix = JobState.FAILED, refusal.text, refusal.fix
        # What leads on is kept for the page: trying the same again would be refused again.
        job.result = {"link": list(refusal.detail["link"])} if refusal.detail.get("link") else {}
    except Exception:
        logger.exception("Job %s (%s) failed.", job.uuid, job.kind)
        job.state, job.error, job.fix, job.result = JobState.FAILED, _BROKEN, _BROKEN_FIX, {}
    job.done, job.total, job.finished_at = progress.done, progress.total, timezone.now()
    if job.state == JobState.FAILED:
        _file_drop(job)
    return job if _ended(job) else None


def _ended(job: Job) -> bool:
    """Write how the job ended, unless a later try has it by now."""
    fields = ("state", "result", "error", "fix", "done", "total", "finished_at", "file", "file_name")
    mine = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, tries=job.tries)
    if mine.update(**{field: getattr(job, field) for field in fields}):
        job_ended.send(sender=Job, job=job)
        return True
    logger.warning("Job %s ended after another try had taken it up; its result is dropped.", job.uuid)
    _file_drop(job)
    return False


def _file_drop(job: Job) -> None:
    if job.file:
        job.file.delete(save=False)
    job.file_name = ""


@contextmanager
def _asked_from(job: Job) -> Iterator[None]:
    """What the work writes into the audit log says from where it was asked for."""
    token = audit.remember_address(job.from_address)
    try:
        yield
    finally:
        audit.forget_address(token)


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
        from_address=audit.address_now(),
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
    """For the first page of somebody's office: what is under way, failures not yet seen, files that can be fetched."""
    now = timezone.now()
    failed = Q(state=JobState.FAILED, finished_at__gt=now - FAILURE_SHOWN, result__seen__isnull=True)
    with_file = Q(finished_at__gt=now - FILE_KEPT) & ~Q(file="")
    return Job.objects.filter(Q(state__in=UNFINISHED) | failed | with_file, owner=owner).order_by("-made_at")


def failure_seen(job: Job) -> None:
    """The owner has read why the job failed: it no longer waits on the first page."""
    if job.state == JobState.FAILED and not job.result.get("seen"):
        failed = Job.objects.filter(pk=job.pk, state=JobState.FAILED, tries=job.tries)
        failed.update(result={**job.result, "seen": True})


def way_on(job: Job) -> tuple[str, str] | None:
    """Address and words of what helps after a refusal that trying again would only repeat."""
    link = job.result.get("link") if job.state == JobState.FAILED else None
    return (link[0], link[1]) if link else None


def is_stuck(job: Job, now: datetime) -> bool:
    """Whether a job has waited so long that probably no worker runs; said once in the log."""
    if job.state != JobState.WAITING or now - job.made_at < WAITS_TOO_LONG:
        return False
    if cache.add(f"job-stuck:{job.uuid}", True, timeout=3600):
        logger.error(
            "Job %s (%s) waits since %s: does the worker run? Look at the service that runs celery, then at the queue.",
            job.uuid,
            job.kind,
            job.made_at,
        )
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
            logger.error("Job %s (%s) is given up: its worker died %s times.", job.uuid, job.kind, job.tries)
        else:
            lost.update(state=JobState.WAITING)
    waiting = list(Job.objects.filter(state=JobState.WAITING, made_at__lt=limit).values_list("uuid", flat=True))
    for uuid in waiting:
        enqueue(run_job, str(uuid))
    return len(waiting)


def has_file(job: Job) -> bool:
    """Whether the file that the work made is still kept."""
    if job.state != JobState.DONE or not job.file or job.finished_at is None:
        return False
    return timezone.now() - job.finished_at < keeping_of(job).kept


def may_fetch(job: Job) -> bool:
    """Whether the owner still has the right to the file of their job."""
    allowed = keeping_of(job).may_fetch
    return allowed is not None and allowed(job)


def file_take(*, job: Job) -> bytes | None:
    """The file of a job that is handed out once: it is deleted. None where somebody was quicker."""
    name = str(job.file.name)
    try:
        content: bytes = job.file.read()
    except FileNotFoundError:
        return None
    job.file.close()
    if not Job.objects.filter(pk=job.pk, file=name).update(file=""):
        return None
    job.file.storage.delete(name)
    return content


def files_forget() -> int:
    """Delete the files of jobs that were kept as long as their kind says; return how many."""
    shortest = min([FILE_KEPT, *(keeping.kept for keeping in _KEEPING.values())])
    now, gone = timezone.now(), 0
    for job in Job.objects.filter(finished_at__lt=now - shortest).exclude(file=""):
        if job.finished_at and job.finished_at < now - keeping_of(job).kept:
            job.file.delete(save=False)
            Job.objects.filter(pk=job.pk).update(file="")
            gone += 1
    return gone
