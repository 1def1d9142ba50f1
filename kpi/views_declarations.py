"""Declarations: what waits, what a unit owes and has declared; declaring, answering, and the evidence."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from common.errors import Refusal
from kpi import declarations as reads
from kpi.forms import Reading, reading_of
from kpi.forms_declarations import DeclarationForm, ReturnForm
from kpi.models import Declaration, DeclarationState, Indicator
from kpi.services import declaration_approve, declaration_return, declaration_submit, declaration_withdraw
from kpi.views_targets import official_of, shared
from people import access
from people.models import UnitAncestor
from people.querysets import today
from people.stepup import demand_fresh_proof

PAGE = 50


@login_required
@require_safe
def declarations(request: HttpRequest) -> HttpResponse:
    """What waits for the reader's answer first, then what the unit still owes, then all that was declared."""
    reading = reading_of(request)
    viewer = official_of(request)
    below = UnitAncestor.objects.filter(structure=access.current_structure(), ancestor=reading.unit)
    here = Q(unit__in=below.values("descendant")) | Q(declared_by=viewer)
    found = reads.visible_to(viewer).filter(here, year=reading.year)
    if (state := request.GET.get("tinh-trang", "")) in DeclarationState.values:
        found = found.filter(state=state)
    rows = found.select_related("indicator", "unit", "declared_by", "decided_by").order_by("-declared_at", "-pk")
    waiting = Paginator(reads.to_approve(viewer), PAGE).get_page(request.GET.get("cho"))
    context = shared(request, reading) | {
        "waiting": waiting,
        "owed": reads.owed(reads.Declarer.of(viewer, reading.unit), reading.year),
        "page": Paginator(rows, PAGE).get_page(request.GET.get("trang")),
        "states": DeclarationState.choices,
        "state": state,
    }
    return render(request, "kpi/declarations/declarations.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def declare(request: HttpRequest, code: str) -> HttpResponse:
    """Declare a value or an activity of the unit."""
    reading = reading_of(request)
    indicator = get_object_or_404(reads.declared_indicators(), code=code)
    units = reads.Declarer.of(request.user, reading.unit).units(indicator)
    access.require(
        bool(units),
        request.user,
        what=_("việc báo chỉ tiêu %(code)s của %(unit)s") % {"code": code, "unit": reading.unit},
    )
    if request.method != "POST":
        initial = {"year": reading.year, "until": _asked_day(request)}
        form = DeclarationForm(indicator=indicator, units=units, initial=initial)
        return _declare_page(request, reading, indicator, form)
    form = DeclarationForm(request.POST, request.FILES, indicator=indicator, units=units)
    if not form.is_valid():
        return _declare_page(request, reading, indicator, form)
    try:
        declaration = declaration_submit(actor=official_of(request), indicator=indicator, **form.chosen())
    except Refusal as refusal:
        if refusal.status == 403:
            raise
        form.refused(refusal)
        return _declare_page(request, reading, indicator, form)
    said = _("Đã gửi số liệu %(code)s của %(unit)s. Đang chờ duyệt.")
    messages.success(request, said % {"code": code, "unit": declaration.unit})
    return redirect("kpi:declaration", uuid=declaration.uuid)


def _asked_day(request: HttpRequest) -> date | None:
    """The end of the period that the list asks for, once it has come."""
    try:
        day = date.fromisoformat(request.GET.get("den", ""))
    except ValueError:
        return None
    return day if day <= today() else None


def _declare_page(request: HttpRequest, reading: Reading, indicator: Indicator, form: DeclarationForm) -> HttpResponse:
    holding = reads.holding(indicator, form.units[0], reading.year)
    context = shared(request, reading) | {"indicator": indicator, "declaration_form": form, "holding": holding}
    return render(request, "kpi/declarations/declare.html", context)


def _declaration(request: HttpRequest, uuid: UUID) -> Declaration:
    if not access.is_manager(request.user):
        raise Http404
    rows = Declaration.objects.select_related("indicator__decision", "unit", "declared_by", "decided_by")
    found = get_object_or_404(rows, uuid=uuid)
    access.require(
        reads.can_see(request.user, found), request.user, what=_("số liệu của %(unit)s") % {"unit": found.unit}
    )
    return found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def declaration(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One declaration with its evidence; approve it, send it back, or take it back."""
    found = _declaration(request, uuid)
    if request.method != "POST":
        return _page(request, found, ReturnForm())
    actor, form = official_of(request), ReturnForm(request.POST)
    if "duyet" in request.POST:
        _require_answer(request, found)
        demand_fresh_proof(request, _("duyệt số liệu"))
        declaration_approve(actor=actor, declaration=found)
        messages.success(request, _("Đã duyệt. Con số đã vào chỉ tiêu."))
    elif "rut" in request.POST:
        declaration_withdraw(actor=actor, declaration=found)
        messages.success(request, _("Đã rút số liệu này."))
    else:
        _require_answer(request, found)
        if not form.is_valid():
            return _page(request, found, form)
        demand_fresh_proof(request, _("trả lại số liệu"))
        declaration_return(actor=actor, declaration=found, reason=form.cleaned_data["reason"])
        messages.success(request, _("Đã trả lại kèm lý do."))
    return redirect("kpi:declaration", uuid=uuid)


def _require_answer(request: HttpRequest, found: Declaration) -> None:
    allowed = reads.can_approve(request.user, found.indicator, found.unit)
    access.require(allowed, request.user, what=_("việc duyệt số liệu của %(unit)s") % {"unit": found.unit})


def _page(request: HttpRequest, found: Declaration, form: ReturnForm) -> HttpResponse:
    waits, own = found.state == DeclarationState.SUBMITTED, found.declared_by_id == request.user.pk
    answers = reads.can_approve(request.user, found.indicator, found.unit)
    holding = reads.holding(found.indicator, found.unit, found.year)
    again = reads.declared_indicators().filter(pk=found.indicator_id).first()
    context: dict[str, Any] = {
        "declaration": found,
        "return_form": form,
        "may_answer": waits and answers and not own,
        "is_own": waits and answers and own,
        "may_withdraw": waits and reads.can_withdraw(request.user, found),
        "may_declare": bool(again and not waits and reads.Declarer.of(request.user, found.unit).may(again)),
        "holds": holding == found,
        "superseded_by": holding if found.state == DeclarationState.APPROVED and holding != found else None,
        "list_address": f"{reverse('kpi:declarations')}?don-vi={found.unit.uuid}&nam={min(found.year, today().year)}",
    }
    return render(request, "kpi/declarations/declaration.html", context)


@never_cache
@login_required
@require_safe
def declaration_evidence(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The file behind a declaration, for those who may read it."""
    found = _declaration(request, uuid)
    if not found.evidence or not found.evidence.storage.exists(str(found.evidence)):
        raise Http404
    return FileResponse(found.evidence.open("rb"), as_attachment=True, filename=found.evidence_name)
