"""Base classes of the rooms' models, and the table every room writes to: the audit log."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _


def private_storage() -> Storage:
    """Personal files stay outside the folder that the web server hands out."""
    return storages["private"]


class PublicModel(models.Model):
    """A row that is named outside by its ``uuid``; its ``id`` stays inside."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Refuses the two ways past ``save`` and ``delete``."""

    def update(self, **kwargs: Any) -> int:
        raise TypeError(f"{self.model.__name__} rows are append-only.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError(f"{self.model.__name__} rows are append-only.")


class AppendOnly(models.Model):
    """A row that is written once: an outcome, an official act. Correct it by writing another row."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"{type(self).__name__} rows are append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError(f"{type(self).__name__} rows are append-only.")


class AuditEntry(AppendOnly):
    """One official act: who did what to which thing, on behalf of which unit, when, from where, before and after.

    ``subject_name`` is what the thing was called then. ``unit_uuid`` is the unit in whose scope the act lies; empty for
    acts on the whole platform. ``before`` and ``after`` hold the fields that changed.
    """

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=60, db_index=True)
    subject_kind = models.CharField(max_length=60)
    subject_uuid = models.UUIDField(db_index=True)
    subject_name = models.CharField(max_length=250, blank=True)
    unit_uuid = models.UUIDField(null=True, blank=True, db_index=True)
    from_address = models.GenericIPAddressField(null=True, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.act} {self.subject_kind} {self.subject_uuid}"


class JobState(models.TextChoices):
    WAITING = "waiting", _("Đang chờ")
    RUNNING = "running", _("Đang làm")
    DONE = "done", _("Xong")
    FAILED = "failed", _("Không làm được")


class Job(PublicModel):
    """Long work that somebody waits for: its state, progress and errors. See ``common.jobs``.

    While it runs, ``done`` of ``total`` and ``note`` stand in the cache (``common.jobs.progress_of``), because the work
    itself may be one transaction; they are written here when it ends. ``result`` is JSON for the page that shows the
    job; ``file`` a personal file for its owner, deleted after some days. ``from_address`` is from where it was asked
    for: what it writes into the audit log says so. Its page is read in ``language`` by whoever asked for it.
    """

    kind = models.CharField(max_length=60)
    args = models.JSONField(default=dict)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="jobs")
    title = models.CharField(max_length=200)
    next_path = models.CharField(max_length=300, blank=True, help_text="Where its page leads once it is done")
    from_address = models.GenericIPAddressField(null=True, blank=True)
    language = models.CharField(max_length=8, default=settings.LANGUAGE_CODE)
    state = models.CharField(max_length=8, choices=JobState, default=JobState.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    fix = models.TextField(blank=True)
    result = models.JSONField(default=dict)
    file = models.FileField(upload_to="jobs/", storage=private_storage, max_length=200, blank=True)
    file_name = models.CharField(max_length=120, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]
        indexes = [models.Index(fields=["state", "made_at"], name="jobs_by_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
