"""The long work of head-counts: a look at a large table, and taking it over."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common import jobs
from common.errors import Refusal
from common.models import Job
from kpi.population_files import CHECK, IMPORT, file_drop, file_look, file_plan, look_read
from kpi.services.populations import populations_import
from kpi.services.targets import require_keeping
from people.models import Unit, User


def check_open(*, owner: User, unit: Unit, kept: str, file_name: str, back: str) -> Job:
    """Ask for a look at a kept file; leads back to the page of the import, which shows what was seen."""
    require_keeping(owner, unit)
    return jobs.job_open(
        kind=CHECK,
        owner=owner,
        title=(_("Kiểm tra số người phải học: %(file)s") % {"file": file_name})[:200],
        args={"unit": str(unit.uuid), "kept": kept, "file_name": file_name, "back": back},
        next_path=f"{back}&tep={kept}",
    )


@jobs.register(CHECK)
def _check(progress: jobs.Progress, *, unit: str, kept: str, file_name: str, back: str) -> dict[str, Any]:
    owner = User.objects.get(pk=progress.job.owner_id)
    require_keeping(owner, Unit.objects.get(uuid=unit))
    try:
        look = file_look(kept, owner=owner, file_name=file_name, progress=progress)
    except Refusal as refusal:
        raise Refusal(refusal.text, code=refusal.code, fix=refusal.fix, link=(back, _("Gửi tệp khác"))) from refusal
    return {"lines": look.lines, "faults": look.faults}


@transaction.atomic
def import_open(*, owner: User, unit: Unit, kept: str, confirmed: bool, back: str, done: str) -> Job:
    """Ask for a file to be taken over that was looked at; leads to ``done``, which names the job."""
    require_keeping(owner, unit)
    file = look_read(kept, owner=owner).name
    job = jobs.job_open(
        kind=IMPORT,
        owner=owner,
        title=(_("Nhập số người phải học: %(file)s") % {"file": file})[:200],
        args={"unit": str(unit.uuid), "kept": kept, "confirmed": confirmed, "back": back},
    )
    job.next_path = f"{done}&viec={job.uuid}"
    job.save(update_fields=["next_path"])
    return job


@jobs.register(IMPORT)
def _import(progress: jobs.Progress, *, unit: str, kept: str, confirmed: bool, back: str) -> dict[str, Any]:
    """Take the file over. A repeat after that finds the file gone, and the numbers there in any case."""
    owner = User.objects.get(pk=progress.job.owner_id)
    look = look_read(kept, owner=owner)
    plan = file_plan(kept, owner=owner, progress=progress)
    try:
        done = populations_import(
            actor=owner,
            unit=Unit.objects.get(uuid=unit),
            plan=plan,
            file_name=look.name,
            confirmed=confirmed,
            seen=look.digest,
        )
    except Refusal as refusal:
        file_look(kept, owner=owner, file_name=look.name)
        link = (f"{back}&tep={kept}", _("Xem lại tệp"))
        raise Refusal(refusal.text, code=refusal.code, fix=refusal.fix, link=link) from refusal
    file_drop(kept, owner=owner)
    return asdict(done)


def import_done(*, owner: User, job: str) -> dict[str, int] | None:
    """What an import by a job wrote, for its owner; None for anything else."""
    found = Job.objects.filter(owner=owner, kind=IMPORT, uuid=job, state="done").first()
    return found.result if found else None
