"""Head-counts by audience: the table with its coverage check, one at a time, and a whole workbook."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from common.errors import Refusal
from kpi import places
from kpi.forms import Reading, reading_of
from kpi.forms_populations import PopulationFileForm, PopulationForm
from kpi.models import AudiencePopulation
from kpi.population_files import file_drop, file_keep, file_plan
from kpi.population_sheet import HEADINGS, NEEDED, faults_file, template_file
from kpi.populations import asked_audiences, coverage, template_units
from kpi.services import population_set, populations_import
from kpi.views_allocation import download
from kpi.views_targets import address, keeping, official_of, shared
from people.models import Audience
from people.stepup import demand_fresh_proof

#: Faults and differences that a page shows; all faults stand in the file of faults.
MOST_SHOWN = 100


@login_required
@require_safe
def populations(request: HttpRequest) -> HttpResponse:
    """Head-counts of the unit by audience, beside the sum of the units below; one audience opened unit by unit."""
    reading = reading_of(request)
    place = places.place_of(reading.unit, reading.structure, reading.known)
    shown = coverage(place, asked_audiences(), reading.year)
    code = request.GET.get("doi-tuong", "")
    opened = next((one for one in shown if one.audience.code == code), None)
    context = shared(request, reading) | {
        "known": [one for one in shown if not one.is_unknown],
        "unknown": [one for one in shown if one.is_unknown],
        "opened": opened,
    }
    return render(request, "kpi/populations/populations.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def population_edit(request: HttpRequest) -> HttpResponse:
    """Set one head-count of the unit."""
    reading = keeping(request)
    if request.method != "POST":
        return _edit_page(request, reading, PopulationForm(initial=_initial(request, reading)))
    form = PopulationForm(request.POST)
    if not form.is_valid():
        return _edit_page(request, reading, form)
    demand_fresh_proof(request, "ghi số người phải học")
    try:
        row = population_set(actor=official_of(request), unit=reading.unit, **form.cleaned_data)
    except Refusal as refusal:
        if refusal.status == 403:
            raise
        form.refused(refusal)
        return _edit_page(request, reading, form, ask=refusal.code == "below_counted")
    audience = form.cleaned_data["audience"]
    said = "Đã ghi số" if row else "Từ nay không có số"
    messages.success(request, f"{said} của {reading.unit}, {audience}, năm {form.cleaned_data['year']}.")
    return redirect(address("kpi:populations", reading))


def _initial(request: HttpRequest, reading: Reading) -> dict[str, Any]:
    audience = Audience.objects.filter(code=request.GET.get("doi-tuong", "")).first()
    initial: dict[str, Any] = {"audience": audience, "year": reading.year}
    held = AudiencePopulation.objects.filter(audience=audience, unit=reading.unit, year=reading.year).first()
    if held:
        initial |= {"value": held.value, "source": held.source, "source_date": held.source_date}
    return initial


def _edit_page(request: HttpRequest, reading: Reading, form: PopulationForm, *, ask: bool = False) -> HttpResponse:
    if not ask and not form.data.get("confirmed"):
        del form.fields["confirmed"]
    context = shared(request, reading) | {"population_form": form}
    return render(request, "kpi/populations/population_edit.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def population_import(request: HttpRequest) -> HttpResponse:
    """Send a workbook and see what it would change; then take it over as one act."""
    reading = keeping(request)
    if request.method != "POST":
        return _import_page(request, reading)
    owner, form = official_of(request), PopulationFileForm(request.POST, request.FILES)
    kept, name = request.POST.get("kept", ""), request.POST.get("name", "")[:200]
    if not kept and not form.is_valid():
        return _import_page(request, reading, file_form=form)
    try:
        if not kept:
            upload = form.cleaned_data["file"]
            kept, name = file_keep(upload, owner=owner), str(upload.name)[:200]
        plan = file_plan(kept, owner=owner)
    except Refusal as refusal:
        form.add_error("file", f"{refusal.text} {refusal.fix}")
        return _import_page(request, reading, file_form=form)
    page = {"plan": plan, "kept": kept, "name": name} | _cut(plan)
    if "luu" not in request.POST or plan.faults:
        return _import_page(request, reading, **page)
    confirmed = "confirmed" in request.POST
    if plan.below and not confirmed:
        return _import_page(request, reading, unconfirmed=True, **page)
    demand_fresh_proof(request, "nhập số người phải học")
    done = populations_import(actor=owner, unit=reading.unit, plan=plan, file_name=name, confirmed=confirmed)
    file_drop(kept, owner=owner)
    messages.success(request, f"Đã nhập: thêm {done.added}, sửa {done.changed}, giữ nguyên {done.unchanged} số.")
    return redirect(address("kpi:populations", reading))


def _cut(plan: Any) -> dict[str, Any]:
    """The first of what may be many."""
    return {
        "faults": plan.faults[:MOST_SHOWN],
        "more_faults": max(0, len(plan.faults) - MOST_SHOWN),
        "differing": plan.differing[:MOST_SHOWN],
        "more_differing": max(0, len(plan.differing) - MOST_SHOWN),
        "below": plan.below[:MOST_SHOWN],
    }


def _import_page(request: HttpRequest, reading: Reading, **more: Any) -> HttpResponse:
    context = shared(request, reading) | {"file_form": PopulationFileForm(), "columns": HEADINGS, "needed": NEEDED}
    return render(request, "kpi/populations/population_import.html", context | more)


@never_cache
@login_required
@require_safe
def population_template(request: HttpRequest) -> HttpResponse:
    """All units of the scope with all audiences, and the head-counts of the year."""
    reading = keeping(request)
    units = template_units(reading.unit, official_of(request))
    return download(template_file(units, asked_audiences(), reading.year), f"so-nguoi-phai-hoc-{reading.year}.xlsx")


@never_cache
@login_required
@require_safe
def population_faults(request: HttpRequest, kept: str) -> HttpResponse:
    """The lines to be mended of a file that one sent oneself."""
    keeping(request)
    return download(faults_file(file_plan(kept, owner=official_of(request))), "so-nguoi-can-sua.xlsx")
