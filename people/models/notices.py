"""Messages of the platform to a person: one row each, whatever carries it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import PublicModel
from people.models.units import Unit
from people.models.users import User


class Channel(models.TextChoices):
    SITE = "site", _("Trên trang")
    EMAIL = "email", "Email"
    SMS = "sms", _("Tin nhắn")


class NoticeState(models.TextChoices):
    WAITING = "waiting", _("Đang chờ gửi")
    SENT = "sent", _("Đã gửi")
    FAILED = "failed", _("Chưa gửi được")


class Notice(PublicModel):
    """One message to one person. Everybody sees it on the site; ``channel`` says what else carries it.

    ``kind`` is a word of the sender's (``remind_team``); it bounds how often somebody may be reminded.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notices")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    actor = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=120)
    body = models.TextField()
    path = models.CharField(max_length=300, blank=True, help_text="Address on the site, from its root")
    channel = models.CharField(max_length=8, choices=Channel)
    state = models.CharField(max_length=8, choices=NoticeState, default=NoticeState.WAITING)
    error = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [models.Index(fields=["user", "kind", "made_at"], name="latest_notice_of_a_kind")]

    def __str__(self) -> str:
        return f"{self.kind} → {self.user}"
