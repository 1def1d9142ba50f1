"""What is known of the addresses outside this site to which lessons lead."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

#: A server may be down for a moment: only what failed as often as this, a week apart, is told.
FAILURES_TOLD = 2


class LinkCheck(models.Model):
    """An address, and how it answered last. ``status`` is the HTTP status; 0: none came, and ``error`` says why."""

    url = models.CharField(max_length=500, unique=True)
    status = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    failures = models.PositiveSmallIntegerField(default=0, help_text="How often in a row it did not answer well")
    checked_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["url"]
        verbose_name = gettext_lazy("liên kết ra ngoài")
        verbose_name_plural = gettext_lazy("liên kết ra ngoài")

    def __str__(self) -> str:
        return self.url

    @property
    def problem(self) -> str:
        """What is wrong with it, in words; empty when it answered well, or failed only once."""
        if self.failures < FAILURES_TOLD:
            return ""
        if self.status:
            said = _("máy chủ trả lời %(status)s") % {"status": self.status}
        else:
            said = _(self.error) if self.error else _("không có trả lời")
        return _("không mở được (%(said)s).") % {"said": said}
