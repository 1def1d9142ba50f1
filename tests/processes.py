"""The platform's own processes, started for journeys, worker tests and the bench as ``script/server`` starts them."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from script.prepare import static_fingerprint
from tests.services import LOOPBACK, ROOT

SECRET_KEY = "tests-only"


def database_url(database: Mapping[str, Any]) -> str:
    """A DATABASE_URL for an entry of ``connection.settings_dict``."""
    if database["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{database['NAME']}"
    password = f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else ""
    return f"postgres://{database['USER']}{password}@{database['HOST']}:{database['PORT']}/{database['NAME']}"


def environment(*, data_dir: Path, database: str, redis: str = "", port: int = 8000, **more: str) -> dict[str, str]:
    """What a process of the platform reads: one database, one queue, one folder."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lms.settings.dev",
        "LMS_DATA_DIR": str(data_dir),
        "LMS_DEMO": "1",
        "DEBUG": "0",
        "SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "BASE_URL": f"http://{LOOPBACK}:{port}",
        "ALLOWED_HOSTS": f"{LOOPBACK},localhost",
        "PYTHONUNBUFFERED": "1",
        **more,
    }


def manage(*arguments: str, env: dict[str, str]) -> str:
    """Run a management command; return what it printed, raise with what it complained about."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"manage.py {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def static_files(env: dict[str, str]) -> None:
    """Collected and compressed as on a server; kept from run to run, for that takes long and they seldom change."""
    kept = ROOT / "var" / "test-static"
    kept.mkdir(parents=True, exist_ok=True)
    (Path(env["LMS_DATA_DIR"]) / "static").symlink_to(kept)
    stamp = kept / ".fingerprint"
    with (kept.parent / "test-static.lock").open("w") as lock:
        # Processes of a parallel run come here together; one collects, the others wait for it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = static_fingerprint(kept)
        if not stamp.exists() or stamp.read_text() != wanted:
            manage("collectstatic", "--noinput", "--verbosity", "0", env=env)
            stamp.write_text(wanted)


def others_disconnect(connection: Any) -> None:
    """End every other session on a PostgreSQL test database: one left by a killed process would keep it from going."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@contextmanager
def running(command: list[str], *, env: dict[str, str], log: Path, ready: Callable[[], bool]) -> Iterator[Any]:
    """A process and its children, from when it is ready until the end of the block."""
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out, start_new_session=True)
    try:
        deadline = time.monotonic() + 60
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{' '.join(command)} did not start:\n{log.read_text(encoding='utf-8')[-4000:]}")
            time.sleep(0.1)
        yield process
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)
    except (ProcessLookupError, subprocess.TimeoutExpired):
        pass
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/suc-khoe/", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def web(
    *, env: dict[str, str], port: int, application: str = "lms.wsgi:application", workers: int = 2, threads: int = 4
) -> Iterator[Any]:
    """gunicorn, as ``script/server`` runs it."""
    command = [
        sys.executable, "-m", "gunicorn", application, "--bind", f"{LOOPBACK}:{port}",
        "--workers", str(workers), "--threads", str(threads), "--worker-class", "gthread",
        "--worker-tmp-dir", "/dev/shm" if Path("/dev/shm").is_dir() else "/tmp",
    ]  # fmt: skip
    log = Path(env["LMS_DATA_DIR"]) / f"web-{port}.log"
    with running(command, env=env, log=log, ready=lambda: _healthy(port)) as process:
        yield process


@contextmanager
def worker(*, env: dict[str, str], log_name: str = "worker.log") -> Iterator[Any]:
    """A Celery worker on the queue that ``env`` names."""
    log = Path(env["LMS_DATA_DIR"]) / log_name
    celery = [sys.executable, "-m", "celery", "-A", "lms"]
    command = [*celery, "worker", "--pool=solo", "--loglevel=INFO", "--without-gossip"]

    def ready() -> bool:
        return " ready." in log.read_text(encoding="utf-8")

    with running(command, env=env, log=log, ready=ready) as process:
        yield process
