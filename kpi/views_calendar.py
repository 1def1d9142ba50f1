"""The reporting calendar: who owes what, by when, what was handed in; and which duties are followed."""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Q, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.errors import Refusal
from common.text import fold
from kpi import calendar_rules
from kpi.duties_loading import named
from kpi.forms_reports import (
    DONE,
    EXCUSED,
    LATE,
    OPEN,
    SOON,
    SOON_DAYS,
    CalendarForm,
    DutyForm,
    HandInForm,
    LetterForm,
    ReasonForm,
    SpanForm,
)
from kpi.models import CalendarLink, Decision, ReportDue, ReportDuty
from kpi.querysets_reports import OPEN as OPEN_DUES
from kpi.querysets_reports import ReportDueQuerySet
from kpi.services import dues as due_services
from kpi.services.duties import decision_span_set, duty_set, keeping_unit
from kpi.services.reporting_links import calendar_link_drop, calendar_link_make, calendar_of
from kpi.services.reporting_reminders import Reminded, dues_owed_by, dues_remind
from people import access
from people.models import UnitKind, User
from people.querysets import today
from people.stepup import demand_fresh_proof

PAGE = 50


def _reader(request: HttpRequest) -> User:
    """Who is signed in, if they read figures at all: 404 without an office, 403 with another."""
    reads = bool(access.roles_of(request.user) & access.KPI_READING)
    access.require(reads, request.user, what=_("lịch báo cáo của đơn vị nào"))
    return cast(User, request.user)


def _sought(request: HttpRequest, viewer: User) -> tuple[CalendarForm, ReportDueQuerySet, int]:
    """The form of the filters, the dues of a year that the reader may see, and that year.

    With those of this year come all that earlier ones still owe: 1 January settles nothing.
    """
    form = CalendarForm(request.GET, years=list(range(today().year + 1, today().year - 5, -1)))
    said: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    year = said.get("nam") or today().year
    found = due_services.dues_visible_to(viewer).for_calendar(year, today())
    if said.get("van_ban"):
        found = found.filter(duty__decision=said["van_ban"])
    for word in fold(said.get("don_vi") or "").split():
        found = found.filter(unit__search_key__contains=word)
    states = {
        LATE: found.late(today()),
        SOON: found.due_within(today(), SOON_DAYS),
        OPEN: found.open(),
        DONE: found.exclude(handed_in_at=None),
        EXCUSED: found.exclude(excused_at=None),
    }
    return form, states.get(said.get("trang_thai", ""), found), year


@login_required
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Late reports first, then what comes due, then what was handed in."""
    viewer = _reader(request)
    form, found, year = _sought(request, viewer)
    late = OPEN_DUES & Q(due_on__lt=today())
    order = Case(
        When(late, then=Value(0)), When(OPEN_DUES, then=Value(1)), default=Value(2), output_field=IntegerField()
    )
    rows = found.select_related("duty__decision", "unit", "report").order_by(order, "due_on", "unit__search_key", "pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("trang"))
    every = due_services.dues_visible_to(viewer).for_calendar(year, today())
    context = {
        "form": CalendarForm(
            years=list(range(today().year + 1, today().year - 5, -1)),
            initial={name: request.GET.get(name, "") for name in form.fields} | {"nam": year},
        ),
        "page": page,
        "rows": [(due, days_late(due)) for due in page],
        # Whatever is looked for, what is late stays late.
        "late": every.filter(late).count(),
        "is_narrowed": any(request.GET.get(name) for name in ("van_ban", "don_vi", "trang_thai")),
        "soon": every.due_within(today(), SOON_DAYS).count(),
        "soon_days": SOON_DAYS,
        "earlier": every.filter(late, begins_on__year__lt=year).count(),
        **_own_calendar(viewer),
        "year": year,
        "may_keep": keeping_unit(viewer) is not None,
        "query": request.GET.urlencode(),
    }
    return render(request, "kpi/calendar/calendar.html", context)


def _own_calendar(viewer: User) -> dict[str, Any]:
    """What the reader can take into a calendar of their own, and the address that they made for it."""
    return {
        "owes": dues_owed_by(viewer).exists(),
        "mine": CalendarLink.objects.filter(user=viewer).first(),
        "base": settings.BASE_URL.rstrip("/"),
    }


def days_late(due: ReportDue) -> int:
    """Days after the last day on time: until it was handed in, or until today; none of what was excused."""
    if due.excused_at:
        return 0
    day: date = due.handed_in_at.date() if due.handed_in_at else today()
    return max(0, (day - due.due_on).days)


@login_required
@require_POST
def remind(request: HttpRequest) -> HttpResponse:
    """Write to whoever owes one of the dues that the filters show, if it is late or comes due soon."""
    viewer = _reader(request)
    found = _sought(request, viewer)[1]
    address = reverse("kpi:calendar")
    made = dues_remind(actor=viewer, dues=found, path=address)
    messages.success(request, " ".join(_reminded(made)))
    return redirect(f"{address}?{request.GET.urlencode()}")


def _reminded(made: Reminded) -> list[str]:
    """What reminding came to, in sentences."""
    told, count = [], len(made.notices)
    if count:
        told += [ngettext("Đã nhắc %(n)s đầu mối.", "Đã nhắc %(n)s đầu mối.", count) % {"n": count}]
    if made.lately:
        said = ngettext("%(n)s đầu mối đã được nhắc hôm nay.", "%(n)s đầu mối đã được nhắc hôm nay.", made.lately)
        told += [said % {"n": made.lately}]
    if made.silent:
        named = ", ".join(unit.name for unit in made.silent[:3]) + (", …" if made.silent[3:] else "")
        said = ngettext(
            "%(n)s đơn vị chưa có đầu mối để nhắc: %(units)s.",
            "%(n)s đơn vị chưa có đầu mối để nhắc: %(units)s.",
            len(made.silent),
        )
        told += [said % {"n": len(made.silent), "units": named}]
    return told


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def due(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One due: what the decision says, and the form that hands it in."""
    viewer = _reader(request)
    found = get_object_or_404(
        ReportDue.objects.select_related("duty__decision", "unit", "report", "handed_in_by", "excused_by"), uuid=uuid
    )
    what = _("báo cáo của %(unit)s") % {"unit": found.unit}
    access.require(access.can_read_kpi(viewer, found.unit), viewer, what=what)
    by_letter = request.POST.get("bang") == "cong-van"
    form = HandInForm(None if by_letter else request.POST or None, due=found)
    letter_form = LetterForm(request.POST if by_letter else None)
    sent: HandInForm | LetterForm = letter_form if by_letter else form
    if request.method == "POST" and sent.is_valid():
        try:
            due_services.due_hand_in(actor=viewer, due=found, **sent.cleaned_data)
        except Refusal as refusal:
            sent.add_error(None, f"{refusal.text} {refusal.fix}")
        else:
            words = {"unit": found.unit, "period": found.period_name}
            messages.success(request, _("Đã ghi: %(unit)s nộp báo cáo %(period)s.") % words)
            return redirect("kpi:calendar")
    context = {
        "due": found,
        "form": form,
        "letter_form": letter_form,
        "days_late": days_late(found),
        "reason_form": ReasonForm(),
        "fitting": form.fields["report"].queryset.exists(),  # type: ignore[attr-defined]
        "may_keep": access.can_keep_kpi(viewer, found.unit),
    }
    return render(request, "kpi/calendar/due.html", context)


@login_required
@require_POST
def due_reopen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take back a hand-in that was noted by mistake."""
    found = get_object_or_404(ReportDue.objects.select_related("unit"), uuid=uuid)
    what = _("lịch báo cáo của %(unit)s") % {"unit": found.unit}
    access.require(access.can_keep_kpi(request.user, found.unit), request.user, what=what)
    demand_fresh_proof(request, _("mở lại báo cáo đã ghi nộp"))
    due_services.due_reopen(actor=cast(User, request.user), due=found, reason=request.POST.get("reason", ""))
    messages.success(request, _("Đã mở lại."))
    return redirect("kpi:due", uuid=uuid)


@login_required
@require_POST
def due_excuse(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A unit need not hand in: it is not late any more."""
    found = get_object_or_404(ReportDue.objects.select_related("unit"), uuid=uuid)
    what = _("lịch báo cáo của %(unit)s") % {"unit": found.unit}
    access.require(access.can_keep_kpi(request.user, found.unit), request.user, what=what)
    demand_fresh_proof(request, _("miễn nộp báo cáo"))
    due_services.due_excuse(actor=cast(User, request.user), due=found, reason=request.POST.get("reason", ""))
    words = {"unit": found.unit, "period": found.period_name}
    messages.success(request, _("%(unit)s được miễn báo cáo %(period)s.") % words)
    return redirect("kpi:due", uuid=uuid)


@login_required
@require_safe
def calendar_file(request: HttpRequest) -> HttpResponse:
    """What the reader owes, as a calendar file to open."""
    return _calendar_answer(calendar_of(_reader(request)))


@login_required
@require_POST
def calendar_link(request: HttpRequest) -> HttpResponse:
    """Make the reader an address for their calendar program, or (``bo``) end it."""
    viewer = _reader(request)
    if "bo" in request.POST:
        calendar_link_drop(user=viewer)
        messages.success(request, _("Địa chỉ lịch của bạn đã ngừng dùng."))
    else:
        calendar_link_make(user=viewer)
        messages.success(request, _("Địa chỉ lịch của bạn ở cuối trang này."))
    return redirect("kpi:calendar")


@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The same for a calendar program, which cannot sign in: whoever has the address reads what its owner owes."""
    link = get_object_or_404(CalendarLink.objects.select_related("user"), token=token, user__is_active=True)
    return _calendar_answer(calendar_of(link.user))


def _calendar_answer(text: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="lich-bao-cao.ics"'
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_safe
def duties(request: HttpRequest) -> HttpResponse:
    """Every duty of the decisions: which has a day, which is followed, and who owes it today."""
    viewer = _reader(request)
    rows = [
        {"duty": duty, "said": calendar_rules.said(duty.due_rule), "named": _named(duty)}
        for duty in ReportDuty.objects.select_related("decision").order_by("-is_followed", "decision__code", "pk")
    ]
    context = {
        "rows": rows,
        "decisions": Decision.objects.filter(report_duties__isnull=False).distinct(),
        "may_keep": keeping_unit(viewer) is not None,
    }
    return render(request, "kpi/calendar/duties.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def span(request: HttpRequest, code: str) -> HttpResponse:
    """From when until when a decision asks for reports."""
    viewer = _reader(request)
    access.require(keeping_unit(viewer) is not None, viewer, what=_("lịch báo cáo của tỉnh"))
    found = get_object_or_404(Decision, code=code)
    initial = {"valid_from": found.valid_from, "valid_until": found.valid_until}
    form = SpanForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        demand_fresh_proof(request, _("đặt thời hạn hiệu lực của văn bản"))
        try:
            decision_span_set(actor=viewer, decision=found, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, f"{refusal.text} {refusal.fix}")
        else:
            messages.success(request, _("Đã đặt thời hạn của %(title)s.") % {"title": found.title})
            return redirect("kpi:duties")
    return render(request, "kpi/calendar/span.html", {"decision": found, "form": form})


def _named(duty: ReportDuty) -> dict[str, Any]:
    found = named(duty.from_names)
    return {
        "units": [str(kind.label) for kind in UnitKind if kind in found.kinds] + sorted(found.names),
        "unknown": found.unknown,
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def duty(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Follow one duty or not, by which day."""
    viewer = _reader(request)
    found = get_object_or_404(ReportDuty.objects.select_related("decision"), uuid=uuid)
    access.require(keeping_unit(viewer) is not None, viewer, what=_("lịch báo cáo của tỉnh"))
    own = (found.due_rule or {}).get("own") or {}
    initial = {"follow": found.is_followed, "day": own.get("day"), "month": own.get("month")}
    initial["remind_days"] = found.remind_days
    form = DutyForm(request.POST or None, duty=found, initial=initial)
    if request.method == "POST" and form.is_valid():
        demand_fresh_proof(request, _("đặt lịch báo cáo"))
        said = form.cleaned_data
        try:
            duty_set(
                actor=viewer, duty=found, follow=said["follow"], own_day=form.own_day, reason=said["reason"],
                remind_days=said["remind_days"],
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error(None, f"{refusal.text} {refusal.fix}")
        else:
            messages.success(request, _("Đã đặt lịch của %(code)s.") % {"code": found.code})
            return redirect("kpi:duties")
    context = {"duty": found, "form": form, "said": calendar_rules.said(found.due_rule), "named": _named(found)}
    return render(request, "kpi/calendar/duty.html", context)
