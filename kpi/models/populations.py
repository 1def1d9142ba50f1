"""How many people there are to train: official head-counts with their documents."""

from __future__ import annotations

from django.db import models

from common.models import PublicModel
from kpi.models.targets import Indicator
from people.models import Audience, Unit, User


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


class AudiencePopulation(PublicModel):
    """Official head-count of an audience in a unit from a year on. No row = "no figure", which is not zero.

    It is the denominator of every indicator that asks for exactly this audience and has no head-count of its own.
    """

    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    value = models.PositiveIntegerField()
    source = models.CharField(max_length=200, help_text="Document that says so")
    source_date = models.DateField(null=True, blank=True)
    set_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["audience", "unit", "-year"]
        constraints = [
            models.UniqueConstraint(fields=["audience", "unit", "year"], name="one_headcount_per_audience_and_year")
        ]

    def __str__(self) -> str:
        return f"{self.audience_id} · {self.unit_id} · {self.year}: {self.value}"
