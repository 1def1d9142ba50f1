"""The audit log of official acts."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from common.models import AuditEntry, PublicModel

#: Address of the request that is being answered, or that asked for the job that is being done; None in commands.
_from_address: ContextVar[str | None] = ContextVar("audit_from_address", default=None)


def record(
    *,
    actor: Any,
    act: str,
    subject: PublicModel,
    unit: PublicModel | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    **detail: Any,
) -> AuditEntry:
    """Write one row of the audit log, in the transaction of the act itself.

    ``unit`` is the unit in whose scope the act lies: those who may read its log will find it. ``before`` and ``after``
    hold the fields that changed; they and ``detail`` must be JSON-serialisable.
    """
    return AuditEntry.objects.create(**_fields(actor, act, subject, unit, before, after, detail))


def record_many(*, actor: Any, act: str, rows: list[dict[str, Any]]) -> None:
    """Write many rows of one act at once; each of ``rows`` holds ``subject`` and any of the words of ``record``."""
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(
                **_fields(
                    actor,
                    act,
                    row["subject"],
                    row.get("unit"),
                    row.get("before"),
                    row.get("after"),
                    row.get("detail", {}),
                )
            )
            for row in rows
        ],
        batch_size=1000,
    )


def _fields(
    actor: Any,
    act: str,
    subject: PublicModel,
    unit: PublicModel | None,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    detail: dict[str, Any],
) -> dict[str, Any]:
    return {
        "actor": actor,
        "act": act,
        "subject_kind": subject._meta.label_lower,
        "subject_uuid": subject.uuid,
        "subject_name": str(subject)[:250],
        "unit_uuid": unit.uuid if unit else None,
        "from_address": _from_address.get(),
        "before": before or {},
        "after": after or {},
        "detail": detail,
    }


def address_now() -> str | None:
    """From where the request came that is being answered, or that asked for the job that is being done."""
    return _from_address.get()


def remember_address(address: str | None) -> Any:
    """Say from where what is being done was asked for; returns the token for ``forget_address``."""
    return _from_address.set(address)


def forget_address(token: Any) -> None:
    """The request is answered, the job done."""
    _from_address.reset(token)
