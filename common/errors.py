"""Refusals that explain themselves."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """The platform will not do what was asked, and says so to a person.

    ``text`` is Vietnamese for the screen, ``code`` is for programs and tests, ``fix`` is what the person can do next,
    ``status`` is the HTTP status of the page that shows it, ``detail`` holds whatever the page may want to list:
    ``link`` (address, words) is the way that the fix names, ``back`` the address of the page before.
    """

    status = 409

    def __init__(self, text: str, *, code: str, fix: str = "", status: int | None = None, **detail: Any) -> None:
        super().__init__(text)
        self.text = text
        self.code = code
        self.fix = fix
        self.detail = detail
        if status is not None:
            self.status = status


class Forbidden(Refusal):
    """The person may know that the thing exists, but it belongs to somebody else's scope."""

    status = 403


class DataError(Exception):
    """A data file cannot be loaded: names the file, the line or entry, and the field. Nothing was saved."""

    def __init__(self, file: str, where: str, field: str, problem: str) -> None:
        super().__init__(f"{file}: {where}, trường «{field}»: {problem}")
        self.file, self.where, self.field, self.problem = file, where, field, problem
