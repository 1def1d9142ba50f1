"""Targets of a unit: what holds, changing it, and what held before."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.errors import Refusal
from kpi import figures, findings, places
from kpi.allocations import stale_shares
from kpi.forms import Reading, ReadingForm, reading_of
from kpi.forms_targets import PapersForm, TargetForm
from kpi.models import Indicator, Target, TargetVersion
from kpi.services import target_set, target_withdraw
from kpi.services.targets import newest_version
from kpi.target_rules import number_said, said_by
from people import access
from people.models import User
from people.stepup import demand_fresh_proof


def official_of(request: HttpRequest) -> User:
    """Who is signed in; views that ask stand behind ``login_required``."""
    return cast(User, request.user)


def address(name: str, reading: Reading, *args: Any) -> str:
    """A page about the same unit and year."""
    return f"{reverse(name, args=args)}?{reading.query()}"


def shared(request: HttpRequest, reading: Reading) -> dict[str, Any]:
    """What every page of a unit shows."""
    return {
        "reading": reading,
        "form": ReadingForm(reading),
        "query": reading.query(),
        "may_keep": access.can_keep_kpi(request.user, reading.unit),
    }


def keeping(request: HttpRequest) -> Reading:
    """The unit and year that the address asks for; required: the right to set its targets."""
    reading = reading_of(request)
    allowed = access.can_keep_kpi(request.user, reading.unit)
    access.require(allowed, request.user, what=_("việc giao chỉ tiêu cho %(unit)s") % {"unit": reading.unit})
    return reading


@login_required
@require_safe
def targets(request: HttpRequest) -> HttpResponse:
    """Every indicator with the target that holds for the unit, and where it comes from."""
    reading = reading_of(request)
    indicators = list(Indicator.objects.for_figures(reading.unit))
    place = places.place_of(reading.unit, reading.structure, reading.known, with_rows=False)
    taken_over = figures.taken_over_by(place)
    given = Target.objects.exclude(allocated_from=None).order_by().values_list("allocated_from")
    shares = dict(given.annotate(units=Count("pk")))
    stale = dict(stale_shares().order_by().values_list("pk", "allocated_from"))
    stale_below = Counter(stale.values())
    lines: list[dict[str, Any]] = []
    for indicator in indicators:
        target = figures.target_for(indicator.all_targets, reading.unit, taken_over)
        line: dict[str, Any] = {"indicator": indicator, "target": target, "shares": 0, "stale": 0, "is_stale": False}
        if target:
            line["shares"], line["is_stale"] = shares.get(target.pk, 0), target.pk in stale
            line["stale"] = stale_below[target.pk]
        lines.append(line)
    groups = [{"decision": d, "lines": list(g)} for d, g in groupby(lines, key=lambda one: one["indicator"].decision)]
    context = shared(request, reading) | {"groups": groups}
    return render(request, "kpi/targets/targets.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def target_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Set or change the target of a unit."""
    reading = keeping(request)
    indicator = get_object_or_404(Indicator.objects.for_figures(), code=code)
    if request.method != "POST":
        return _edit_page(
            request, reading, indicator, TargetForm(indicator=indicator, initial=_initial(reading, indicator))
        )
    form = TargetForm(request.POST, indicator=indicator)
    if not form.is_valid():
        return _edit_page(request, reading, indicator, form)
    demand_fresh_proof(request, _("đặt chỉ tiêu"))
    try:
        saved = target_set(
            actor=official_of(request),
            indicator=indicator,
            unit=reading.unit,
            seen=form.cleaned_data["seen"],
            **form.said(),
            **form.papers(),
        )
    except Refusal as refusal:
        if refusal.status == 403:
            raise
        form.refused(refusal)
        return _edit_page(request, reading, indicator, form)
    if saved.changed:
        about = {"code": indicator.code, "unit": reading.unit, "said": said_by(saved.target).words}
        messages.success(request, _("Đã đặt chỉ tiêu %(code)s của %(unit)s: %(said)s.") % about)
    else:
        messages.info(request, _("Chỉ tiêu vẫn như cũ, không ghi gì thêm."))
    for warning in saved.warnings:
        messages.warning(request, warning)
    return redirect(address("kpi:target_history", reading, code))


@login_required
@require_POST
def target_drop(request: HttpRequest, code: str) -> HttpResponse:
    """Withdraw the target of a unit."""
    reading = keeping(request)
    indicator = get_object_or_404(Indicator.objects.for_figures(), code=code)
    form = PapersForm(request.POST, prefix="rut")
    if form.is_valid():
        demand_fresh_proof(request, _("rút chỉ tiêu"))
        try:
            target_withdraw(
                actor=official_of(request),
                indicator=indicator,
                unit=reading.unit,
                seen=form.cleaned_data["seen"],
                **form.papers(),
            )
        except Refusal as refusal:
            form.refused(refusal)
        else:
            about = {"code": indicator.code, "unit": reading.unit}
            messages.success(request, _("Đã rút chỉ tiêu %(code)s của %(unit)s.") % about)
            return redirect(address("kpi:target_history", reading, code))
    edit = TargetForm(indicator=indicator, initial=_initial(reading, indicator))
    return _edit_page(request, reading, indicator, edit, drop=form)


def _initial(reading: Reading, indicator: Indicator) -> dict[str, Any]:
    """The unit's own target; else what the document asks, to begin with."""
    found = indicator.all_targets
    own = next((t for t in found if t.unit_id == reading.unit.pk), None)
    begin = own or next((t for t in found if t.allocated_from_id is None), None)
    last = newest_version(indicator, reading.unit)
    initial: dict[str, Any] = {"seen": last.number if last else 0}
    if begin:
        value = number_said(begin.value) if begin.value is not None else ""
        initial |= {"comparator": begin.comparator, "measured_in": begin.measured_in, "value": value}
        initial |= {"year": begin.year if own else None}
    return initial


def _edit_page(
    request: HttpRequest, reading: Reading, indicator: Indicator, form: TargetForm, drop: PapersForm | None = None
) -> HttpResponse:
    own = Target.objects.filter(indicator=indicator, unit=reading.unit).first()
    last = newest_version(indicator, reading.unit)
    seen = {"seen": last.number if last else 0}
    context = shared(request, reading) | {
        "indicator": indicator,
        "target_form": form,
        "drop_form": drop or PapersForm(prefix="rut", initial=seen),
        "drop_open": drop is not None,
        "own": own,
        "findings": findings.findings_of(indicator.code),
    }
    return render(request, "kpi/targets/target_edit.html", context)


@login_required
@require_safe
def target_history(request: HttpRequest, code: str) -> HttpResponse:
    """Every version of the unit's target and of those it took over, the newest first, each with its decision."""
    reading = reading_of(request)
    indicator = get_object_or_404(Indicator.objects.for_figures(reading.unit), code=code)
    place = places.place_of(reading.unit, reading.structure, reading.known, with_rows=False)
    taken_over = figures.taken_over_by(place)
    target = figures.target_for(indicator.all_targets, reading.unit, taken_over)
    versions = TargetVersion.objects.filter(indicator=indicator, unit__in=[reading.unit.pk, *taken_over])
    rows = list(versions.select_related("set_by", "unit").order_by("-set_at", "-pk"))
    context = shared(request, reading) | {
        "indicator": indicator,
        "versions": [(version, said_by(version).words) for version in rows],
        "holding": next((v.pk for v in rows if target and v.unit_id == target.unit_id), None),
    }
    return render(request, "kpi/targets/target_history.html", context)


@login_required
@require_safe
def findings_page(request: HttpRequest) -> HttpResponse:
    """What was noticed in the documents, the gravest first."""
    reading = reading_of(request)
    texts = dict(Indicator.objects.values_list("code", "text"))
    shown = [
        {"finding": one, "indicators": [(code, texts[code]) for code in one.indicators if code in texts]}
        for one in findings.findings()
    ]
    return render(request, "kpi/targets/findings.html", shared(request, reading) | {"shown": shown})
