"""How long a course of many drafts takes to look over and to publish at once, in process.

    python -m tests.bench.bench_release [--pages 200] [--json]                     # SQLite, a file
    python -m tests.services -- python -m tests.bench.bench_release                # PostgreSQL

"plan" is the page that asks, "release" the press of the button. A web server gives up after 30 to 60 seconds; a person
much sooner: what takes more than ten seconds is a job.
"""

from __future__ import annotations

import argparse
import json
import time

from tests.bench.inprocess import set_up, site

BUDGET_SECONDS = 10


def main(pages: int, as_json: bool) -> None:
    """Print how many seconds the plan and the release of a course of so many pages take."""
    with site() as kind:
        from cms.outline.releasing import course_release, course_release_plan
        from people.models import User
        from tests.factories import cms as make

        course = make.course_draft("khoa-dai")
        for number in range(1, pages + 1):
            make.lesson(course, f"bai-{number}", live=False).save_revision()
        course.save_revision()
        actor = User.objects.create_superuser(email="e@example.org", password=None, full_name="Biên Tập")
        begun = time.perf_counter()
        plan = course_release_plan(course_page=course)
        planned = time.perf_counter() - begun
        done = course_release(course_page=course, token=plan.token, actor=actor)
        released = time.perf_counter() - begun - planned
    found: dict[str, float] = {"pages": len(done.ready), "held": len(done.held)}
    found |= {"plan_s": round(planned, 1), "release_s": round(released, 1)}
    print(json.dumps(found) if as_json else f"{kind}: {found}   budget {BUDGET_SECONDS} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    set_up()
    main(wanted.pages, wanted.json)
