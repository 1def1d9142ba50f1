"""Base classes of the rooms' models, and the table every room writes to: the audit log."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models


class PublicModel(models.Model):
    """A row that is named outside by its ``uuid``; its ``id`` stays inside."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True


class AppendOnly(models.Model):
    """A row that is written once: an outcome, an official act. Correct it by writing another row."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"{type(self).__name__} rows are append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError(f"{type(self).__name__} rows are append-only.")


class AuditEntry(AppendOnly):
    """One official act: who did what to which thing, when, and what it was before and after."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=60)
    subject_uuid = models.UUIDField(db_index=True)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.act} {self.subject_kind} {self.subject_uuid}"
