"""What can happen to quizzes. One use case, one function; each is one transaction."""

from quizzes.services.attempts import (
    CloseReport,
    answers_save,
    attempt_expire,
    attempt_start,
    attempt_submit,
    attempts_close_overdue,
)
from quizzes.services.authoring import (
    BankReport,
    bank_load,
    question_save,
    quiz_problems,
    quiz_save,
)

__all__ = [
    "BankReport",
    "CloseReport",
    "answers_save",
    "attempt_expire",
    "attempt_start",
    "attempt_submit",
    "attempts_close_overdue",
    "bank_load",
    "question_save",
    "quiz_problems",
    "quiz_save",
]
