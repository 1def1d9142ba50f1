"""Receivers of the domain signal ``course_completed``."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from certificates.services import certificate_issue_automatic
from courses.models import Completion
from courses.signals import course_completed


@receiver(course_completed, dispatch_uid="certificates.issue_confirmation")
def issue_confirmation(*, completion: Completion, **kwargs: Any) -> None:
    """Number the confirmation in the transaction of the completion: both are there or neither is."""
    certificate_issue_automatic(completion=completion)
