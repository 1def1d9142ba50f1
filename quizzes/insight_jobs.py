"""Long work of figures and regrades, as jobs that somebody waits for."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from common import jobs
from common.jobs import Progress
from people.models import User
from quizzes.models import Question, Quiz
from quizzes.services import measuring, regrading

STATISTICS, REGRADE = "quizzes.statistics", "quizzes.regrade"


@jobs.register(STATISTICS)
def _statistics(progress: Progress, *, quiz: str) -> dict[str, Any]:
    """Work out the figures of a quiz anew."""
    found = Quiz.objects.get(uuid=quiz)
    progress.begin(measuring.graded_attempts(found).count(), _("Đang đọc bài làm"))
    row = measuring.statistics_rebuild(quiz=found, advance=progress.advance)
    return {"attempts": row.attempts}


@jobs.register(REGRADE)
def _regrade(progress: Progress, *, question: str, version: int, reason: str, actor: str) -> dict[str, Any]:
    """Score every closed attempt with this question anew, then work out the figures that it changed."""
    found = Question.objects.get(uuid=question)
    report = regrading.question_regrade(
        question=found, reason=reason, actor=User.objects.get(uuid=actor), version=version, progress=progress
    )
    if report.touched:
        for quiz in Quiz.objects.filter(attempts__answers__question=found).distinct():
            measuring.statistics_rebuild(quiz=quiz)
    return report.as_json()
