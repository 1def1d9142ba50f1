"""Two who grade, mend or hand in at one instant. SQLite has no row locks, so these need PostgreSQL."""

from __future__ import annotations

import pytest

from common.errors import Refusal
from quizzes.models import Answer, Attempt, Question, RegradeChange
from quizzes.services import attempt_submit, question_save
from quizzes.services.hand_grading import attempt_grade_by_hand
from quizzes.services.regrading import question_regrade
from tests.factories.people import UserFactory
from tests.factories.quizzes import attempt_of, bank_with_questions, quiz_of, right_answers
from tests.quizzes.test_concurrency import LATER, at_once, submit
from tests.quizzes.test_insight import BEST, POOR, RUBRIC

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("on_postgres")]


def test_of_two_graders_at_one_instant_the_second_is_told():
    bank = bank_with_questions(1)
    question_save(bank=bank, code="e1", content={"kind": "essay", "text": "Kể.", "settings": {"rubric": RUBRIC}})
    attempt = attempt_of(quiz_of(bank=bank, question_codes=["e1"]))
    submit(attempt, {1: "Bài viết."})()

    def grade(marks, grader):
        own = Attempt.objects.select_related("enrolment").get(pk=attempt.pk)

        def act():
            try:
                return attempt_grade_by_hand(attempt=own, position=1, marks=marks, grader=grader, at=LATER).score
            except Refusal as refusal:
                return refusal.code

        return act

    told = at_once(grade(BEST, UserFactory()), grade(POOR, UserFactory()))
    assert told.count("already_graded") == 1
    [score] = [one for one in told if one != "already_graded"]
    assert Answer.objects.get().marks == (BEST if score == 100 else POOR)


@pytest.mark.parametrize("turn", range(3))
def test_handing_in_while_the_question_is_scored_anew_gives_the_mended_score(turn):
    quiz = quiz_of(bank=bank_with_questions(4), question_codes=["q01", "q02", "q03", "q04"])
    attempt = attempt_of(quiz)
    question = Question.objects.get(pk=attempt.paper[0]["question"])
    answers = right_answers(attempt) | {1: ["b"]}
    options = [{**option, "correct": option["key"] == "b"} for option in question.options]
    question, _ = question_save(bank=quiz.bank, code=question.code, content=question.content | {"options": options})
    actor = UserFactory()

    def mend():
        return question_regrade(question=question, reason="Sai đáp án", actor=actor)

    at_once(submit(attempt, answers), mend)
    assert mend().failed == {}
    attempt.refresh_from_db()
    assert (attempt.score, attempt.passed, attempt.state) == (100, True, "graded")
    assert RegradeChange.objects.count() <= 1


def test_two_regrades_at_one_instant_change_each_attempt_once():
    quiz = quiz_of(bank=bank_with_questions(4), question_codes=["q01", "q02", "q03", "q04"])
    for _ in range(4):
        attempt = attempt_of(quiz)
        attempt_submit(attempt=attempt, answers=right_answers(attempt), idempotency_key=attempt.uuid, at=LATER)
    question = Question.objects.get(pk=attempt.paper[0]["question"])
    options = [{**option, "correct": option["key"] == "b"} for option in question.options]
    question, _ = question_save(bank=quiz.bank, code=question.code, content=question.content | {"options": options})
    actors = [UserFactory(), UserFactory()]
    reports = at_once(*(lambda a=a: question_regrade(question=question, reason="Sai đáp án", actor=a) for a in actors))
    assert [report.failed for report in reports] == [{}, {}]
    assert sum(report.changed for report in reports) == 4
    assert RegradeChange.objects.count() == 4
