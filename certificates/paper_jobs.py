"""An uploaded paper register: kept privately between the look at it and the go-ahead, then taken over as a job."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, BinaryIO, cast
from uuid import uuid4

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.models import Series
from certificates.services.paper import paper_check, paper_import
from certificates.services.paper_reading import PaperTable
from common import jobs
from common.errors import Refusal
from common.models import Job, private_storage
from common.sheets import MAX_BYTES, MB
from people.models import User

KIND, FOLDER = "certificates.paper_import", "certificates/paper"
KEPT = timedelta(days=1)


def file_keep(upload: UploadedFile) -> str:
    """Keep an upload; returns the name by which it is found again. Uploads that nobody took over for a day go. Raises
    Refusal ``too_large``."""
    if (upload.size or 0) > MAX_BYTES:
        said = _("Tệp nặng hơn %(most)s MB.") % {"most": MAX_BYTES // MB}
        raise Refusal(said, code="too_large", fix=_("Chia thành nhiều tệp nhỏ hơn."))
    _forget()
    name = uuid4().hex
    private_storage().save(f"{FOLDER}/{name}", upload)
    return name


def _forget() -> None:
    storage, limit = private_storage(), timezone.now() - KEPT
    needed = {job.args["file"] for job in Job.objects.filter(kind=KIND, state__in=jobs.UNFINISHED)}
    for name in storage.listdir(FOLDER)[1] if storage.exists(FOLDER) else []:
        if name not in needed and storage.get_modified_time(f"{FOLDER}/{name}") < limit:
            storage.delete(f"{FOLDER}/{name}")


def file_table(name: str, *, series: Series) -> PaperTable:
    """What a kept file holds. Raises Refusal ``file_gone``, or why it cannot be read."""
    storage = private_storage()
    if not name.isalnum() or not storage.exists(f"{FOLDER}/{name}"):
        raise Refusal(_("Tệp này không còn nữa."), code="file_gone", fix=_("Gửi lại tệp."))
    with storage.open(f"{FOLDER}/{name}", "rb") as file:
        return paper_check(cast(BinaryIO, file), series=series)


def import_open(*, series: Series, owner: User, file: str, file_name: str, back: str) -> Job:
    """Ask for a kept file to be taken over."""
    title = (_("Ghi lại giấy từ sổ giấy: %(name)s") % {"name": series.name})[:200]
    args = {"series": series.code, "file": file, "file_name": file_name}
    return jobs.job_open(kind=KIND, owner=owner, title=title, args=args, next_path=back)


@jobs.register(KIND)
def _import(progress: jobs.Progress, *, series: str, file: str, file_name: str) -> dict[str, Any]:
    """Take the file over. A repeat after that finds the file gone, and the numbers taken in any case."""
    found = Series.objects.select_related("unit").get(code=series)
    progress.begin(0, _("Đang đọc tệp"))
    table = file_table(file, series=found)
    owner = User.objects.get(pk=progress.job.owner_id)
    made = paper_import(
        actor=owner, series=found, rows=table.rows, faults=table.faults, file_name=file_name, progress=progress
    )
    private_storage().delete(f"{FOLDER}/{file}")
    return {"certificates": len(made)}
