"""How long the catalogue and its search take over many courses, in process, and how many queries they ask.

    python -m tests.bench.bench_finding [--courses 2000] [--json]                              # SQLite, a file
    python -m tests.services -- python -m tests.bench.bench_finding [--courses 2000]           # PostgreSQL

Courses of ten lessons of about 3,000 letters, put together out of the sentences of the written courses: common words
stand in nearly every lesson, which is the worst there is. All goes into a throw-away database. Pages are asked for as
by somebody who is signed in to nothing and whose browser has a session, so that no kept page answers.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.bench.inprocess import COLUMNS, cost, guest, set_up, site

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
            if len(line) > 30 and not line.isascii() and "#" not in line:
                found.append(line)
    return found


def fill(courses: int) -> None:
    """The courses with their lessons, straight into the tables; the index follows by itself."""
    from common.text import search_key
    from courses.models import Course, Step, Topic
    from people.models import Audience

    rng, pool = random.Random(1), sentences()
    keyed = [(sentence, search_key(sentence)) for sentence in pool]
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
        lessons = [_lesson(rng, keyed, course, number) for course in made for number in range(1, LESSONS + 1)]
        Step.objects.bulk_create(lessons, batch_size=500)


def _lesson(rng: random.Random, pool: list[tuple[str, str]], course: Any, number: int) -> Any:
    from common.text import search_key
    from courses.models import Step

    rare = f"hiemgap{rng.randrange(2000)}"
    parts = [(rare, rare)]
    while sum(len(text) for text, _ in parts) < LETTERS:
        parts.append(rng.choice(pool))
    title = " ".join(rng.choice(pool)[0].split()[:8])
    step = Step(course=course, key=uuid4(), kind="lesson", title=title, position=number)
    step.path, step.text = f"{course.path}bai-{number}/", " ".join(text for text, _ in parts)
    step.title_key = search_key(title)
    step.search_key = f"{step.title_key} {' '.join(key for _, key in parts)}"
    return step


def main(courses: int, times: int, as_json: bool) -> None:
    """Print what each search costs."""
    from django.db import connection

    results: dict[str, dict[str, Any]] = {}
    with site() as kind:
        begun = time.monotonic()
        fill(courses)
        with connection.cursor() as cursor:
            # As a database is that has stood for a while: nothing is left to tidy up while pages are asked for.
            cursor.execute("VACUUM ANALYZE" if kind == "postgresql" else "ANALYZE")
        print(f"{kind}: {courses} courses, {courses * LESSONS} lessons in {time.monotonic() - begun:.0f} s")
        for name, query in QUERIES.items():
            figures, response = cost(guest(), f"/khoa-hoc/?{query}", times)
            lessons = response.context["lessons"]
            shown = f"{len(lessons.lessons)}{'+' if lessons.has_more else ''}"
            results[name] = {"courses": response.context["found"].paginator.count, "lessons": shown, **figures}
    if as_json:
        print(json.dumps(results, ensure_ascii=False))
        return
    names = ("courses", "lessons", *COLUMNS)
    print(f"{'':<22}{''.join(f'{name:>9}' for name in names)}   budget p95 {BUDGET_P95_MS} ms")
    for name, figures in results.items():
        print(f"{name:<22}{''.join(f'{figures[column]:>9}' for column in names)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--courses", type=int, default=2000)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    set_up()
    main(wanted.courses, wanted.times, wanted.json)
