"""How attempts count together, what a result shows, and what stands in the way of beginning."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Refusal
from courses.models import StepCompletion
from quizzes import rules
from quizzes.models import Accommodation, Answer, Attempt, AttemptState, Question, Scoring, Tag
from quizzes.rules import Result, reveals, standing
from quizzes.services import attempt_expire, attempt_grade, attempt_start, attempt_submit, attempts_close_overdue
from quizzes.services import closing as closing_service
from tests.factories.courses import EnrolmentFactory
from tests.factories.people import UserFactory
from tests.factories.quizzes import START, attempt_of, bank_with_questions, quiz_of, right_answers
from tests.factories.samples import SAMPLES, sample_bank


def results(*scores, mark=50):
    return [Result(n, Decimal(score), score >= mark, mark) for n, score in enumerate(scores, start=1)]


@pytest.mark.parametrize(
    ("scores", "scoring", "score", "passed"),
    [
        ((), "best", None, False),
        ((40, 90, 60), "best", 90, True),
        ((40, 90, 30), "last", 30, False),
        ((40, 90, 60), "first", 40, False),
        ((40, 90), "average", 65, True),
        ((40, 59), "average", Decimal("49.50"), False),
        ((33, 33, 34), "average", Decimal("33.33"), False),
    ],
)
def test_attempts_count_together_as_the_quiz_says(scores, scoring, score, passed):
    assert standing(reversed(results(*scores)), scoring) == (score, passed)


@given(st.lists(st.integers(0, 100), min_size=1, max_size=8), st.sampled_from(Scoring.values))
def test_a_standing_lies_between_the_worst_and_the_best(scores, scoring):
    score, passed = standing(results(*scores), scoring)
    assert min(scores) <= score <= max(scores)
    assert passed == (score >= 50)


def test_the_best_by_an_older_lower_mark_stays_passed():
    older, newer = Result(1, Decimal(60), True, 50), Result(2, Decimal(70), False, 80)
    assert standing([older, newer], rules.BEST) == (60, True)


@pytest.mark.parametrize("when", rules.WHEN)
@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("closed", [False, True])
def test_each_part_of_a_result_is_shown_when_its_time_has_come(when, settled, closed):
    shown = {"always": True, "settled": settled, "closed": closed, "never": False}[when]
    for part in rules.REVIEW:
        assert reveals({"review": {part: when}}, part, settled=settled, closed=closed) == shown


def test_an_attempt_from_before_there_were_rules_keeps_what_held_then():
    assert rules.rule({}, "scoring") == "best"
    assert [reveals({}, part, settled=False, closed=False) for part in rules.REVIEW] == [True, True, True, False]


# --- Which attempt completes the step -------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("scoring", "right", "done_after", "score"),
    [("best", [10, 0], 1, 100), ("first", [0, 10], None, None), ("last", [5, 10], 2, 100), ("average", [6, 10], 2, 80)],
)
def test_the_step_is_done_by_the_quizs_own_way_of_counting(scoring, right, done_after, score):
    quiz = quiz_of(scoring=scoring)
    enrolment = EnrolmentFactory(course=quiz.step.course)
    for n, count in enumerate(right, start=1):
        attempt = attempt_of(quiz, enrolment.user, at=START + timedelta(hours=n))
        attempt_submit(
            attempt=attempt,
            answers=right_answers(attempt, count),
            idempotency_key=uuid4(),
            at=attempt.started_at + timedelta(minutes=1),
        )
        assert StepCompletion.objects.exists() == (done_after is not None and n >= done_after)
    if score is not None:
        assert StepCompletion.objects.get().score == score


# --- Beginning ------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"opens_at": START + timedelta(hours=1)}, "not_open_yet"),
        ({"closes_at": START}, "closed_for_good"),
        ({"attempts_allowed": 1}, "attempts_used_up"),
        ({"wait_minutes": 60}, "wait"),
        ({"opens_at": START, "closes_at": START + timedelta(hours=1), "attempts_allowed": 2, "wait_minutes": 5}, ""),
    ],
)
def test_what_stands_in_the_way_of_another_attempt(fields, code):
    quiz = quiz_of(**fields)
    enrolment = EnrolmentFactory(course=quiz.step.course)
    shut = code in ("not_open_yet", "closed_for_good")
    if not shut:
        first, _ = attempt_start(quiz=quiz, enrolment=enrolment, at=START)
        attempt_submit(attempt=first, answers={}, idempotency_key=uuid4(), at=START + timedelta(minutes=1))
    at = START if shut else START + timedelta(minutes=10)
    if not code:
        assert attempt_start(quiz=quiz, enrolment=enrolment, at=at)[1]
        return
    with pytest.raises(Refusal) as refused:
        attempt_start(quiz=quiz, enrolment=enrolment, at=at)
    assert (refused.value.code, bool(refused.value.fix)) == (code, True)


@pytest.mark.django_db
def test_who_is_given_more_has_more_and_nobody_else():
    quiz = quiz_of(time_limit_minutes=20, attempts_allowed=1)
    lucky, other = EnrolmentFactory(course=quiz.step.course), EnrolmentFactory(course=quiz.step.course)
    Accommodation.objects.create(
        quiz=quiz, user=lucky.user, extra_minutes=10, extra_attempts=1, reason="Mắt kém",
        granted_by=UserFactory(), granted_at=START,
    )  # fmt: skip
    minutes = {}
    for enrolment in (lucky, other):
        attempt, _ = attempt_start(quiz=quiz, enrolment=enrolment, at=START)
        minutes[enrolment] = (attempt.deadline - START) / timedelta(minutes=1)
        attempt_submit(attempt=attempt, answers={}, idempotency_key=uuid4(), at=START)
    assert list(minutes.values()) == [30, 20]
    assert attempt_start(quiz=quiz, enrolment=lucky, at=START)[1]
    with pytest.raises(Refusal):
        attempt_start(quiz=quiz, enrolment=other, at=START)


@pytest.mark.django_db
def test_a_quiz_that_closes_ends_every_attempt_by_then():
    quiz = quiz_of(time_limit_minutes=60, closes_at=START + timedelta(minutes=15))
    attempt = attempt_of(quiz)
    assert attempt.deadline == quiz.closes_at
    assert attempt_expire(attempt=attempt, at=START + timedelta(minutes=16)).state == AttemptState.EXPIRED


@pytest.mark.django_db
def test_sections_draw_by_tag_topic_and_difficulty_and_no_question_twice():
    bank = bank_with_questions(12)
    other = bank_with_questions(3, slug="khac")
    tag = Tag.objects.create(slug="otp", name="OTP")
    for question in Question.objects.filter(bank=bank, code__in=["q01", "q02", "q03"]):
        question.tags.add(tag)
    Question.objects.filter(bank=bank, code__in=["q02", "q03", "q04"]).update(difficulty=3)
    sections = [
        {"title": "Cố định", "codes": ["q05", "q01"]},
        {"title": "OTP khó", "draw": 2, "tags": ["otp"], "difficulty": [3], "pass_percent": 50},
        {"title": "Còn lại", "draw": 8},
        {"title": "Ngân hàng khác", "bank": "khac", "draw": 3},
    ]
    quiz = quiz_of(bank=bank, sections=sections)
    assert quiz.question_count == 15
    paper = attempt_of(quiz).paper
    codes = dict(Question.objects.values_list("pk", "code"))
    per_section = [[codes[i["question"]] for i in paper if i["section"] == n] for n in range(4)]
    assert per_section[0] == ["q05", "q01"]
    assert sorted(per_section[1]) == ["q02", "q03"]
    assert len({item["question"] for item in paper}) == 15
    assert {item["question"] for item in paper if item["section"] == 3} == set(
        other.questions.values_list("pk", flat=True)
    )
    assert Attempt.objects.get().rules["sections"][1] == {"title": "OTP khó", "pass_percent": 50}


@pytest.mark.django_db
@pytest.mark.parametrize("size", [2, 12])
def test_starting_a_quiz_in_sections_costs_two_queries_a_section(size, django_assert_num_queries):
    sections = [{"title": "A", "draw": size}, {"title": "B", "bank": "khac", "draw": size}]
    bank_with_questions(size, slug="khac")
    quiz = quiz_of(bank=bank_with_questions(size), sections=sections)
    enrolment = EnrolmentFactory(course=quiz.step.course)
    # savepoint, lock, earlier attempts, what is granted, banks, two for each section, insert, release
    with django_assert_num_queries(11):
        attempt_start(quiz=quiz, enrolment=enrolment, at=START)


# --- Every kind through an attempt ----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_every_kind_is_asked_saved_and_graded_and_an_essay_keeps_the_attempt_waiting():
    bank = sample_bank()
    attempt = attempt_of(quiz_of(bank=bank, question_codes=list(SAMPLES)))
    answers = right_answers(attempt)
    answers[list(SAMPLES).index("essay") + 1] = "Cháu xem kỹ người gửi."
    result = attempt_submit(attempt=attempt, answers=answers, idempotency_key=uuid4(), at=START)
    assert (result.state, result.needs_grader, result.score) == (AttemptState.SUBMITTED, True, None)
    points = dict(Answer.objects.values_list("question__code", "points"))
    assert points == dict.fromkeys(SAMPLES, Decimal(1)) | {"essay": None}
    assert attempts_close_overdue(at=START + timedelta(days=9)).graded == []


@pytest.mark.django_db
def test_what_cannot_be_graded_now_is_kept_and_graded_by_the_sweep(monkeypatch, caplog):
    """A fault anywhere behind handing in, here in completing the course, loses no answer."""
    attempt = attempt_of(quiz_of())
    with monkeypatch.context() as broken:
        broken.setattr(closing_service, "step_complete", lambda **_: 1 / 0)
        result = attempt_submit(attempt=attempt, answers=right_answers(attempt), idempotency_key=uuid4(), at=START)
    assert (result.state, result.score) == (AttemptState.SUBMITTED, None)
    assert Answer.objects.count() == 10
    assert not StepCompletion.objects.exists()
    report = attempts_close_overdue(at=START + timedelta(minutes=1))
    assert (report.graded, report.failed) == ([attempt.uuid], {})
    attempt.refresh_from_db()
    assert (attempt.state, attempt.score, attempt.submitted_at) == (AttemptState.GRADED, 100, START)
    assert StepCompletion.objects.get().completed_at == START
    assert attempt_grade(attempt=attempt).score == 100
