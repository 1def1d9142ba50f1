"""What tests may ask of the lane they run in: PostgreSQL, a real worker. See ``docs/features/testing.md``.

A test that touches no database gives the same answer in both lanes, so ``--database-only`` leaves it to the other one;
so it does with a test marked ``anywhere``, which reads simple rows on its way to pages, papers or words.

A journey drives a whole server with a loaded province, so it runs only when it is asked for: ``-m journey`` or a path
under ``tests/journeys``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import statements

JOURNEYS = "tests/journeys"
#: What every way to the database in pytest-django goes through.
DATABASE_FIXTURE = "_django_db_helper"
#: Database → what ``--sweeps-of`` and ``sweep(on=…)`` call its lane; where a sweep names none, PostgreSQL's does it.
SWEEPS_OF = {"sqlite": "sqlite", "postgresql": "postgres"}

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("hoc-so", deadline=None)
settings.load_profile("hoc-so")


def draws(examples: int) -> int:
    """``max_examples`` of a history that is played through the database: what is drawn says nothing about which one.

    All of them on SQLite; on PostgreSQL a third, to see that the same queries do the same there.
    """
    return examples // 3 if os.environ.get("TEST_DATABASE_URL") else examples


def lane_cannot_run(reason: str) -> None:
    """Leave the test out, saying why; where CI=true that is a failure: nobody reads skips there."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"This lane must run in CI: {reason}", pytrace=False)
    pytest.skip(reason)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only", action="store_true", help="leave out tests that touch no database: another lane runs them"
    )
    parser.addoption("--write-down", help="a folder for what each test sends to the database")
    parser.addoption("--between-them", help="such a folder: only tests that between them send every statement")
    parser.addoption(
        "--sweeps-of",
        choices=[*SWEEPS_OF.values()],
        help="leave out sweeps of the other lane, and look once only at what no database changes",
    )


def is_of_another_lane(item: pytest.Item, lane: str) -> bool:
    """Whether a journey is a sweep that the other lane does."""
    sweep = item.get_closest_marker("sweep")
    return sweep is not None and sweep.kwargs.get("on", SWEEPS_OF["postgresql"]) != lane


def needs_database(item: pytest.Item) -> bool:
    """Whether the test may open the database; pytest-django keeps it shut to every other."""
    from django.test import TransactionTestCase

    if any(item.get_closest_marker(name) for name in ("django_db", "postgres", "worker", "journey")):
        return True
    kind = getattr(item, "cls", None)
    if kind is not None and issubclass(kind, TransactionTestCase):
        return True
    return DATABASE_FIXTURE in getattr(item, "fixturenames", ())


def is_about_the_database(item: pytest.Item) -> bool:
    """Locks, workers, commits: what another database would answer differently however often it was asked."""
    asked_for = {"on_postgres", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    if asked_for or any(item.get_closest_marker(name) for name in ("postgres", "worker")):
        return True
    asked = item.get_closest_marker("django_db")
    return asked is not None and bool(asked.kwargs.get("transaction"))


def _others(items: list[pytest.Item], folder: Path) -> Callable[[pytest.Item], bool]:
    """Whether a test sends only what others do; no test, where nothing was written down."""
    known = statements.read(folder)
    asked = {item.nodeid for item in items if not is_about_the_database(item)} & known.keys()
    spared = asked - statements.chosen({name: known[name] for name in sorted(asked)})
    return lambda item: item.nodeid in spared


def pytest_configure(config: pytest.Config) -> None:
    # With several processes the one that hands out the tests runs none itself.
    if (folder := config.option.write_down) and getattr(config.option, "dist", "no") == "no":
        config.pluginmanager.register(statements.Recorder(Path(folder)))


def pytest_fixture_setup(request: pytest.FixtureRequest) -> None:
    """A test that comes to the database by a way that cannot be seen beforehand would be left out unnoticed."""
    if request.fixturename == DATABASE_FIXTURE and not needs_database(request.node):
        pytest.fail("Mark this test django_db: --database-only must see that it needs the database.", pytrace=False)


def _leave_out(config: pytest.Config, items: list[pytest.Item], unwanted: Callable[[pytest.Item], bool]) -> None:
    left_out = [item for item in items if unwanted(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    asked_for = "journey" in config.option.markexpr or any(JOURNEYS in argument for argument in config.args)
    if not asked_for:
        _leave_out(config, items, lambda item: item.get_closest_marker("journey") is not None)
    if config.option.database_only:
        _leave_out(
            config, items, lambda item: not needs_database(item) or item.get_closest_marker("anywhere") is not None
        )
    if folder := config.option.between_them:
        _leave_out(config, items, _others(items, Path(folder)))
    if lane := config.option.sweeps_of:
        _leave_out(config, items, lambda item: is_of_another_lane(item, lane))
    # A long test that begins last leaves the other process waiting for it.
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture
def on_postgres() -> None:
    """The test means something on PostgreSQL only: row locks, real concurrency."""
    from django.db import connection

    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: SQLite has no row locks (script/test runs both)")


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """A real Celery worker on this test's database and queue; tasks are really sent while it runs.

    Mark the test ``@pytest.mark.worker``: an in-memory SQLite database cannot be shared with another process.
    """
    from django.conf import settings
    from django.db import connection

    from lms.celery import app
    from tests import processes

    if connection.vendor != "postgresql" or not settings.ENV.redis_url:
        pytest.skip("needs PostgreSQL and Redis (script/test runs that lane)")
    env = processes.environment(
        data_dir=Path(settings.DATA_DIR),
        database=processes.database_url(connection.settings_dict),
        redis=settings.ENV.redis_url,
    )
    app.conf.task_always_eager = False
    try:
        with processes.worker(env=env):
            yield
    finally:
        processes.others_disconnect(connection)
        app.conf.task_always_eager = settings.CELERY_TASK_ALWAYS_EAGER
