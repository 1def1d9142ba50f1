"""What tests may ask of the lane they run in: PostgreSQL, a real worker. See ``docs/features/testing.md``.

A journey drives a whole server with a loaded province, so it runs only when it is asked for: ``-m journey`` or a path
under ``tests/journeys``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

JOURNEYS = "tests/journeys"

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("hoc-so", deadline=None)
settings.load_profile("hoc-so")


def lane_cannot_run(reason: str) -> None:
    """Leave the test out, saying why; where CI=true that is a failure: nobody reads skips there."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"This lane must run in CI: {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    asked_for = "journey" in config.option.markexpr or any(JOURNEYS in argument for argument in config.args)
    if asked_for:
        return
    left_out = [item for item in items if item.get_closest_marker("journey")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


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
