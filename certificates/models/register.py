"""The register: append-only rows, chained by their hashes, in one book for each series and year."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from certificates.models.certificates import Certificate
from certificates.models.series import Series
from common.models import AppendOnly
from people.models import User


class Act(models.TextChoices):
    ISSUE = "cap", pgettext_lazy("sổ gốc", "Cấp")
    REISSUE = "cap_lai", pgettext_lazy("sổ gốc", "Cấp lại")
    CORRECT = "chinh_sua", pgettext_lazy("sổ gốc", "Chỉnh sửa")
    REVOKE = "thu_hoi", pgettext_lazy("sổ gốc", "Thu hồi")
    CANCEL = "huy_bo", pgettext_lazy("sổ gốc", "Huỷ bỏ")
    COPY = "ban_sao", pgettext_lazy("sổ gốc", "Cấp bản sao")
    IMPORT = "nhap", _("Ghi lại từ sổ giấy")
    CLOSE = "khoa_so", pgettext_lazy("sổ gốc", "Khoá sổ")


class RegisterEntry(AppendOnly):
    """One act in the register of a series. Each row carries the hash of the one before it, so a change is visible.

    ``position`` runs through the years of a series, and so does the chain: a book that was lost is missed. ``year`` is
    the book. The row that closes a book names no certificate; its content holds the totals.
    """

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="register")
    year = models.PositiveSmallIntegerField()
    position = models.PositiveIntegerField()
    certificate = models.ForeignKey(Certificate, null=True, on_delete=models.PROTECT, related_name="register")
    act = models.CharField(max_length=10, choices=Act)
    at = models.DateTimeField()
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decision_number = models.CharField(max_length=60, blank=True)
    decision_date = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    content = models.JSONField()
    previous_hash = models.CharField(max_length=64)
    row_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["series", "position"]
        constraints = [
            models.UniqueConstraint(fields=["series", "position"], name="one_register_row_per_position"),
            models.UniqueConstraint(
                fields=["series", "year"], condition=models.Q(act="khoa_so"), name="a_book_is_closed_once"
            ),
        ]
        indexes = [models.Index(fields=["series", "year", "position"], name="register_by_book")]

    def __str__(self) -> str:
        return f"{self.series_id} #{self.position} {self.act}"
