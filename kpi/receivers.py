"""Receivers of the domain signal ``course_completed``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from courses.models import Completion
from courses.signals import course_completed
from kpi import counting


@receiver(course_completed, dispatch_uid="kpi.completions_count")
def count_completions(sender: Any, completions: Sequence[Completion], **kwargs: Any) -> None:
    """Count the people, in the transaction that created the completions."""
    counting.completions_count(completions=completions)
