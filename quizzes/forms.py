"""What a quiz page sends back, read against the paper it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from common.errors import Refusal
from common.text import uuid_or_none
from quizzes import grading
from quizzes.kinds import KINDS, Item
from quizzes.models import Attempt
from quizzes.services import Sending

#: Name of the hidden field that says which questions were on the page.
SHOWN = "cau"
#: The longest delay that a page may tell of: beyond it, a clock was changed.
LONGEST_DELAY = timedelta(days=30)


def field_name(position: int) -> str:
    """The name of a question's fields, or the beginning of it."""
    return f"c{position}"


def base_name(position: int) -> str:
    """The name of the hidden field that says what answer the page was made from."""
    return f"g{position}"


def answers_from(data: QueryDict, attempt: Attempt) -> dict[int, Any]:
    """Answers to the questions that were on the page and that the page changed.

    An answer that is still the one the page was made from says nothing: another tab may have changed it since. Radio
    buttons left empty say nothing either, for they cannot be unticked.
    """
    shown = {int(value) for value in data.getlist(SHOWN) if value.isascii() and value.isdigit() and len(value) < 4}
    fields: Mapping[str, list[str]] = dict(data.lists())
    answers: dict[int, Any] = {}
    for position in sorted(shown):
        if not 1 <= position <= len(attempt.paper):
            # Refused by the service, which says so; a page of ours never asks it.
            answers[position] = list(fields.get(field_name(position), ()))
            continue
        item = attempt.paper[position - 1]
        response = grading.response_read(item, fields, field_name(position))
        if response is not None and not _unchanged(item, response, data.get(base_name(position))):
            answers[position] = response
    return answers


def shown_answer(data: QueryDict, attempt: Attempt) -> tuple[int, Any]:
    """The one question that was on the page, and what was answered to it; nothing where it is none of the paper's."""
    shown = data.get(SHOWN, "")
    position = int(shown) if _is_number(shown) else 0
    if not 1 <= position <= len(attempt.paper):
        return position, list(data.getlist(field_name(position))) or [shown]
    item = attempt.paper[position - 1]
    response = grading.response_read(item, dict(data.lists()), field_name(position))
    if response is None or grading.answer_problem([item], {1: response}):
        return position, response
    return position, grading.tidy(item, response)


def blank_of(attempt: Attempt, position: int) -> Any:
    """What giving up on a question looks like."""
    known = 1 <= position <= len(attempt.paper)
    return KINDS[attempt.paper[position - 1]["kind"]].blank if known else []


def note_from(data: QueryDict) -> dict[str, Any]:
    """What a page tells of itself when it is left: its id and how many seconds nobody saw it."""
    page, away = uuid_or_none(data.get("khoa", "")), data.get("giay", "")
    return {**({"khoa": str(page)} if page else {}), **({"seconds": int(away)} if _is_number(away) else {})}


def _unchanged(item: Item, response: Any, base: str | None) -> bool:
    """Whether the response is what the page was made from; a response that does not fit is left to be refused."""
    if base is None or grading.answer_problem([item], {1: response}):
        return False
    return grading.digest(grading.tidy(item, response)) == base


def sending_from(data: QueryDict) -> Sending:
    """How a save came: ``khoa`` is the page, ``luot`` its number there, ``tre`` the milliseconds it waited."""
    seq, delay = data.get("luot", ""), data.get("tre", "")
    waited = timedelta(milliseconds=int(delay)) if _is_number(delay) else timedelta(0)
    if not _is_number(seq):
        return Sending(delay=min(waited, LONGEST_DELAY))
    return Sending(uuid_or_none(data.get("khoa", "")), int(seq), min(waited, LONGEST_DELAY))


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 10


def key_from(data: QueryDict) -> UUID:
    """The idempotency key born in the form."""
    try:
        return UUID(data.get("khoa", ""))
    except ValueError:
        raise Refusal(
            _("Lần nộp này thiếu mã của biểu mẫu."),
            code="no_key",
            fix=_("Mở lại bài làm rồi bấm Nộp bài."),
            status=400,
        ) from None


def position_from(value: str | None, last: int) -> int:
    """A page number out of the address, kept inside the paper."""
    return min(max(int(value), 1), last) if value and value.isascii() and value.isdigit() and len(value) < 6 else 1
