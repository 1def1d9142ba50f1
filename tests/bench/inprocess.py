"""For benches of pages in this very process: a throw-away database with a site in it, and what a page costs."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.signals import request_finished

from common.memory import settle, tidy

COLUMNS = ("queries", "p50_ms", "p95_ms", "cpu_ms", "db_ms", "gzip_kb")


def set_up() -> None:
    """Django with the settings of the tests: the database is the one that the environment names, else a SQLite file."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings.test"
    django.setup()


@contextmanager
def site() -> Iterator[str]:
    """A migrated database with audiences, home and catalogue; gives the kind of database. All goes in the end."""
    from django.db import connection
    from django.test.utils import setup_test_environment, teardown_test_environment

    from cms.services import site_ensure
    from people.loading import audiences_load

    setup_test_environment()
    with tempfile.TemporaryDirectory() as folder:
        if connection.vendor == "sqlite":
            connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "bench.sqlite3")
        connection.creation.create_test_db(verbosity=0)
        try:
            audiences_load()
            site_ensure()
            yield connection.vendor
        finally:
            connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
            teardown_test_environment()


def guest() -> Any:
    """A browser of somebody who is not signed in, but has a session: no kept page answers."""
    from django.test import Client

    client = Client(headers={"accept-encoding": "gzip"})
    client.cookies["sessionid"] = uuid4().hex
    return client


def cost(client: Any, path: str, times: int) -> tuple[dict[str, float], Any]:
    """What a page costs, and its answer. "cpu_ms" is what it cost this process, "db_ms" what it cost the process of
    PostgreSQL behind it: where others use the machine too, their sum is the better measure. SQLite works in here."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(path)
    settle()  # as the server does, which tidies when an answer has left
    request_finished.disconnect(dispatch_uid="common.memory.tidy")
    with CaptureQueriesContext(connection) as asked:
        response = client.get(path)
    if response.status_code != 200:
        raise RuntimeError(f"{path} answered {response.status_code}")
    queries, took, worked, served = len(asked), [], time.process_time(), _server_seconds()
    for _ in range(times):
        begun = time.perf_counter()
        client.get(path)
        took.append((time.perf_counter() - begun) * 1000)
        tidy()
    worked = (time.process_time() - worked) * 1000 / times
    served = (_server_seconds() - served) * 1000 / times
    figures = (
        queries,
        statistics.median(took),
        statistics.quantiles(took, n=20)[18],
        worked,
        served,
        len(response.content) / 1024,
    )
    return dict(zip(COLUMNS, (round(figure, 1) for figure in figures), strict=True)), response


def _server_seconds() -> float:
    """How long the process of PostgreSQL behind our connection has worked, on this machine; 0 elsewhere."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not stat.exists():
        return 0.0
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
