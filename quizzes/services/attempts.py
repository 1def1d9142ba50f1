"""Starting, saving, submitting and closing attempts.

Locks are always taken in one order: the enrolment row, then the attempt. Autosave takes the attempt's alone.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random, SystemRandom
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.errors import Refusal
from courses.models import Enrolment
from courses.services import enrolment_lock, step_complete
from quizzes import grading
from quizzes.grading import Answers
from quizzes.models import OPEN_STATES, Answer, Attempt, AttemptState, Question, Quiz

logger = logging.getLogger(__name__)

WRONG_SHAPE = {
    "unknown_question": "Câu hỏi này không có trong bài làm.",
    "unknown_option": "Đáp án gửi lên không có trong câu hỏi.",
    "too_many_options": "Câu hỏi này chỉ được chọn một đáp án.",
}


def attempt_start(
    *, quiz: Quiz, enrolment: Enrolment | None, at: datetime | None = None, rng: Random | None = None
) -> tuple[Attempt, bool]:
    """Begin an attempt, or give the open one there is. Returns (attempt, created).

    Refuses with ``no_enrolment``, ``quiz_closed``, ``attempts_used_up`` or ``not_enough_questions``.
    """
    at = at or timezone.now()
    enrolment = _require_enrolment(quiz, enrolment)
    with transaction.atomic():
        enrolment = enrolment_lock(enrolment=enrolment)
        before = list(Attempt.objects.filter(quiz=quiz, enrolment=enrolment).defer("paper"))
        open_one = next((a for a in before if a.state in OPEN_STATES), None)
        if open_one and not open_one.is_overdue(at):
            return open_one, False
        if open_one:
            attempt_expire(attempt=open_one, at=at)
        questions = _questions_of(quiz)
        refusal = _start_refusal(quiz, used=len(before), available=len(questions))
        if refusal is None:
            return _attempt_create(quiz, enrolment, questions, len(before) + 1, at, rng or SystemRandom()), True
    # Raised out here, so that an attempt that has just expired stays expired.
    raise refusal


def _require_enrolment(quiz: Quiz, enrolment: Enrolment | None) -> Enrolment:
    """The enrolment, if it is one in the quiz's course and the quiz is still part of it."""
    if enrolment is None or enrolment.course_id != quiz.step.course_id:
        raise Refusal(
            "Bạn chưa ghi danh khoá học này.", code="no_enrolment", fix="Mở trang khoá học, ghi danh rồi làm bài."
        )
    if not quiz.step.is_active:
        raise Refusal(
            "Bài kiểm tra này không còn thuộc khoá học.", code="quiz_closed", fix="Mở lại trang khoá học để học tiếp."
        )
    return enrolment


def _questions_of(quiz: Quiz) -> list[Question]:
    """The questions the quiz may ask; fixed ones in the order of the quiz."""
    found: list[Question] = list(
        Question.objects.for_quiz(bank=quiz.bank_id, purpose=quiz.purpose, question_codes=quiz.question_codes)
    )
    if quiz.question_codes:
        place = {code: n for n, code in enumerate(quiz.question_codes)}
        found.sort(key=lambda question: place[question.code])
    return found


def _start_refusal(quiz: Quiz, *, used: int, available: int) -> Refusal | None:
    """Why no new attempt can begin; None when it can."""
    if quiz.attempts_allowed is not None and used >= quiz.attempts_allowed:
        return Refusal(
            f"Bạn đã dùng hết {quiz.attempts_allowed} lần làm bài này.",
            code="attempts_used_up",
            fix="Xem lại kết quả các lần trước. Nếu cần làm thêm lần nữa, hãy hỏi đầu mối của đơn vị bạn.",
        )
    wanted = len(quiz.question_codes) or quiz.draw
    if available < wanted or wanted == 0:
        return Refusal(
            "Bài kiểm tra này chưa có đủ câu hỏi nên chưa làm được.",
            code="not_enough_questions",
            fix="Hãy học các bài khác trước rồi quay lại sau. Người biên tập cần bổ sung câu hỏi.",
            wanted=wanted,
            available=available,
        )
    return None


def _attempt_create(
    quiz: Quiz, enrolment: Enrolment, questions: Sequence[Question], number: int, at: datetime, rng: Random
) -> Attempt:
    """Write the attempt with its frozen paper, pass mark and deadline."""
    limit = quiz.time_limit_minutes
    return Attempt.objects.create(
        quiz=quiz,
        enrolment=enrolment,
        number=number,
        paper=grading.paper_draw(
            questions, count=None if quiz.question_codes else quiz.draw, rng=rng, shuffle=quiz.shuffle_options
        ),
        pass_percent=quiz.pass_percent,
        started_at=at,
        deadline=at + timedelta(minutes=limit) if limit else None,
    )


@transaction.atomic
def answers_save(*, attempt: Attempt, answers: Answers, at: datetime | None = None) -> Attempt:
    """Save the answers to some questions while the attempt is open; an empty choice takes an answer back.

    Refuses with ``attempt_closed``, ``time_up``, or a code of ``WRONG_SHAPE``. An answer saved later than ``at`` stays.
    """
    at = at or timezone.now()
    attempt = Attempt.objects.select_for_update(of=("self",)).get(pk=attempt.pk)
    if attempt.state not in OPEN_STATES:
        raise Refusal("Bài này đã nộp nên không sửa được nữa.", code="attempt_closed", fix="Mở lại bài để xem kết quả.")
    if attempt.is_overdue(at):
        raise Refusal(
            "Đã hết giờ làm bài. Những câu đã lưu trước đó vẫn được chấm.", code="time_up", fix="Mở bài để xem kết quả."
        )
    _require_fitting(attempt, answers)
    newer = set(attempt.answers.filter(position__in=list(answers), saved_at__gt=at).values_list("position", flat=True))
    Answer.objects.bulk_create(
        [
            Answer(attempt=attempt, position=position, chosen=sorted(set(chosen)), saved_at=at)
            for position, chosen in answers.items()
            if position not in newer
        ],
        update_conflicts=True,
        unique_fields=["attempt", "position"],
        update_fields=["chosen", "saved_at"],
    )
    return attempt


def _require_fitting(attempt: Attempt, answers: Answers) -> None:
    """Refuse answers that do not fit the paper."""
    if problem := grading.answer_problem(attempt.paper, answers):
        raise Refusal(WRONG_SHAPE[problem], code=problem, fix="Tải lại trang rồi chọn lại.", status=400)


@transaction.atomic
def attempt_submit(*, attempt: Attempt, answers: Answers, idempotency_key: UUID, at: datetime | None = None) -> Attempt:
    """Hand in an attempt, grade it, and complete its step when passed.

    Whoever comes second (a double tap, another tab, a replay) gets the first result. After deadline and grace the
    attempt expires instead: what was saved in time is graded, ``answers`` are not.
    """
    at = at or timezone.now()
    attempt = _attempt_lock(attempt)
    if attempt.state not in OPEN_STATES:
        return attempt
    if attempt.is_overdue(at):
        return _attempt_close(attempt, AttemptState.EXPIRED, {}, at)
    _require_fitting(attempt, answers)
    attempt.idempotency_key = idempotency_key
    return _attempt_close(attempt, AttemptState.GRADED, answers, at)


@transaction.atomic
def attempt_expire(*, attempt: Attempt, at: datetime | None = None) -> Attempt:
    """Close an overdue attempt by the server's clock and grade what was saved; any other attempt stays as it is."""
    at = at or timezone.now()
    attempt = _attempt_lock(attempt)
    if attempt.state not in OPEN_STATES or not attempt.is_overdue(at):
        return attempt
    return _attempt_close(attempt, AttemptState.EXPIRED, {}, at)


def _attempt_lock(attempt: Attempt) -> Attempt:
    """Lock the enrolment, then the attempt, and read it anew."""
    enrolment = enrolment_lock(enrolment=attempt.enrolment)
    locked = Attempt.objects.select_for_update(of=("self",)).select_related("quiz__step").get(pk=attempt.pk)
    locked.enrolment = enrolment
    return locked


def _attempt_close(attempt: Attempt, final_state: AttemptState, answers: Answers, at: datetime) -> Attempt:
    """Grade the saved answers with ``answers`` on top, store the result, complete the step when passed."""
    rows = {row.position: row for row in attempt.answers.all()}
    for position, chosen in answers.items():
        rows[position] = Answer(attempt=attempt, position=position, chosen=sorted(set(chosen)), saved_at=at)
    given = {position: row.chosen for position, row in rows.items()}
    result = grading.grade(attempt.paper, given, pass_percent=attempt.pass_percent)
    # A question left out gets its row too: "nobody answered this one" is something to know about a question.
    for position, points in enumerate(result.points, start=1):
        row = rows.setdefault(position, Answer(attempt=attempt, position=position, chosen=[], saved_at=at))
        row.pk, row.points = None, points
    Answer.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["attempt", "position"],
        update_fields=["chosen", "saved_at", "points"],
    )
    # open → submitted → graded in one write: every kind of question is graded by rule, nothing waits in between.
    attempt.state = final_state
    # Time ran out at the deadline, not when somebody noticed.
    attempt.submitted_at = attempt.deadline if final_state == AttemptState.EXPIRED else at
    attempt.score, attempt.passed = result.score, result.passed
    attempt.save(update_fields=["state", "submitted_at", "score", "passed", "idempotency_key"])
    # A quiz taken out of the course meanwhile still gives its result; it just completes nothing any more.
    if result.passed and attempt.quiz.step.is_active:
        step_complete(enrolment=attempt.enrolment, step=attempt.quiz.step, at=attempt.submitted_at, score=result.score)
    return attempt


@dataclass(frozen=True)
class CloseReport:
    """What a sweep did: uuids of the attempts it closed, and the error of each that it could not close."""

    closed: list[UUID] = field(default_factory=list)
    failed: dict[UUID, str] = field(default_factory=dict)


def attempts_close_overdue(*, at: datetime | None = None) -> CloseReport:
    """Expire every overdue attempt, each in its own transaction: one that fails does not stop the others."""
    at = at or timezone.now()
    report = CloseReport()
    for attempt in list(Attempt.objects.overdue(at).select_related("enrolment").defer("paper").order_by("deadline")):
        try:
            attempt_expire(attempt=attempt, at=at)
        except Exception as error:  # whatever is wrong with one attempt must not keep the others open
            logger.exception("Attempt %s could not be closed", attempt.uuid)
            report.failed[attempt.uuid] = f"{type(error).__name__}: {error}"
        else:
            report.closed.append(attempt.uuid)
    return report
