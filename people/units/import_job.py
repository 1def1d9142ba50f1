"""An uploaded structure: kept privately between the report and the go-ahead, then applied as a job."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, BinaryIO, cast
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from common import jobs
from common.errors import Refusal
from common.models import AuditEntry, Job, private_storage
from common.sheets import MB
from people import access
from people.models import User
from people.units.change import Decision
from people.units.importing import structure_import
from people.units.structure_file import Fault, Row, rows_read

FOLDER = "structures"
KIND = "people.structure_import"
#: A whole province is 1 MB.
MAX_BYTES = 10 * MB
KEPT = timedelta(days=1)


def whole_tree_required(user: Any) -> None:
    """Let pass who keeps the highest unit; an office below it does not reach beyond its own units."""
    access.require(access.can_replace_tree(user), user, what=_("cơ cấu của cả tỉnh"))


def file_keep(upload: UploadedFile) -> str:
    """Keep an upload; returns the name by which it is found again. Raises Refusal (``too_large``)."""
    if (upload.size or 0) > MAX_BYTES:
        raise Refusal(
            _("Tệp nặng hơn %(size)s MB.") % {"size": MAX_BYTES // MB},
            code="too_large",
            fix=_("Xoá hình ảnh và các trang tính khác trong tệp, rồi gửi lại."),
        )
    name = uuid4().hex
    private_storage().save(f"{FOLDER}/{name}", ContentFile(upload.read()))
    return name


def files_forget() -> int:
    """Delete uploads that nobody applied within a day; return how many. A job that is under way keeps its file."""
    storage = private_storage()
    limit = timezone.now() - KEPT
    needed = {job.args["file"] for job in Job.objects.filter(kind=KIND, state__in=jobs.UNFINISHED)}
    names = storage.listdir(FOLDER)[1] if storage.exists(FOLDER) else []
    old = [name for name in names if storage.get_modified_time(f"{FOLDER}/{name}") < limit and name not in needed]
    for name in old:
        storage.delete(f"{FOLDER}/{name}")
    return len(old)


def file_rows(name: str) -> tuple[list[Row], list[Fault]]:
    """The units of a kept file. Raises Refusal (``file_gone``) when it is not there any more."""
    storage = private_storage()
    if not name.isalnum() or not storage.exists(f"{FOLDER}/{name}"):
        raise Refusal(_("Tệp này không còn nữa."), code="file_gone", fix=_("Gửi lại tệp để xem báo cáo."))
    with storage.open(f"{FOLDER}/{name}", "rb") as file:
        return rows_read(cast(BinaryIO, file))


def import_open(*, owner: User, file: str, on: date, name: str, decision: Decision, expected: str) -> Job:
    """Send the import to the queue; its page shows how it went. Raises ``out_of_scope``."""
    whole_tree_required(owner)
    args = {
        "owner": str(owner.uuid), "file": file, "on": on.isoformat(), "name": name, "expected": expected,
        "decided": [decision.number, decision.day.isoformat() if decision.day else "", decision.note],
    }  # fmt: skip
    return jobs.job_open(
        kind=KIND,
        owner=owner,
        title=_("Nhập cơ cấu «%(structure)s»") % {"structure": name},
        args=args,
        next_path=reverse("units:tree"),
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
    actor = User.objects.get(uuid=owner)
    whole_tree_required(actor)  # the office may have ended since the job was asked for
    progress.begin(1, _("Đang nhập các đơn vị"))
    rows, faults = file_rows(file)
    decision = Decision(number, date.fromisoformat(day) if day else None, note)
    imported = structure_import(
        actor=actor,
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
