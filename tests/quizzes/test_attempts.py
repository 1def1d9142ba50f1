"""Attempts: every state meets every action; nothing is lost, nothing is given twice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial
from random import Random
from uuid import uuid4

import pytest

from common.errors import Refusal
from courses.models import Completion, Course, StepCompletion
from courses.services import step_complete
from quizzes.models import GRACE, Answer, Attempt, AttemptState, Question
from quizzes.services import (
    answers_of,
    answers_save,
    attempt_expire,
    attempt_start,
    attempt_submit,
    attempts_close_overdue,
    question_save,
)
from tests.factories.courses import EnrolmentFactory, course_with_steps
from tests.factories.quizzes import (
    START,
    attempt_of,
    bank_with_questions,
    check_of,
    in_state,
    quiz_of,
    right_answers,
    wrong_answers,
)

pytestmark = pytest.mark.django_db
LATER = START + timedelta(minutes=5)
OPEN, SUBMITTED, GRADED, EXPIRED = AttemptState


def act(action, attempt, at=LATER):
    """Do an action; return the state and code that come out of it."""
    code = ""
    try:
        if action == "start":
            _, created = attempt_start(quiz=attempt.quiz, enrolment=attempt.enrolment, at=at)
            code = "new" if created else "same"
        elif action == "save":
            answers_save(attempt=attempt, answers={1: [attempt.paper[0]["options"][0]["key"]]}, at=at)
        elif action == "submit":
            attempt_submit(attempt=attempt, answers=right_answers(attempt), idempotency_key=uuid4(), at=at)
        elif action == "expire":
            attempt_expire(attempt=attempt, at=at)
        elif action == "sweep":
            attempts_close_overdue(at=at)
    except Refusal as refusal:
        code = refusal.code
    return Attempt.objects.get(pk=attempt.pk).state, code


def saved(attempt):
    """The answers that stand in an open attempt."""
    return {position: one.response for position, one in answers_of(attempt).items()}


# (state before, overdue, action) → (state after, what the caller is told)
TABLE = {
    (OPEN, False, "start"): (OPEN, "same"),
    (OPEN, False, "save"): (OPEN, ""),
    (OPEN, False, "submit"): (GRADED, ""),
    (OPEN, False, "expire"): (OPEN, ""),
    (OPEN, False, "sweep"): (OPEN, ""),
    (OPEN, True, "start"): (EXPIRED, "new"),
    (OPEN, True, "save"): (OPEN, "time_up"),
    (OPEN, True, "submit"): (EXPIRED, ""),
    (OPEN, True, "expire"): (EXPIRED, ""),
    (OPEN, True, "sweep"): (EXPIRED, ""),
    **{
        (state, overdue, action): (state, told)
        for state in (SUBMITTED, GRADED, EXPIRED)
        for overdue in (False, True)
        for action, told in {"start": "new", "save": "attempt_closed", "submit": "", "expire": "", "sweep": ""}.items()
    },
}


@pytest.mark.parametrize(("before", "overdue", "action"), TABLE)
def test_state_table(before, overdue, action):
    attempt = in_state(quiz_of(), before, overdue=overdue)
    frozen = (attempt.score, attempt.submitted_at, attempt.passed)
    assert act(action, attempt) == TABLE[before, overdue, action]
    if before != OPEN:
        attempt.refresh_from_db()
        assert (attempt.score, attempt.submitted_at, attempt.passed) == frozen, "a result never changes"
        assert not StepCompletion.objects.exists()


def test_the_table_is_exhaustive():
    actions = ("start", "save", "submit", "expire", "sweep")
    assert set(TABLE) == {(s, o, a) for s in AttemptState for o in (False, True) for a in actions}


# --- Starting -------------------------------------------------------------------------------------------------------


def test_start_freezes_paper_pass_mark_and_deadline():
    quiz = quiz_of(time_limit_minutes=20, pass_percent=70)
    attempt = attempt_of(quiz)
    asked = Question.objects.get(pk=attempt.paper[0]["question"])
    question_save(bank=quiz.bank, code=asked.code, content=asked.content | {"text": "Câu đã sửa?"})
    quiz.pass_percent = 100
    quiz.save()
    attempt = Attempt.objects.get(pk=attempt.pk)
    assert attempt.paper[0]["text"] == asked.text
    assert attempt.paper[0]["version"] == 1
    assert Question.objects.get(pk=asked.pk).version == 2
    assert attempt.deadline == START + timedelta(minutes=20)
    result = attempt_submit(attempt=attempt, answers=right_answers(attempt, 7), idempotency_key=uuid4(), at=LATER)
    assert (result.score, result.passed) == (70, True)


def test_start_again_gives_the_open_attempt():
    quiz = quiz_of()
    first = attempt_of(quiz)
    again, created = attempt_start(quiz=quiz, enrolment=first.enrolment, at=LATER)
    assert (again.pk, created) == (first.pk, False)


def test_attempts_are_numbered_and_run_out():
    quiz = quiz_of(attempts_allowed=2)
    enrolment = EnrolmentFactory(course=quiz.step.course)
    for number in (1, 2):
        attempt, created = attempt_start(quiz=quiz, enrolment=enrolment, at=START)
        assert (attempt.number, created) == (number, True)
        attempt_submit(attempt=attempt, answers=wrong_answers(attempt), idempotency_key=uuid4(), at=LATER)
    with pytest.raises(Refusal) as refused:
        attempt_start(quiz=quiz, enrolment=enrolment, at=LATER)
    assert refused.value.code == "attempts_used_up"
    assert refused.value.fix


def test_an_overdue_attempt_stays_expired_even_when_no_attempt_is_left():
    quiz = quiz_of(attempts_allowed=1, time_limit_minutes=10)
    attempt = attempt_of(quiz)
    assert act("start", attempt, at=START + timedelta(hours=1)) == (EXPIRED, "attempts_used_up")


@pytest.mark.parametrize(
    ("case", "code"),
    [("none", "no_enrolment"), ("other", "no_enrolment"), ("inactive", "quiz_closed"), ("few", "not_enough_questions"),
     ("unused", "not_enough_questions"), ("zero", "not_enough_questions"), ("missing", "not_enough_questions")],
)  # fmt: skip
def test_start_refuses_with_a_reason(case, code):
    quiz = quiz_of()
    enrolment = EnrolmentFactory(course=quiz.step.course)
    if case == "none":
        enrolment = None
    elif case == "other":
        enrolment = EnrolmentFactory()
    elif case == "inactive":
        quiz.step.is_active = False
    elif case == "few":
        quiz.draw = 13
    elif case == "unused":
        Question.objects.filter(code__in=["q01", "q02", "q03"]).update(is_active=False)
    elif case == "zero":
        quiz.draw = 0
    else:
        quiz.question_codes = ["q01", "nowhere"]
    with pytest.raises(Refusal) as refused:
        attempt_start(quiz=quiz, enrolment=enrolment, at=START)
    assert refused.value.code == code
    assert refused.value.text
    assert refused.value.fix
    assert not Attempt.objects.exists()


def test_fixed_questions_come_in_the_order_of_the_quiz():
    quiz = quiz_of(question_codes=["q05", "q02", "q09"])
    assert [item["text"] for item in attempt_of(quiz).paper] == [f"Câu hỏi số {n}?" for n in (5, 2, 9)]


def test_a_final_never_draws_what_is_kept_for_checks():
    bank = bank_with_questions(10)
    bank.questions.filter(code="q01").update(in_final=False)
    quiz = quiz_of(bank=bank, draw=9)
    drawn = {item["text"] for item in attempt_of(quiz).paper}
    assert "Câu hỏi số 1?" not in drawn


# --- Saving ---------------------------------------------------------------------------------------------------------


def test_answers_are_kept_changed_and_taken_back():
    attempt = attempt_of(check_of())
    for step, given in enumerate([{1: ["a"], 2: ["a", "c"]}, {1: ["b"]}, {2: []}]):
        answers_save(attempt=attempt, answers=given, at=START + timedelta(seconds=step))
    assert saved(attempt) == {1: ["b"], 2: []}


def test_a_replayed_older_save_does_not_overwrite_a_newer_one():
    attempt = attempt_of(quiz_of())
    newer, older = START + timedelta(seconds=9), START + timedelta(seconds=3)
    answers_save(attempt=attempt, answers={1: ["b"]}, at=newer)
    answers_save(attempt=attempt, answers={1: ["a"], 2: ["c"]}, at=older)
    assert saved(attempt) == {1: ["b"], 2: ["c"]}


@pytest.mark.parametrize(
    ("seconds_late", "told"), [(-1, ""), (0, ""), (1, ""), (GRACE.seconds, ""), (GRACE.seconds + 1, "time_up")]
)
def test_a_late_autosave_is_taken_within_the_grace_only(seconds_late, told):
    attempt = attempt_of(quiz_of(time_limit_minutes=20))
    at = attempt.deadline + timedelta(seconds=seconds_late)
    assert act("save", attempt, at=at) == (OPEN, told)
    assert bool(saved(attempt)) == (not told)


@pytest.mark.parametrize(
    ("answers", "code"),
    [({1: ["z"]}, "unknown_option"), ({99: ["a"]}, "unknown_question"), ({1: ["a", "b"]}, "too_many_options")],
)
@pytest.mark.parametrize("action", ["save", "submit"])
def test_answers_that_do_not_fit_are_refused_whole(action, answers, code):
    attempt = attempt_of(quiz_of())
    do = answers_save if action == "save" else partial(attempt_submit, idempotency_key=uuid4())
    with pytest.raises(Refusal) as refused:
        do(attempt=attempt, answers={2: ["a"]} | answers, at=LATER)
    assert refused.value.code == code
    assert not saved(attempt)
    assert Attempt.objects.get().state == OPEN


# --- Handing in -----------------------------------------------------------------------------------------------------


def test_submit_grades_saved_and_given_answers_together():
    attempt = attempt_of(quiz_of())
    right = right_answers(attempt)
    answers_save(attempt=attempt, answers={n: right[n] for n in range(1, 8)}, at=LATER)
    result = attempt_submit(attempt=attempt, answers={n: right[n] for n in (8, 9)}, idempotency_key=uuid4(), at=LATER)
    assert (result.state, result.score, result.passed, result.submitted_at) == (GRADED, Decimal(90), True, LATER)
    points = dict(Answer.objects.values_list("position", "points"))
    assert points == dict.fromkeys(range(1, 10), 1) | {10: 0}


@pytest.mark.parametrize("same_key", [True, False], ids=["double tap", "two tabs"])
def test_a_second_submit_gets_the_first_result(same_key):
    attempt = attempt_of(quiz_of())
    key = uuid4()
    first = attempt_submit(attempt=attempt, answers=wrong_answers(attempt), idempotency_key=key, at=LATER)
    second = attempt_submit(
        attempt=attempt,
        answers=right_answers(attempt),
        idempotency_key=key if same_key else uuid4(),
        at=LATER + timedelta(seconds=2),
    )
    assert (second.pk, second.score, second.passed, second.submitted_at) == (first.pk, 0, False, LATER)
    assert second.idempotency_key == key
    assert Answer.objects.count() == 10
    assert not StepCompletion.objects.exists()


def test_passing_completes_the_step_with_its_score_once():
    course = course_with_steps(lessons=1)
    quiz = quiz_of(course)
    attempt = attempt_of(quiz)
    step_complete(enrolment=attempt.enrolment, step=course.steps.first(), at=START)
    for _ in range(2):
        attempt_submit(attempt=attempt, answers=right_answers(attempt, 8), idempotency_key=uuid4(), at=LATER)
    completion = Completion.objects.get()
    assert (completion.score, completion.completed_at) == (80, LATER)
    assert StepCompletion.objects.get(step=quiz.step).score == 80


def test_a_worse_try_after_passing_takes_nothing_away():
    quiz = quiz_of()
    first = attempt_of(quiz)
    attempt_submit(attempt=first, answers=right_answers(first), idempotency_key=uuid4(), at=LATER)
    second, _ = attempt_start(quiz=quiz, enrolment=first.enrolment, at=LATER)
    attempt_submit(attempt=second, answers={}, idempotency_key=uuid4(), at=LATER)
    assert StepCompletion.objects.get().score == 100


def test_a_quiz_taken_out_meanwhile_still_gives_its_result():
    attempt = attempt_of(quiz_of())
    attempt.quiz.step.course.steps.update(is_active=False)
    result = attempt_submit(attempt=attempt, answers=right_answers(attempt), idempotency_key=uuid4(), at=LATER)
    assert (result.state, result.passed) == (GRADED, True)
    assert not StepCompletion.objects.exists()


# --- Running out of time --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds_late", "state"), [(GRACE.seconds, GRADED), (GRACE.seconds + 1, EXPIRED)])
def test_submit_at_the_edge_of_the_grace(seconds_late, state):
    attempt = attempt_of(quiz_of(time_limit_minutes=20))
    right = right_answers(attempt)
    answers_save(attempt=attempt, answers={1: right[1]}, at=LATER)
    at = attempt.deadline + timedelta(seconds=seconds_late)
    result = attempt_submit(attempt=attempt, answers=right, idempotency_key=uuid4(), at=at)
    assert result.state == state
    if state == EXPIRED:
        assert result.score == 10, "only what was saved in time counts"
        assert result.submitted_at == attempt.deadline, "time ran out at the deadline"
    else:
        assert result.score == 100


def test_an_expired_attempt_with_enough_saved_answers_is_passed():
    quiz = quiz_of(time_limit_minutes=20)
    attempt = attempt_of(quiz)
    answers_save(attempt=attempt, answers=right_answers(attempt, 8), at=LATER)
    result = attempt_expire(attempt=attempt, at=START + timedelta(days=2))
    assert (result.state, result.score, result.passed) == (EXPIRED, 80, True)
    assert StepCompletion.objects.get(step=quiz.step).completed_at == attempt.deadline


def test_without_a_time_limit_nothing_expires():
    attempt = attempt_of(quiz_of())
    assert act("sweep", attempt, at=START + timedelta(days=400)) == (OPEN, "")


def test_the_sweep_goes_on_past_an_attempt_it_cannot_close(caplog):
    quiz = quiz_of(time_limit_minutes=20)
    attempts = [attempt_of(quiz, seed=n) for n in range(3)]
    Attempt.objects.filter(pk=attempts[1].pk).update(paper=[{"kind": "single"}])
    report = attempts_close_overdue(at=START + timedelta(hours=1))
    assert set(report.closed) == {attempts[0].uuid, attempts[2].uuid}
    assert list(report.failed) == [attempts[1].uuid]
    assert "KeyError" in report.failed[attempts[1].uuid]
    states = dict(Attempt.objects.values_list("uuid", "state"))
    assert [states[a.uuid] for a in attempts] == [EXPIRED, OPEN, EXPIRED]


# --- Cost -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [12, 300])
def test_start_costs_the_same_whatever_the_bank(size, django_assert_num_queries):
    quiz = quiz_of(bank=bank_with_questions(size))
    enrolment = EnrolmentFactory(course=quiz.step.course)
    # savepoint, lock enrolment, earlier attempts, what is granted, what there is, what was drawn, insert, release
    with django_assert_num_queries(8):
        attempt_start(quiz=quiz, enrolment=enrolment, at=START, rng=Random(1))
    assert Course.objects.count() == 1
