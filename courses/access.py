"""Who may read what a learner handed in."""

from __future__ import annotations

from typing import Any

from courses.models import Submission


def can_read_submission(viewer: Any, submission: Submission) -> bool:
    """Whether ``viewer`` is the learner whose work it is."""
    return bool(viewer.is_authenticated and submission.enrolment.user_id == viewer.pk)
