"""Who may see an attempt; the same answer as ``Attempt.objects.visible_to``."""

from __future__ import annotations

from typing import Any

from quizzes.models import Attempt


def can_see_attempt(viewer: Any, attempt: Attempt) -> bool:
    """Whether ``viewer`` is the learner. Nobody else reads or writes an attempt, whatever their office."""
    return bool(viewer.is_authenticated and attempt.enrolment.user_id == viewer.pk)
