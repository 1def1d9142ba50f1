"""The main flow through every room in one request: what the submit that completes a course does, and what it costs."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from certificates.models import Certificate, RegisterEntry
from certificates.services import series_ensure_defaults
from courses.models import Completion
from courses.services import step_complete
from kpi.models import Counted
from tests.factories.kpi import IndicatorFactory
from tests.factories.quizzes import attempt_of, bank_with_questions, quiz_of, right_answers

# Beyond the 13 queries of a passed submit (tests/quizzes/test_views.py), once in the life of an enrolment:
#   completion, memberships, standings, open paths that ask for the course                 courses
#   standings, rules, audiences, counted, counted before                                   kpi
#   series lock, issued before?, counter, counter + 1, certificate, last row, register row certificates
#   and the counter of a new year
COMPLETING_QUERIES = 30


@pytest.mark.parametrize("indicators", [1, 12])
def test_the_submit_that_completes_a_course_counts_and_numbers_in_the_same_request(
    client, province, learner, indicators
):
    series_ensure_defaults(
        unit=province.department, signer_name="Trần Đức Hiếu", signer_title="Phó Giám đốc", place="Bắc Ninh"
    )
    for _ in range(indicators):
        IndicatorFactory(audiences=[province.citizen])
    quiz = quiz_of(bank=bank_with_questions(30))
    attempt = attempt_of(quiz, learner, at=timezone.now())
    for lesson in quiz.step.course.steps.filter(kind="lesson"):
        step_complete(enrolment=attempt.enrolment, step=lesson)
    client.force_login(learner)
    answers = right_answers(attempt)
    payload = {"cau": list(answers), **{f"c{number}": keys for number, keys in answers.items()}}
    with CaptureQueriesContext(connection) as queries:
        client.post(reverse("quizzes:submit", args=[attempt.uuid]), {**payload, "khoa": str(uuid4())})
    completion = Completion.objects.get()
    assert completion.user == learner
    assert Counted.objects.filter(completion=completion, unit=province.north).count() == indicators
    assert Certificate.objects.get().completion == completion
    assert RegisterEntry.objects.count() == 1
    asked = [q["sql"] for q in queries if "SAVEPOINT" not in q["sql"]]
    assert len(asked) <= COMPLETING_QUERIES, "\n".join(asked)
