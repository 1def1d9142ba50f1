"""``Counted``, the fact behind every figure; its summary; and what changed in figures that were reported already."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.models import AppendOnly
from courses.models import Completion
from kpi.models.targets import Indicator
from kpi.querysets import CountedQuerySet, UnitMonthQuerySet
from people.models import Audience, Unit, User


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
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = CountedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["indicator", "user", "year"], name="one_count_per_person_and_year")
        ]
        indexes = [
            models.Index(fields=["indicator", "year", "unit"], name="counted_by_unit"),
            # What was counted within some days: a few thousand rows of a million.
            models.Index(fields=["indicator", "year", "counted_on", "unit"], name="counted_by_day"),
        ]

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


class CorrectionReason(models.TextChoices):
    LATE = "late", _("Kết quả gửi muộn")
    MERGED = "merged", _("Gộp hai hồ sơ của một người")
    REVOKED = "revoked", _("Giấy bị thu hồi hoặc huỷ bỏ")
    REGRADED = "regraded", _("Chấm lại bài")
    RULE = "rule", _("Đổi cách tính")
    REPAIRED = "repaired", _("Tính lại từ kết quả học")
    DECLARED = "declared", _("Số đơn vị báo được duyệt sau khi chốt")
    TEAM = "team", _("Danh sách tổ hoặc kết quả của thành viên thay đổi")
    UNITS = "units", _("Đổi cách quy đổi đơn vị")


class CountCorrection(AppendOnly):
    """A change of what counted on a day that had been reported already: who, why, before and after.

    An empty ``before_on``: the person had not counted; an empty ``after_on``: the person counts no longer.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="corrections")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=10, choices=CorrectionReason)
    before_unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    before_on = models.DateField(null=True)
    before_completion = models.ForeignKey(Completion, null=True, on_delete=models.PROTECT, related_name="+")
    after_unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    after_on = models.DateField(null=True)
    after_completion = models.ForeignKey(Completion, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["indicator", "year", "recorded_at"], name="corrections_of_a_year")]

    def __str__(self) -> str:
        return f"{self.indicator_id} · {self.user_id} · {self.year}: {self.reason}"
