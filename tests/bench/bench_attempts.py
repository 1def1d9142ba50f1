"""A class at work: 50 people whose answers save themselves, and 500 who begin a quiz within ten seconds.

    python -m tests.bench.bench_attempts [--clients 50] [--seconds 20] [--starters 500] [--within 10] [--json]

gunicorn with 2 processes, PostgreSQL and Redis, a loaded demo province in a throw-away database. Whoever saves gives an
answer each second; whoever begins presses the button and is given the first question. A request that fails ends the
bench.
The clients are threads of another process on the same machine, so what they cost is in the figures.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from tests import processes
from tests.bench.bench_pages import COURSE, Request, learners, prepared, send
from tests.visitors import CSRF, Visitor, session_of

BUDGETS_MS = {"autosave": 60, "begin": 2000, "first question": 2000}
#: Requests of one client, each with the second at which it is due.
Timetable = Sequence[tuple[float, Request]]


def follow(port: int, begun: float, timetable: Timetable) -> list[float]:
    """Send each request when it is due; seconds from then to its answer, waiting for an earlier one included."""
    took = []
    for due, request in timetable:
        time.sleep(max(0.0, begun + due - time.monotonic()))
        send(port, [request])
        took.append(time.monotonic() - begun - due)
    return took


def begin(port: int, begun: float, timetable: Timetable) -> list[float]:
    """Press the button when it is due, then open the page it leads to; seconds that each took."""
    [(due, request)] = timetable
    time.sleep(max(0.0, begun + due - time.monotonic()))
    visitor = Visitor(port, request.session)
    page = visitor.post_for_page(request.path, [])
    pressed = time.monotonic() - begun - due
    status, _ = visitor.get(page)
    if status != HTTPStatus.OK:
        raise RuntimeError(f"{page} answered {status}")
    return [pressed, time.monotonic() - begun - due - pressed]


def play(port: int, act: Callable[..., list[float]], timetables: Sequence[Timetable]) -> Any:
    """All clients at once, each in a thread; what each request took, client by client."""
    begun = time.monotonic() + 1
    with ThreadPoolExecutor(len(timetables)) as pool:
        return list(pool.map(lambda timetable: act(port, begun, timetable), timetables))


def savers(clients: int, seconds: int) -> list[Timetable]:
    """People in the middle of the final quiz, who give an answer each second."""
    from urllib.parse import urlencode

    from django.urls import reverse

    from quizzes.models import Quiz
    from quizzes.services import attempt_start

    quiz = Quiz.objects.select_related("step").get(step__course__path=COURSE, purpose="final")
    made = []
    for number, enrolment in enumerate(learners(clients)):
        attempt, _ = attempt_start(quiz=quiz, enrolment=enrolment)
        session, page = session_of(enrolment.user), str(uuid4())
        path = reverse("quizzes:save", args=[attempt.uuid])
        timetable = []
        for second in range(seconds):
            position = second % len(attempt.paper) + 1
            key = attempt.paper[position - 1]["options"][second % 2]["key"]
            fields = {"csrfmiddlewaretoken": CSRF, "khoa": page, "luot": second + 1, "tre": 0}
            form = urlencode({**fields, "cau": position, f"c{position}": key})
            timetable.append((second + number / clients, Request(path, session, form)))
        made.append(timetable)
    return made


def starters(people: int, within: float) -> list[Timetable]:
    """People who all begin within some seconds, and then see their first question."""
    from django.urls import reverse

    from quizzes.models import Quiz

    quiz = Quiz.objects.select_related("step").get(step__course__path=COURSE, purpose="final")
    path = reverse("quizzes:start", args=[quiz.step.uuid])
    return [
        [(number * within / people, Request(path, session_of(enrolment.user)))]
        for number, enrolment in enumerate(learners(people))
    ]


def figures(name: str, took: Sequence[float]) -> dict[str, Any]:
    p95 = statistics.quantiles(took, n=20)[18] * 1000
    budget = BUDGETS_MS[name]
    return {
        "what": name,
        "requests": len(took),
        "p50_ms": round(statistics.median(took) * 1000, 1),
        "p95_ms": round(p95, 1),
        "worst_ms": round(max(took) * 1000, 1),
        "budget_p95_ms": budget,
        "verdict": "within" if p95 <= budget else "OVER",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--starters", type=int, default=500)
    parser.add_argument("--within", type=float, default=10)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with ExitStack() as stack:
        print("Loading the province …", file=sys.stderr)
        env, port = prepared(stack, 150)
        os.environ.update(env)
        import django

        django.setup()
        saving, starting = savers(asked.clients, asked.seconds), starters(asked.starters, asked.within)
        stack.enter_context(processes.web(env=env, port=port))
        pool = stack.enter_context(multiprocessing.get_context("spawn").Pool(1))
        pool.apply(play, (port, follow, [[(0.0, Request(COURSE))] * 4] * 8))  # every process has its code and templates
        found = [figures("autosave", [one for took in pool.apply(play, (port, follow, saving)) for one in took])]
        rush = pool.apply(play, (port, begin, starting))
        found += [figures("begin", [took[0] for took in rush]), figures("first question", [took[1] for took in rush])]
    if asked.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for row in found:
            print("  ".join(f"{name} {value}" for name, value in row.items()))


if __name__ == "__main__":
    main()
