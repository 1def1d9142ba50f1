"""Reads of questions and attempts, named for the screens that ask."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models


class QuestionQuerySet(models.QuerySet[Any]):
    def for_draw(self, bank: Any) -> QuestionQuerySet:
        """Questions that a final quiz may draw."""
        return self.filter(bank=bank, is_active=True, in_final=True)


class AttemptQuerySet(models.QuerySet[Any]):
    def visible_to(self, viewer: Any) -> AttemptQuerySet:
        """A learner's own attempts; nobody else's."""
        return self.filter(enrolment__user=viewer) if viewer.is_authenticated else self.none()

    def overdue(self, at: datetime) -> AttemptQuerySet:
        """Open attempts whose deadline and grace have passed."""
        from quizzes.models import GRACE, OPEN_STATES

        return self.filter(state__in=OPEN_STATES, deadline__lt=at - GRACE)
