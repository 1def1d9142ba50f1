"""Figures as they were reported: frozen at a closing, provable by a checksum, never written again."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.language import on_record
from common.models import AppendOnly, PublicModel
from kpi.models.counting import CorrectionReason
from kpi.models.targets import Indicator
from kpi.periods import period_name
from kpi.querysets_closings import ClosingQuerySet
from people.models import Structure, Unit, User


class Period(models.TextChoices):
    MONTH = "month", _("Tháng")
    QUARTER = "quarter", _("Quý")
    HALF = "half", _("6 tháng")
    YEAR = "year", _("Năm")
    DAY = "day", _("Đến một ngày")


class Closing(PublicModel, AppendOnly):
    """All figures of a unit and the units below it, as of the end of ``until``, under one structure.

    ``year``: the year that yearly indicators are read for. ``checksum``: SHA-256 over the lines of ``figures`` in their
    canonical order, see ``kpi.services.closings``.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=8, choices=Period)
    year = models.PositiveSmallIntegerField()
    until = models.DateField(help_text="The last day whose completions are in the figures")
    note = models.CharField(max_length=300, blank=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField()
    figures_count = models.PositiveIntegerField()
    checksum = models.CharField(max_length=64)

    objects = ClosingQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["-until", "-closed_at"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "structure", "period", "until"], name="one_closing_per_period")
        ]

    def __str__(self) -> str:
        """As the log names it; pages show ``name``."""
        with on_record():
            return self.name

    @property
    def name(self) -> str:
        """The period as it is read, "Quý III/2026"; on a page in the language of its reader."""
        return period_name(self.period, self.until)


class ClosedFigure(AppendOnly):
    """One frozen figure. ``part`` as in ``kpi.figures.Part``; ``unit`` is the unit of the row, or the place's own.

    ``count`` is what was counted or declared; ``denominator``, ``goal`` and the target are those of that day. Only
    figures that say something are kept: somebody counted, or somebody to train.
    """

    closing = models.ForeignKey(Closing, on_delete=models.PROTECT, related_name="figures")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=16)
    count = models.DecimalField(max_digits=14, decimal_places=2)
    denominator = models.PositiveIntegerField(null=True)
    denominator_source = models.CharField(max_length=250, blank=True)
    goal = models.PositiveIntegerField(null=True)
    target_value = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    measured_in = models.CharField(max_length=40, blank=True)
    comparator = models.CharField(max_length=8, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["closing", "indicator", "unit", "part"], name="one_frozen_figure_per_place")
        ]

    def __str__(self) -> str:
        return f"{self.closing_id} · {self.indicator_id} · {self.unit_id}: {self.count}"


class FigureCorrection(AppendOnly):
    """A change of a closed figure that no single person explains: a value approved late, a team, the unit tree.

    ``before`` is the closed figure with all corrections up to then, ``after`` what the same day says now. ``said``:
    what happened, in words.
    """

    closing = models.ForeignKey(Closing, on_delete=models.PROTECT, related_name="corrections")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=10, choices=CorrectionReason)
    before = models.DecimalField(max_digits=14, decimal_places=2)
    after = models.DecimalField(max_digits=14, decimal_places=2)
    said = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["closing", "unit", "indicator"], name="figure_corrections_by_place")]

    def __str__(self) -> str:
        return f"{self.closing_id} · {self.indicator_id} · {self.unit_id}: {self.before} → {self.after}"

    @property
    def step(self) -> Decimal:
        """How much more is said now; negative for less."""
        return self.after - self.before
