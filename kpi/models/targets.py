"""Decisions with their programmes, and what they promise: indicators and targets."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from certificates.models import Series
from common.models import AppendOnly, PublicModel
from courses.models import Course, LearningPath, Level
from kpi.querysets import IndicatorQuerySet
from people.models import Audience, Unit, User


class Decision(models.Model):
    """A document that promises something. Several are in force side by side; a code prefix names each (BG23, BG22…)."""

    code = models.CharField(max_length=10, unique=True)
    title = models.CharField(max_length=250)
    province = models.CharField(max_length=60)
    source = models.CharField(max_length=80)
    # The span in which it asks for reports: of a plan for one year that year. Empty: not known, so nothing ends.
    valid_from = models.DateField(_("Có hiệu lực từ"), null=True, blank=True)
    valid_until = models.DateField(_("Có hiệu lực đến"), null=True, blank=True)
    valid_source = models.CharField(_("Căn cứ của thời hạn"), max_length=300, blank=True)
    valid_is_own = models.BooleanField(default=False, help_text="Set by the province: loading leaves it alone")

    class Meta:
        ordering = ["code"]
        verbose_name = pgettext_lazy("quyết định", "văn bản")
        verbose_name_plural = pgettext_lazy("quyết định", "văn bản")

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
        verbose_name = _("chương trình đào tạo")
        verbose_name_plural = _("chương trình đào tạo")

    def __str__(self) -> str:
        return f"{self.code}: {self.title}"


class Measure(models.TextChoices):
    PLATFORM = "platform", _("Hệ thống đo")
    HYBRID = "hybrid", _("Hệ thống và đơn vị cùng báo")
    MANUAL = "manual", _("Nhập tay kèm minh chứng")


class CountingKind(models.TextChoices):
    """What makes a person, a team or a unit count for an indicator."""

    COMPLETED = "completed", _("Hoàn thành khoá học")
    PASSED = "passed", _("Đạt điểm bài kiểm tra cuối khoá")
    LEVEL = "level", _("Hoàn thành khoá ở một trình độ")
    HOURS = "hours", _("Đủ số giờ học")
    CERTIFICATE = "certificate", _("Được cấp giấy")
    TEAM = "team", _("Tổ có đủ thành viên đã học")
    ACTIVITY = "activity", _("Đơn vị có hoạt động, kèm minh chứng")
    DECLARED = "declared", _("Đơn vị báo số liệu, kèm minh chứng")
    NONE = "none", _("Chưa tính được")


#: Kinds that completions of this platform feed: they write ``Counted`` rows, one for each person.
FED_KINDS = frozenset(
    {
        CountingKind.COMPLETED,
        CountingKind.PASSED,
        CountingKind.LEVEL,
        CountingKind.HOURS,
        CountingKind.CERTIFICATE,
        CountingKind.TEAM,
    }
)
#: Kinds whose figure comes from approved declarations.
DECLARED_KINDS = frozenset({CountingKind.ACTIVITY, CountingKind.DECLARED})


class Recurrence(models.TextChoices):
    YEARLY = "yearly", _("Hằng năm")
    CUMULATIVE = "cumulative", _("Luỹ kế")
    QUARTERLY = "quarterly", _("Hằng quý")
    SNAPSHOT = "snapshot", _("Tại thời điểm")
    OTHER = "other", _("Khác")


class Indicator(PublicModel):
    """What a decision promises. ``counts`` is true where completions of this platform feed it.

    A completion feeds it when one of its standings is in ``audiences`` (or below them), its course is one of
    ``courses`` (none listed = any course) and its score reaches ``min_score`` (empty = taking part is enough).
    ``counting`` may ask for more: a course of ``level`` at least, ``min_hours`` of learning within the year, a paper of
    one of ``series`` that stands. ``responsible`` units carry it out and declare; ``monitoring`` units approve.
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
    counting = models.CharField(max_length=12, choices=CountingKind, default=CountingKind.NONE)
    counts = models.BooleanField(default=False)
    audiences = models.ManyToManyField(Audience, related_name="indicators")
    programmes = models.ManyToManyField(Programme, related_name="indicators")
    courses = models.ManyToManyField(Course, related_name="indicators", blank=True)
    min_score = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    level = models.CharField(max_length=20, choices=Level, blank=True)
    min_hours = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    series = models.ManyToManyField(Series, related_name="indicators", blank=True)
    responsible_names = models.JSONField(default=list, help_text="As the document names them")
    monitoring_name = models.CharField(max_length=250, blank=True, help_text="As the document names it")
    responsible = models.ManyToManyField(Unit, related_name="+", blank=True)
    monitoring = models.ManyToManyField(Unit, related_name="+", blank=True)
    counting_rule = models.TextField(blank=True)
    source = models.CharField(max_length=80)
    section = models.CharField(max_length=200, blank=True)
    quote = models.TextField()
    note = models.TextField(blank=True)
    caution = models.CharField(
        _("Lưu ý cạnh con số"),
        max_length=120,
        blank=True,
        help_text="What every reader of the figure must know, in a line",
    )

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("chỉ tiêu")
        verbose_name_plural = _("chỉ tiêu")

    @property
    def all_targets(self) -> list[Target]:
        """Its targets; ``for_figures`` read them already (of one unit, where it was asked for one)."""
        loaded: list[Target] | None = getattr(self, "loaded_targets", None)
        return list(self.targets.all()) if loaded is None else loaded

    @property
    def all_audiences(self) -> list[Audience]:
        """Whom it asks for; ``for_figures`` read them already."""
        loaded: list[Audience] | None = getattr(self, "loaded_audiences", None)
        return list(self.audiences.all()) if loaded is None else loaded

    @property
    def has_figure(self) -> bool:
        """Whether there can be a figure: completions feed it, or units declare it."""
        return self.counts or self.counting in DECLARED_KINDS

    def counted_under(self, year: int) -> int:
        """The year under which people stand who count in ``year``: its own, or the one of everything since."""
        return year if self.recurrence == Recurrence.YEARLY else self.base_year

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"


class Target(models.Model):
    """How much of an indicator, by which year, for which unit. What it said before is in ``versions``.

    ``comparator``: >=, =, > (strict, "trên"), <= (a rank), exists (nothing to reckon). ``allocated_from``: the target
    of a unit above of which this is a share; ``allocated_version``: number of the version of it that was shared out.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="targets")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    measured_in = models.CharField(max_length=40, blank=True, help_text="%, người, …")
    comparator = models.CharField(max_length=8)
    allocated_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="shares")
    allocated_version = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["indicator", "unit"], name="one_target_per_indicator_and_unit")]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.comparator} {self.value} ({self.year})"


class TargetVersion(AppendOnly):
    """What a target said from ``set_at`` on, and the decision that made it so. The newest is what holds.

    ``is_withdrawn``: from here on there is no target. ``decision_no`` and ``decided_on`` name a document on paper.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="target_versions")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    measured_in = models.CharField(max_length=40, blank=True)
    comparator = models.CharField(max_length=8)
    is_withdrawn = models.BooleanField(default=False)
    decision_no = models.CharField(max_length=60, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    set_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "unit", "number"], name="one_version_per_number"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} · {self.unit_id} · {self.number}"
