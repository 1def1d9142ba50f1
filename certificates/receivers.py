"""Receivers of the domain signal ``course_completed``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from certificates.services import certificates_issue_automatic
from courses.models import Completion
from courses.signals import course_completed


@receiver(course_completed, dispatch_uid="certificates.issue_confirmations")
def issue_confirmations(*, completions: Sequence[Completion], **kwargs: Any) -> None:
    """Number the confirmations in the transaction of the completions: both are there or neither is."""
    certificates_issue_automatic(completions=completions)
