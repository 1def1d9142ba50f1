"""The reporting calendar: who owes what, by when, what was handed in; and which duties are followed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.errors import Refusal
from common.text import fold
from kpi import calendar_rules
from kpi.duties_loading import named
from kpi.forms_reports import DONE, LATE, OPEN, SOON, SOON_DAYS, CalendarForm, DutyForm, HandInForm, ReasonForm
from kpi.models import ReportDue, ReportDuty
from kpi.services import dues as due_services
from kpi.services.duties import duty_set, keeping_unit
from people import access
from people.models import UnitKind, User
from people.querysets import today
from people.stepup import demand_fresh_proof

PAGE = 50


def _reader(request: HttpRequest) -> User:
    """Who is signed in, if they read figures at all: 404 without an office, 403 with another."""
    reads = bool(access.roles_of(request.user) & access.KPI_READING)
    access.require(reads, request.user, what="lịch báo cáo của đơn vị nào")
    return cast(User, request.user)


def _sought(request: HttpRequest, viewer: User) -> tuple[CalendarForm, QuerySet[ReportDue], int]:
    """The form of the filters, the dues of a year that the reader may see, and that year."""
    form = CalendarForm(request.GET, years=list(range(today().year + 1, today().year - 5, -1)))
    said: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    year = said.get("nam") or today().year
    found = due_services.dues_visible_to(viewer).filter(begins_on__year=year)
    if said.get("van_ban"):
        found = found.filter(duty__decision=said["van_ban"])
    for word in fold(said.get("don_vi") or "").split():
        found = found.filter(unit__search_key__contains=word)
    open_ = Q(handed_in_at=None)
    soon = Q(due_on__gte=today(), due_on__lte=today() + timedelta(days=SOON_DAYS))
    states = {LATE: open_ & Q(due_on__lt=today()), SOON: open_ & soon, OPEN: open_, DONE: ~open_}
    if said.get("trang_thai"):
        found = found.filter(states[said["trang_thai"]])
    return form, found, year


@login_required
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Late reports first, then what comes due, then what was handed in."""
    viewer = _reader(request)
    form, found, year = _sought(request, viewer)
    late = Q(handed_in_at=None, due_on__lt=today())
    order = Case(
        When(late, then=Value(0)), When(handed_in_at=None, then=Value(1)), default=Value(2), output_field=IntegerField()
    )
    rows = found.select_related("duty__decision", "unit", "report").order_by(order, "due_on", "unit__name", "pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("trang"))
    context = {
        "form": CalendarForm(
            years=list(range(today().year + 1, today().year - 5, -1)),
            initial={name: request.GET.get(name, "") for name in form.fields} | {"nam": year},
        ),
        "page": page,
        "rows": [(due, days_late(due)) for due in page],
        "late": found.filter(late).count(),
        "year": year,
        "may_keep": keeping_unit(viewer) is not None,
        "query": request.GET.urlencode(),
    }
    return render(request, "kpi/calendar/calendar.html", context)


def days_late(due: ReportDue) -> int:
    """Days after the last day on time: until it was handed in, or until today."""
    day: date = due.handed_in_at.date() if due.handed_in_at else today()
    return max(0, (day - due.due_on).days)


@login_required
@require_POST
def remind(request: HttpRequest) -> HttpResponse:
    """Write to the coordinators of all units that owe one of the dues the filters show."""
    viewer = _reader(request)
    _, found, _ = _sought(request, viewer)
    address = reverse("kpi:calendar")
    made = due_services.dues_remind(actor=viewer, dues=found, path=address)
    told = f"Đã nhắc {len(made)} đầu mối." if made else "Các đầu mối này đã được nhắc trong ba ngày qua."
    messages.success(request, told)
    return redirect(f"{address}?{request.GET.urlencode()}")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def due(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One due: what the decision says, and the form that hands it in."""
    viewer = _reader(request)
    found = get_object_or_404(
        ReportDue.objects.select_related("duty__decision", "unit", "report", "handed_in_by"), uuid=uuid
    )
    access.require(access.can_read_kpi(viewer, found.unit), viewer, what=f"báo cáo của {found.unit}")
    form = HandInForm(request.POST or None, due=found)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            due_services.due_hand_in(
                actor=viewer, due=found, report=said["report"], letter=said["letter"], on=said["on"]
            )
        except Refusal as refusal:
            form.add_error(None, f"{refusal.text} {refusal.fix}")
        else:
            messages.success(request, f"Đã ghi: {found.unit} nộp báo cáo {found.period}.")
            return redirect("kpi:calendar")
    context = {
        "due": found,
        "form": form,
        "days_late": days_late(found),
        "reason_form": ReasonForm(),
        "may_keep": access.can_keep_kpi(viewer, found.unit),
    }
    return render(request, "kpi/calendar/due.html", context)


@login_required
@require_POST
def due_reopen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take back a hand-in that was noted by mistake."""
    found = get_object_or_404(ReportDue.objects.select_related("unit"), uuid=uuid)
    access.require(access.can_keep_kpi(request.user, found.unit), request.user, what=f"lịch báo cáo của {found.unit}")
    demand_fresh_proof(request, "mở lại báo cáo đã ghi nộp")
    due_services.due_reopen(actor=cast(User, request.user), due=found, reason=request.POST.get("reason", ""))
    messages.success(request, "Đã mở lại.")
    return redirect("kpi:due", uuid=uuid)


@login_required
@require_safe
def duties(request: HttpRequest) -> HttpResponse:
    """Every duty of the decisions: which has a day, which is followed, and who owes it today."""
    viewer = _reader(request)
    rows = [
        {"duty": duty, "said": calendar_rules.said(duty.due_rule), "named": _named(duty)}
        for duty in ReportDuty.objects.select_related("decision").order_by("-is_followed", "decision__code", "pk")
    ]
    return render(request, "kpi/calendar/duties.html", {"rows": rows, "may_keep": keeping_unit(viewer) is not None})


def _named(duty: ReportDuty) -> dict[str, Any]:
    found = named(duty.from_names)
    return {
        "units": [kind.label for kind in UnitKind if kind in found.kinds] + sorted(found.names),
        "unknown": found.unknown,
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def duty(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Follow one duty or not, by which day."""
    viewer = _reader(request)
    found = get_object_or_404(ReportDuty.objects.select_related("decision"), uuid=uuid)
    access.require(keeping_unit(viewer) is not None, viewer, what="lịch báo cáo của tỉnh")
    own = (found.due_rule or {}).get("own") or {}
    initial = {"follow": found.is_followed, "day": own.get("day"), "month": own.get("month")}
    form = DutyForm(request.POST or None, duty=found, initial=initial)
    if request.method == "POST" and form.is_valid():
        demand_fresh_proof(request, "đặt lịch báo cáo")
        said = form.cleaned_data
        try:
            duty_set(actor=viewer, duty=found, follow=said["follow"], own_day=form.own_day, reason=said["reason"])
        except Refusal as refusal:
            form.add_error(None, f"{refusal.text} {refusal.fix}")
        else:
            messages.success(request, f"Đã đặt lịch của {found.code}.")
            return redirect("kpi:duties")
    context = {"duty": found, "form": form, "said": calendar_rules.said(found.due_rule), "named": _named(found)}
    return render(request, "kpi/calendar/duty.html", context)
