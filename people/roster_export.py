"""The list of a unit as a file: who took it is kept in the log; a long one is written by a job."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common import audit, jobs
from common.models import Job
from common.text import slug
from people import access
from people.models import Unit, User
from people.querysets import today
from people.rosters import exports

KIND = "people.roster_export"
XLSX, CSV = "xlsx", "csv"
MIME = {
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    CSV: "text/csv; charset=utf-8",
}


def file_name(unit: Unit, form: str, *, what: str = "danh-sach") -> str:
    """``danh-sach-phuong-bac-giang-2026-11-22.xlsx``"""
    return f"{what}-{slug(unit.name)}-{today():%Y-%m-%d}.{form}"


@transaction.atomic
def roster_export(*, unit: Unit, by: User, form: str, people: int) -> bytes:
    """The people of a unit and what is below it as a file (``xlsx`` or ``csv``); the act goes into the log."""
    _record(unit, by, form, people)
    return _content(unit, by, form)


@transaction.atomic
def roster_export_later(*, unit: Unit, by: User, form: str, people: int) -> Job:
    """The same as a job that keeps the file for ``by``; the act is recorded when it is asked for."""
    _record(unit, by, form, people)
    return jobs.job_open(
        kind=KIND,
        owner=by,
        title=(_("Xuất danh sách %(unit)s") % {"unit": unit.name})[:200],
        args={"unit": str(unit.uuid), "viewer": str(by.uuid), "form": form},
    )


def _record(unit: Unit, by: User, form: str, people: int) -> None:
    audit.record(actor=by, act="roster_export", subject=unit, unit=unit, people=people, format=form)


def _content(unit: Unit, viewer: User, form: str) -> bytes:
    write = exports.roster_csv if form == CSV else exports.roster_file
    return write(unit=unit, viewer=viewer, on=None)


def _may_fetch(job: Job) -> bool:
    return access.can_keep_roster(job.owner, Unit.objects.get(uuid=job.args["unit"]))


@jobs.register(KIND, may_fetch=_may_fetch)
def _write(progress: jobs.Progress, *, unit: str, viewer: str, form: str) -> dict[str, Any]:
    found = Unit.objects.get(uuid=unit)
    progress.begin(0, _("Đang ghi tệp"))
    content = _content(found, User.objects.get(uuid=viewer), form)
    progress.hand_over(name=file_name(found, form), content=content)
    return {}
