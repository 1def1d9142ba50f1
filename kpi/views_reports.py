"""Reports: the list, a new one from a closing, writing it, issuing it, its files."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.errors import Refusal
from common.language import on_record
from common.text import uuid_or_none
from kpi import report_jobs, services
from kpi.figures import Part
from kpi.forms_reports import IssueForm, NewReportForm, ReportForm
from kpi.models import ClosedFigure, Closing, Report, ReportDue, ReportKind, ReportState
from kpi.report_paper import COUNTRY, MOTTO, paper_of
from kpi.report_reading import facts_of
from kpi.services.reports import FILES, due_of, reports_visible_to
from people import access
from people.models import Unit, UnitKind, User
from people.querysets import today
from people.stepup import demand_fresh_proof

PAGE = 30
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _reader(request: HttpRequest) -> User:
    reads = bool(access.roles_of(request.user) & access.KPI_READING)
    access.require(reads, request.user, what=_("báo cáo của đơn vị nào"))
    return cast(User, request.user)


def _report(request: HttpRequest, uuid: UUID) -> Report:
    """A report that the reader may open."""
    found: Report = get_object_or_404(
        Report.objects.select_related(
            "unit__parent__parent", "closing__unit", "closing__structure", "compared_with", "created_by", "duty"
        ),
        uuid=uuid,
    )
    what = _("báo cáo của %(unit)s") % {"unit": found.unit}
    access.require(access.can_read_kpi(request.user, found.unit), request.user, what=what)
    return found


@login_required
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """Reports of the reader's units, the newest first."""
    viewer = _reader(request)
    page = Paginator(reports_visible_to(viewer), PAGE).get_page(request.GET.get("trang"))
    return render(request, "kpi/reports/reports.html", {"page": page})


def _units(viewer: User) -> QuerySet[Unit]:
    """Units that the reader may report for and that a closing holds: the province first."""
    scope = access.scope_units(viewer, access.KPI_READING)
    closed = ClosedFigure.objects.filter(part=Part.TOTAL, unit__in=scope).values("unit")
    return (
        Unit.objects.filter(pk__in=closed)
        .exclude(kind=UnitKind.TEAM)
        .order_by(F("parent").asc(nulls_first=True), "search_key")
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_new(request: HttpRequest) -> HttpResponse:
    """Choose unit, closing and kind; leads to the page where the report is written."""
    viewer = _reader(request)
    due = _due_asked(request, viewer)
    units = _units(viewer)
    closings = _closings(units)
    form = NewReportForm(request.POST or None, units=units, closings=closings, due=due)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = services.report_draft(
                actor=viewer,
                unit=said["unit"],
                closing=said["closing"],
                kind=said.get("kind", ReportKind.PERIODIC),
                compared_with=said["compared_with"],
                due=due,
            )
        except Refusal as refusal:
            form.add_error(None, f"{refusal.text} {refusal.fix}")
        else:
            done = _("Đã lập báo cáo từ số liệu chốt. Hãy đọc và sửa từng phần trước khi ban hành.")
            messages.success(request, done)
            return redirect("kpi:report_edit", uuid=made.uuid)
    offered: Any = form.fields["closing"]
    context = {"form": form, "none": not closings.exists(), "due": due, "fitting": offered.queryset.exists()}
    return render(request, "kpi/reports/new.html", context)


def _closings(units: QuerySet[Unit]) -> QuerySet[Closing]:
    """Closings that hold one of the units, the newest first."""
    held = ClosedFigure.objects.filter(part=Part.TOTAL, unit__in=units.values("pk")).values("closing")
    return Closing.objects.filter(pk__in=held).select_related("unit", "structure")


def _due_asked(request: HttpRequest, viewer: User) -> ReportDue | None:
    """The period of the calendar that a new report is asked for (``ky``), if the reader may report for its unit."""
    asked = uuid_or_none(request.GET.get("ky", ""))
    if asked is None:
        return None
    found: ReportDue = get_object_or_404(ReportDue.objects.select_related("duty", "unit"), uuid=asked)
    what = _("báo cáo của %(unit)s") % {"unit": found.unit}
    access.require(access.can_read_kpi(viewer, found.unit), viewer, what=what)
    return found


@login_required
@require_safe
def report(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A report as it reads, its files, and what can be done with it."""
    return _page(request, _report(request, uuid))


def _page(request: HttpRequest, found: Report, issue_form: IssueForm | None = None) -> HttpResponse:
    with on_record():  # the paper stands on the page as it will be printed
        facts = facts_of(found)
        paper = paper_of(found, facts)
    context: dict[str, Any] = {
        "report": found,
        "paper": paper,
        "told": len(facts.lines),
        "every": len(facts.lines) + len(facts.missing),
        "country": COUNTRY,
        "motto": MOTTO,
        "files": [(name, report_jobs.hash_of(found, name)) for name in FILES if getattr(found, name)],
        "is_draft": found.state == ReportState.DRAFT,
        "issue_form": issue_form or IssueForm(initial={"dated_on": today(), "version": found.version}),
        "due": due_of(found),
    }
    return render(request, "kpi/reports/report.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write the parts of a draft; afterwards it is read as it will stand."""
    found = _report(request, uuid)
    if found.state != ReportState.DRAFT:
        messages.info(request, _("Báo cáo đã ban hành nên không sửa được nữa."))
        return redirect("kpi:report", uuid=uuid)
    form = ReportForm(request.POST or None, report=found)
    context: dict[str, Any] = {"report": found, "form": form}
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            services.report_save(
                actor=cast(User, request.user), report=found, version=said["version"], fields=said, parts=form.parts,
                due=said.get("due"),
            )  # fmt: skip
        except Refusal as refusal:
            if refusal.code != "saved_meanwhile":
                raise
            context |= _conflict(request, found, refusal)
        else:
            messages.success(request, _("Đã lưu. Đây là bản xem trước."))
            return redirect("kpi:report", uuid=uuid)
    return render(request, "kpi/reports/edit.html", context)


def _conflict(request: HttpRequest, report: Report, refusal: Refusal) -> dict[str, Any]:
    """The writer's own text stays in the form; beside it stands what somebody else saved. Saving again is knowing."""
    report.refresh_from_db()
    seen = request.POST.copy()
    seen["version"] = str(report.version)
    form = ReportForm(seen, report=report)
    return {"form": form, "refusal": refusal, "saved": form.others_text(report)}


@login_required
@require_POST
def report_issue(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Issue a draft under its number; leads to the work that makes its files."""
    found = _report(request, uuid)
    form = IssueForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    demand_fresh_proof(request, _("ban hành báo cáo"))
    actor = cast(User, request.user)
    said = form.cleaned_data
    try:
        issued = services.report_issue(
            actor=actor, report=found, version=said["version"], number=said["number"], dated_on=said["dated_on"]
        )
    except Refusal as refusal:
        if refusal.code == "saved_meanwhile":
            again = _("Chưa ban hành. %(why)s Hãy đọc lại bản mới dưới đây.") % {"why": refusal.text}
            messages.error(request, again)
            return redirect("kpi:report", uuid=uuid)
        form.add_error(None, f"{refusal.text} {refusal.fix}")
        return _page(request, found, form)
    job = report_jobs.report_files_open(actor=actor, report=issued)
    done = _("Đã ban hành báo cáo số %(number)s. Các tệp đang được tạo.") % {"number": issued.number}
    messages.success(request, done)
    return redirect("jobs:job", uuid=job.uuid)


@login_required
@require_POST
def report_files(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Have the three files made; those of a draft say that it is one."""
    job = report_jobs.report_files_open(actor=cast(User, request.user), report=_report(request, uuid))
    return redirect("jobs:job", uuid=job.uuid)


@login_required
@require_POST
def report_drop(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Throw a draft away."""
    services.report_drop(actor=cast(User, request.user), report=_report(request, uuid))
    messages.success(request, _("Đã xoá bản đang soạn."))
    return redirect("kpi:reports")


@login_required
@require_safe
def report_file(request: HttpRequest, uuid: UUID, form: str) -> HttpResponse:
    """One of the kept files."""
    found = _report(request, uuid)
    if form not in FILES or not getattr(found, form):
        raise Http404
    response = HttpResponse(report_jobs.file_content(found, form), content_type=TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="bao-cao-{found.closing.until:%Y-%m-%d}.{form}"'
    return response
