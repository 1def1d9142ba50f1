"""Jobs: claimed once, swept when lost, given up after some tries; refusals and faults; files; progress."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.storage import storages
from django.db import connections
from django.utils import timezone

from common import jobs
from common.errors import Refusal
from common.models import Job, JobState
from common.tasks import run_job, sweep
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
KIND = "tests.work"
NOW = timezone.now()


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


@pytest.fixture
def does(monkeypatch):
    """``does(work)`` says what a job of the tests' kind does."""

    def register(work):
        monkeypatch.setitem(jobs._WORK, KIND, work)
        monkeypatch.setitem(jobs._KEEPING, KIND, jobs.Keeping(may_fetch=lambda job: True))
        return work

    register(lambda progress, **args: {"args": args})
    return register


@pytest.fixture
def owner(db):
    return UserFactory()


def opened(owner, **fields):
    return jobs.job_open(kind=KIND, owner=owner, title="Kiểm tra danh sách", **fields)


def aged(job, minutes, **fields):
    """The job as it looks after some minutes."""
    past = timezone.now() - timedelta(minutes=minutes)
    if fields.get("state") == JobState.RUNNING:
        fields = {"started_at": past, "tries": 1, **fields}
    Job.objects.filter(pk=job.pk).update(made_at=past, **fields)
    return Job.objects.get(pk=job.pk)


# --- Opening and running ---


def test_a_job_goes_to_the_queue_on_commit_and_is_done(does, owner, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = opened(owner, args={"roster": "x"}, next_path="/quan-ly/")
        assert Job.objects.get().state == JobState.WAITING
    job.refresh_from_db()
    assert (job.state, job.result, job.tries) == (JobState.DONE, {"args": {"roster": "x"}}, 1)
    assert job.started_at <= job.finished_at


def test_a_kind_that_nobody_registered_is_refused_at_once(owner):
    with pytest.raises(LookupError, match="nobody.knows"):
        jobs.job_open(kind="nobody.knows", owner=owner, title="x")
    assert not Job.objects.exists()


def test_a_job_is_done_once(does, owner):
    done = []
    does(lambda progress: done.append(1) or {})
    job = opened(owner)
    assert jobs.job_run(uuid=str(job.uuid)).state == JobState.DONE
    assert jobs.job_run(uuid=str(job.uuid)) is None
    run_job(str(job.uuid))
    assert done == [1]


def test_a_job_that_is_unknown_is_nobody_s(owner):
    assert jobs.job_run(uuid="00000000-0000-4000-8000-000000000000") is None


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_workers_claim_a_job_once(on_postgres, does):
    done, start = [], threading.Barrier(8)
    does(lambda progress: done.append(1) or {})
    job = opened(UserFactory())

    def work():
        start.wait()
        jobs.job_run(uuid=str(job.uuid))
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [1]


def test_a_refusal_is_shown_as_it_was_said(does, owner):
    def refuse(progress):
        raise Refusal("Tệp này có mật khẩu.", code="encrypted", fix="Hãy bỏ mật khẩu.")

    does(refuse)
    job = jobs.job_run(uuid=str(opened(owner).uuid))
    assert (job.state, job.error, job.fix) == (JobState.FAILED, "Tệp này có mật khẩu.", "Hãy bỏ mật khẩu.")


@pytest.mark.parametrize("result", [None, {"day": NOW}, {"ids": {1, 2}}], ids=["raises", "a date", "a set"])
def test_a_fault_is_logged_and_told_without_its_inside(does, owner, caplog, result):
    def fail(progress):
        if result is None:
            raise ZeroDivisionError("secret inside")
        return result

    does(fail)
    job = jobs.job_run(uuid=str(opened(owner).uuid))
    assert job.state == JobState.FAILED
    assert "secret" not in job.error + job.fix
    assert "thử lại" in job.fix
    assert str(job.uuid) in caplog.text
    assert Job.objects.get().state == JobState.FAILED


def test_a_job_of_a_room_that_is_gone_fails_and_does_not_run_for_ever(does, owner, monkeypatch):
    job = opened(owner)
    monkeypatch.delitem(jobs._WORK, KIND)
    assert jobs.job_run(uuid=str(job.uuid)).state == JobState.FAILED


# --- Progress ---


def test_progress_is_read_from_the_cache_while_it_runs_and_from_the_row_afterwards(does, owner):
    seen = []

    def work(progress):
        progress.begin(200, "Đang đọc tệp")
        progress.advance(50)
        progress.say()
        seen.append(jobs.progress_of(Job.objects.get()))
        progress.advance(150)
        return {}

    does(work)
    jobs.job_run(uuid=str(opened(owner).uuid))
    assert seen == [jobs.Shown(50, 200, "Đang đọc tệp")]
    assert seen[0].percent == 25
    assert jobs.progress_of(Job.objects.get()) == jobs.Shown(200, 200, "")


@pytest.mark.parametrize(
    ("done", "total", "percent"), [(0, 0, None), (0, 3, 0), (1, 3, 33), (3, 3, 100), (4, 3, 100), (999, 1000, 99)]
)
def test_percent(done, total, percent):
    assert jobs.Shown(done, total, "").percent == percent


def test_progress_is_written_at_most_twice_a_second(does, owner, monkeypatch):
    written = []
    does(lambda progress: [progress.advance() for _ in range(10_000)] and {})
    monkeypatch.setattr(jobs.cache, "set", lambda *args, **kwargs: written.append(args))
    job = jobs.job_run(uuid=str(opened(owner).uuid))
    assert job.done == 10_000
    assert len(written) <= 3


@pytest.mark.parametrize(
    ("state", "seconds", "done", "total", "minutes"),
    [
        (JobState.RUNNING, 60, 50, 100, 1),
        (JobState.RUNNING, 60, 25, 100, 3),
        (JobState.RUNNING, 61, 25, 100, 4),
        (JobState.RUNNING, 60, 100, 100, 1),
        (JobState.RUNNING, 4, 50, 100, None),
        (JobState.RUNNING, 60, 0, 100, None),
        (JobState.RUNNING, 60, 0, 0, None),
        (JobState.WAITING, 60, 50, 100, None),
        (JobState.DONE, 60, 50, 100, None),
    ],
)
def test_minutes_left(state, seconds, done, total, minutes):
    job = Job(state=state, started_at=NOW - timedelta(seconds=seconds))
    assert jobs.minutes_left(job, jobs.Shown(done, total, ""), NOW) == minutes


# --- The sweep ---


@pytest.fixture
def sent(monkeypatch):
    """The jobs that the sweep sent, instead of running them in place."""
    found = []
    monkeypatch.setattr(jobs, "enqueue", lambda task, uuid: found.append(uuid))
    return found


@pytest.mark.parametrize(
    ("state", "minutes", "is_sent"),
    [
        (JobState.WAITING, 1, False),
        (JobState.WAITING, 3, True),
        (JobState.RUNNING, 1, False),
        (JobState.RUNNING, 3, True),
        (JobState.DONE, 3, False),
        (JobState.FAILED, 3, False),
    ],
)
def test_the_sweep_sends_what_was_lost(does, owner, sent, state, minutes, is_sent):
    job = aged(opened(owner), minutes, state=state)
    assert jobs.jobs_sweep() == len(sent) == is_sent
    job.refresh_from_db()
    assert job.state == (JobState.WAITING if is_sent else state)


def test_a_long_job_that_shows_life_is_left_alone(does, owner, sent):
    job = aged(opened(owner), 30, state=JobState.RUNNING)
    jobs.Progress(job).say()
    assert jobs.jobs_sweep() == 0
    assert Job.objects.get().state == JobState.RUNNING


def test_a_step_that_takes_long_shows_life_without_advancing(does, owner, monkeypatch):
    monkeypatch.setattr(jobs, "_BEAT", 0.01)
    beats = threading.Event()
    before = []

    def slow(progress):
        before.append(cache.get(jobs._key(progress.job))["at"])
        cache.delete(jobs._key(progress.job))
        for _ in range(200):
            if beats.wait(0.01) or cache.get(jobs._key(progress.job)):
                return {"beat": True}
        return {"beat": False}

    does(slow)
    assert jobs.job_run(uuid=str(opened(owner).uuid)).result == {"beat": True}
    assert threading.active_count() == len([t for t in threading.enumerate() if not t.name.startswith("job-")])


def test_the_sweep_gives_up_after_some_tries(does, owner, sent):
    job = aged(opened(owner), 3, state=JobState.RUNNING, tries=jobs.MAX_TRIES)
    assert jobs.jobs_sweep() == 0
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "thử lại" in job.fix


def test_a_worker_that_dies_again_and_again_is_tried_three_times(does, owner, sent):
    job = opened(owner)
    runs = 0
    for _ in range(10):
        claimed = Job.objects.filter(pk=job.pk, state=JobState.WAITING).update(
            state=JobState.RUNNING, started_at=timezone.now() - timedelta(minutes=5), tries=runs + 1
        )
        runs += claimed
        jobs.jobs_sweep()
    assert (runs, Job.objects.get().state) == (jobs.MAX_TRIES, JobState.FAILED)


@pytest.mark.usefixtures("_no_files")
def test_a_worker_thought_dead_changes_nothing_when_it_ends(does, owner, caplog):
    job = opened(owner)

    def slow(progress):
        progress.hand_over(name="cũ.txt", content=b"old")
        # Meanwhile the sweep took the job up, and another worker has it.
        Job.objects.filter(pk=job.pk).update(tries=2)
        return {"who": "the dead one"}

    does(slow)
    assert jobs.job_run(uuid=str(job.uuid)) is None
    job.refresh_from_db()
    assert (job.state, job.result, job.file.name) == (JobState.RUNNING, {}, "")
    assert "dropped" in caplog.text
    assert kept_files() == []


def test_the_sweep_s_task_has_the_name_that_the_schedule_calls(does, owner, settings):
    assert sweep.name == settings.CELERY_BEAT_SCHEDULE["take-up-lost-jobs"]["task"]
    aged(opened(owner), 3)
    assert sweep() == 1
    assert Job.objects.get().state == JobState.DONE, "tasks run in place in tests"


@pytest.mark.parametrize(("seconds", "stuck"), [(30, False), (59, False), (61, True)])
def test_a_job_that_nobody_takes_is_said_so_once_in_the_log(does, owner, caplog, seconds, stuck):
    job = opened(owner)
    now = job.made_at + timedelta(seconds=seconds)
    with caplog.at_level(logging.WARNING):
        assert [jobs.is_stuck(job, now), jobs.is_stuck(job, now)] == [stuck, stuck]
    assert caplog.text.count("does the worker run") == stuck


def test_a_job_that_runs_is_not_stuck(does, owner):
    job = aged(opened(owner), 30, state=JobState.RUNNING)
    assert not jobs.is_stuck(job, timezone.now())


# --- Trying again ---


def test_a_failed_job_is_tried_again_from_the_beginning(does, owner, django_capture_on_commit_callbacks):
    tries = []

    def second_time_lucky(progress):
        tries.append(1)
        if len(tries) == 1:
            raise OSError
        return {"ok": True}

    does(second_time_lucky)
    job = jobs.job_run(uuid=str(opened(owner).uuid))
    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.job_retry(job=job)
    job.refresh_from_db()
    assert (job.state, job.result, job.error, job.fix, job.tries) == (JobState.DONE, {"ok": True}, "", "", 1)


@pytest.mark.parametrize("state", [JobState.WAITING, JobState.RUNNING, JobState.DONE])
def test_only_a_failed_job_is_tried_again(does, owner, state, django_capture_on_commit_callbacks):
    job = aged(opened(owner), 1, state=state)
    with django_capture_on_commit_callbacks() as sent:
        assert not jobs.job_retry(job=job)
    assert sent == []
    assert Job.objects.get().state == state


def test_a_job_tried_again_has_just_begun_to_wait(does, owner):
    job = aged(opened(owner), 60, state=JobState.FAILED)
    jobs.job_retry(job=job)
    job.refresh_from_db()
    assert not jobs.is_stuck(job, timezone.now())


# --- Files ---


def kept_files():
    storage = storages["private"]
    return storage.listdir("jobs")[1] if storage.exists("jobs") else []


@pytest.fixture
def _no_files():
    for name in kept_files():
        storages["private"].delete(f"jobs/{name}")


@pytest.mark.usefixtures("_no_files")
def test_a_file_is_kept_for_the_owner_and_forgotten_after_days(does, owner):
    does(lambda progress: progress.hand_over(name="phiếu.pdf", content=b"%PDF") or {})
    job = jobs.job_run(uuid=str(opened(owner).uuid))
    job.refresh_from_db()
    assert (job.file.read(), job.file_name) == (b"%PDF", "phiếu.pdf")
    job.file.close()
    assert jobs.files_forget() == 0
    Job.objects.update(finished_at=timezone.now() - jobs.FILE_KEPT - timedelta(minutes=1))
    assert jobs.files_forget() == 1
    assert (Job.objects.get().file.name, kept_files()) == ("", [])
    assert jobs.files_forget() == 0


@pytest.mark.usefixtures("_no_files")
def test_each_kind_says_how_long_its_files_are_kept(does, owner, monkeypatch):
    does(lambda progress: progress.hand_over(name="phiếu.zip", content=b"PK") or {})
    monkeypatch.setitem(jobs._KEEPING, KIND, jobs.Keeping(may_fetch=lambda job: True, kept=timedelta(hours=1)))
    jobs.job_run(uuid=str(opened(owner).uuid))
    Job.objects.update(finished_at=timezone.now() - timedelta(minutes=59))
    assert jobs.has_file(Job.objects.get())
    assert jobs.files_forget() == 0
    Job.objects.update(finished_at=timezone.now() - timedelta(minutes=61))
    assert not jobs.has_file(Job.objects.get()), "over at once, whenever the sweep comes by"
    assert jobs.files_forget() == 1
    assert kept_files() == []


@pytest.mark.usefixtures("_no_files")
def test_a_file_that_is_taken_is_gone(does, owner):
    does(lambda progress: progress.hand_over(name="phiếu.zip", content=b"PK") or {})
    jobs.job_run(uuid=str(opened(owner).uuid))
    first, second = Job.objects.get(), Job.objects.get()
    assert jobs.file_take(job=first) == b"PK"
    assert jobs.file_take(job=second) is None
    assert (Job.objects.get().file.name, kept_files()) == ("", [])


def test_a_kind_that_does_not_say_who_may_fetch_makes_no_file(does, owner, monkeypatch, caplog):
    does(lambda progress: progress.hand_over(name="phiếu.zip", content=b"PK") or {})
    monkeypatch.setitem(jobs._KEEPING, KIND, jobs.Keeping())
    job = jobs.job_run(uuid=str(opened(owner).uuid))
    assert (job.state, job.file.name) == (JobState.FAILED, "")
    assert "register it with may_fetch" in caplog.text


@pytest.mark.usefixtures("_no_files")
def test_the_file_of_work_that_failed_is_not_kept(does, owner):
    def half(progress):
        progress.hand_over(name="nửa.pdf", content=b"half")
        raise OSError

    does(half)
    jobs.job_run(uuid=str(opened(owner).uuid))
    job = Job.objects.get()
    assert (job.file.name, job.file_name, kept_files()) == ("", "", [])


@pytest.mark.usefixtures("_no_files")
def test_a_second_file_takes_the_place_of_the_first(does, owner):
    def twice(progress):
        progress.hand_over(name="a.pdf", content=b"first")
        progress.hand_over(name="a.pdf", content=b"second")
        return {}

    does(twice)
    job = jobs.job_run(uuid=str(opened(owner).uuid))
    assert job.file.read() == b"second"
    job.file.close()
    assert len(kept_files()) == 1


# --- For the first page ---


def test_jobs_of_an_owner_shows_what_they_wait_for(does, owner):
    going = opened(owner)
    aged(opened(owner), 5, state=JobState.DONE, finished_at=timezone.now())
    failed = aged(opened(owner), 6, state=JobState.FAILED, finished_at=timezone.now())
    aged(opened(owner), 7, state=JobState.FAILED, finished_at=timezone.now() - timedelta(days=4))
    with_file = aged(opened(owner), 8, state=JobState.DONE, finished_at=timezone.now(), file="jobs/x.pdf")
    opened(UserFactory())
    assert list(jobs.jobs_of(owner)) == [going, failed, with_file]
