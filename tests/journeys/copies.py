"""In a parallel run one process makes the province; the other takes a copy of its database and its files."""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

SUFFIX = "copy"
#: What belongs to the processes of one house.
OWN = shutil.ignore_patterns("static", "cache", "queue", "*.sqlite3*", "*.log")


class Copies:
    """Where processes of one run leave a copy for each other: ``folder`` is the same for all of them."""

    def __init__(self, folder: Path) -> None:
        self.left = folder / "house.txt"
        self.files = folder / "house-files"
        self.lock = folder / "house.lock"

    @contextmanager
    def turn(self, *, meanwhile: Callable[[], None]) -> Iterator[None]:
        """One process at a time; ``meanwhile`` is what the others do first."""
        with self.lock.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                meanwhile()
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def take(self, connection: Any) -> bool:
        """Make the copy that was left one's own, if there is one."""
        if not self.left.exists():
            return False
        source = self.left.read_text()
        target = connection.settings_dict["TEST"]["NAME"]
        if connection.vendor == "sqlite":
            shutil.move(source, target)
        else:
            quote = connection.ops.quote_name
            with connection._nodb_cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {quote(target)}")
                cursor.execute(f"ALTER DATABASE {quote(source)} RENAME TO {quote(target)}")
        shutil.copytree(self.files, settings.DATA_DIR, dirs_exist_ok=True)
        self.left.unlink()
        return True

    def leave(self, connection: Any) -> None:
        """Leave a copy of this process's database and files for the other."""
        if connection.vendor == "sqlite":
            source = self.left.with_suffix(".sqlite3")
            connection.ensure_connection()
            # Not the file alone: what was written last is in the log beside it.
            with closing(sqlite3.connect(source)) as copy:
                connection.connection.backup(copy)
        else:
            connection.creation.clone_test_db(SUFFIX, verbosity=0, autoclobber=True)
            source = connection.creation.get_test_db_clone_settings(SUFFIX)["NAME"]
        shutil.copytree(settings.DATA_DIR, self.files, ignore=OWN)
        self.left.write_text(str(source))

    def clear(self, connection: Any) -> None:
        """Take away the copy that nobody came for."""
        if not self.left.exists():
            return
        if connection.vendor != "sqlite":
            connection.creation.destroy_test_db(suffix=SUFFIX, verbosity=0, keepdb=False)
        self.left.unlink()
