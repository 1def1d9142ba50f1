"""What a quiz page sends back, read against the paper it was made from."""

from __future__ import annotations

from uuid import UUID

from django.http import QueryDict

from common.errors import Refusal
from quizzes.grading import MULTIPLE
from quizzes.models import Attempt

#: Name of the hidden field that says which questions were on the page.
SHOWN = "cau"


def field_name(position: int) -> str:
    """The name of a question's radio buttons or check boxes."""
    return f"c{position}"


def answers_from(data: QueryDict, attempt: Attempt) -> dict[int, list[str]]:
    """Answers to the questions that were on the page.

    Check boxes all left empty are an answer taken back. Radio buttons left empty say nothing: they cannot be
    unticked, so an answer given in another tab stays.
    """
    shown = {int(value) for value in data.getlist(SHOWN) if value.isascii() and value.isdigit() and len(value) < 4}
    answers: dict[int, list[str]] = {}
    for position in sorted(shown):
        chosen = data.getlist(field_name(position))
        several = 1 <= position <= len(attempt.paper) and attempt.paper[position - 1]["kind"] == MULTIPLE
        if chosen or several:
            answers[position] = [str(key) for key in chosen]
    return answers


def key_from(data: QueryDict) -> UUID:
    """The idempotency key born in the form."""
    try:
        return UUID(data.get("khoa", ""))
    except ValueError:
        raise Refusal(
            "Lần nộp này thiếu mã của biểu mẫu.", code="no_key", fix="Mở lại bài làm rồi bấm Nộp bài.", status=400
        ) from None


def position_from(value: str | None, last: int) -> int:
    """A page number out of the address, kept inside the paper."""
    return min(max(int(value), 1), last) if value and value.isascii() and value.isdigit() and len(value) < 6 else 1
