"""Reads of banks, questions and attempts, named for the screens that ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Count, Q

from courses.models import Enrolment
from people import access


class BankQuerySet(models.QuerySet[Any]):
    def readable_by(self, user: Any) -> BankQuerySet:
        """Banks whose questions an editor may read and use: of the province, shared ones, those of their own units."""
        if not access.is_editor(user):
            return self.none()
        if user.is_superuser:
            return self.all()
        own = Q(owner__in=access.scope_units(user, access.EDITING))
        return self.filter(Q(owner=None) | Q(is_shared=True) | own)

    def writable_by(self, user: Any) -> BankQuerySet:
        """Banks that an editor may change: those of the province and of their own units."""
        if not access.is_editor(user):
            return self.none()
        if user.is_superuser:
            return self.all()
        return self.filter(Q(owner=None) | Q(owner__in=access.scope_units(user, access.EDITING)))


class QuestionQuerySet(models.QuerySet[Any]):
    def in_use(self) -> QuestionQuerySet:
        """Questions that may be asked."""
        return self.filter(is_active=True, state="approved")

    def for_draw(self, bank: Any) -> QuestionQuerySet:
        """Questions that a final quiz may draw."""
        return self.in_use().filter(bank=bank, in_final=True)

    def for_quiz(self, *, bank: Any, purpose: str, question_codes: Sequence[str]) -> QuestionQuerySet:
        """Questions that a quiz may ask: those it names; else what a final may draw, or all in use for a check."""
        if question_codes:
            return self.in_use().filter(bank=bank, code__in=question_codes)
        return self.for_draw(bank) if purpose == "final" else self.in_use().filter(bank=bank)

    def for_section(self, *, bank: Any, purpose: str, section: Mapping[str, Any]) -> QuestionQuerySet:
        """Questions that one section of a quiz may ask; ``bank`` is that of the section, or of the quiz where it names
        none."""
        found = self.for_quiz(bank=bank, purpose=purpose, question_codes=section.get("codes") or ())
        if section.get("codes"):
            return found
        if section.get("topic"):
            found = found.filter(topic__code=section["topic"])
        if section.get("difficulty"):
            found = found.filter(difficulty__in=section["difficulty"])
        # Each tag on its own: a question must have all of them.
        for tag in section.get("tags") or ():
            found = found.filter(tags__slug=tag)
        return found


class AttemptQuerySet(models.QuerySet[Any]):
    def visible_to(self, viewer: Any) -> AttemptQuerySet:
        """A learner's own attempts; nobody else's."""
        return self.filter(enrolment__user=viewer) if viewer.is_authenticated else self.none()

    def overdue(self, at: datetime) -> AttemptQuerySet:
        """Open attempts whose deadline and grace have passed."""
        from quizzes.models import GRACE, OPEN_STATES

        return self.filter(state__in=OPEN_STATES, deadline__lt=at - GRACE)

    def left_ungraded(self) -> AttemptQuerySet:
        """Handed in, graded by rule, and yet without a result: something broke on the way."""
        return self.filter(state="submitted", needs_grader=False)

    def for_page(self) -> AttemptQuerySet:
        """Attempts with everything that an attempt's own pages name."""
        return self.select_related("quiz__step__course", "enrolment")

    def for_saving(self) -> AttemptQuerySet:
        """Attempts held until the transaction ends, with whose they are."""
        return self.select_related("enrolment").select_for_update(of=("self",))

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
