"""In a parallel run one process makes the province; the other takes a copy of its database and its files."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

SUFFIX = "copy"
#: What belongs to the processes of one house.
OWN = shutil.ignore_patterns("static", "cache", "queue", "*.sqlite3*", "*.log")


class Copies:
    """Where processes of one run leave a copy for each other: ``folder`` is the same for all of them."""

    def __init__(self, folder: Path) -> None:
        self.left = folder / "house.json"
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
        source = json.loads(self.left.read_text())
        target = connection.settings_dict["TEST"]["NAME"]
        if connection.vendor == "sqlite":
            os.replace(source, target)
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
        connection.creation.clone_test_db(SUFFIX, verbosity=0, autoclobber=True)
        shutil.copytree(settings.DATA_DIR, self.files, ignore=OWN)
        self.left.write_text(json.dumps(str(connection.creation.get_test_db_clone_settings(SUFFIX)["NAME"])))

    def clear(self, connection: Any) -> None:
        """Take away the copy that nobody came for."""
        if self.left.exists():
            connection.creation.destroy_test_db(suffix=SUFFIX, verbosity=0, keepdb=False)
            self.left.unlink()
