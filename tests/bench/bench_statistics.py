"""Seconds and memory to work out the figures of a quiz with 100,000 first attempts of ten answers.

    python -m tests.bench.bench_statistics [--attempts 100000] [--questions 10] [--random] [--json]
    python -m tests.services -- python -m tests.bench.bench_statistics        (the same on PostgreSQL)

A throw-away database, on SQLite a file; attempts and answers are written by the database itself. ``--random``: people
have different questions out of four times as many. Memory is by how much the process's peak grows while the figures are
worked out: the rows are made by another process, so that theirs is not in it.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import tempfile
import time
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")

import django

django.setup()

from django.conf import settings  # noqa: E402  (Django must be set up before models are imported)
from django.db import connection  # noqa: E402
from django.test.utils import setup_databases, teardown_databases  # noqa: E402

from courses.models import Enrolment  # noqa: E402
from people.models import User  # noqa: E402
from quizzes.models import Quiz  # noqa: E402
from quizzes.services.measuring import statistics_rebuild  # noqa: E402
from tests.bench.bench_settling import BATCH  # noqa: E402
from tests.bench.bench_teams import _NoMigrations  # noqa: E402
from tests.factories.quizzes import START, bank_with_questions, quiz_of  # noqa: E402

BUDGET_SECONDS = 10
COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)"


def learners(count: int, course: Any) -> None:
    """People who are enrolled."""
    users = User.objects.bulk_create(
        (User(full_name=f"Người thử {n}", phone=f"+8491{n:07d}", password="!") for n in range(count)), batch_size=BATCH
    )
    Enrolment.objects.bulk_create(
        (Enrolment(user=user, course=course, started_at=START, last_seen_at=START) for user in users), batch_size=BATCH
    )


def attempts(quiz: Quiz, questions: int, pool: int) -> None:
    """One graded attempt for each enrolment and its answers: the able are right more often, each in their own way."""
    pg = connection.vendor == "postgresql"
    uuid = "gen_random_uuid()" if pg else "lower(hex(randomblob(16)))"
    as_json = "::jsonb" if pg else ""
    right = "((a.enrolment_id * 31 + n.i * 57 + a.enrolment_id / 7) %% 97) < 20 + (a.enrolment_id %% 11) * 7"
    shift = f"(a.enrolment_id * 13) %% {pool - questions + 1}" if pool > questions else "0"
    first = quiz.bank.questions.order_by("pk")[0].pk
    wrong = """(CASE (a.enrolment_id + n.i) %% 3 WHEN 0 THEN '["b"]' WHEN 1 THEN '["c"]' ELSE '["d"]' END)"""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO quizzes_attempt (uuid, quiz_id, enrolment_id, number, state, paper, rules, pass_percent,
                    reached, started_at, submitted_at, timed_out, needs_grader, score, passed)
                SELECT {uuid}, %s, e.id, 1, 'graded', '[]'{as_json}, '{{}}'{as_json}, 80, 1, %s, %s, %s, %s,
                    40 + (e.id %% 11) * 5, e.id %% 11 > 7
                FROM courses_enrolment e WHERE e.course_id = %s""",
            [quiz.pk, START, START, False, False, quiz.step.course_id],
        )
        cursor.execute(
            f"""{COUNT} INSERT INTO quizzes_answer (attempt_id, position, question_id, version, response, saved_at,
                    points, marks, comment)
                SELECT a.id, n.i, {first} + n.i - 1 + {shift}, 1,
                    (CASE WHEN {right} THEN '["a"]' ELSE {wrong} END){as_json}, %s,
                    CASE WHEN {right} THEN 1 ELSE 0 END, '{{}}'{as_json}, ''
                FROM quizzes_attempt a CROSS JOIN n WHERE a.quiz_id = %s""",
            [questions, START, quiz.pk],
        )
        if pg:
            cursor.execute("ANALYZE")


def made(count: int, questions: int, drawn: bool) -> None:
    """A quiz with that many first attempts."""
    pool = questions * 4 if drawn else questions
    quiz = quiz_of(bank=bank_with_questions(pool))
    learners(count, quiz.step.course)
    attempts(quiz, questions, pool)


def measured(quiz: Quiz) -> dict[str, Any]:
    """Seconds by the clock and of the own process (others may keep the machine busy), and megabytes of growth."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun, worked = time.perf_counter(), time.process_time()
    row = statistics_rebuild(quiz=quiz)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    figures = row.figures
    return {
        "attempts": row.attempts,
        "answers": sum(item["attempts"] for item in figures["items"]),
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "grown_mb": round(grown, 1),
        "alpha": figures["forms"][0]["alpha"] if figures["forms"] else figures["no_alpha"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=10)
    parser.add_argument("--random", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    settings.MIGRATION_MODULES = _NoMigrations()
    with tempfile.TemporaryDirectory() as folder:
        if connection.vendor == "sqlite":
            connection.settings_dict["TEST"]["NAME"] = f"{folder}/bench.sqlite3"
        databases = setup_databases(verbosity=0, interactive=False)
        try:
            connection.close()
            maker = multiprocessing.get_context("fork").Process(
                target=made, args=(asked.attempts, asked.questions, asked.random)
            )
            maker.start()
            maker.join()
            results = [measured(Quiz.objects.get())]
        finally:
            teardown_databases(databases, verbosity=0)
    if asked.json:
        print(json.dumps({"database": connection.vendor, "results": results}, indent=2))
        return
    for one in results:
        within = "within" if one["seconds"] <= BUDGET_SECONDS else "OVER"
        print(f"{connection.vendor}: {one['attempts']} attempts, {one['answers']} answers")
        print(f"  {one['seconds']} s ({within} {BUDGET_SECONDS} s), own work {one['cpu_seconds']} s")
        print(f"  memory +{one['grown_mb']} MB, reliability {one['alpha']}")


if __name__ == "__main__":
    main()
