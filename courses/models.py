"""Course outline, enrolment, progress, and ``Completion``: the immutable row on which every count rests."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from common.models import AppendOnly, PublicModel
from common.text import fold
from courses.querysets import CourseQuerySet, EnrolmentQuerySet
from people.models import Audience, Unit, User


class Topic(models.Model):
    """A curriculum topic that decisions name; loaded from ``content_topics.yaml`` with its source and quote."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=250)
    group = models.CharField(max_length=120)
    audiences = models.ManyToManyField(Audience, related_name="topics")
    source = models.CharField(max_length=120, blank=True)
    quote = models.TextField(blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name = "chủ đề"
        verbose_name_plural = "chủ đề"

    def __str__(self) -> str:
        return self.name


class Level(models.TextChoices):
    BASIC = "co_ban", "Cơ bản"
    PROFICIENT = "thanh_thao", "Thành thạo"


class Course(PublicModel):
    """A course as published: its outline is carried here from the editors' pages and counted from here.

    ``key`` identifies the course across editions of its page; ``revision`` grows when the outline changes.
    """

    key = models.UUIDField(unique=True)
    slug = models.SlugField(max_length=120, unique=True)
    code = models.CharField("Mã khoá học", max_length=30, unique=True)
    title = models.CharField("Tên khoá học", max_length=200)
    summary = models.CharField("Học xong làm được gì", max_length=300)
    path = models.CharField(max_length=300, help_text="Where the course is read, from the root of the site")
    level = models.CharField("Mức", max_length=20, choices=Level, default=Level.BASIC)
    hours = models.DecimalField("Số giờ học", max_digits=5, decimal_places=1)
    minutes = models.PositiveSmallIntegerField(default=0, help_text="Sum of the steps' minutes")
    audiences = models.ManyToManyField(Audience, related_name="courses")
    topics = models.ManyToManyField(Topic, related_name="courses", blank=True)
    automatic_confirmation = models.BooleanField("Tự cấp giấy xác nhận hoàn thành", default=True)
    revision = models.PositiveIntegerField(default=0)
    is_published = models.BooleanField(default=False)
    published_at = models.DateTimeField(null=True, blank=True)
    search_key = models.TextField(editable=False, default="", help_text="Title, summary, code, topics, audiences")

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        verbose_name = "khoá học"
        verbose_name_plural = "khoá học"

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Topics and audiences hang on a saved row: ``course_outline_publish`` adds their names.
        self.search_key = self.search_key or fold(f"{self.title} {self.summary} {self.code}")
        super().save(*args, **kwargs)


class StepKind(models.TextChoices):
    LESSON = "lesson", "Bài học"
    QUIZ = "quiz", "Bài kiểm tra"


class Step(PublicModel):
    """One lesson or quiz of a course. A step that was taken out keeps its row (``is_active`` false) and its history."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="steps")
    key = models.UUIDField(unique=True, help_text="The page's key, the same through all its editions")
    kind = models.CharField(max_length=10, choices=StepKind)
    title = models.CharField(max_length=200)
    path = models.CharField(max_length=300)
    position = models.PositiveSmallIntegerField()
    minutes = models.PositiveSmallIntegerField(default=5)
    required = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    search_key = models.TextField(editable=False, default="", help_text="Title and text of a lesson, folded")

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.title


class Enrolment(PublicModel):
    """A person learns a course."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="enrolments")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="enrolments")
    started_at = models.DateTimeField()
    last_step = models.ForeignKey(Step, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    last_seen_at = models.DateTimeField()

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        ordering = ["-last_seen_at"]
        constraints = [models.UniqueConstraint(fields=["user", "course"], name="one_enrolment_per_person_and_course")]

    def __str__(self) -> str:
        return f"{self.user} · {self.course}"


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
    """A person finished a course, once. What it claims is frozen here and never read live again."""

    enrolment = models.OneToOneField(Enrolment, on_delete=models.PROTECT, related_name="completion")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="completions")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="completions")
    completed_at = models.DateTimeField(db_index=True)
    learner_name = models.CharField(max_length=150)
    learner_birth_date = models.DateField(null=True, blank=True)
    course_title = models.CharField(max_length=200)
    course_revision = models.PositiveIntegerField()
    course_hours = models.DecimalField(max_digits=5, decimal_places=1)
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
