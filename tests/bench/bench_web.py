"""What pages cost a cheap phone on 3G, in a real Chromium: bytes, requests, LCP, INP, CLS, axe-core, scores.

    python -m tests.bench.bench_web [--only lesson] [--times 3] [--data-dir DIR] [--write] [--json]

The platform runs as ``script/server`` starts it: gunicorn with 2 processes, SQLite, a demo province. Network and
processor are slowed down (``tests/bench/vitals.py``). ``--write`` puts the tables into ``docs/budgets.md``; otherwise
they are printed.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests import processes
from tests.bench.budget_tables import MORE_VISITS, document, line, over, tables
from tests.bench.vitals import Measured, view
from tests.budgets import GRADUATE, LEARNER, PAGES, Page, places
from tests.journeys.conftest import CHROMIUM_ARGUMENTS, PHONE, chromium
from tests.services import LOOPBACK, ROOT, free_port

TARGET = ROOT / "docs" / "budgets.md"
#: A phone of the lowest price: two pixels a point.
PIXELS_A_POINT = 2
SERVER_TIMES = 15


@contextmanager
def house(people: int, kept: Path | None) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """The running platform: its address, the sessions of those who are signed in, and what the paths name.

    ``kept`` is the folder of an earlier run, or one to be filled: loading the province takes a minute or two.
    """
    with tempfile.TemporaryDirectory(prefix="hocso-bench-") as made:
        folder, port = kept or Path(made), free_port()
        env = processes.environment(data_dir=folder, database=f"sqlite:///{folder}/bench.sqlite3", port=port)
        if not (folder / "static").exists():
            processes.static_files(env)
        if not (folder / "bench.sqlite3").exists():
            processes.manage("migrate", "--noinput", "--verbosity", "0", env=env)
            processes.manage("load_province", "bac-giang", "--demo", "--people", str(people), env=env)
        # Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
        os.environ |= {**env, "DJANGO_ALLOW_ASYNC_UNSAFE": "true"}
        import django

        django.setup()
        from tests.bench.bench_pages import learners
        from tests.visitors import session_of

        learner, graduate = (enrolment.user for enrolment in learners(2))
        known = places(learner=learner, graduate=graduate)
        sessions = {"": "", LEARNER: session_of(learner), GRADUATE: session_of(graduate)}
        with processes.web(env=env, port=port):
            yield f"http://{LOOPBACK}:{port}", sessions, known


def server_ms(base: str, path: str, session: str) -> float:
    """What the server takes for a page on a quiet line, median."""
    connection = http.client.HTTPConnection(base.removeprefix("http://"), timeout=30)
    headers = {"Accept-Encoding": "gzip", "Cookie": f"sessionid={session}" if session else "a=b"}
    took = []
    for _ in range(SERVER_TIMES):
        begun = time.perf_counter()
        connection.request("GET", path, headers=headers)
        connection.getresponse().read()
        took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took)


def phone(browser: Browser, base: str, session: str) -> Callable[[], Any]:
    """Opens the phone of a guest, or of the learner whose session it is."""
    device: dict[str, Any] = {
        "viewport": PHONE, "device_scale_factor": PIXELS_A_POINT, "is_mobile": True, "has_touch": True,
        "locale": "vi-VN",
    }  # fmt: skip

    def open_context() -> Any:
        context = browser.new_context(base_url=base, **device)
        if session:
            context.add_cookies([{"name": "sessionid", "value": session, "url": base}])
        return context

    return open_context


def _middle(views: list[Measured]) -> Measured:
    """The median view by LCP, with the median of INP."""
    middle = replace(sorted(views, key=lambda one: one.lcp)[len(views) // 2])
    touched = sorted(views, key=lambda one: one.inp)[len(views) // 2]
    middle.inp, middle.slowest = touched.inp, touched.slowest
    return middle


def measure(browser: Browser, base: str, page: Page, path: str, session: str, times: int) -> Measured:
    """The median view of so many, by LCP and by INP; and the worst CLS."""
    views = [view(phone(browser, base, session), base, path) for _ in range(times)]
    if over(page, _middle(views)):
        views += [view(phone(browser, base, session), base, path) for _ in range(MORE_VISITS)]
    middle = _middle(views)
    middle.cls = max(one.cls for one in views)
    middle.server = server_ms(base, path, session)
    print(line(page, middle), file=sys.stderr)
    return middle


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--people", type=int, default=150, help="people of the demo province")
    parser.add_argument("--data-dir", type=Path, help="keep the province there, or take it from there")
    parser.add_argument("--write", action="store_true", help=f"write {TARGET.relative_to(ROOT)}")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    with house(asked.people, asked.data_dir) as (base, sessions, known), sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        found = []
        for page in [page for page in PAGES if asked.only in page.name]:
            path, session = page.path.format(**known), sessions[page.who]
            found.append((page, measure(browser, base, page, path, session, asked.times)))
        version = browser.version
        browser.close()
    if asked.json:
        print(json.dumps({page.name: asdict(one) for page, one in found}, ensure_ascii=False, indent=2))
    elif asked.write:
        TARGET.write_text(document(found, version=version, times=asked.times, load=load), encoding="utf-8")
    else:
        print(tables(found))


if __name__ == "__main__":
    main()
