"""Closed periods: the list, closing one, what one says and what changed since, and one beside another."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common.database import row_by_row
from common.text import uuid_or_none
from kpi import places
from kpi.boards import counts_people
from kpi.closed import closed_and_now, closed_and_now_below, corrections_for_page
from kpi.closing_jobs import closing_open, comparison_open
from kpi.closing_people import moved_since, why_named
from kpi.closing_preview import preview_of
from kpi.closings_compared import DIRECT_UNITS, closings_compared, units_compared
from kpi.forms import own_highest_unit
from kpi.forms_closings import ClosingForm, CompareForm
from kpi.models import Closing, Indicator
from kpi.periods import period_name
from kpi.rights import explained_by
from kpi.services.closings import closing_place
from kpi.services.closings import closing_verify as prove
from kpi.services.comparing import closings_export, export_name
from kpi.services.exporting import moved_export
from people import access
from people.models import Unit, User
from people.roster_export import file_name
from people.stepup import demand_fresh_proof

PAGE = 50
#: How a comparison or a list of people can be taken away.
SHEETS = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}


@login_required
@require_safe
def closings(request: HttpRequest) -> HttpResponse:
    """The closings that hold a unit of the reader."""
    _officials_only(request)
    found = Closing.objects.visible_to(request.user).for_page()
    page = Paginator(found, PAGE).get_page(request.GET.get("trang"))
    unit = own_highest_unit(request.user, places.structure_now(places.structures()))
    may_close = unit is not None and access.can_keep_kpi(request.user, unit)
    return render(request, "kpi/closings/list.html", {"page": page, "may_close": may_close})


def _officials_only(request: HttpRequest) -> None:
    if not access.is_manager(request.user):
        raise Http404


# --- Closing a period -----------------------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def closing_new(request: HttpRequest) -> HttpResponse:
    """Choose a period, look at what would be frozen, and close it."""
    _officials_only(request)
    known = places.structures()
    structure = places.structure_now(known)
    unit = own_highest_unit(request.user, structure)
    may = unit is not None and access.can_keep_kpi(request.user, unit)
    access.require(may, request.user, what=_("việc chốt số liệu"))
    assert unit is not None
    form = ClosingForm(request.POST or (request.GET if "ky" in request.GET else None))
    context: dict[str, Any] = {"form": form, "unit": unit, "structure": structure}
    if not form.is_bound or not form.is_valid():
        return render(request, "kpi/closings/new.html", context)
    chosen = {"unit": unit, "structure": structure, **form.period}
    if request.method == "POST":
        demand_fresh_proof(request, _("chốt số liệu"))
        actor = cast(User, request.user)
        job = closing_open(actor=actor, note=form.cleaned_data["ghi_chu"], **chosen)
        return redirect("jobs:job", uuid=job.uuid)
    place = closing_place(actor=request.user, **chosen)
    context |= {"preview": preview_of(place, known, form.period["until"]), "name": period_name(**form.period)}
    return render(request, "kpi/closings/new.html", context)


# --- One closing ----------------------------------------------------------------------------------------------------
def _closing(request: HttpRequest, uuid: UUID) -> Closing:
    _officials_only(request)
    found: Closing = get_object_or_404(Closing.objects.visible_to(request.user).for_page(), uuid=uuid)
    return found


def _unit(request: HttpRequest, closing: Closing) -> Unit:
    """The unit of the closing that is read: the one asked for, else the highest the reader may read."""
    if asked := request.GET.get("don-vi"):
        unit = get_object_or_404(Unit, uuid=uuid_or_none(asked))
        what = _("số liệu của %(unit)s") % {"unit": unit}
        access.require(access.can_read_kpi(request.user, unit), request.user, what=what)
    elif access.can_read_kpi(request.user, closing.unit):
        return closing.unit
    else:
        mine = own_highest_unit(request.user, places.structure_now(places.structures()))
        if mine is None:
            raise Http404
        unit = mine
    if not Closing.objects.filter(pk=closing.pk).holding(unit).exists():
        raise Http404
    return unit


@login_required
@require_safe
def closing_detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What was closed of a unit beside what is said now of the same day; of one indicator in the units below.

    The proof reads every figure of the closing, so it is done when asked for, not at each reading.
    """
    closing = _closing(request, uuid)
    unit = _unit(request, closing)
    code = request.GET.get("chi-tieu")
    indicator = get_object_or_404(Indicator.objects.for_figures(), code=code) if code else None
    others = Closing.objects.visible_to(request.user).for_page().holding(unit).exclude(pk=closing.pk)
    context = {
        "closing": closing,
        "unit": unit,
        "indicator": indicator,
        "lines": closed_and_now(closing, unit),
        "below": closed_and_now_below(closing, unit, indicator) if indicator else [],
        "proof": prove(closing) if "kiem-tra" in request.GET else None,
        "compare": CompareForm(others=others) if others.exists() else None,
    }
    return render(request, "kpi/closings/detail.html", context)


@login_required
@require_safe
def closing_corrections(request: HttpRequest, uuid: UUID, code: str) -> HttpResponse:
    """Who was corrected after a closing, and why; and what changed of the figure as a whole."""
    closing = _closing(request, uuid)
    unit = _unit(request, closing)
    indicator = get_object_or_404(Indicator, code=code)
    rows = corrections_for_page(closing, unit, indicator, request.user)
    page = Paginator(rows, PAGE).get_page(request.GET.get("trang"))
    figures = closing.corrections.filter(unit=unit, indicator=indicator)
    context = {"closing": closing, "unit": unit, "indicator": indicator, "page": page, "figures": list(figures)}
    return render(request, "kpi/closings/corrections.html", context)


@login_required
@require_safe
def closing_people(request: HttpRequest, uuid: UUID, code: str) -> HttpResponse:
    """Who counted in a figure when it was closed and still does (``xem=chot``), who came into it since (``xem=vao``),
    and who went out of it (``xem=ra``); the last two as a file (``dang``) after a fresh proof."""
    closing = _closing(request, uuid)
    unit = _unit(request, closing)
    indicator = get_object_or_404(Indicator, code=code)
    if not counts_people(indicator):
        raise Http404
    if (form := request.GET.get("dang", "")) in SHEETS:
        demand_fresh_proof(request, _("tải danh sách người"))
        content = moved_export(
            actor=cast(User, request.user), closing=closing, unit=unit, indicator=indicator, form=form
        )
        return _sheet(content, form, file_name(unit, form, what=f"them-bot-{indicator.code}"))
    moved = moved_since(closing, unit, indicator, request.user)
    pages = {"vao": Paginator(moved.came, PAGE), "ra": Paginator(moved.went, PAGE)}
    pages["chot"] = Paginator(moved.stayed, PAGE)
    asked = request.GET.get("xem")
    shown = asked if asked in pages else "vao"
    page = pages[shown].get_page(request.GET.get("trang"))
    with row_by_row():
        rows = [(row, why_named(row.why) if shown != "chot" else "") for row in page.object_list]
    context = {
        "closing": closing,
        "unit": unit,
        "indicator": indicator,
        "shown": shown,
        "stayed": pages["chot"].count,
        "came": pages["vao"].count,
        "went": pages["ra"].count,
        "page": page,
        "rows": rows,
        "explained": explained_by(request.user, [row.user_id for row, _why in rows]),
    }
    return render(request, "kpi/closings/people.html", context)


# --- Two closings ---------------------------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def closing_compare(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One closing beside another, older one first; as a sheet with every unit below.

    A sheet of few units is handed out at once; one of many is asked for by POST and made by a job.
    """
    closing = _closing(request, uuid)
    unit = _unit(request, closing)
    others = Closing.objects.visible_to(request.user).for_page().holding(unit).exclude(pk=closing.pk)
    asked = request.POST if request.method == "POST" else request.GET
    form = CompareForm(asked if "voi" in asked else None, others=others)
    context: dict[str, Any] = {"closing": closing, "unit": unit, "form": form}
    if form.is_bound and form.is_valid():
        pair = [closing, form.cleaned_data["voi"]]
        first, second = sorted(pair, key=lambda one: (one.until, one.closed_at))
        units = units_compared(first, second, unit).count()
        if (sheet := asked.get("dang")) in SHEETS and (request.method == "POST" or units <= DIRECT_UNITS):
            demand_fresh_proof(request, _("tải bảng so sánh"))
            return _compared_sheet(request, first, second, unit, sheet, at_once=units <= DIRECT_UNITS)
        lines = closings_compared(first, second, unit)
        context |= {"first": first, "second": second, "lines": lines, "units": units, "direct": DIRECT_UNITS}
    return render(request, "kpi/closings/compare.html", context)


def _compared_sheet(
    request: HttpRequest, first: Closing, second: Closing, unit: Unit, sheet: str, *, at_once: bool
) -> HttpResponse:
    what: dict[str, Any] = {"first": first, "second": second, "unit": unit, "form": sheet}
    if not at_once:
        job = comparison_open(actor=cast(User, request.user), **what)
        return redirect("jobs:job", uuid=job.uuid)
    content = closings_export(actor=cast(User, request.user), **what)
    return _sheet(content, sheet, export_name(first, second, sheet))


def _sheet(content: bytes, form: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=SHEETS[form])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
