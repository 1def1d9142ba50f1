"""Who may see an attempt (the same answer as ``Attempt.objects.visible_to``), and who sees figures without names."""

from __future__ import annotations

from typing import Any

from people import access
from quizzes.models import Attempt

#: Whoever teaches or writes anywhere.
FIGURES = access.TEACHING | access.EDITING


def can_see_attempt(viewer: Any, attempt: Attempt) -> bool:
    """Whether ``viewer`` is the learner. Nobody else reads or writes an attempt, whatever their office."""
    return bool(viewer.is_authenticated and attempt.enrolment.user_id == viewer.pk)


def can_see_figures(viewer: Any) -> bool:
    """Whether the figures of quizzes and questions, which carry no names, are open to ``viewer``."""
    return bool(access.roles_of(viewer) & FIGURES)
