"""What is known of the addresses outside this site to which lessons lead."""

from __future__ import annotations

from django.db import models

#: A server may be down for a moment: only what failed as often as this, a week apart, is told.
FAILURES_TOLD = 2


class LinkCheck(models.Model):
    """An address, and how it answered last. ``status`` is the HTTP status; 0: no answer, ``error`` says why."""

    url = models.CharField(max_length=500, unique=True)
    status = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    failures = models.PositiveSmallIntegerField(default=0, help_text="How often in a row it did not answer well")
    checked_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["url"]
        verbose_name = "liên kết ra ngoài"
        verbose_name_plural = "liên kết ra ngoài"

    def __str__(self) -> str:
        return self.url

    @property
    def problem(self) -> str:
        """What is wrong with it, in words; empty when it answered well, or failed only once."""
        if self.failures < FAILURES_TOLD:
            return ""
        said = f"máy chủ trả lời {self.status}" if self.status else self.error or "không có trả lời"
        return f"không mở được ({said})."
