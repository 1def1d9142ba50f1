"""PostgreSQL and Redis for a test run: what already answers, or throw-away ones that end with the command.

    python -m tests.services -- pytest …      runs the command with TEST_DATABASE_URL and TEST_REDIS_URL set

What is used, in this order: the two variables when they are set; servers on the standard ports that let this user in
(PostgreSQL: PGUSER/PGPASSWORD or "postgres" without a password; it must be allowed to create databases); own ones
under ``var/``. Ends with status 69 when there is none to be had.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis

ROOT = Path(__file__).resolve().parent.parent
UNAVAILABLE = 69
LOOPBACK = "127.0.0.1"
# Nothing of a throw-away cluster has to survive a power cut.
# Without autovacuum: tests roll back what they write, so a vacuum between two of them finds empty tables, and the
# planner then joins the next test's rows one by one: a query of milliseconds has run for ten minutes.
FAST_AND_LOOSE = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60 -c autovacuum=off"
)


class ServiceUnavailableError(Exception):
    """A server that a test lane needs can neither be found nor started; says what to install."""


@dataclass(frozen=True)
class Services:
    """Where the two servers answer."""

    database_url: str
    redis_url: str

    @property
    def environment(self) -> dict[str, str]:
        return {"TEST_DATABASE_URL": self.database_url, "TEST_REDIS_URL": self.redis_url}


def free_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


# --- PostgreSQL -----------------------------------------------------------------------------------------------------
def _running_postgres() -> str | None:
    """The address of a server on the standard port that lets us create databases."""
    user, password = os.environ.get("PGUSER", "postgres"), os.environ.get("PGPASSWORD", "")
    try:
        with psycopg.connect(
            host=LOOPBACK, port=5432, user=user, password=password or None, dbname="postgres", connect_timeout=2
        ) as connection:
            row = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.Error:
        return None
    secret = f":{password}" if password else ""
    return f"postgres://{user}{secret}@{LOOPBACK}:5432/hocso" if row and row[0] else None


def postgres_tool(name: str) -> str:
    """The path of a program that comes with PostgreSQL, of the newest version there is."""
    versions = Path("/usr/lib/postgresql").glob(f"[0-9]*/bin/{name}")
    newest = sorted(versions, key=lambda path: float(path.parts[4]))
    found = str(newest[-1]) if newest else shutil.which(name)
    if not found:
        raise ServiceUnavailableError("PostgreSQL is not installed (Debian package: postgresql).")
    return found


def _reachable_folder(stack: ExitStack, owner: pwd.struct_passwd | None) -> Path:
    """A new folder under ``var/`` that ``owner`` can enter; under the system's temporary folder where it cannot."""
    var = ROOT / "var"
    var.mkdir(exist_ok=True)
    place: Path | None = var
    if owner and subprocess.run(["runuser", "-u", owner.pw_name, "--", "test", "-x", str(var)], check=False).returncode:
        place = None
    folder = Path(tempfile.mkdtemp(prefix="test-services-", dir=place))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    return folder


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server of our own; ``restart`` drops every connection, as a restart for an update does."""

    database_url: str
    restart: Callable[[], None]


@contextmanager
def postgres_cluster() -> Iterator[Cluster]:
    """A cluster of our own, without a password, on a free port of this machine."""
    owner: pwd.struct_passwd | None = None
    prefix: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        try:
            owner = pwd.getpwnam("postgres")
        except KeyError:
            raise ServiceUnavailableError("PostgreSQL will not run as root and there is no user «postgres».") from None
        prefix = ["runuser", "-u", "postgres", "--"]
    with ExitStack() as stack:
        folder = _reachable_folder(stack, owner)
        data, port = folder / "data", free_port()

        def run(tool: str, *arguments: str) -> None:
            command = [*prefix, postgres_tool(tool), "-D", str(data), *arguments]
            # A server that pg_ctl starts keeps its output open: it must not be a pipe.
            with (folder / "tool.log").open("a", encoding="utf-8") as out:
                done = subprocess.run(command, check=False, cwd="/", stdin=subprocess.DEVNULL, stdout=out, stderr=out)
            if done.returncode:
                said = "\n".join(file.read_text() for file in folder.glob("*log"))
                raise ServiceUnavailableError(f"{tool} failed:\n{said}")

        run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        options = f"-p {port} -c listen_addresses={LOOPBACK} -c unix_socket_directories='' {FAST_AND_LOOSE}"
        start = ("-o", options, "-l", str(folder / "log"), "-w")
        run("pg_ctl", *start, "start")
        stack.callback(run, "pg_ctl", "-m", "immediate", "-w", "stop")
        yield Cluster(
            database_url=f"postgres://postgres@{LOOPBACK}:{port}/hocso",
            restart=lambda: run("pg_ctl", *start, "-m", "fast", "restart"),
        )


@contextmanager
def postgres_started() -> Iterator[str]:
    """The address of a cluster of our own."""
    with postgres_cluster() as cluster:
        yield cluster.database_url


# --- Redis ----------------------------------------------------------------------------------------------------------
def _answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


@contextmanager
def redis_started() -> Iterator[str]:
    """A server of our own that keeps nothing."""
    program = shutil.which("redis-server")
    if not program:
        raise ServiceUnavailableError("Redis is not installed (Debian package: redis-server).")
    port = free_port()
    url = f"redis://{LOOPBACK}:{port}/0"
    with tempfile.TemporaryDirectory(prefix="hocso-redis-") as folder:
        options = ["--port", str(port), "--bind", LOOPBACK, "--save", "", "--appendonly", "no", "--dir", folder]
        process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 15
            while not _answers(url):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise ServiceUnavailableError("redis-server did not start.")
                time.sleep(0.05)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=15)


# --- Both -----------------------------------------------------------------------------------------------------------
@contextmanager
def services() -> Iterator[Services]:
    """Both servers, found or started."""
    with ExitStack() as stack:
        database_url = (
            os.environ.get("TEST_DATABASE_URL") or _running_postgres() or stack.enter_context(postgres_started())
        )
        redis_url = os.environ.get("TEST_REDIS_URL")
        if not redis_url:
            standard = f"redis://{LOOPBACK}:6379/0"
            redis_url = standard if _answers(standard) else stack.enter_context(redis_started())
        yield Services(database_url, redis_url)


def main() -> int:
    """Run the command that follows ``--`` with both servers up; answer with its status."""
    command = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
    if not command:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        with services() as found:
            sys.stderr.write(f"PostgreSQL: {found.database_url}   Redis: {found.redis_url}\n")
            return subprocess.run(command, env={**os.environ, **found.environment}, check=False).returncode
    except ServiceUnavailableError as error:
        sys.stderr.write(f"{error}\n")
        return UNAVAILABLE
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
