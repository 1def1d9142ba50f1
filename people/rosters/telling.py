"""What is kept of the lines of a list, said on a page: kept in Vietnamese, shown in the language of the reader."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from common import wording

_DAY = re.compile(r"\d{2}/\d{2}/\d{4}")
_SINCE = re.compile(r"từ (\d{2}/\d{2}/\d{4})")


def problem_told(problem: dict[str, Any]) -> dict[str, Any]:
    """A problem of a line (``understanding.problem``), its words in the language of the reader."""
    text, fix = problem.get("words") or (problem["text"], problem["fix"])
    values = {name: _day_told(value) for name, value in (problem.get("values") or {}).items()}
    told = {"text": _(text), "fix": _(fix)}
    return {**problem, **({name: words % values for name, words in told.items()} if values else told)}


def value_told(field: str, value: str) -> str:
    """What a field of a person was or becomes (``planning.shown``, ``planning.standing_words``)."""
    if field == "gender":
        return _(value)
    if field not in ("membership", "ended"):
        return _day_told(value)
    unit, *parts = value.rsplit(" · ", 3)
    if len(parts) != 3 or not (since := _SINCE.fullmatch(parts[2])):
        return value
    return " · ".join([unit, _(parts[0]), parts[1], _("từ %(day)s") % {"day": _day_told(since[1])}])


def _day_told(value: str) -> str:
    return wording.day(datetime.strptime(value, "%d/%m/%Y").date()) if _DAY.fullmatch(value) else value
