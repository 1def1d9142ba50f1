"""Handing in, grading and closing attempts.

Locks are always taken in one order: the enrolment row, then the attempt. Handing in and grading are two things: when
grading breaks, what was handed in is kept, and the sweep grades it later.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from courses.services import enrolment_lock, step_complete
from quizzes import grading, rules
from quizzes.grading import Answers, Grade
from quizzes.models import OPEN_STATES, Answer, Attempt, AttemptEvent, AttemptState, EventKind
from quizzes.services.saving import Sending, checked_points, event_write, fitting_refusal

logger = logging.getLogger(__name__)


@transaction.atomic
def attempt_submit(*, attempt: Attempt, answers: Answers, idempotency_key: UUID, at: datetime | None = None) -> Attempt:
    """Hand in an attempt, grade it, and complete its step when passed.

    Whoever comes second (a double tap, another tab, a replay) gets the first result; other answers that come with it
    are kept beside it. After deadline and grace the attempt expires instead: what was saved in time is graded,
    ``answers`` are not. Refuses with a code of ``saving.WRONG_SHAPE``.
    """
    at = at or timezone.now()
    attempt = attempt_lock(attempt)
    if attempt.state not in OPEN_STATES:
        if attempt.idempotency_key != idempotency_key:
            _keep_late(attempt, answers, "attempt_closed", at)
        return attempt
    if attempt.is_overdue(at):
        _keep_late(attempt, answers, "time_up", at)
        return _attempt_close(attempt, {}, at, timed_out=True)
    if refusal := fitting_refusal(attempt, answers):
        raise refusal
    attempt.idempotency_key = idempotency_key
    answers = _without_passed(attempt, answers, at)
    return _attempt_close(attempt, grading.tidied(attempt.paper, answers), at)


def _without_passed(attempt: Attempt, answers: Answers, at: datetime) -> Answers:
    """The answers less those to questions that there is no way back to; these are written down and count nothing."""
    passed = rules.passed_by(attempt.rules, attempt.reached, answers)
    if passed:
        refused = {position: answers[position] for position in passed}
        event_write(attempt, EventKind.REFUSED, refused, Sending(), at, detail={"code": "passed_by"})
    return {position: response for position, response in answers.items() if position not in passed}


def _keep_late(attempt: Attempt, answers: Answers, code: str, at: datetime) -> None:
    """Keep what came after the end, where it says anything that could have been an answer."""
    if answers and fitting_refusal(attempt, answers) is None:
        event_write(attempt, EventKind.LATE, answers, Sending(), at, detail={"code": code})


@transaction.atomic
def attempt_expire(*, attempt: Attempt, at: datetime | None = None) -> Attempt:
    """Close an overdue attempt by the server's clock and grade what was saved; any other attempt stays as it is."""
    at = at or timezone.now()
    attempt = attempt_lock(attempt)
    if attempt.state not in OPEN_STATES or not attempt.is_overdue(at):
        return attempt
    return _attempt_close(attempt, {}, at, timed_out=True)


def attempt_lock(attempt: Attempt) -> Attempt:
    """Lock the enrolment, then the attempt, and read it anew."""
    enrolment = enrolment_lock(enrolment=attempt.enrolment)
    locked: Attempt = Attempt.objects.select_for_update(of=("self",)).select_related("quiz__step").get(pk=attempt.pk)
    locked.enrolment = enrolment
    return locked


def _attempt_close(attempt: Attempt, answers: Answers, at: datetime, *, timed_out: bool = False) -> Attempt:
    """Take the saved answers with ``answers`` on top as what was handed in, and grade them if they can be."""
    saves = AttemptEvent.objects.filter(attempt=attempt).saves()
    standing = rules.fold(saves)
    rows = {position: (saved.response, saved.at) for position, saved in standing.items()}
    # A checked answer is final; anything else in the form is newer than what was saved.
    final = {position for position, saved in standing.items() if saved.checked}
    rows |= {position: (response, at) for position, response in answers.items() if position not in final}
    # A question left out gets its row too: "nobody answered this one" is something to know about a question.
    handed_in = [
        Answer(
            attempt=attempt,
            position=position,
            question_id=item["question"],
            version=item["version"],
            response=rows[position][0] if position in rows else [],
            saved_at=rows[position][1] if position in rows else at,
        )
        for position, item in enumerate(attempt.paper, start=1)
    ]
    attempt.timed_out = timed_out
    # Time ran out at the deadline, not when somebody noticed.
    attempt.submitted_at = attempt.deadline if timed_out else at
    try:
        with transaction.atomic():
            _grade_and_store(attempt, handed_in, mastery_of(attempt, saves))
    except Exception:  # whatever is wrong with grading, what was handed in must be kept
        logger.exception("Attempt %s was handed in and could not be graded", attempt.uuid)
        attempt.state, attempt.score, attempt.passed = AttemptState.SUBMITTED, None, None
        Answer.objects.bulk_create([_ungraded(answer) for answer in handed_in])
        _attempt_store(attempt)
    return attempt


def _ungraded(answer: Answer) -> Answer:
    answer.pk, answer.points = None, None
    answer._state.adding = True
    return answer


def mastery_of(attempt: Attempt, saves: list[rules.Save]) -> Sequence[Fraction] | None:
    """For a mastery quiz the points of what was checked, in that order; None for any other."""
    if rules.rule(attempt.rules, "mode") != rules.MASTERY:
        return None
    return list(checked_points(attempt, saves).values())


def _grade_and_store(attempt: Attempt, handed_in: Sequence[Answer], in_order: Sequence[Fraction] | None) -> None:
    """Grade new answers, store them with the result, complete the step when that passes it."""
    result = attempt_grade_by_rule(attempt, {answer.position: answer.response for answer in handed_in}, in_order)
    for answer, points in zip(handed_in, result.points, strict=True):
        answer.points = None if points is None else grading.as_decimal(points)
    Answer.objects.bulk_create(handed_in)
    attempt_settle(attempt, result)


def attempt_grade_by_rule(
    attempt: Attempt, answers: Answers, in_order: Sequence[Fraction] | None = None, marks: grading.Marks | None = None
) -> Grade:
    """The grade of an attempt by its frozen paper and rules; ``in_order`` as ``mastery_of`` gives it."""
    result = grading.grade(
        attempt.paper,
        answers,
        pass_percent=attempt.pass_percent,
        sections=rules.rule(attempt.rules, "sections"),
        marks=marks,
    )
    if in_order is None:
        return result
    score, passed = grading.mastery_grade(in_order, *rules.rule(attempt.rules, "mastery"))
    return Grade(points=result.points, score=score, passed=passed)


def attempt_settle(attempt: Attempt, result: Grade) -> None:
    """Store what a grade says of an attempt; complete the step where the person has now passed the quiz."""
    attempt.score, attempt.passed, attempt.needs_grader = result.score, result.passed, result.waits
    closed = AttemptState.EXPIRED if attempt.timed_out else AttemptState.GRADED
    attempt.state = AttemptState.SUBMITTED if result.waits else closed
    _attempt_store(attempt)
    if not result.waits:
        step_settle(attempt)


def _attempt_store(attempt: Attempt) -> None:
    attempt.save(
        update_fields=[
            "state", "submitted_at", "timed_out", "needs_grader", "score", "passed", "idempotency_key"
        ]
    )  # fmt: skip


def step_settle(attempt: Attempt, at: datetime | None = None) -> bool:
    """Complete the step if the attempts so far pass the quiz by its way of scoring. Returns whether they do.

    A quiz taken out of the course meanwhile still gives its result; it just completes nothing any more.
    """
    score, passed = standing_of(attempt)
    if passed and attempt.quiz.step.is_active:
        step_complete(enrolment=attempt.enrolment, step=attempt.quiz.step, at=at or attempt.submitted_at, score=score)
    return passed


def standing_of(attempt: Attempt) -> tuple[Decimal | None, bool]:
    """Score and verdict of this person's attempts in this round; by the best, the attempt's own result is enough."""
    scoring = rules.rule(attempt.rules, "scoring")
    if scoring == rules.BEST:
        return attempt.score, bool(attempt.passed)
    columns = ("number", "score", "passed", "pass_percent")
    graded = Attempt.objects.filter(quiz=attempt.quiz_id, enrolment=attempt.enrolment_id, score__isnull=False)
    return rules.standing([rules.Result(*row) for row in graded.values_list(*columns)], scoring)


@transaction.atomic
def attempt_grade(*, attempt: Attempt) -> Attempt:
    """Grade an attempt that was handed in and never graded, from its stored answers; any other stays as it is."""
    attempt = attempt_lock(attempt)
    if attempt.state != AttemptState.SUBMITTED or attempt.needs_grader:
        return attempt
    answers = list(attempt.answers.all())
    saves = AttemptEvent.objects.filter(attempt=attempt).saves()
    result = attempt_grade_by_rule(attempt, {a.position: a.response for a in answers}, mastery_of(attempt, saves))
    for answer in answers:
        points = result.points[answer.position - 1]
        answer.points = None if points is None else grading.as_decimal(points)
    Answer.objects.bulk_update(answers, ["points"])
    attempt_settle(attempt, result)
    return attempt


@dataclass(frozen=True)
class CloseReport:
    """What a sweep did: uuids of the attempts it closed or graded, and the error of each that it could not."""

    closed: list[UUID] = field(default_factory=list)
    graded: list[UUID] = field(default_factory=list)
    failed: dict[UUID, str] = field(default_factory=dict)


def attempts_close_overdue(*, at: datetime | None = None) -> CloseReport:
    """Expire every overdue attempt and grade every one left ungraded, each in its own transaction: one that fails does
    not stop the others."""
    at = at or timezone.now()
    report = CloseReport()
    overdue = Attempt.objects.overdue(at).select_related("enrolment").defer("paper").order_by("deadline")
    _each(overdue, lambda attempt: attempt_expire(attempt=attempt, at=at), report.closed, report.failed)
    ungraded = Attempt.objects.left_ungraded().select_related("enrolment").defer("paper").order_by("submitted_at")
    _each(ungraded, lambda attempt: attempt_grade(attempt=attempt), report.graded, report.failed)
    return report


def _each(attempts: Any, act: Any, done: list[UUID], failed: dict[UUID, str]) -> None:
    """Do something to each attempt; what goes wrong with one is told and does not reach the others."""
    for attempt in list(attempts):
        try:
            act(attempt)
        except Exception as error:
            logger.exception("Attempt %s could not be closed or graded", attempt.uuid)
            failed[attempt.uuid] = f"{type(error).__name__}: {error}"
        else:
            done.append(attempt.uuid)
