"""The sweep by command and by Celery task: both call the same service."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from celery import current_app
from django.core.management import CommandError, call_command
from django.utils import timezone

from quizzes.models import Attempt, AttemptState
from quizzes.tasks import close_overdue_attempts
from tests.factories.quizzes import attempt_of, quiz_of

pytestmark = pytest.mark.django_db


def run(*args):
    out = StringIO()
    call_command("close_overdue_attempts", *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def overdue():
    return attempt_of(quiz_of(time_limit_minutes=10), at=timezone.now() - timedelta(hours=1))


def test_dry_run_lists_and_closes_nothing(overdue):
    assert json.loads(run("--json", "--dry-run")) == {"dry_run": True, "overdue": [str(overdue.uuid)]}
    assert "1 bài" in run("--dry-run")
    assert Attempt.objects.get().state == AttemptState.OPEN


def test_command_closes_and_a_second_run_finds_nothing(overdue):
    assert json.loads(run("--json")) == {"dry_run": False, "closed": [str(overdue.uuid)], "graded": [], "failed": {}}
    assert "Đã đóng 0 bài" in run()
    assert Attempt.objects.get().state == AttemptState.EXPIRED


def test_command_fails_aloud_when_one_cannot_be_closed(overdue):
    Attempt.objects.update(paper=[{"kind": "single"}])
    with pytest.raises(CommandError, match=str(overdue.uuid)):
        run()


def test_task_has_the_name_that_the_schedule_calls(overdue, settings):
    scheduled = settings.CELERY_BEAT_SCHEDULE["close-overdue-attempts"]["task"]
    assert close_overdue_attempts.name == scheduled
    assert scheduled in current_app.tasks
    close_overdue_attempts.delay()
    assert Attempt.objects.get().state == AttemptState.EXPIRED
