"""A person learns: enrolment, visits, what is done, and ``Completion``, which is never changed."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import AppendOnly, PublicModel
from courses.models.outline import Course, Level, Step
from courses.querysets import EnrolmentQuerySet
from people.models import Audience, Unit, User


class Enrolment(PublicModel):
    """A person learns a course. ``round`` grows when they learn it anew: yearly, or after a completion ran out."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="enrolments")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="enrolments")
    round = models.PositiveSmallIntegerField(_("Lượt học"), default=1)
    started_at = models.DateTimeField()
    last_step = models.ForeignKey(Step, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    last_seen_at = models.DateTimeField()

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        ordering = ["-last_seen_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "course", "round"], name="one_enrolment_per_person_course_and_round"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.course}"


class StepVisit(models.Model):
    """How an enrolled person went through a step: what resuming, minimum times and instructors' figures lean on.

    Never a proof of anything: that is ``StepCompletion``. ``seconds`` counts time with the page in front, as the
    browser tells it, within what the server's clock allows. ``media`` holds the second reached in each video or sound
    by block id; ``answers`` the choice (from 1) last taken in each scenario by block id.
    """

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="visits")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="visits")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    seconds = models.PositiveIntegerField(default=0)
    reached_end = models.BooleanField(default=False)
    media = models.JSONField(default=dict, blank=True)
    answers = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["enrolment", "step"], name="one_visit_per_enrolment_and_step")]

    def __str__(self) -> str:
        return f"{self.enrolment_id} · {self.step_id}"


class StepCompletion(AppendOnly):
    """A step of an enrolment is done, once. ``score`` is 0 to 100 where a quiz gave one."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="step_completions")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="completions")
    completed_at = models.DateTimeField()
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "step"], name="one_completion_per_enrolment_and_step")
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id} · {self.step_id}"


class Completion(PublicModel, AppendOnly):
    """A person finished a course, once. What it claims is frozen here and never read live again.

    ``user`` alone follows where two records of one person become one (docs/decisions/0024).
    """

    enrolment = models.OneToOneField(Enrolment, on_delete=models.PROTECT, related_name="completion")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="completions")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="completions")
    completed_at = models.DateTimeField(db_index=True)
    learner_name = models.CharField(max_length=150)
    learner_birth_date = models.DateField(null=True, blank=True)
    course_title = models.CharField(max_length=200)
    course_revision = models.PositiveIntegerField()
    course_hours = models.DecimalField(max_digits=5, decimal_places=1)
    course_level = models.CharField(max_length=20, choices=Level, default=Level.BASIC)
    valid_until = models.DateField(null=True, blank=True, help_text="The last day on which it holds; empty: for good")
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True, help_text="0–100, final quiz")

    class Meta:
        ordering = ["-completed_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(score__isnull=True) | (Q(score__gte=0) & Q(score__lte=100)), name="score_is_a_percentage"
            )
        ]

    def __str__(self) -> str:
        return f"{self.learner_name} · {self.course_title}"

    def is_expired(self, on: date) -> bool:
        """Whether it has run out by a day; ``valid_until`` is the last day on which it holds."""
        return self.valid_until is not None and on > self.valid_until


class CompletionStanding(AppendOnly):
    """Where a person stood when they completed: one row per membership in force; ``unit`` is empty for "chưa rõ"."""

    completion = models.ForeignKey(Completion, on_delete=models.PROTECT, related_name="standings")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="+")
    is_main = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["completion", "unit", "audience"], name="one_standing_per_place")
        ]

    def __str__(self) -> str:
        return f"{self.completion_id} · {self.unit_id} · {self.audience_id}"
