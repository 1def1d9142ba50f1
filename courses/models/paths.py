"""Learning paths over several courses, who ought to learn what by when, and what people like them finished."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import AppendOnly, PublicModel
from courses.models.outline import Course, Level
from courses.querysets import AssignmentQuerySet, LearningPathQuerySet
from people.models import Audience, Unit, User


class LearningPath(PublicModel):
    """Courses in an order, towards one aim. Carried here from the editors' pages like a course."""

    key = models.UUIDField(unique=True)
    slug = models.SlugField(max_length=120, unique=True)
    title = models.CharField(_("Tên lộ trình"), max_length=200)
    summary = models.CharField(_("Học xong làm được gì"), max_length=300)
    path = models.CharField(max_length=300, help_text="Where the path is read, from the root of the site")
    level = models.CharField(_("Mức"), max_length=20, choices=Level, default=Level.BASIC)
    audiences = models.ManyToManyField(Audience, related_name="learning_paths")
    courses = models.ManyToManyField(Course, through="PathCourse", related_name="learning_paths")
    is_published = models.BooleanField(default=False)

    objects = LearningPathQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        verbose_name = _("lộ trình học")
        verbose_name_plural = _("lộ trình học")

    def __str__(self) -> str:
        return self.title


class PathCourse(models.Model):
    """A course in its place on a path."""

    learning_path = models.ForeignKey(LearningPath, on_delete=models.CASCADE, related_name="places")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    required = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["learning_path", "course"], name="one_place_per_path_course")]

    def __str__(self) -> str:
        return f"{self.learning_path} · {self.course}"


class PathCompletion(PublicModel, AppendOnly):
    """A person finished every required course of a path, once; what it claims is frozen."""

    learning_path = models.ForeignKey(LearningPath, on_delete=models.PROTECT, related_name="completions")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="path_completions")
    completed_at = models.DateTimeField(db_index=True)
    learner_name = models.CharField(max_length=150)
    path_title = models.CharField(max_length=200)
    path_level = models.CharField(max_length=20, choices=Level)
    hours = models.DecimalField(max_digits=6, decimal_places=1, help_text="Sum of the required courses' hours")

    class Meta:
        ordering = ["-completed_at"]
        constraints = [
            models.UniqueConstraint(fields=["learning_path", "user"], name="one_completion_per_path_and_person")
        ]

    def __str__(self) -> str:
        return f"{self.learner_name} · {self.path_title}"


class Assignment(PublicModel):
    """An audience (of one unit and below, or of the whole province) ought to finish a course or a path by a day.

    Programmes of decisions are carried here by the counting room; ``source`` and ``reference`` say where it stands.
    """

    source = models.CharField(max_length=60, help_text="Who keeps the row, such as kpi:2026:BG23-01")
    title = models.CharField(_("Chương trình"), max_length=300)
    reference = models.CharField(_("Căn cứ"), max_length=300, blank=True)
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="assignments")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments")
    learning_path = models.ForeignKey(
        LearningPath, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments"
    )
    begins_on = models.DateField()
    due_on = models.DateField(db_index=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        verbose_name = _("giao học")
        verbose_name_plural = _("giao học")
        constraints = [
            models.CheckConstraint(
                condition=Q(course__isnull=False, learning_path__isnull=True)
                | Q(course__isnull=True, learning_path__isnull=False),
                name="assignment_names_a_course_or_a_path",
            ),
            models.CheckConstraint(condition=Q(due_on__gte=models.F("begins_on")), name="assignment_has_a_span"),
        ]

    def __str__(self) -> str:
        return f"{self.title} · {self.audience}"

    @property
    def code(self) -> str:
        """The programme's own code: the last part of the source."""
        return self.source.rsplit(":", 1)[-1]


class CourseUptake(models.Model):
    """How many people of an audience finished a course in the last year, for recommendations. Made anew daily."""

    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="+")
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="+")
    people = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["audience", "course"], name="one_uptake_per_audience_course")]

    def __str__(self) -> str:
        return f"{self.audience_id} · {self.course_id}: {self.people}"
