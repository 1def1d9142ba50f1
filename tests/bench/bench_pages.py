"""Requests per second of the pages that matter, beside a constant page of the same size from the same server.

    python -m tests.bench.bench_pages [--requests 40] [--people 2000] [--json]

8 clients, gunicorn with 2 processes, PostgreSQL and Redis, a loaded demo province in a throw-away database. Absolute
figures depend on the machine and on what else it does; the last column (how many constant pages one page costs) does
so far less. No worker runs meanwhile: jobs queue up in Redis.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

from tests import processes
from tests.bench import CONSTANT
from tests.services import LOOPBACK, free_port, services
from tests.visitors import CSRF, session_of

CLIENTS = 8
COURSE = "/khoa-hoc/5-ky-nang-so-co-ban/"
LESSON = f"{COURSE}lam-quen-vneid-va-dich-vu-cong/"
BUDGET_SUBMIT_P95_MS = 150


@dataclass(frozen=True)
class Request:
    """One request of a client, ready to send."""

    path: str
    session: str = ""
    form: str = ""


@dataclass(frozen=True)
class Result:
    """What one page gave under load."""

    name: str
    bytes: int
    requests: int
    per_second: float
    p50_ms: float
    p95_ms: float
    constant_per_second: float
    times_constant: float


# --- Clients: one process each, so that they do not wait for one another ----------------------------------------------
def _headers(request: Request) -> dict[str, str]:
    headers = {"Accept-Encoding": "gzip", "Host": LOOPBACK}
    if request.session:
        headers["Cookie"] = f"sessionid={request.session}; csrftoken={CSRF}"
    if request.form:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    return headers


def send(port: int, requests: Sequence[Request]) -> tuple[float, float, list[float], int]:
    """Send the requests one after the other over one connection; (begun, ended, seconds of each, bytes of the last)."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=60)
    connection.connect()
    took, size, begun = [], 0, time.monotonic()
    for request in requests:
        started = time.perf_counter()
        connection.request("POST" if request.form else "GET", request.path, request.form or None, _headers(request))
        answer = connection.getresponse()
        body = answer.read()
        took.append(time.perf_counter() - started)
        size = len(body)
        if answer.status >= 400 or (request.form and answer.status not in (200, 302)):
            text = gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body
            raise RuntimeError(f"{request.path} answered {answer.status}: {text[:300]!r}")
    return begun, time.monotonic(), took, size


def load(pool: Any, port: int, work: Sequence[Sequence[Request]]) -> tuple[float, list[float], int]:
    """Let every client send its requests; (requests per second, seconds of each, bytes of a page)."""
    answers = pool.starmap(send, [(port, requests) for requests in work])
    seconds = max(a[1] for a in answers) - min(a[0] for a in answers)
    took = [one for a in answers for one in a[2]]
    return len(took) / seconds, took, answers[0][3]


def measure(pool: Any, port: int, name: str, work: Sequence[Sequence[Request]]) -> Result:
    """A page under load, then a constant page of its size."""
    per_second, took, size = load(pool, port, work)
    constant = [[Request(f"{CONSTANT}{size}")] * 100] * CLIENTS
    constant_per_second, _, _ = load(pool, port, constant)
    p95 = statistics.quantiles(took, n=20)[18]
    return Result(
        name=name,
        bytes=size,
        requests=len(took),
        per_second=round(per_second, 1),
        p50_ms=round(statistics.median(took) * 1000, 1),
        p95_ms=round(p95 * 1000, 1),
        constant_per_second=round(constant_per_second, 1),
        times_constant=round(constant_per_second / per_second, 1),
    )


# --- People and attempts, straight into the database ------------------------------------------------------------------
def learners(count: int) -> list[Any]:
    """New citizens of one ward, enrolled in the course."""
    from courses.models import Course
    from courses.services import enrolment_start
    from people.models import CITIZEN, Audience, Membership, Unit, User
    from people.querysets import today

    ward, citizen = Unit.objects.get(code="07210", valid_to=None), Audience.objects.get(code=CITIZEN)
    course = Course.objects.get(path=COURSE)
    start = User.objects.count()
    made = []
    for number in range(start, start + count):
        user = User.objects.create(full_name=f"Nguyễn Thị Đo {number}", email=f"do{number}@bench.example", password="!")
        Membership.objects.create(user=user, unit=ward, audience=citizen, is_main=True, valid_from=today())
        made.append(enrolment_start(user=user, course=course)[0])
    return made


def submits(count: int, *, completing: bool) -> list[Request]:
    """Hand-ins of the final quiz, all answers right; with every lesson done before when they complete the course."""
    from uuid import uuid4

    from django.urls import reverse

    from courses.models import StepKind
    from courses.services import step_complete
    from quizzes.kinds import KINDS
    from quizzes.models import Quiz
    from quizzes.services import attempt_start

    quiz = Quiz.objects.select_related("step").get(step__course__path=COURSE, purpose="final")
    lessons = quiz.step.course.steps.filter(kind=StepKind.LESSON, is_active=True)
    made = []
    for enrolment in learners(count):
        for lesson in lessons if completing else ():
            step_complete(enrolment=enrolment, step=lesson)
        attempt, _ = attempt_start(quiz=quiz, enrolment=enrolment)
        form = [("csrfmiddlewaretoken", CSRF), ("khoa", str(uuid4()))]
        for position, item in enumerate(attempt.paper, start=1):
            form += [("cau", str(position)), *((f"c{position}", key) for key in KINDS[item["kind"]].right(item))]
        path = reverse("quizzes:submit", args=[attempt.uuid])
        made.append(Request(path, session_of(enrolment.user), urlencode(form)))
    return made


def plan(requests: int) -> list[tuple[str, list[list[Request]]]]:
    """Every page with the work of each client."""
    from lms.demo import ACCOUNTS
    from people.models import User

    sessions = [session_of(enrolment.user) for enrolment in learners(CLIENTS)]
    lead = session_of(User.objects.get(email=next(a.email for a in ACCOUNTS if a.login == "chutri")))

    def share(made: list[Request]) -> list[list[Request]]:
        return [made[client::CLIENTS] for client in range(CLIENTS)]

    def as_guest(path: str) -> list[list[Request]]:
        return [[Request(path)] * requests] * CLIENTS

    def signed_in(path: str) -> list[list[Request]]:
        return [[Request(path, session)] * requests for session in sessions]

    return [
        ("home, guest", as_guest("/")),
        ("catalogue, guest", as_guest("/khoa-hoc/")),
        ("catalogue search, guest", as_guest("/khoa-hoc/?q=chuyen+doi+so")),
        ("course, guest", as_guest(COURSE)),
        ("lesson, guest", as_guest(LESSON)),
        ("home, signed in", signed_in("/")),
        ("course, signed in", signed_in(COURSE)),
        ("lesson, signed in", signed_in(LESSON)),
        ("KPI of the province", [[Request("/quan-ly/chi-tieu/", lead)] * max(5, requests // 4)] * CLIENTS),
        ("quiz submit", share(submits(CLIENTS * requests, completing=False))),
        ("quiz submit, completes", share(submits(CLIENTS * requests, completing=True))),
    ]


# --- The house --------------------------------------------------------------------------------------------------------
def prepared(stack: ExitStack, people: int) -> tuple[dict[str, str], int]:
    """A throw-away database with a loaded province; the environment of the server, and its port."""
    found = stack.enter_context(services())
    admin = found.database_url.rsplit("/", 1)[0] + "/postgres"
    name = f"hocso_bench_{os.getpid()}"
    with psycopg.connect(admin, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    stack.callback(_drop, admin, name)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hocso-bench-")))
    port = free_port()
    database = found.database_url.rsplit("/", 1)[0] + f"/{name}"
    env = processes.environment(data_dir=folder, database=database, redis=found.redis_url, port=port)
    processes.static_files(env)
    processes.manage("migrate", "--noinput", "--verbosity", "0", env=env)
    processes.manage("load_province", "bac-giang", "--demo", "--people", str(people), env=env)
    return env, port


def _drop(admin: str, name: str) -> None:
    from django.db import connections

    connections.close_all()
    with psycopg.connect(admin, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def show(results: Sequence[Result]) -> None:
    print(f"\n{'page':26}{'bytes':>8}{'req/s':>9}{'p50 ms':>9}{'p95 ms':>9}{'constant/s':>12}{'× constant':>12}")
    for r in results:
        print(
            f"{r.name:26}{r.bytes:8d}{r.per_second:9.1f}{r.p50_ms:9.1f}{r.p95_ms:9.1f}"
            f"{r.constant_per_second:12.1f}{r.times_constant:12.1f}"
        )
    [submit] = [r for r in results if r.name == "quiz submit"]
    verdict = "within" if submit.p95_ms <= BUDGET_SUBMIT_P95_MS else "OVER"
    print(f"\nquiz submit p95 {submit.p95_ms} ms: {verdict} the budget of {BUDGET_SUBMIT_P95_MS} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=40, help="requests of each client and page")
    parser.add_argument("--people", type=int, default=2000, help="people of the demo province")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with ExitStack() as stack:
        print("Loading the province …", file=sys.stderr)
        env, port = prepared(stack, asked.people)
        os.environ.update(env)
        import django

        django.setup()
        work = plan(asked.requests)
        stack.enter_context(processes.web(env=env, port=port, application="tests.bench.wsgi:application"))
        pool = stack.enter_context(multiprocessing.get_context("spawn").Pool(CLIENTS))
        for path in ("/", "/khoa-hoc/", COURSE, LESSON):  # every process has its templates and caches
            load(pool, port, [[Request(path)] * 4] * CLIENTS)
        results = []
        for name, requests in work:
            print(f"{name} …", file=sys.stderr)
            results.append(measure(pool, port, name, requests))
    if asked.json:
        print(json.dumps([asdict(result) for result in results], ensure_ascii=False, indent=2))
    else:
        show(results)


if __name__ == "__main__":
    main()
