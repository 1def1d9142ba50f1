"""The platform, and beside it pages that cost nothing: what server, sockets and clients take by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lms.wsgi import application as platform
from tests.bench import CONSTANT


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """``/hang-so/<n>`` answers n bytes at once; everything else is the platform's."""
    path = environ["PATH_INFO"]
    if not path.startswith(CONSTANT):
        return platform(environ, start_response)
    body = b"x" * int(path.removeprefix(CONSTANT))
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))])
    return [body]
