"""The audit log of official acts."""

from __future__ import annotations

from typing import Any

from common.models import AuditEntry, PublicModel


def record(*, actor: Any, act: str, subject: PublicModel, **detail: Any) -> AuditEntry:
    """Write one row of the audit log, in the transaction of the act itself. ``detail`` must be JSON-serialisable."""
    return AuditEntry.objects.create(
        actor=actor, act=act, subject_kind=subject._meta.label_lower, subject_uuid=subject.uuid, detail=detail
    )
