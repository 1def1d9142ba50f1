"""Issuing under load and when the house burns: many clients, transactions that fail, workers that are killed."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from certificates import tasks
from certificates.models import Batch, BatchState, Certificate
from certificates.services import batch_approve, register_verify
from certificates.services.issuing import certificates_issue, claim_of, series_lock
from courses.models import Completion
from lms.celery import app
from tests import processes
from tests.factories.certificates import DECISION, completions_in_bulk, propose
from tests.factories.courses import course_with_steps

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CLIENTS, EACH, ABORTED = 16, 8, 0.3


def test_sixteen_clients_and_a_third_of_their_transactions_failing(on_postgres, province, series):
    """Numbers 1..n without a gap or a duplicate; whoever failed tries again, as a person would."""
    course = course_with_steps(lessons=1, automatic_confirmation=False)
    done = [one.pk for one in completions_in_bulk(province, province.north, CLIENTS * EACH, course)]
    start, errors, aborted = Barrier(CLIENTS), [], []

    def issue(pk: int, chance: random.Random) -> None:
        while True:
            try:
                with transaction.atomic():
                    kind = series_lock(pk=series.official.pk)
                    claim = claim_of(Completion.objects.select_related("course").get(pk=pk))
                    certificates_issue(series=kind, claims=[claim], at=timezone.now())
                    if chance.random() < ABORTED:
                        raise RuntimeError("something after the number failed")
                return
            except RuntimeError:
                aborted.append(pk)

    def client(number: int) -> None:
        try:
            start.wait(30)
            for pk in done[number::CLIENTS]:
                issue(pk, random.Random(pk))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert errors == []
    assert len(aborted) >= len(done) * ABORTED / 2
    issued = series.official.certificates.order_by("seq")
    assert list(issued.values_list("seq", flat=True)) == list(range(1, len(done) + 1))
    assert set(issued.values_list("completion", flat=True)) == set(done)
    assert register_verify(series=series.official).ok


def kill(process) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


def wait_for(there, what: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < deadline, f"{what} was not done within {seconds} s"
        time.sleep(0.02)


@pytest.fixture
def queue(on_postgres):
    """What a worker of this test needs; tasks are really sent."""
    if not settings.ENV.redis_url:
        pytest.skip("needs Redis (script/test runs that lane)")
    app.conf.task_always_eager = False
    yield processes.environment(
        data_dir=Path(settings.DATA_DIR),
        database=processes.database_url(connection.settings_dict),
        redis=settings.ENV.redis_url,
    )
    processes.others_disconnect(connection)
    app.conf.task_always_eager = settings.CELERY_TASK_ALWAYS_EAGER


@pytest.mark.worker
def test_a_worker_killed_twice_leaves_neither_gap_nor_duplicate(
    queue, clock, monkeypatch, series, province, lead, official
):
    """Once while it gives numbers, once while it makes files; another worker and the sweep do the rest."""
    people = 430  # three portions of numbers
    course = course_with_steps(lessons=1, automatic_confirmation=False)
    completions_in_bulk(province, province.north, people, course)
    batch = propose(proposer=lead, series=series.official, unit=province.north, course=course)
    papers = Certificate.objects.filter(batch=batch)

    with processes.worker(env=queue) as worker:
        batch_approve(batch=batch, approver=official, **DECISION)
        wait_for(papers.exists, "the first portion")
        kill(worker)
    given = papers.count()
    assert given in (200, 400, people)
    assert list(papers.order_by("seq").values_list("seq", flat=True)) == list(range(1, given + 1))

    with processes.worker(env=queue) as worker:
        tasks.sweep.apply_async()
        wait_for(papers.exclude(file="").exists, "a file")
        kill(worker)

    with processes.worker(env=queue):
        tasks.sweep.apply_async()
        wait_for(lambda: Batch.objects.get(pk=batch.pk).state == BatchState.ISSUED, "all numbers")
        wait_for(lambda: papers.exclude(file="").count() >= 40, "more files")
    assert list(papers.order_by("seq").values_list("seq", flat=True)) == list(range(1, people + 1))
    assert papers.values("completion").distinct().count() == people
    assert papers.exclude(file="").values("file").distinct().count() == papers.exclude(file="").count()
    assert register_verify(series=series.official).ok
