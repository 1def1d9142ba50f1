"""Reads of questions and attempts, named for the screens that ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Count, Q

from courses.models import Enrolment


class QuestionQuerySet(models.QuerySet[Any]):
    def for_draw(self, bank: Any) -> QuestionQuerySet:
        """Questions that a final quiz may draw."""
        return self.filter(bank=bank, is_active=True, in_final=True)

    def for_quiz(self, *, bank: Any, purpose: str, question_codes: Sequence[str]) -> QuestionQuerySet:
        """Questions that a quiz may ask: those it names; else what a final may draw, or all in use for a check."""
        if question_codes:
            return self.filter(bank=bank, is_active=True, code__in=question_codes)
        return self.for_draw(bank) if purpose == "final" else self.filter(bank=bank, is_active=True)


class AttemptQuerySet(models.QuerySet[Any]):
    def visible_to(self, viewer: Any) -> AttemptQuerySet:
        """A learner's own attempts; nobody else's."""
        return self.filter(enrolment__user=viewer) if viewer.is_authenticated else self.none()

    def overdue(self, at: datetime) -> AttemptQuerySet:
        """Open attempts whose deadline and grace have passed."""
        from quizzes.models import GRACE, OPEN_STATES

        return self.filter(state__in=OPEN_STATES, deadline__lt=at - GRACE)

    def for_page(self) -> AttemptQuerySet:
        """Attempts with everything that an attempt's own pages name."""
        return self.select_related("quiz__step__course", "enrolment")

    def for_start(self, *, quiz: Any, viewer: Any) -> AttemptQuerySet:
        """A person's tries at one quiz in their latest round of the course: those of an earlier round are history."""
        if not viewer.is_authenticated:
            return self.none()
        rounds = Enrolment.objects.rounds_of(user=viewer, course=quiz.step.course_id)
        return self._tries().filter(quiz=quiz, enrolment__in=rounds.values("pk")[:1])

    def beside(self, attempt: Any) -> AttemptQuerySet:
        """All tries at the same quiz in the same round as ``attempt``, itself among them."""
        return self._tries().filter(quiz=attempt.quiz_id, enrolment=attempt.enrolment_id)

    def _tries(self) -> AttemptQuerySet:
        """First try first, without papers. A closed one knows how many questions it ``asked``, how many were right."""
        asked, right = Count("answers"), Count("answers", filter=Q(answers__points=1))
        tries: AttemptQuerySet = self.annotate(asked=asked, right=right)
        return tries.defer("paper").order_by("number")
