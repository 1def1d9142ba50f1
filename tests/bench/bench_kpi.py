"""What figures cost on a province of any size: building it, counting it, reading it, closing it, learning meanwhile.

    python -m tests.services -- python -m tests.bench.bench_kpi [--people 100000] [--completions 1000000] [--json]

Without ``tests.services`` on a SQLite file. All goes into a throw-away database. Run at two sizes to see that pages do
not grow with the people. "submit" is the last step of a course in process, alone and while a rebuild runs beside it.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from tests.bench.inprocess import COLUMNS, cost, set_up, site

WARD = "07210"
SUBMITS = 300


def timed(what: Any, *args: Any, **kwargs: Any) -> tuple[float, Any]:
    """Seconds, and what came of it."""
    begun = time.monotonic()
    answer = what(*args, **kwargs)
    return round(time.monotonic() - begun, 1), answer


def megabytes() -> int:
    """The most memory that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def official(unit: Any) -> Any:
    """A browser of somebody who reads the figures of a unit and all below it."""
    from django.test import Client

    from people.models import CITIZEN, Audience, Membership, Role, User
    from tests.proof import prove, with_second_step

    user = User.objects.create(full_name="Đầu Mối Đo", email=f"doc-{unit.pk}@bench.example", password="!")
    audience = Audience.objects.get(code=CITIZEN)
    Membership.objects.create(
        user=user, unit=unit, audience=audience, role=Role.PROVINCIAL_LEAD, is_main=True, valid_from=date(2025, 7, 1)
    )
    client = Client(headers={"accept-encoding": "gzip"})
    client.force_login(with_second_step(user))
    prove(client)
    return client


def pages() -> dict[str, dict[str, float]]:
    """Province and ward: the figures, the people behind and missing from them, comparisons, programmes; what a closing
    would freeze."""
    from django.test import override_settings

    from kpi.denominators import by_list
    from kpi.models import Indicator
    from kpi.units_counted import UNIT_KINDS
    from people.models import Unit

    counting = Indicator.objects.counting().order_by("code").prefetch_related("audiences")
    busiest = counting.get(code="BG22-2025-2a")
    listed = next(one for one in counting if by_list(one) and one.counting not in UNIT_KINDS)
    province = Unit.objects.get(parent=None, valid_to=None)
    ward = Unit.objects.get(code=WARD, valid_to=None)
    found = {}
    for name, unit in (("province", province), ("ward", ward)):
        client, reading = official(unit), f"nam=2026&don-vi={unit.uuid}"
        for page, path in (
            ("dashboard", f"?{reading}"),
            ("indicator", f"{busiest.code}/?{reading}"),
            ("indicator, siblings", f"{busiest.code}/?{reading}&so-sanh=1"),
            ("listed, siblings", f"{listed.code}/?{reading}&so-sanh=1"),
            ("people", f"{busiest.code}/nguoi/?{reading}"),
            ("people, page 20", f"{busiest.code}/nguoi/?{reading}&trang=20"),
            ("missing", f"{listed.code}/chua-hoc/?{reading}"),
            ("missing, by name", f"{listed.code}/chua-hoc/?{reading}&q=nguyen"),
            ("equity", f"ai-dang-hoc/?{reading}&chi-tieu={busiest.code}"),
            ("equity, by list", f"ai-dang-hoc/?{reading}&chi-tieu={listed.code}"),
            ("map", f"ban-do/?{reading}&chi-tieu={busiest.code}"),
            ("programmes", f"chuong-trinh/?{reading}"),
            ("declarations", f"bao-so/?{reading}"),
            ("head-counts", f"dan-so/?{reading}"),
        ):
            found[f"{name}: {page}"], _ = cost(client, f"/quan-ly/chi-tieu/{path}", 30)
        with override_settings(KPI_BOARD_SECONDS=600):  # as whoever is not the first of a minute finds it
            found[f"{name}: dashboard, kept"], _ = cost(client, f"/quan-ly/chi-tieu/?{reading}", 30)
        if unit == province:
            path = "/quan-ly/chi-tieu/chot-so/moi/?ky=month:2026-10-31"
            found[f"{name}: closing, preview"], _ = cost(client, path, 10)
    return found


def submits() -> list[float]:
    """Milliseconds of the completing step of people who finish a course of one step."""
    from uuid import uuid4

    from courses.models import Course, Step, StepKind
    from courses.services import enrolment_start, step_complete
    from people.models import CITIZEN, Audience, Membership, Unit, User

    course = Course.objects.get(slug="tong-hop-39")
    course.is_published = True
    course.save(update_fields=["is_published"])
    step, _ = Step.objects.get_or_create(
        course=course,
        position=1,
        defaults={"key": uuid4(), "kind": StepKind.LESSON, "title": "Bài", "path": f"{course.path}bai/"},
    )
    ward, citizen = Unit.objects.get(code=WARD, valid_to=None), Audience.objects.get(code=CITIZEN)
    took = []
    for number in range(SUBMITS):
        user = User.objects.create(full_name="Người Nộp Bài", email=f"nop-{uuid4().hex}@bench.example", password="!")
        Membership.objects.create(user=user, unit=ward, audience=citizen, is_main=True, valid_from=date(2025, 7, 1))
        enrolment, _ = enrolment_start(user=user, course=course)
        begun = time.perf_counter()
        step_complete(enrolment=enrolment, step=step)
        if number:  # the first one compiles
            took.append((time.perf_counter() - begun) * 1000)
    return took


def spread(took: list[float]) -> dict[str, float]:
    return {"p50_ms": round(statistics.median(took), 1), "p95_ms": round(statistics.quantiles(took, n=20)[18], 1)}


@contextmanager
def work_waits() -> Iterator[None]:
    """What a learner's request leaves to the workers stays there: papers are not drawn within what is measured."""
    from lms.celery import app

    eager, broker = app.conf.task_always_eager, app.conf.broker_url
    app.conf.update(task_always_eager=False, broker_url="memory://")
    try:
        yield
    finally:
        app.conf.update(task_always_eager=eager, broker_url=broker)


def beside_a_rebuild() -> dict[str, dict[str, float]]:
    """Submits alone, while another process rebuilds the counts of the same database, and alone again: machines change
    their pace meanwhile."""
    import os

    from django.db import connection

    from tests import processes

    env = os.environ | {"DATABASE_URL": processes.database_url(connection.settings_dict), "DEBUG": "1"}
    command = [sys.executable, "manage.py", "kpi_rebuild", "--json"]
    with work_waits():
        alone = spread(submits())
        with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as rebuild:
            time.sleep(4)  # until it has begun
            during = spread(submits())
            was_running = rebuild.poll() is None
            rebuild.wait()
        after = spread(submits())
    while_it_ran = f"submit, rebuilding ({'all the while' if was_running else 'in part'})"
    return {"submit, alone": alone, while_it_ran: during, "submit, alone again": after}


def closing() -> dict[str, Any]:
    """Seconds to freeze all figures of the province as of the end of October."""
    from kpi import places
    from kpi.models import Period
    from kpi.services import closing_make
    from people.models import Role, Unit, User

    province = Unit.objects.get(parent=None, valid_to=None)
    actor = User.objects.filter(memberships__unit=province, memberships__role=Role.PROVINCIAL_LEAD).first()
    structure = places.structure_now(places.structures())
    seconds, made = timed(
        closing_make, actor=actor, unit=province, structure=structure, period=Period.MONTH, until=date(2026, 10, 31)
    )
    return {"closing (s)": seconds, "frozen figures": made.figures_count}


def main(people: int, completions: int, seed: int, as_json: bool) -> None:
    """Build, count, read, close."""
    from django.db import connection

    from kpi import rollup
    from lms.province import province_find, province_load
    from lms.synthetic import province_synthesize

    with site() as kind:
        province_load(province=province_find("bac-giang"))
        result: dict[str, Any] = {"database": kind}
        result["synthesize (s)"], result["written"] = timed(
            province_synthesize, people=people, completions=completions, seed=seed
        )
        print(json.dumps(result), file=sys.stderr)
        for name in ("rebuild from nothing (s)", "rebuild, nothing to do (s)"):
            before = megabytes()
            result[name], done = timed(rollup.counted_rebuild, check=False)
            result[name.replace("(s)", "(MB more)")] = megabytes() - before
            result["counted"] = done.counted
            print(name, result[name], file=sys.stderr)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if kind == "postgresql" else "ANALYZE")
        table = pages()
        result |= closing()
        if kind == "postgresql":
            result |= beside_a_rebuild()
    if as_json:
        print(json.dumps(result | {"pages": table}, ensure_ascii=False))
        return
    for name, value in result.items():
        print(f"{name}: {value}")
    print(f"{'':<28}{''.join(f'{name:>9}' for name in COLUMNS)}")
    for name, figures in table.items():
        print(f"{name:<28}{''.join(f'{figures[column]:>9}' for column in COLUMNS)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--completions", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    set_up()
    main(wanted.people, wanted.completions, wanted.seed, wanted.json)
