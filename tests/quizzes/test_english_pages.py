"""What a learner meets of tests, in English: every kind of question, every state of a test, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from common.errors import Refusal
from people.access import TEACHING
from people.models import Role
from quizzes import rules
from quizzes.models import Accommodation, Attempt, AttemptEvent, EventKind, MediaFile
from quizzes.screens.shown import verdict_of
from quizzes.services import answer_check, answers_save, attempt_expire, attempt_submit
from quizzes.services.hand_grading import attempt_grade_by_hand
from quizzes.services.saving import closed_refusal, fitting_refusal
from tests.english import english, vietnamese_in
from tests.factories.people import MembershipFactory
from tests.factories.quizzes import attempt_of, check_of, quiz_of, right_answers, wrong_answers
from tests.factories.samples import PICTURE, SAMPLES, sample_bank

pytestmark = pytest.mark.django_db
NOW = timezone.now()
EVERYTHING = dict.fromkeys(rules.REVIEW, "always")


@pytest.fixture
def reader(client, learner):
    """A learner's browser with English chosen."""
    client.force_login(learner)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def url(name, attempt):
    return reverse(f"quizzes:{name}", args=[attempt.uuid])


def shown(reader, attempt, name="attempt"):
    return english(reader.get(url(name, attempt)))


def started(reader, quiz):
    return english(reader.get(reverse("quizzes:start", args=[quiz.step.uuid])))


def quiz_with(*kinds, **fields):
    bank = sample_bank(kinds=kinds)
    MediaFile.objects.create(
        uuid=PICTURE, bank=bank, file="cau-hoi/1.png", name="1.png", mime="image/png",
        width=1200, height=800, size=5000, sha256="0" * 64,
    )  # fmt: skip
    return quiz_of(bank=bank, question_codes=list(kinds), **fields)


def handed_in(quiz, learner, answers=None):
    attempt = attempt_of(quiz, learner, at=timezone.now())
    given = right_answers(attempt) if answers is None else answers
    return attempt_submit(attempt=attempt, answers=given, idempotency_key=uuid4())


# --- Every kind -----------------------------------------------------------------------------------------------------
HOW = {
    "single": "choose one answer",
    "multiple": "choose all correct answers",
    "true_false": "choose true or false",
    "short_text": "write a short answer",
    "numeric": "write a number, for example 1.5",
    "matching": "choose the match for each line",
    "ordering": "choose the place of each line",
    "blanks": "Fill in the blanks",
    "hotspot": "choose a place on the picture or in the list below",
    "scenario": "Scenario",
    "essay": "Write at most 300 words. A person reads and marks this answer by:",
}


@pytest.mark.parametrize("kind", SAMPLES)
@pytest.mark.parametrize("saver", ["on", "off"])
def test_a_kind_is_asked(reader, learner, kind, saver):
    attempt = attempt_of(quiz_with(kind), learner, at=NOW)
    page = english(reader.get(url("attempt", attempt), headers={"save-data": saver}))
    assert HOW[kind] in page
    assert "Review and hand in ›" in page
    assert '<title lang="vi">Question 1 of 1 – ' in page
    if kind == "true_false":
        assert "<span>True</span>" in page
    if kind == "hotspot" and saver == "on":
        assert "Load the picture (4.9" in page


@pytest.mark.parametrize("kind", SAMPLES)
@pytest.mark.parametrize("how", ["right", "empty"])
def test_a_kind_is_told(reader, learner, kind, how):
    answers = {"right": None, "empty": {}}[how]
    page = shown(reader, handed_in(quiz_with(kind, review=EVERYTHING), learner, answers))
    if how == "empty":
        assert "✗ Not answered" in page
        assert "→ Correct answer:" in page or kind == "essay"
    elif kind != "essay":
        assert "✓ Correct" in page


def test_what_is_partly_right_and_what_its_author_says_of_it(reader, learner):
    quiz = quiz_with("multiple", "matching", "blanks", "ordering", "hotspot", review=EVERYTHING)
    given = {
        1: ["a"], 2: {"a": "r1", "b": "r4"}, 3: {"1": "114", "2": "8"}, 4: {"a": "1", "b": "2"}, 5: ["b"],
    }  # fmt: skip
    page = shown(reader, handed_in(quiz, learner, given))
    assert "What you chose is correct but not complete" in page
    assert "◐ Partly correct (50%)" in page
    assert "<span>Blank 2</span>" in page
    assert "not answered</b>" in page
    assert "→ Correct answer: <span>Place 3</span>" in page


def test_a_sound_of_a_question(reader, learner):
    quiz = quiz_with("single")
    media = [{"file": str(PICTURE), "alt": ""}]
    quiz.bank.questions.update(media=media, source={"title": "Cẩm nang", "url": "https://vi.example.org/a"})
    MediaFile.objects.update(mime="audio/mpeg", width=None, height=None)
    page = shown(reader, handed_in(quiz, learner))
    assert 'aria-label="Audio for this question"' in page
    assert "loads only when you press play" in page
    assert "Read more: <a" in page


# --- Before ---------------------------------------------------------------------------------------------------------
def test_a_guest_is_asked_to_sign_in(client, db):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = started(client, quiz_of(time_limit_minutes=20, attempts_allowed=5))
    assert "Sign in to take the test" in page
    assert "At least 8 correct answers (80% of the points)" in page
    assert "At most 20 minutes" in page
    assert "5 of 5" in page


def test_a_final_test_not_begun(reader):
    page = started(reader, quiz_of(pass_percent=100))
    assert "All 10 answers correct" in page
    assert "You still have 1 lesson to finish. It is best to do it before this test." in page
    assert "Start the test" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"mode": "practice"}, "Practice: after each answer, press “Check”"),
        ({"mode": "mastery"}, "4 correct in your last 5 answers"),
        ({"mode": "mastery"}, "At most 10 questions"),
        ({"may_go_back": False}, "You cannot go back to an earlier question"),
        ({"scoring": "average"}, "Result: the average score of your attempts counts."),
        ({"wait_minutes": 90, "attempts_allowed": 3}, "After handing in, wait 1 hour 30 minutes before you try again."),
        ({"review": {"key": "never"}}, "Correct answers: not shown."),
        ({"review": {"score": "closed"}}, "Score and result: after the test closes."),
        ({"closes_at": NOW + timedelta(days=1)}, "tests not yet handed in are closed and marked then"),
        ({"opens_at": NOW + timedelta(days=1)}, "This test opens at"),
        ({"closes_at": NOW - timedelta(days=1)}, "This test closed at"),
        ({"paging": "all"}, "All questions are on one page."),
        ({"sections": [{"title": "An toàn", "draw": 4, "pass_percent": 50}, {"draw": 1}]}, "Section 2: 1 question"),
        (
            {"sections": [{"title": "An toàn", "draw": 4, "pass_percent": 50}, {"draw": 2}]},
            '<span lang="vi">An toàn</span>: 4 questions, and this section alone needs at least 50% of its points',
        ),
    ],
)
def test_every_rule(reader, fields, words):
    assert words in started(reader, quiz_of(**fields))


def test_what_somebody_is_given_beyond_the_others(reader, learner, coordinator):
    quiz = quiz_of(time_limit_minutes=20, attempts_allowed=2)
    Accommodation.objects.create(
        quiz=quiz, user=learner, extra_minutes=10, extra_attempts=1, reason="Mắt kém", granted_by=coordinator,
        granted_at=NOW,
    )  # fmt: skip
    assert "You are given 10 minutes and 1 attempt more." in started(reader, quiz)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "3 questions, as many attempts as you like, does not count towards the result of the course."),
        ({"attempts_allowed": 2}, "attempts allowed: 2, left: 2"),
        ({"time_limit_minutes": 5}, "Time: At most 5 minutes"),
    ],
)
def test_a_self_check(reader, learner, fields, words):
    quiz = check_of(**fields)
    quiz.step.required = False
    quiz.step.save()
    page = started(reader, quiz)
    assert words in page
    assert "Skip and go back to the course" in page


# --- At work --------------------------------------------------------------------------------------------------------
def test_a_test_under_way(reader, learner):
    quiz = quiz_of(time_limit_minutes=20)
    attempt = attempt_of(quiz, learner, at=timezone.now())
    answers_save(attempt=attempt, answers=right_answers(attempt, 2))
    page = shown(reader, attempt)
    assert "minutes left" in page
    assert "Saved at" in page
    assert "Next question ›" in page
    assert "You are in the middle of attempt 1." in started(reader, quiz) or "attempt 1. " in started(reader, quiz)
    review = shown(reader, attempt, "review")
    assert "You have answered 2 of 10" in review
    assert "8 questions not answered yet" in review
    assert 'Question 3: <span lang="vi">' in review
    answers_save(attempt=attempt, answers=right_answers(attempt))
    assert "You have answered everything. After handing in, nothing can be changed and you see your result." in shown(
        reader, attempt, "review"
    )


def test_a_test_with_no_way_back(reader, learner):
    attempt = attempt_of(quiz_of(may_go_back=False), learner, at=NOW)
    page = shown(reader, attempt)
    assert "Make this answer final and go on ›" in page
    assert "Stop here and hand in" in page
    assert "You can still continue from question 1." in shown(reader, attempt, "review")


@pytest.mark.parametrize("is_check", [True, False])
def test_all_questions_on_one_page(reader, learner, is_check):
    quiz = check_of() if is_check else quiz_of(paging="all")
    page = shown(reader, attempt_of(quiz, learner, at=NOW))
    assert ("Hand in and see your result" in page) == is_check
    assert "3 questions." in page or "10 questions." in page


def test_autosave_answers_in_english(reader, learner):
    attempt = attempt_of(quiz_of(), learner, at=timezone.now())
    saved = reader.post(url("save", attempt), {"cau": [1], "c1": right_answers(attempt)[1], "khoa": uuid4()})
    assert saved.json()["text"].startswith("Saved at ")
    attempt_submit(attempt=attempt, answers={}, idempotency_key=uuid4())
    late = reader.post(url("save", attempt), {"cau": [1], "c1": "a", "khoa": uuid4()})
    assert late.status_code == 409
    assert late.json()["text"] == (
        "This test has been handed in and can no longer be changed. Open the test again to see your result."
    )
    assert AttemptEvent.objects.get(kind=EventKind.LATE).detail == {"code": "attempt_closed"}
    reader.logout()
    reader.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    out = reader.post(url("save", attempt), {"cau": [1]})
    assert out.json()["text"].startswith("You are signed out.")


def test_practice(reader, learner):
    attempt = attempt_of(quiz_of(mode="practice", time_limit_minutes=20), learner, at=timezone.now())
    page = shown(reader, attempt)
    assert "I don’t know yet, show me the answer" in page
    empty = english(reader.post(url("attempt", attempt), {"cau": 1, "toi": "kiem-tra"}))
    assert "You have not answered this question." in empty
    answer_check(attempt=attempt, position=1, response=right_answers(attempt)[1])
    told = english(reader.get(url("attempt", attempt), {"cau": 1}))
    assert "✓ Correct" in told
    assert "<b>Why?</b>" in told
    for position, response in right_answers(attempt).items():
        answer_check(attempt=attempt, position=position, response=response)
    assert "Finish and see your result" in english(reader.get(url("attempt", attempt), {"cau": 10}))


def test_mastery(reader, learner):
    attempt = attempt_of(quiz_of(mode="mastery"), learner, at=NOW)
    answer_check(attempt=attempt, position=1, response=right_answers(attempt)[1])
    answer_check(attempt=attempt, position=2, response=wrong_answers(attempt)[2])
    page = shown(reader, attempt)
    assert "You need 4 correct answers in your last 5. Correct so far: 1." in page
    assert "</span> not correct</li>" in page
    assert "</span> not yet</li>" in page
    attempt_submit(attempt=attempt, answers={}, idempotency_key=uuid4())
    assert "Not yet enough correct answers to master it" in shown(reader, attempt)


# --- After ----------------------------------------------------------------------------------------------------------
def test_passed(reader, learner):
    quiz = quiz_of(scoring="average")
    page = shown(reader, handed_in(quiz, learner))
    assert "✓ Passed: 10 of 10 correct" in page
    assert "Score: 100 out of 100." in page
    assert "Your result: 100 out of 100, ✓ passed." in page
    assert 'Continue: <span lang="vi">' in page
    assert "✓ You have passed this test." in started(reader, quiz)


def test_passed_and_the_course_completed(reader, learner):
    quiz = quiz_of()
    quiz.step.course.steps.exclude(pk=quiz.step.pk).update(is_active=False)
    page = shown(reader, handed_in(quiz, learner))
    assert 'You have completed the course “<span lang="vi">' in page
    assert "See my certificate" in page


def test_not_passed_and_no_attempt_left(reader, learner):
    quiz = quiz_of(attempts_allowed=2, pass_percent=75)
    first = handed_in(quiz, learner, {})
    page = shown(reader, first)
    assert "✗ Not passed: 0 of 10 correct" in page
    assert "To pass: at least 8 correct answers (75% of the points)." in page
    assert "You have 1 attempt left." in page
    assert "The full answers: shown once you have passed or used all your attempts." in page
    attempt = handed_in(quiz, learner, right_answers(first, 3))
    page = shown(reader, attempt)
    assert "You have used all 2 attempts at this test." in page
    assert "ask the coordinator of your unit" in page
    start = started(reader, quiz)
    assert "Earlier attempts" in start
    assert "0 out of 100" in start


def test_time_over(reader, learner):
    attempt = attempt_of(quiz_of(time_limit_minutes=5), learner, at=timezone.now() - timedelta(hours=1))
    attempt_expire(attempt=attempt)
    page = shown(reader, attempt)
    assert "Time ran out at" in page
    assert "time ran out" in started(reader, attempt.quiz)


def test_a_result_by_sections_that_tells_little(reader, learner):
    sections = [{"title": "An toàn", "draw": 4, "pass_percent": 50}, {"draw": 2}]
    quiz = quiz_of(sections=sections, review={"score": "always", "answers": "never", "feedback": "closed"})
    page = shown(reader, handed_in(quiz, learner))
    assert "Needed in this section" in page
    assert "at least 50" in page
    assert "Section 2" in page
    assert "Which answers are correct and which are not: not shown for this test." in page
    assert "The explanations: shown after the test closes." in page


def test_a_self_check_tried(reader, learner):
    quiz = check_of(pass_percent=100)
    attempt = attempt_of(quiz, learner, at=NOW)
    page = shown(reader, attempt_submit(attempt=attempt, answers=right_answers(attempt, 1), idempotency_key=uuid4()))
    assert "You got 1 of 3 right" in page
    assert "All 3 answers must be correct to complete this part." in page
    assert "Go over the lesson" in page
    assert "1 of 3 correct" in started(reader, quiz)


def test_an_essay_waits_and_is_marked(reader, learner, province):
    quiz = quiz_with("single", "essay", review=EVERYTHING)
    attempt = attempt_of(quiz, learner, at=NOW)
    answers = right_answers(attempt) | {2: "Bà con xem kỹ đường dẫn."}
    attempt = attempt_submit(attempt=attempt, answers=answers, idempotency_key=uuid4())
    page = shown(reader, attempt)
    assert "waiting to be marked" in page
    assert "A person has to read question 2; everything else has been marked." in page
    assert "You wrote:" in page
    assert "Waiting to be marked" in started(reader, quiz)
    assert Role.INSTRUCTOR in TEACHING
    marker = MembershipFactory(unit=province.north, audience=province.staff, role=Role.INSTRUCTOR).user
    rubric = attempt.paper[1]["settings"]["rubric"]
    attempt_grade_by_hand(
        attempt=Attempt.objects.get(pk=attempt.pk), position=2, comment="Viết rõ.", grader=marker,
        marks={row["key"]: row["levels"][1]["key"] for row in rubric},
    )  # fmt: skip
    page = shown(reader, Attempt.objects.get(pk=attempt.pk))
    assert "3 of 3 points" in page
    assert 'Comment from the marker:</b> <span lang="vi">' in page


def test_a_test_that_was_marked_again(reader, learner):
    attempt = handed_in(quiz_of(), learner, {})
    detail = {"reason": "Đáp án sai", "score_before": 20.5, "score_after": 30}
    AttemptEvent.objects.create(attempt=attempt, kind=EventKind.REGRADED, at=NOW, made_at=NOW, detail=detail)
    page = shown(reader, attempt)
    assert "This test was marked again on" in page
    assert 'Reason: <span lang="vi">Đáp án sai</span>' in page
    assert "Score before that: 20.5." in page


# --- Refused --------------------------------------------------------------------------------------------------------
def test_a_form_without_its_key(reader, learner):
    attempt = attempt_of(quiz_of(), learner, at=timezone.now())
    page = english(reader.post(url("submit", attempt), {"khoa": "x"}), status=400)
    assert "Open your test again and press “Hand in”." in page


def test_an_answer_that_belongs_to_no_question(reader, learner):
    attempt = attempt_of(quiz_of(), learner, at=timezone.now())
    page = english(reader.post(url("submit", attempt), {"cau": [1], "c1": ["zz"], "khoa": uuid4()}), status=400)
    assert "The answer that was sent is not one of the choices." in page


def test_a_wait_between_attempts(reader, learner):
    quiz = quiz_of(wait_minutes=60)
    handed_in(quiz, learner, {})
    assert "You can try this test again from" in started(reader, quiz)


def test_too_few_questions(reader, learner):
    quiz = quiz_of(draw=40)
    page = english(reader.post(reverse("quizzes:start", args=[quiz.step.uuid])), status=409)
    assert "This test does not have enough questions yet" in page


def test_no_refusal_and_no_verdict_is_left_in_vietnamese(learner):
    attempt = attempt_of(quiz_of(time_limit_minutes=5), learner, at=NOW)
    with translation.override("en"):
        refusals: list[Refusal | None] = [closed_refusal(attempt, NOW + timedelta(hours=1))]
        refusals += [fitting_refusal(attempt, {99: ["a"]}), fitting_refusal(attempt, {1: ["a", "b"]})]
        refusals += [fitting_refusal(attempt, {1: "a"})]
        texts = [f"{refusal.text} {refusal.fix}" for refusal in refusals if refusal]
        texts += [verdict_of(points, answered=False).text for points in (None, 0, 1)]
    assert len(texts) == 7
    assert [text for text in texts if list(vietnamese_in(text))] == []
