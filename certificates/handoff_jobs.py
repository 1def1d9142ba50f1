"""Packing for signing elsewhere and taking back, as jobs that somebody waits for."""

from __future__ import annotations

import tempfile
from typing import Any, cast
from uuid import uuid4

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from certificates.models import Series
from certificates.services.handoff import PACKAGE, Returned, handoff_pack, handoff_return, handoff_waiting
from common import jobs
from common.errors import Refusal
from common.models import Job, private_storage
from common.sheets_out import write_csv
from people import access
from people.models import User

PACK, RETURN = "certificates.handoff_pack", "certificates.handoff_return"
FOLDER = "certificates/returned"
#: As much as the front server lets through.
MAX_MB = 48


def returned_keep(upload: UploadedFile) -> str:
    """Keep an upload until its job has looked it over; returns its name. Raises Refusal ``too_large``."""
    if (upload.size or 0) > MAX_MB * 1024 * 1024:
        raise Refusal(
            _("Tệp nặng hơn %(most)s MB.") % {"most": MAX_MB},
            code="too_large",
            fix=_("Nén các tệp đã ký thành nhiều phần nhỏ hơn rồi gửi lần lượt."),
        )
    name = uuid4().hex
    private_storage().save(f"{FOLDER}/{name}", upload)
    return name


def pack_open(*, series: Series, owner: User, back: str) -> Job:
    """Ask for the next package to sign."""
    title = (_("Gói giấy chờ ký: %(name)s") % {"name": series.name})[:200]
    return jobs.job_open(kind=PACK, owner=owner, title=title, args={"series": str(series.uuid)}, next_path=back)


def return_open(*, series: Series, owner: User, file: str, name: str, back: str) -> Job:
    """Ask for an upload to be looked over."""
    title = (_("Kiểm tra giấy đã ký: %(name)s") % {"name": series.name})[:200]
    args = {"series": str(series.uuid), "file": file, "name": name}
    return jobs.job_open(kind=RETURN, owner=owner, title=title, args=args, next_path=back)


def _may_fetch(job: Job) -> bool:
    return access.can_issue_certificates(job.owner, Series.objects.get(uuid=job.args["series"]).unit)


def _parts(job: Job) -> tuple[Series, User]:
    series = Series.objects.select_related("unit").get(uuid=job.args["series"])
    return series, User.objects.get(pk=job.owner_id)


@jobs.register(PACK, may_fetch=_may_fetch)
def _pack(progress: jobs.Progress, *, series: str) -> dict[str, Any]:
    found, owner = _parts(progress.job)
    progress.begin(min(PACKAGE, handoff_waiting(series=found).count()), _("Đang đóng gói"))
    with tempfile.SpooledTemporaryFile(max_size=32 * 1024 * 1024) as target:
        packed = handoff_pack(series=found, actor=owner, target=cast(Any, target), advance=progress.advance)
        target.seek(0)
        progress.hand_over(name=f"cho-ky-{found.code}.zip", content=target.read())
    return {"certificates": packed}


@jobs.register(RETURN, may_fetch=_may_fetch)
def _return(progress: jobs.Progress, *, series: str, file: str, name: str) -> dict[str, Any]:
    found, owner = _parts(progress.job)
    progress.begin(0, _("Đang kiểm tra từng tệp"))
    storage, kept = private_storage(), f"{FOLDER}/{file}"
    if not file.isalnum() or not storage.exists(kept):
        raise Refusal(_("Tệp tải lên không còn nữa."), code="file_gone", fix=_("Tải tệp lên lại."))
    with storage.open(kept, "rb") as source:
        done = handoff_return(series=found, actor=owner, source=cast(Any, source), name=name, advance=progress.advance)
    if done.refused:
        progress.hand_over(name="tep-chua-nhan.csv", content=_refused_file(done))
    storage.delete(kept)
    return done.as_json()


def _refused_file(done: Returned) -> bytes:
    """A file for the office, so in the words on record, whoever asked."""
    rows = [[one.name, *one.on_record] for one in done.refused]
    return write_csv(["Tên tệp", "Vì sao chưa nhận", "Cách sửa"], rows)
