"""What the pages of quizzes show. Each screen is a mapping for its template; questions come as plain dataclasses."""

from quizzes.screens.results import result, waiting
from quizzes.screens.starting import start
from quizzes.screens.working import mode, one_a_page, position_for, review, saved_text, working

__all__ = [
    "mode",
    "one_a_page",
    "position_for",
    "result",
    "review",
    "saved_text",
    "start",
    "waiting",
    "working",
]
