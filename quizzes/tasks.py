"""Jobs of this room."""

from __future__ import annotations

from celery import shared_task

from quizzes import services
from quizzes.services import measuring


@shared_task(name="quizzes.close_overdue_attempts")
def close_overdue_attempts() -> None:
    """Close what ran out of time, also for people who never came back."""
    services.attempts_close_overdue()


@shared_task(name="quizzes.forget_old_imports")
def forget_old_imports() -> None:
    """Files of questions do not stay for ever."""
    services.imports_forget_old()


@shared_task(name="quizzes.rebuild_statistics", time_limit=3600)
def rebuild_statistics() -> None:
    """Work out anew the figures of every quiz with new results."""
    measuring.statistics_rebuild_stale()
