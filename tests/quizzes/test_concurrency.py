"""Two things at one instant. SQLite has no row locks, so these need PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from courses.models import Completion, CompletionStanding, StepCompletion
from quizzes.models import Answer, Attempt, AttemptState
from quizzes.services import answers_save, attempt_expire, attempt_start, attempt_submit
from tests.factories.courses import CourseFactory, EnrolmentFactory
from tests.factories.quizzes import START, attempt_of, quiz_of, right_answers, wrong_answers

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("on_postgres")]
LATER = START + timedelta(minutes=5)


def at_once(*actions):
    """Run the actions in threads of their own that set off together; their results in order."""
    barrier = Barrier(len(actions))

    def run(action):
        try:
            connection.ensure_connection()
            barrier.wait(timeout=10)
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return [future.result(timeout=30) for future in [pool.submit(run, action) for action in actions]]


def submit(attempt, answers):
    """Hand in what another request read for itself."""
    own = Attempt.objects.select_related("enrolment").get(pk=attempt.pk)
    return lambda: attempt_submit(attempt=own, answers=answers, idempotency_key=uuid4(), at=LATER)


@pytest.mark.parametrize("turn", range(5))
def test_two_last_quizzes_at_one_instant_give_one_completion(turn):
    course = CourseFactory()
    enrolment = EnrolmentFactory(course=course)
    attempts = [attempt_of(quiz_of(course), enrolment.user) for _ in range(2)]
    at_once(*(submit(a, right_answers(a)) for a in attempts))
    assert Completion.objects.count() == 1
    assert CompletionStanding.objects.count() == 1
    assert StepCompletion.objects.count() == 2


@pytest.mark.parametrize("turn", range(5))
def test_two_submits_of_one_attempt_give_one_result(turn):
    attempt = attempt_of(quiz_of())
    results = at_once(submit(attempt, right_answers(attempt)), submit(attempt, wrong_answers(attempt)))
    assert len({(r.score, r.idempotency_key) for r in results}) == 1
    assert Answer.objects.count() == 10
    assert StepCompletion.objects.count() == (1 if results[0].passed else 0)


def test_two_starts_give_one_attempt():
    quiz = quiz_of(attempts_allowed=1)
    enrolment = EnrolmentFactory(course=quiz.step.course)
    results = at_once(*[lambda: attempt_start(quiz=quiz, enrolment=enrolment, at=START)] * 4)
    assert len({attempt.pk for attempt, _ in results}) == 1
    assert sorted(created for _, created in results) == [False, False, False, True]


def test_submit_and_sweep_at_one_instant_close_once():
    attempt = attempt_of(quiz_of(time_limit_minutes=10))
    answers_save(attempt=attempt, answers=right_answers(attempt, 3), at=LATER)
    own = Attempt.objects.select_related("enrolment").get(pk=attempt.pk)
    late = START + timedelta(hours=1)
    key = uuid4()
    at_once(
        lambda: attempt_submit(attempt=own, answers=right_answers(own), idempotency_key=key, at=late),
        lambda: attempt_expire(attempt=own, at=late),
    )
    attempt.refresh_from_db()
    assert (attempt.state, attempt.score) == (AttemptState.EXPIRED, 30)
    assert Answer.objects.count() == 10


def test_autosave_and_submit_at_one_instant_neither_deadlock_nor_change_the_result():
    attempt = attempt_of(quiz_of())
    own = Attempt.objects.select_related("enrolment").get(pk=attempt.pk)

    def save():
        try:
            answers_save(attempt=own, answers=wrong_answers(own), at=LATER)
        except Exception as error:
            return getattr(error, "code", repr(error))
        return ""

    told, result = at_once(save, submit(attempt, right_answers(attempt)))
    assert told in ("", "attempt_closed")
    assert result.score == 100
    assert set(Answer.objects.values_list("points", flat=True)) == {1}
