"""Receivers of the domain signal ``course_completed``."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from courses.models import Completion
from courses.signals import course_completed
from kpi import counting


@receiver(course_completed, dispatch_uid="kpi.completion_count")
def count_completion(sender: Any, completion: Completion, **kwargs: Any) -> None:
    """Count the person, in the transaction that created the completion."""
    counting.completion_count(completion=completion)
