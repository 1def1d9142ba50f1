"""Frameworks of digital competence that courses are aligned to: data, never a rule in code."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Framework(models.Model):
    """A framework of competences in force, such as Thông tư 02/2025/TT-BGDĐT; loaded from ``frameworks.yaml``."""

    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(_("Tên khung"), max_length=250)
    decision = models.CharField(_("Văn bản"), max_length=120)
    note = models.TextField(_("Ghi chú"), blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("khung năng lực số")
        verbose_name_plural = _("khung năng lực số")

    def __str__(self) -> str:
        return self.name


class Competence(models.Model):
    """One competence of a framework; ``domain`` is the area it stands under there."""

    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="competences")
    code = models.CharField(max_length=30)
    domain = models.CharField(_("Miền năng lực"), max_length=200)
    name = models.CharField(_("Năng lực"), max_length=250)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["framework", "position", "pk"]
        verbose_name = _("năng lực số")
        verbose_name_plural = _("năng lực số")
        constraints = [models.UniqueConstraint(fields=["framework", "code"], name="one_competence_per_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def reference(self) -> str:
        """How data files name it: ``TT02-2025:4.2``."""
        return f"{self.framework.code}:{self.code}"
