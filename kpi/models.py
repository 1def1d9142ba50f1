"""Decisions, programmes, indicators with targets, populations; and ``Counted``, the fact behind every figure."""

from __future__ import annotations

from django.db import models

from courses.models import Completion, Course, LearningPath
from kpi.querysets import CountedQuerySet, IndicatorQuerySet, UnitMonthQuerySet
from people.models import Audience, Unit, User


class Decision(models.Model):
    """A document that promises something. Several are in force side by side; a code prefix names each (BG23, BG22…)."""

    code = models.CharField(max_length=10, unique=True)
    title = models.CharField(max_length=250)
    province = models.CharField(max_length=60)
    source = models.CharField(max_length=80)

    class Meta:
        ordering = ["code"]
        verbose_name = "văn bản"
        verbose_name_plural = "văn bản"

    def __str__(self) -> str:
        return self.title


class Programme(models.Model):
    """A line of a decision: for whom, how many, how. Loaded from ``programmes.yaml`` with its quote.

    ``courses`` and ``paths``: what it asks people to learn here, from ``learning.yaml``.
    """

    code = models.CharField(max_length=20, unique=True)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="programmes")
    title = models.TextField()
    audiences = models.ManyToManyField(Audience, related_name="programmes")
    headcount = models.PositiveIntegerField(null=True, blank=True)
    year_from = models.PositiveSmallIntegerField(null=True, blank=True)
    year_to = models.PositiveSmallIntegerField(null=True, blank=True)
    recurrence = models.CharField(max_length=20, blank=True)
    lead_units = models.JSONField(default=list)
    courses = models.ManyToManyField(Course, related_name="programmes", blank=True)
    paths = models.ManyToManyField(LearningPath, related_name="programmes", blank=True)
    quote = models.TextField()
    detail = models.JSONField(default=dict, help_text="The rest of the entry, as extracted")

    class Meta:
        ordering = ["code"]
        verbose_name = "chương trình đào tạo"
        verbose_name_plural = "chương trình đào tạo"

    def __str__(self) -> str:
        return f"{self.code}: {self.title}"


class Measure(models.TextChoices):
    PLATFORM = "platform", "Hệ thống đo"
    HYBRID = "hybrid", "Hệ thống và đơn vị cùng báo"
    MANUAL = "manual", "Nhập tay kèm minh chứng"


class Recurrence(models.TextChoices):
    YEARLY = "yearly", "Hằng năm"
    CUMULATIVE = "cumulative", "Luỹ kế"
    QUARTERLY = "quarterly", "Hằng quý"
    SNAPSHOT = "snapshot", "Tại thời điểm"
    OTHER = "other", "Khác"


class Indicator(models.Model):
    """What a decision promises. ``counts`` is true where completions of this platform feed it.

    A completion feeds it when one of its standings is in ``audiences`` (or below them), its course is one of
    ``courses`` (none listed = any course) and its score reaches ``min_score`` (empty = taking part is enough).
    """

    code = models.CharField(max_length=20, unique=True)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="indicators")
    text = models.TextField()
    numerator = models.TextField(blank=True)
    denominator = models.TextField(blank=True)
    metric_kind = models.CharField(max_length=30)
    measure = models.CharField(max_length=10, choices=Measure)
    recurrence = models.CharField(max_length=12, choices=Recurrence)
    base_year = models.PositiveSmallIntegerField(help_text="Year under which a cumulative indicator counts")
    counts = models.BooleanField(default=False)
    audiences = models.ManyToManyField(Audience, related_name="indicators")
    programmes = models.ManyToManyField(Programme, related_name="indicators")
    courses = models.ManyToManyField(Course, related_name="indicators", blank=True)
    min_score = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    counting_rule = models.TextField(blank=True)
    source = models.CharField(max_length=80)
    section = models.CharField(max_length=200, blank=True)
    quote = models.TextField()
    note = models.TextField(blank=True)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = "chỉ tiêu"
        verbose_name_plural = "chỉ tiêu"

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"


class Target(models.Model):
    """How much of an indicator, by which year, for which unit.

    ``comparator``: >=, =, > (strict, "trên"), <= (a rank), exists (nothing to reckon).
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="targets")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    measured_in = models.CharField(max_length=40, blank=True, help_text="%, người, …")
    comparator = models.CharField(max_length=8)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["indicator", "unit"], name="one_target_per_indicator_and_unit")]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.comparator} {self.value} ({self.year})"


class Population(models.Model):
    """Official head-count behind an indicator in a unit from a year on, with its source. No row = "no figure"."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="populations")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    value = models.PositiveIntegerField()
    source = models.CharField(max_length=80)
    quote = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["indicator", "unit", "year"], name="one_population_per_place_and_year")
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} · {self.unit_id} · {self.year}: {self.value}"


class Counted(models.Model):
    """A person counted once for an indicator in a year, with the completion that proves it and the unit of that moment.

    ``unit`` is empty for "chưa rõ". Rebuilt from completions by ``kpi_rebuild``, and equal to what was counted live.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="counted")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="+")
    completion = models.ForeignKey(Completion, on_delete=models.PROTECT, related_name="counted")
    counted_on = models.DateField(help_text="Day of the completion, in the province's time zone")

    objects = CountedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["indicator", "user", "year"], name="one_count_per_person_and_year")
        ]
        indexes = [models.Index(fields=["indicator", "year", "unit"], name="counted_by_unit")]

    def __str__(self) -> str:
        return f"{self.indicator_id} · {self.user_id} · {self.year}"


class UnitMonth(models.Model):
    """Summary that dashboards read: people counted for an indicator and year, by unit and month of completion.

    ``month`` is the first day of the month. Refreshed after commit from ``Counted``, never inside a learner's request.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField()
    month = models.DateField()
    count = models.PositiveIntegerField()

    objects = UnitMonthQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["indicator", "unit", "year", "month"], name="one_summary_per_cell"),
            models.UniqueConstraint(
                fields=["indicator", "year", "month"],
                condition=models.Q(unit__isnull=True),
                name="one_summary_per_cell_without_unit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} · {self.unit_id} · {self.month:%m/%Y}: {self.count}"
