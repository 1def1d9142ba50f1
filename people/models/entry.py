"""How a person who is only a line of a roster becomes the owner of an account, and what they agreed to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import AppendOnly, PublicModel
from people.models.units import Unit
from people.models.users import User


class ClaimSlip(PublicModel):
    """A printed slip with a one-time code that hands an account to its owner.

    Only a keyed hash of the code is kept: whoever reads the database cannot claim anybody. Printing again makes a new
    slip and voids the earlier ones. A slip opens an account until ``expires_at``, once (``used_at``).
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="slips")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", help_text="Who hands it out")
    code_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.user} · {self.made_at:%d/%m/%Y}"


class ConsentPurpose(models.TextChoices):
    LEARNING = "learning", _("Lưu thông tin để học và cấp giấy chứng nhận")
    REMINDERS = "reminders", _("Nhận lời nhắc học qua tin nhắn và email")


class Consent(AppendOnly):
    """What a person said to one purpose in one version of its wording (Luật 91/2025/QH15): yes or no, when, how.

    The newest row of a purpose is in force; withdrawing is a new row with ``given`` false.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=20, choices=ConsentPurpose)
    version = models.CharField(max_length=20, help_text="Of the wording that was shown")
    given = models.BooleanField()
    how = models.CharField(max_length=30, help_text="Where it was asked: signup, claim, account")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.user} · {self.purpose} {self.version}: {self.given}"
