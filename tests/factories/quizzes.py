"""Banks, quizzes and attempts for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from courses.models import Enrolment, StepKind
from quizzes.kinds import KINDS
from quizzes.models import Attempt, AttemptState, Bank, Purpose, Question, Quiz
from quizzes.services import attempt_start
from tests.factories.courses import EnrolmentFactory, StepFactory, course_with_steps
from tests.factories.people import AudienceFactory

#: When attempts of tests begin.
START = datetime(2026, 11, 20, 3, tzinfo=UTC)


def options(kind: str = "single") -> list[dict[str, Any]]:
    """Options as stored: ``a`` is right; ``b`` too in a multiple-choice question."""
    if kind == "true_false":
        texts, right = ["Đúng", "Sai"], {"a"}
    else:
        texts, right = ["Một", "Hai", "Ba", "Bốn"], {"a", "b"} if kind == "multiple" else {"a"}
    return [
        {"key": key, "text": text, "correct": key in right, "feedback": f"Vì sao {text}."}
        for key, text in zip("abcd", texts, strict=False)
    ]


def bank_with_questions(count: int = 12, *, kinds: tuple[str, ...] = ("single",), **fields: Any) -> Bank:
    """A bank of ``count`` usable questions ``q01``, ``q02``, … of the given kinds in turn."""
    bank = Bank.objects.create(slug=fields.pop("slug", f"ngan-hang-{uuid4().hex[:8]}"), name="Ngân hàng thử")
    Question.objects.bulk_create(
        Question(
            bank=bank,
            code=f"q{n:02d}",
            kind=kinds[n % len(kinds)],
            text=f"Câu hỏi số {n}?",
            options=options(kinds[n % len(kinds)]),
            explanation=f"Giải thích câu {n}.",
            **fields,
        )
        for n in range(1, count + 1)
    )
    return bank


def quiz_of(course: Any = None, *, bank: Bank | None = None, **fields: Any) -> Quiz:
    """A final quiz of 10 questions in a course of one lesson; ``fields`` change the quiz."""
    course = course or course_with_steps(lessons=1)
    step = StepFactory(course=course, kind=StepKind.QUIZ, title="Bài kiểm tra cuối khoá", position=90)
    return Quiz.objects.create(step=step, bank=bank or bank_with_questions(), **fields)


def check_of(course: Any = None, **fields: Any) -> Quiz:
    """A self-check of three fixed questions: single, multiple, true or false."""
    bank = bank_with_questions(3, kinds=("true_false", "single", "multiple"), in_final=False)
    return quiz_of(course, bank=bank, purpose=Purpose.CHECK, question_codes=["q01", "q02", "q03"], **fields)


def attempt_of(quiz: Quiz, user: Any = None, *, at: datetime = START, seed: int = 7) -> Attempt:
    """An open attempt, begun through the real service."""
    AudienceFactory()  # completing a course needs to know what a citizen is
    enrolment = Enrolment.objects.filter(course=quiz.step.course, user=user).first() if user else None
    enrolment = enrolment or EnrolmentFactory(course=quiz.step.course, **({"user": user} if user else {}))
    attempt, _ = attempt_start(quiz=quiz, enrolment=enrolment, at=at, rng=Random(seed))
    return attempt


def in_state(quiz: Quiz, state: str, *, overdue: bool = False, user: Any = None) -> Attempt:
    """An attempt put into a state, with what the state needs."""
    attempt = attempt_of(quiz, user)
    attempt.state = state
    attempt.deadline = START - timedelta(hours=1) if overdue else START + timedelta(hours=1)
    if state in (AttemptState.GRADED, AttemptState.EXPIRED):
        attempt.score, attempt.passed, attempt.submitted_at = 50, False, START
    attempt.save()
    return attempt


def right_answers(attempt: Attempt, upto: int | None = None) -> dict[int, Any]:
    """Right answers to the first ``upto`` questions (all by default)."""
    return {position: KINDS[item["kind"]].right(item) for position, item in enumerate(attempt.paper[:upto], start=1)}


def wrong_answers(attempt: Attempt) -> dict[int, list[str]]:
    """A wrong answer to every question."""
    return {
        position: [next(o["key"] for o in item["options"] if not o["correct"])]
        for position, item in enumerate(attempt.paper, start=1)
    }
