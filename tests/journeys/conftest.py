"""A whole province behind a real server and a real worker, and people in front of it in a real Chromium.

The database is made by the real migrations and loaded once for all journeys; every journey brings people of its own.
Screenshots are kept under ``var/journeys/``.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from playwright.sync_api import Browser, BrowserContext, Page, Response

from tests import processes
from tests.lanes import SWEEPS_OF, lane_cannot_run
from tests.services import ROOT, free_port

# Playwright keeps an event loop running in this thread, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

SCREENSHOTS = ROOT / "var" / "journeys"
DEMO_PEOPLE = 150
SCRIPTS = [
    pytest.param(True, id="with-javascript"),
    pytest.param(False, id="without-javascript", marks=pytest.mark.sweep),
]
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
CHROMIUM_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.journey)


# --- The house ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class House:
    """The running platform of this test session."""

    url: str
    env: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run a management command against the same database, with the server's cache; return what it printed."""
        return processes.manage(*arguments, env=self.env)

    def ask(self, *arguments: str) -> str:
        """The same for a command that only reads, without the seconds that a process takes to start."""
        out = StringIO()
        call_command(*arguments, stdout=out)
        return out.getvalue()


@contextmanager
def _database() -> Iterator[str]:
    """The address of a database made by the migrations."""
    from django.db import connections
    from django.test.utils import setup_databases, teardown_databases

    connection = connections["default"]
    if connection.vendor == "sqlite":
        # In a file: the server and the worker are processes of their own.
        connection.settings_dict["TEST"]["NAME"] = str(settings.DATA_DIR / "journeys.sqlite3")
    # Every step of the history renders a hundred models anew; a fifth of its time went into looking for garbage.
    gc.disable()
    made = setup_databases(verbosity=0, interactive=False, aliases=["default"], serialized_aliases=set())
    gc.enable()
    try:
        yield processes.database_url(connection.settings_dict)
    finally:
        processes.others_disconnect(connection)
        connection.close()
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session")
def house(django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any) -> Iterator[House]:
    """The platform with a small demo province: gunicorn and a Celery worker as ``script/server`` starts them."""
    port, redis = free_port(), settings.ENV.redis_url
    with django_db_blocker.unblock(), _database() as database:
        env = processes.environment(data_dir=settings.DATA_DIR, database=database, redis=redis, port=port)
        processes.static_files(env)
        processes.manage("load_province", "bac-giang", "--demo", "--people", str(DEMO_PEOPLE), env=env)
        with processes.web(env=env, port=port), processes.worker(env=env):
            yield House(env["BASE_URL"], env)


# --- The browser ----------------------------------------------------------------------------------------------------
def chromium() -> str | None:
    """Where Debian keeps its Chromium; first the one without windows, which takes less than half of the processor."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    if not (found := chromium()):
        lane_cannot_run("Chromium is not installed (Debian package: chromium-headless-shell).")
    return {**browser_type_launch_args, "executable_path": found, "args": CHROMIUM_ARGUMENTS}


class Watch:
    """What went wrong behind the pages: script errors, refused content, missing pictures, answers of 500."""

    def __init__(self) -> None:
        self.complaints: list[str] = []

    def over(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda said: said.type == "error" and self._console(page, said.text))
        page.on("response", self._answer)

    def _answer(self, answer: Response) -> None:
        # A page may refuse on purpose; what belongs to a page may not be missing.
        limit = 500 if answer.request.resource_type in {"document", "fetch", "xhr"} else 400
        if answer.status >= limit:
            self.complaints.append(f"{answer.url}: {answer.status}")

    def _console(self, page: Page, text: str) -> None:
        # A page that answers 404 or 403 on purpose is reported by the journey that asked for it; a journey that takes
        # the network away knows that it did.
        if "the server responded with a status of 4" not in text and "ERR_INTERNET_DISCONNECTED" not in text:
            self.complaints.append(f"{page.url}: {text}")


@pytest.fixture
def visit(request: pytest.FixtureRequest, house: House, browser: Browser) -> Iterator[Callable[..., Page]]:
    """``visit(js=True, size=PHONE)`` opens a browser of a new person: own cookies, nobody signed in. ``left`` is what
    another browser left behind (cookies and what pages keep), as after its battery died. ``offline_page`` lets the
    browser keep the page for where there is no network; elsewhere a cut network is the browser's own fault page.

    At the end of the test nothing may have gone wrong behind the pages; of a failed one the last pages are kept.
    """
    opened: list[BrowserContext] = []
    watch = Watch()

    def open_page(
        *, js: bool = True, size: dict[str, int] = PHONE, left: Any = None, offline_page: bool = False
    ) -> Page:
        context = browser.new_context(
            base_url=house.url, viewport=size, java_script_enabled=js, locale="vi-VN", accept_downloads=True,
            storage_state=left, service_workers="allow" if offline_page else "block",
        )  # fmt: skip
        context.set_default_timeout(15_000)
        opened.append(context)
        context.on("page", watch.over)
        return context.new_page()

    yield open_page
    failed = getattr(getattr(request.node, "rep_call", None), "failed", False)
    for number, context in enumerate(opened):
        for page in context.pages if failed else ():
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(SCREENSHOTS / f"failed-{request.node.name}-{number}.png"), full_page=True)
        context.close()
    assert watch.complaints == []


@pytest.fixture
def sweeps(request: pytest.FixtureRequest) -> bool:
    """Whether this run also looks at what no database changes: pictures, axe-core. Of a journey that both lanes make
    one of them does."""
    lane = request.config.option.sweeps_of
    return lane != SWEEPS_OF["sqlite"] or request.node.get_closest_marker("sweep") is not None


@pytest.fixture
def snapshot(sweeps: bool) -> Callable[..., Path]:
    """``snapshot(page, "name")`` keeps a full screenshot at 360 and at 1280 px; the page keeps its own size.

    Pictures are for people, and nobody looks at them where CI=true; the last pages of a failed journey are kept anyway.
    """
    wanted = sweeps and os.environ.get("CI") != "true"

    def shoot(page: Page, name: str, sizes: tuple[dict[str, int], ...] = (PHONE, DESK)) -> Path:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        own = page.viewport_size
        file = SCREENSHOTS / name
        for size in sizes if wanted else ():
            page.set_viewport_size(size)  # type: ignore[arg-type]
            file = SCREENSHOTS / f"{name}-{size['width']}.png"
            page.screenshot(path=str(file), full_page=True)
        if own:
            page.set_viewport_size(own)
        return file

    return shoot
