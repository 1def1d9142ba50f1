"""The files of a report, made by a job and kept by the hash of what they hold."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from common import audit, jobs
from common.errors import Refusal
from common.language import on_record
from common.models import Job
from kpi.models import Report, ReportState
from kpi.report_paper import paper_of
from kpi.report_reading import facts_of
from kpi.services.reports import FILES
from people import access
from people.models import User

KIND = "kpi.report_files"
RELATED = ("unit__parent__parent", "closing__unit", "closing__structure", "compared_with__unit")


def report_files_open(*, actor: User, report: Report) -> Job:
    """Ask for the three files of a report; leads to the page of that work."""
    access.require(
        access.can_read_kpi(actor, report.unit), actor, what=_("báo cáo của %(unit)s") % {"unit": report.unit}
    )
    title = _("Tạo tệp: %(title)s") % {"title": report.title}
    return jobs.job_open(
        kind=KIND, owner=actor, title=title[:200], total=len(FILES),
        args={"report": str(report.uuid)}, next_path=reverse("kpi:report", args=[report.uuid]),
    )  # fmt: skip


@jobs.register(KIND)
def _work(progress: jobs.Progress, *, report: str) -> dict[str, Any]:
    return report_files_make(report=Report.objects.get(uuid=report), actor=progress.job.owner, progress=progress)


def report_files_make(*, report: Report, actor: User, progress: jobs.Progress | None = None) -> dict[str, Any]:
    """Make .docx, .pdf and .xlsx; files of an issued report are made once. Returns their hashes.

    Raises Refusal ``changed_meanwhile`` where somebody wrote on the draft while its files were made.
    """
    found: Report = Report.objects.select_related(*RELATED, "compared_with__structure").get(pk=report.pk)
    if found.state == ReportState.ISSUED and all(getattr(found, name) for name in FILES):
        return {name: hash_of(found, name) for name in FILES}
    if progress:
        progress.begin(len(FILES), _("Đang tạo tệp"))
    contents = {}
    for name in FILES:
        with on_record():
            contents[name] = _content(found, name)
        if progress:
            progress.advance()
    return _keep(found, contents, actor)


def _content(report: Report, name: str) -> bytes:
    # The layout engines are heavy; pages never need them.
    facts = facts_of(report)
    if name == "xlsx":
        from kpi.report_xlsx import report_xlsx

        return report_xlsx(report, facts)
    paper = paper_of(report, facts)
    if name == "docx":
        from kpi.report_docx import report_docx

        return report_docx(paper)
    from kpi.report_pdf import report_pdf

    return report_pdf(paper)


@transaction.atomic
def _keep(made_of: Report, contents: dict[str, bytes], actor: User) -> dict[str, Any]:
    locked: Report = Report.objects.select_for_update(of=("self",)).get(pk=made_of.pk)
    if locked.version != made_of.version:
        said, fix = _("Báo cáo vừa được sửa trong lúc tạo tệp."), _("Bấm «Tạo tệp» một lần nữa.")
        raise Refusal(said, code="changed_meanwhile", fix=fix)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    for name, content in contents.items():
        getattr(locked, name).save(f"{hashes[name]}.{name}", ContentFile(content), save=False)
    locked.save(update_fields=list(FILES))
    audit.record(actor=actor, act="kpi.report_files_made", subject=locked, unit=locked.unit, hashes=hashes)
    return hashes


def hash_of(report: Report, name: str) -> str:
    """The hash that a kept file bears in its name."""
    return str(getattr(report, name).name).rsplit("/", 1)[-1].split(".", 1)[0].split("_", 1)[0]


def file_content(report: Report, name: str) -> bytes:
    """A kept file, proved against its hash. Raises Refusal ``file_changed`` or ``file_missing``."""
    try:
        with getattr(report, name).open("rb") as file:
            content: bytes = file.read()
    except FileNotFoundError as error:
        said, fix = _("Không tìm thấy tệp."), _("Báo quản trị hệ thống.")
        raise Refusal(said, code="file_missing", fix=fix, status=404) from error
    if hashlib.sha256(content).hexdigest() != hash_of(report, name):
        said, fix = _("Tệp không còn khớp mã băm."), _("Báo quản trị hệ thống trước khi dùng.")
        raise Refusal(said, code="file_changed", fix=fix)
    return content
