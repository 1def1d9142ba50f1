"""What units declare themselves, with evidence: activities of schools, and figures that nobody learns towards."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import PublicModel, private_storage
from kpi.models.targets import Indicator
from people.models import Unit, User


class DeclarationState(models.TextChoices):
    SUBMITTED = "submitted", _("Chờ duyệt")
    APPROVED = "approved", _("Đã duyệt")
    RETURNED = "returned", _("Trả lại")
    WITHDRAWN = "withdrawn", _("Đã rút")


class Declaration(PublicModel):
    """A value of an indicator in a unit, as of ``until``, with its evidence. The newest approved one holds.

    For an activity the value is 1: the unit had it in that year. ``evidence`` is kept by the hash of its bytes.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="declarations")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    until = models.DateField(help_text="The day on which the value held")
    value = models.DecimalField(max_digits=14, decimal_places=2)
    note = models.TextField(blank=True)
    evidence = models.FileField(storage=private_storage, upload_to="kpi/evidence/", max_length=200, blank=True)
    evidence_name = models.CharField(max_length=200, blank=True)
    evidence_sha256 = models.CharField(max_length=64, blank=True)
    evidence_link = models.URLField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=DeclarationState, default=DeclarationState.SUBMITTED)
    declared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-declared_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "unit", "year"],
                condition=models.Q(state="submitted"),
                name="one_declaration_waits_per_place",
            )
        ]
        indexes = [models.Index(fields=["indicator", "year", "state"], name="declarations_of_a_year")]

    def __str__(self) -> str:
        return f"{self.indicator_id} · {self.unit_id} · {self.year}: {self.value}"
