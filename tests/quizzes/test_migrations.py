"""What was written by an older version is still there after the upgrade."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from uuid import uuid4

import pytest
from django.apps import apps

from quizzes.models import Answer, AttemptEvent, Question, QuestionVersion
from quizzes.services import answers_of, attempt_submit
from tests.factories.quizzes import START, attempt_of, bank_with_questions, quiz_of, right_answers

pytestmark = pytest.mark.django_db
upgrade = import_module("quizzes.migrations.0003_saves_and_versions")


def test_answers_of_an_open_attempt_become_saves_and_count():
    attempt = attempt_of(quiz_of())
    right = right_answers(attempt)
    Answer.objects.bulk_create(
        Answer(attempt=attempt, position=p, response=r, saved_at=START + timedelta(minutes=p)) for p, r in right.items()
    )
    upgrade.saves_of_open_attempts(apps, None)
    assert {position: (one.response, one.at) for position, one in answers_of(attempt).items()} == {
        p: (r, START + timedelta(minutes=p)) for p, r in right.items()
    }
    assert (AttemptEvent.objects.count(), Answer.objects.count()) == (10, 0)
    result = attempt_submit(attempt=attempt, answers={}, idempotency_key=uuid4(), at=START + timedelta(hours=1))
    assert result.score == 100


def test_answers_of_a_closed_attempt_say_which_question_they_answer():
    attempt = attempt_of(quiz_of())
    attempt_submit(attempt=attempt, answers=right_answers(attempt), idempotency_key=uuid4(), at=START)
    expected = dict(Answer.objects.values_list("position", "question"))
    Answer.objects.update(question=None, version=1)
    upgrade.questions_of_answers(apps, None)
    assert dict(Answer.objects.values_list("position", "question")) == expected


def test_every_question_has_its_present_version_and_what_tells_it_from_others():
    bank_with_questions(6, kinds=("single", "multiple", "true_false"))
    upgrade.versions_and_fingerprints(apps, None)
    assert QuestionVersion.objects.count() == 6
    for version in QuestionVersion.objects.select_related("question"):
        assert version.content == version.question.content
    assert len(set(Question.objects.values_list("fingerprint", flat=True))) == 6
    assert set(Question.objects.filter(kind="multiple").values_list("settings__credit", flat=True)) == {"all"}
