"""What the pages of a long course cost, in process, for a guest and for somebody who learns it.

    python -m tests.bench.bench_player [--steps 200] [--json]                                # SQLite, a file
    python -m tests.services -- python -m tests.bench.bench_player [--steps 200]             # PostgreSQL

A lesson has about 3,000 letters in ten blocks, and no pictures. The learner has done half of the course. All goes into
a throw-away database.
"""

from __future__ import annotations

import argparse
import json
import random
from typing import Any

from tests.bench.bench_finding import sentences
from tests.bench.inprocess import COLUMNS, cost, guest, set_up, site

BUDGET_QUERIES = 15
BUDGET_KB = 50


def body(rng: random.Random, pool: list[str]) -> str:
    """Blocks of text and boxes, as in a written lesson."""
    blocks = []
    for number in range(10):
        text = "".join(f"<p>{rng.choice(pool)}</p>" for _ in range(4))
        box = {"style": "tip", "title": rng.choice(pool)[:100], "text": text}
        blocks.append({"type": "callout", "value": box} if number % 4 == 3 else {"type": "text", "value": text})
    return json.dumps(blocks)


def fill(steps: int) -> Any:
    """A published course of so many lessons, written through the pages."""
    from courses.models import Course
    from tests.factories import cms as make

    rng, pool = random.Random(1), sentences()
    page = make.course_draft("khoa-dai", title="Khoá học dài")
    for number in range(1, steps + 1):
        make.lesson(page, f"bai-{number}", title=f"Bài {number}: {rng.choice(pool)[:60]}", body=body(rng, pool))
    make.publish(page)
    return Course.objects.get()


def learner_of(course: Any) -> Any:
    """The browser of somebody who has done half of the course."""
    from courses.services import enrolment_start, step_complete
    from tests.factories.people import UserFactory

    person = UserFactory()
    enrolment, _ = enrolment_start(user=person, course=course)
    steps = list(course.steps.filter(is_active=True))
    for step in steps[: len(steps) // 2]:
        step_complete(enrolment=enrolment, step=step)
    client = guest()
    client.force_login(person)
    return client


def main(steps: int, times: int, as_json: bool) -> None:
    """Print what each page costs."""
    with site() as kind:
        course = fill(steps)
        middle = course.steps.filter(is_active=True)[steps // 2]
        print(f"{kind}: a course of {steps} lessons")
        learner = learner_of(course)
        results = {
            f"{name}, {who}": cost(client, path, times)[0]
            for name, path in (("course", course.path), ("lesson", middle.path))
            for who, client in (("guest", guest()), ("learner", learner))
        }
    if as_json:
        print(json.dumps(results))
        return
    budget = f"   budget of a lesson: {BUDGET_QUERIES} queries, {BUDGET_KB} KB"
    print(f"{'':<18}{''.join(f'{name:>9}' for name in COLUMNS)}{budget}")
    for name, figures in results.items():
        print(f"{name:<18}{''.join(f'{figures[column]:>9}' for column in COLUMNS)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    set_up()
    main(wanted.steps, wanted.times, wanted.json)
