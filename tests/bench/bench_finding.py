"""How long the catalogue and its search take over many courses, in process, and how many queries they ask.

    python -m tests.bench.bench_finding [--courses 2000] [--json]                              # SQLite, a file
    python -m tests.services -- python -m tests.bench.bench_finding [--courses 2000]           # PostgreSQL

Courses of ten lessons of about 3,000 letters, put together out of the sentences of the written courses: common words
stand in nearly every lesson, which is the worst there is. All goes into a throw-away database. Pages are asked for as
by somebody who is signed in to nothing and whose browser has a session, so that no kept page answers. "cpu" is what the
page cost this process: on a machine that others use too, the better measure (PostgreSQL's own work is not in it).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

LETTERS = 3000
LESSONS = 10
BUDGET_P95_MS = 100
QUERIES = {
    "catalogue": "",
    "catalogue, page 40": "trang=40",
    "by audience": "doi_tuong=nguoi_dan",
    "by all filters": "doi_tuong=nguoi_dan&chu_de=T-0&muc=co_ban&thoi_luong=180&ngon_ngu=vi&tro_giup=nhe",
    "common words": "q=chuyen+doi+so",
    "two common words": "q=tai+khoan",
    "beginning of a word": "q=lua+da",
    "one letter": "q=a",
    "common, filtered": "q=tai+khoan&doi_tuong=nguoi_dan&thoi_luong=60",
    "a rare word": "q=hiemgap77",
    "rare and common": "q=so+hiemgap77",
    "no hit": "q=khong+co+xyzw",
}


def sentences() -> list[str]:
    """The sentences of the written courses."""
    found = []
    for file in sorted(Path("cms/data/courses").glob("*/course.yaml")):
        text = re.sub(r"<[^>]+>|[{}\[\]\"]", " ", file.read_text(encoding="utf-8"))
        for line in re.split(r"(?<=[.!?])\s+|\n", text):
            line = re.sub(r"^\s*-?\s*\w+:", "", line).strip(" -'|>")
            if len(line) > 30 and not line.isascii():
                found.append(line)
    return found


def fill(courses: int) -> None:
    """The courses with their lessons, straight into the tables; the index follows by itself."""
    from common.text import search_key
    from courses.models import Course, Step, Topic
    from people.models import Audience

    rng, pool = random.Random(1), sentences()
    audiences = list(Audience.objects.all())
    topics = [Topic.objects.create(code=f"T-{n}", name=f"Chủ đề {n}", group="A") for n in range(40)]
    for start in range(0, courses, 200):
        rows = []
        for number in range(start, min(start + 200, courses)):
            title = " ".join(rng.choice(pool).split()[:9])
            row = Course(
                key=uuid4(), slug=f"khoa-{number}", code=f"B-{number}", title=title, summary=rng.choice(pool)[:300]
            )
            row.path, row.hours, row.is_published = f"/khoa-hoc/khoa-{number}/", 2, True
            row.minutes, row.is_light = rng.choice([20, 45, 90, 200]), rng.random() < 0.5
            row.level, row.language = rng.choice(["co_ban", "thanh_thao"]), rng.choice(["vi", "vi", "vi", "tyz"])
            row.title_key, row.search_key = search_key(title), search_key(title, row.summary, row.code)
            rows.append(row)
        made = Course.objects.bulk_create(rows)
        tags = Course.audiences.through
        tags.objects.bulk_create(tags(course=c, audience=a) for c in made for a in rng.sample(audiences, 2))
        Course.topics.through.objects.bulk_create(
            Course.topics.through(course=c, topic=t) for c in made for t in rng.sample(topics, 3)
        )
        Step.objects.bulk_create(
            (_lesson(rng, pool, c, n) for c in made for n in range(1, LESSONS + 1)), batch_size=500
        )


def _lesson(rng: random.Random, pool: list[str], course: Any, number: int) -> Any:
    from common.text import search_key
    from courses.models import Step

    parts: list[str] = [f"hiemgap{rng.randrange(2000)}"]
    while sum(map(len, parts)) < LETTERS:
        parts.append(rng.choice(pool))
    title, text = " ".join(rng.choice(pool).split()[:8]), " ".join(parts)
    step = Step(course=course, key=uuid4(), kind="lesson", title=title, position=number, text=text)
    step.path = f"{course.path}bai-{number}/"
    step.title_key, step.search_key = search_key(title), search_key(title, text)
    return step


@contextmanager
def database() -> Iterator[None]:
    """A throw-away database of the kind that the environment names, with a site in it."""
    from django.test.utils import setup_test_environment, teardown_test_environment

    setup_test_environment()
    from django.db import connection

    from cms.services import site_ensure
    from people.loading import audiences_load

    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = os.path.join(tempfile.mkdtemp(), "bench.sqlite3")
    connection.creation.create_test_db(verbosity=0)
    try:
        audiences_load()
        site_ensure()
        yield
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
        teardown_test_environment()


def measure(path: str, times: int) -> dict[str, Any]:
    """Milliseconds and queries of a page."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.cookies["sessionid"] = uuid4().hex
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        response = client.get(path)
    queries, took = len(asked), []
    worked = time.process_time()
    for _ in range(times):
        begun = time.perf_counter()
        client.get(path)
        took.append((time.perf_counter() - begun) * 1000)
    worked = time.process_time() - worked
    lessons = response.context["lessons"]
    return {
        "queries": queries,
        "courses": response.context["found"].paginator.count,
        "lessons": f"{len(lessons.lessons)}{'+' if lessons.has_more else ''}",
        "p50_ms": round(statistics.median(took), 1),
        "p95_ms": round(statistics.quantiles(took, n=20)[18], 1),
        "cpu_ms": round(worked * 1000 / times, 1),
    }


def main(courses: int, times: int, as_json: bool) -> None:
    from django.db import connection

    with database():
        begun = time.monotonic()
        fill(courses)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        print(
            f"{connection.vendor}: {courses} courses, {courses * LESSONS} lessons in {time.monotonic() - begun:.0f} s"
        )
        results = {name: measure(f"/khoa-hoc/?{query}", times) for name, query in QUERIES.items()}
    if as_json:
        print(json.dumps(results, ensure_ascii=False))
        return
    names = ("queries", "courses", "lessons", "p50 ms", "p95 ms", "cpu ms")
    print(f"{'':<22}{''.join(f'{name:>9}' for name in names)}   budget p95 {BUDGET_P95_MS} ms")
    for name, r in results.items():
        print(
            f"{name:<22}{r['queries']:>9}{r['courses']:>9}{r['lessons']:>9}{r['p50_ms']:>9}{r['p95_ms']:>9}{r['cpu_ms']:>9}"
        )


if __name__ == "__main__":
    import django

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--courses", type=int, default=2000)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings.test"
    django.setup()
    main(wanted.courses, wanted.times, wanted.json)
