"""The whole migration history on an empty database, as a new installation runs it, and that models need no other."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from tests import processes

pytestmark = pytest.mark.slow


def test_models_need_no_new_migration(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.fixture
def empty_database(db, tmp_path):
    """The address of a new database of the kind this lane runs on."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'new.sqlite3'}"
        return
    name = f"hocso_migrations_{uuid.uuid4().hex[:8]}"
    place = connection.settings_dict
    admin = {"host": place["HOST"], "port": place["PORT"], "user": place["USER"], "password": place["PASSWORD"] or None}
    with psycopg.connect(dbname="postgres", autocommit=True, **admin) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield processes.database_url({**place, "NAME": name})
    with psycopg.connect(dbname="postgres", autocommit=True, **admin) as server:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_history_runs_from_nothing_and_back_to_the_same_state(empty_database, tmp_path):
    env = processes.environment(data_dir=tmp_path, database=empty_database)
    for arguments in (["migrate", "--noinput", "-v", "0"], ["migrate", "--check"], ["check", "--database", "default"]):
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR, env={**os.environ, **env}, check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
