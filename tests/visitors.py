"""A learner's browser reduced to what a server sees of it: a session, a token, forms sent and answers read."""

from __future__ import annotations

import http.client
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.services import LOOPBACK

CSRF = "b" * 32


def session_of(user: Any) -> str:
    """A signed-in session, as the login page leaves one."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib import auth

    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[auth.SESSION_KEY] = str(user.pk)
    store[auth.BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[auth.HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return str(store.session_key)


@dataclass(frozen=True)
class Visitor:
    """Somebody signed in at a server on this machine."""

    port: int
    session: str

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a page."""
        status, _, body = self._ask("GET", path, None)
        return status, body

    def post(self, path: str, fields: Sequence[tuple[str, str]]) -> tuple[int, str]:
        """Status and body of the answer to a form; raises OSError or HTTPException where no answer came."""
        status, _, body = self._ask("POST", path, urlencode([("csrfmiddlewaretoken", CSRF), *fields]))
        return status, body

    def post_for_page(self, path: str, fields: Sequence[tuple[str, str]]) -> str:
        """The page that a form leads to; raises RuntimeError where it leads nowhere."""
        status, page, body = self._ask("POST", path, urlencode([("csrfmiddlewaretoken", CSRF), *fields]))
        if not page:
            raise RuntimeError(f"{path} answered {status}: {body[:300]!r}")
        return page

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, str, str]:
        """Status, where it leads, body."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=30)
        headers = {"Host": LOOPBACK, "Cookie": f"sessionid={self.session}; csrftoken={CSRF}"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers.get("Location", ""), answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
