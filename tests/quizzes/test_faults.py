"""What happens to an attempt when the house burns: the server is killed, the database restarts.

A real gunicorn on a real PostgreSQL. Whatever a learner was told is saved is there afterwards, and however often a form
is sent again there is one result.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from courses.models import StepCompletion
from quizzes.models import Answer, Attempt, AttemptState
from quizzes.services import answers_of
from tests import processes
from tests.factories.quizzes import attempt_of, quiz_of, right_answers
from tests.services import free_port, postgres_cluster, postgres_tool
from tests.visitors import Visitor, session_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("on_postgres")]


@contextmanager
def web(tmp_path: Path, port: int, database: str = ""):
    """gunicorn on the database of this test, or another one."""
    env = processes.environment(
        data_dir=tmp_path,
        database=database or processes.database_url(connection.settings_dict),
        redis=settings.ENV.redis_url,
        port=port,
        SECRET_KEY=settings.SECRET_KEY,
    )
    if not (tmp_path / "static").exists():
        processes.static_files(env)
    try:
        with processes.web(env=env, port=port) as process:
            yield process
    finally:
        processes.others_disconnect(connection)


@pytest.fixture
def attempt():
    return attempt_of(quiz_of(), at=timezone.now())


def kill(process):
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


def form(answers):
    """Answers as a page sends them."""
    fields = []
    for position, keys in answers.items():
        fields += [("cau", str(position)), *((f"c{position}", key) for key in keys)]
    return fields


def save(visitor, attempt, answers, seq, page):
    path = reverse("quizzes:save", args=[attempt.uuid])
    return visitor.post(path, [*form(answers), ("khoa", str(page)), ("luot", str(seq)), ("tre", "0")])


def submit(visitor, attempt, answers, key):
    path = reverse("quizzes:submit", args=[attempt.uuid])
    return visitor.post(path, [*form(answers), ("khoa", str(key))])


def only_result(attempt, score):
    """There is one result, it is this one, and it stands on ten answers."""
    attempt.refresh_from_db()
    assert (attempt.state, attempt.score) == (AttemptState.GRADED, score)
    assert Attempt.objects.count() == 1
    assert Answer.objects.filter(points__isnull=False).count() == 10
    assert StepCompletion.objects.count() == (1 if score >= 80 else 0)


def test_a_server_killed_between_saves_has_lost_nothing_it_said_it_saved(attempt, tmp_path):
    right, page, told = right_answers(attempt), uuid4(), []
    port = free_port()
    visitor = Visitor(port, session_of(attempt.enrolment.user))
    with web(tmp_path, port) as process:

        def keep_saving():
            for seq, position in enumerate(right, start=1):
                try:
                    status, _ = save(visitor, attempt, {position: right[position]}, seq, page)
                except (OSError, HTTPException):
                    return
                if status == 200:
                    told.append(position)

        saving = threading.Thread(target=keep_saving)
        saving.start()
        while len(told) < 4:
            time.sleep(0.002)
        kill(process)
        saving.join(timeout=30)
    assert set(told) <= set(answers_of(attempt))
    with web(tmp_path, port):
        status, body = visitor.get(reverse("quizzes:review", args=[attempt.uuid]))
        assert status == 200
        assert f"Bạn đã trả lời {len(answers_of(attempt))} trên 10 câu" in body
        # The page is still open on the phone and sends all of its saves again, the ones that arrived too.
        for seq, position in enumerate(right, start=1):
            assert save(visitor, attempt, {position: right[position]}, seq, page)[0] == 200
        assert submit(visitor, attempt, {}, uuid4())[0] == 302
    only_result(attempt, 100)


@pytest.mark.parametrize("milliseconds", [10, 40])
def test_a_server_killed_while_handing_in_gives_one_result_on_the_second_try(attempt, tmp_path, milliseconds):
    right, key = right_answers(attempt), uuid4()
    port = free_port()
    visitor = Visitor(port, session_of(attempt.enrolment.user))
    first = {}
    with web(tmp_path, port) as process:
        visitor.get(reverse("quizzes:attempt", args=[attempt.uuid]))  # the code is loaded: what follows takes its time

        def hand_in():
            try:
                first["status"], _ = submit(visitor, attempt, right, key)
            except (OSError, HTTPException) as error:
                first["error"] = error

        sending = threading.Thread(target=hand_in)
        sending.start()
        time.sleep(milliseconds / 1000)
        kill(process)
        sending.join(timeout=30)
    assert first
    attempt.refresh_from_db()
    # All of it or nothing of it: never a state in between.
    assert Answer.objects.count() == (10 if attempt.state == AttemptState.GRADED else 0)
    if first.get("status") == 302:
        assert attempt.state == AttemptState.GRADED
    with web(tmp_path, port):
        assert [submit(visitor, attempt, right, key)[0] for _ in range(2)] == [302, 302]
    only_result(attempt, 100)


def test_a_database_that_restarts_in_the_middle_costs_nobody_anything(attempt, tmp_path):
    right, page, key = right_answers(attempt), uuid4(), uuid4()
    port = free_port()
    visitor = Visitor(port, session_of(attempt.enrolment.user))
    with postgres_cluster() as cluster:
        copy_database(cluster.database_url)
        with web(tmp_path, port, cluster.database_url):
            assert save(visitor, attempt, {1: right[1]}, 1, page)[0] == 200
            cluster.restart()
            assert save(visitor, attempt, {2: right[2]}, 2, page)[0] == 200
            assert save(visitor, attempt, {n: right[n] for n in range(3, 11)}, 3, page)[0] == 200
            cluster.restart()
            # Every process and thread has a connection of its own that has just died.
            assert {submit(visitor, attempt, {}, key)[0] for _ in range(8)} == {302}
        with psycopg.connect(cluster.database_url) as other:
            query = "SELECT state, score, (SELECT count(*) FROM quizzes_answer) FROM quizzes_attempt"
            assert other.execute(query).fetchall() == [("graded", 100, 10)]
            assert other.execute("SELECT count(*) FROM courses_stepcompletion").fetchone() == (1,)


def copy_database(url):
    """The database of this test, as it is, under another address."""
    admin, _, name = url.rpartition("/")
    with psycopg.connect(f"{admin}/postgres", autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    source = processes.database_url(connection.settings_dict)
    dumped = subprocess.run([postgres_tool("pg_dump"), "--no-owner", source], check=True, capture_output=True)
    subprocess.run(
        [postgres_tool("psql"), "-q", "-v", "ON_ERROR_STOP=1", url],
        input=dumped.stdout,
        check=True,
        capture_output=True,
    )
