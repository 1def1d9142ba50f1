"""Head-counts by audience: the table with its coverage check, one at a time, and a whole workbook."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from common.errors import Refusal
from common.text import uuid_or_none
from common.wording import number
from kpi import places
from kpi.forms import Reading, reading_of
from kpi.forms_populations import PopulationFileForm, PopulationForm
from kpi.models import AudiencePopulation
from kpi.population_files import (
    LARGE,
    Look,
    faults_read,
    file_drop,
    file_keep,
    file_look,
    file_plan,
    is_large,
    look_read,
)
from kpi.population_jobs import check_open, import_done, import_open
from kpi.population_sheet import HEADINGS, NEEDED, template_file
from kpi.populations import asked_audiences, coverage, template_units
from kpi.services import population_set, populations_import
from kpi.views_allocation import download
from kpi.views_targets import address, keeping, official_of, shared
from people.models import Audience
from people.stepup import demand_fresh_proof


@login_required
@require_safe
def populations(request: HttpRequest) -> HttpResponse:
    """Head-counts of the unit by audience, beside the sum of the units below; one audience opened unit by unit."""
    reading = reading_of(request)
    place = places.place_of(reading.unit, reading.structure, reading.known)
    shown = coverage(place, asked_audiences(), reading.year)
    code = request.GET.get("doi-tuong", "")
    opened = next((one for one in shown if one.audience.code == code), None)
    by_job = uuid_or_none(request.GET.get("viec", ""))
    imported = import_done(owner=official_of(request), job=str(by_job)) if by_job else None
    context = shared(request, reading) | {
        "imported": _imported(imported) if imported else "",
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
    demand_fresh_proof(request, _("ghi số người phải học"))
    try:
        row = population_set(actor=official_of(request), unit=reading.unit, **form.cleaned_data)
    except Refusal as refusal:
        if refusal.status == 403:
            raise
        form.refused(refusal)
        return _edit_page(request, reading, form, ask=refusal.code == "below_counted")
    audience = form.cleaned_data["audience"]
    said = _("Đã ghi số của %(unit)s, %(audience)s, năm %(year)s.")
    if not row:
        said = _("Từ nay không có số của %(unit)s, %(audience)s, năm %(year)s.")
    words = {"unit": reading.unit, "audience": audience, "year": form.cleaned_data["year"]}
    messages.success(request, said % words)
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
    """Send a workbook and see what it would change; then take it over as one act. A large one is read by a job."""
    reading = keeping(request)
    kept = request.POST.get("kept", "") or request.GET.get("tep", "")
    form = PopulationFileForm(request.POST, request.FILES) if request.method == "POST" else PopulationFileForm()
    try:
        if kept:
            look = look_read(kept, owner=official_of(request))
            if "luu" in request.POST and not look.faults:
                return _take_over(request, reading, kept, look)
            return _import_page(request, reading, look=look, kept=kept)
        if request.method == "POST" and form.is_valid():
            return _look(request, reading, form.cleaned_data["file"])
    except Refusal as refusal:
        if refusal.status == 403:
            raise
        form.add_error("file" if form.is_bound else None, f"{refusal.text} {refusal.fix}")
    return _import_page(request, reading, file_form=form)


def _look(request: HttpRequest, reading: Reading, upload: Any) -> HttpResponse:
    """What a file would do; of a large one the page of the job that finds out."""
    owner, name = official_of(request), str(upload.name)[:200]
    kept = file_keep(upload, owner=owner)
    if is_large(kept, owner=owner):
        back = address("kpi:population_import", reading)
        job = check_open(owner=owner, unit=reading.unit, kept=kept, file_name=name, back=back)
        return redirect("jobs:job", uuid=job.uuid)
    return _import_page(request, reading, look=file_look(kept, owner=owner, file_name=name), kept=kept)


def _take_over(request: HttpRequest, reading: Reading, kept: str, look: Look) -> HttpResponse:
    owner, confirmed = official_of(request), "confirmed" in request.POST
    if look.below and not confirmed:
        return _import_page(request, reading, look=look, kept=kept, unconfirmed=True)
    demand_fresh_proof(request, _("nhập số người phải học"))
    done = address("kpi:populations", reading)
    if is_large(kept, owner=owner):
        back = address("kpi:population_import", reading)
        job = import_open(owner=owner, unit=reading.unit, kept=kept, confirmed=confirmed, back=back, done=done)
        return redirect("jobs:job", uuid=job.uuid)
    plan = file_plan(kept, owner=owner)
    words: dict[str, Any] = {"plan": plan, "file_name": look.name, "confirmed": confirmed, "seen": look.digest}
    try:
        made = populations_import(actor=owner, unit=reading.unit, **words)
    except Refusal as refusal:
        if refusal.code not in ("changed_meanwhile", "below_counted"):
            raise
        again = file_look(kept, owner=owner, file_name=look.name)
        return _import_page(request, reading, look=again, kept=kept, refused=refusal)
    file_drop(kept, owner=owner)
    messages.success(request, _imported(asdict(made)))
    return redirect(done)


def _imported(made: dict[str, int]) -> str:
    """What an import wrote, in words."""
    words = {name: number(made[name]) for name in ("added", "changed", "unchanged")}
    return _("Đã nhập: thêm %(added)s, sửa %(changed)s, giữ nguyên %(unchanged)s số.") % words


def _import_page(request: HttpRequest, reading: Reading, **more: Any) -> HttpResponse:
    context = shared(request, reading) | {"file_form": PopulationFileForm(), "columns": HEADINGS, "needed": NEEDED}
    context["large_kb"] = LARGE // 1024
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
    return download(faults_read(kept, owner=official_of(request)), "so-nguoi-can-sua.xlsx")
