"""One process that makes the data folder ready for ``script/server``: database, static files, the demo province.

What was done is remembered in the data folder, so that a second start costs one look.
"""

from __future__ import annotations

import hashlib
import logging
import os
import socket
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PROVINCE = "bac-giang"


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def port_must_be_free(host: str, port: str) -> None:
    """Stop with a clear word when something else listens there already."""
    if not port.isdigit() or not 0 < int(port) < 65536:
        sys.exit(f"server: PORT={port} is not a port number.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except OSError as error:
            sys.exit(f"server: cannot listen on {host}:{port} ({error.strerror}). Another: PORT=8001 script/server")


def remembered(file: Path, value: str) -> bool:
    return file.exists() and file.read_text(encoding="utf-8").strip() == value


def static_fingerprint(collected: Path) -> str:
    """Changes when a static file of ours or a package that brings some changed; ``collected`` is where they end up."""
    digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for folder in sorted({ROOT / "static", *ROOT.glob("*/static")} - {collected}):
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(str(file.relative_to(ROOT)).encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def database_fingerprint() -> str:
    from django.db import connection

    place = connection.settings_dict
    return hashlib.sha256("|".join(str(place[key]) for key in ("ENGINE", "HOST", "PORT", "NAME")).encode()).hexdigest()


def prepare() -> None:
    """Migrate, collect static files when they changed, load the province when this database has none."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    # A word for every page published and every queue opened hides what matters here.
    for name in ("wagtail", "kombu"):
        logging.getLogger(name).setLevel(logging.ERROR)
    call_command("migrate", interactive=False, verbosity=0)

    collected, wanted = settings.DATA_DIR / ".static", static_fingerprint(Path(settings.STATIC_ROOT))
    if not remembered(collected, wanted):
        say("Collecting static files (when they changed)")
        call_command("collectstatic", interactive=False, verbosity=0)
        collected.write_text(wanted, encoding="utf-8")

    from people.models import Unit

    loaded, database = settings.DATA_DIR / f".province-{PROVINCE}", database_fingerprint()
    if not (remembered(loaded, database) and Unit.objects.exists()):
        say("Loading the province (once; a minute or two)")
        call_command("load_province", PROVINCE, demo=settings.DEMO, stdout=sys.stderr)
        loaded.write_text(database, encoding="utf-8")
    call_command("carry_courses", if_needed=True, stdout=sys.stderr)
    if settings.DEMO:
        call_command("demo_accounts")


if __name__ == "__main__":
    from lms.env import ConfigurationError

    port_must_be_free(os.environ["HOST"], os.environ["PORT"])
    try:
        prepare()
    except ConfigurationError as error:
        sys.exit(f"server: {error}")
