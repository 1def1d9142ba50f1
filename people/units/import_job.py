"""An uploaded structure: kept privately between the report and the go-ahead, then applied as a job."""

from __future__ import annotations

from datetime import date
from typing import Any, BinaryIO, cast
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse

from common import jobs
from common.errors import Refusal
from common.models import AuditEntry, Job, private_storage
from people.models import User
from people.units.change import Decision
from people.units.importing import structure_import
from people.units.structure_file import Fault, Row, rows_read

FOLDER = "structures"
KIND = "people.structure_import"


def file_keep(upload: UploadedFile) -> str:
    """Keep an upload; returns the name by which it is found again."""
    name = uuid4().hex
    private_storage().save(f"{FOLDER}/{name}", ContentFile(upload.read()))
    return name


def file_rows(name: str) -> tuple[list[Row], list[Fault]]:
    """The units of a kept file. Raises Refusal (``file_gone``) when it is not there any more."""
    storage = private_storage()
    if not name.isalnum() or not storage.exists(f"{FOLDER}/{name}"):
        raise Refusal("Tệp này không còn nữa.", code="file_gone", fix="Gửi lại tệp để xem báo cáo.")
    with storage.open(f"{FOLDER}/{name}", "rb") as file:
        return rows_read(cast(BinaryIO, file))


def import_open(*, owner: User, file: str, on: date, name: str, decision: Decision, expected: str) -> Job:
    """Send the import to the queue; its page shows how it went."""
    args = {
        "owner": str(owner.uuid), "file": file, "on": on.isoformat(), "name": name, "expected": expected,
        "decided": [decision.number, decision.day.isoformat() if decision.day else "", decision.note],
    }  # fmt: skip
    return jobs.job_open(
        kind=KIND, owner=owner, title=f"Nhập cơ cấu «{name}»", args=args, next_path=reverse("units:tree")
    )


@jobs.register(KIND)
def _import(
    progress: jobs.Progress, *, owner: str, file: str, on: str, name: str, expected: str, decided: list[str]
) -> dict[str, Any]:
    """Apply the file; a repeat after it was applied finds the act in the log and does nothing."""
    number, day, note = decided
    done = AuditEntry.objects.filter(act="structure_import", detail__form_version=expected).first()
    if done is not None:
        return {"structure": name}
    progress.begin(1, "Đang nhập các đơn vị")
    rows, faults = file_rows(file)
    decision = Decision(number, date.fromisoformat(day) if day else None, note)
    imported = structure_import(
        actor=User.objects.get(uuid=owner),
        rows=rows,
        faults=faults,
        on=date.fromisoformat(on),
        name=name,
        decision=decision,
        expected=expected,
    )
    private_storage().delete(f"{FOLDER}/{file}")
    progress.advance()
    return {"structure": imported.structure.name, **imported.counts}
