"""Taking a paper register over: choose a file, look at what it would do, take it over."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from certificates import paper_jobs
from certificates.forms import REQUIRED
from certificates.models import Series
from certificates.services.paper import faults_file, template_file
from certificates.services.paper_reading import COLUMNS, NEEDED
from certificates.views_office import official_of
from common.errors import Refusal
from common.language import on_record
from people import access
from people.stepup import demand_fresh_proof

#: Faults that a page shows; all of them stand in the file of faults.
MOST_SHOWN = 100
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class PaperForm(forms.Form):
    """The file of a paper register."""

    file = forms.FileField(
        label=_("Tệp sổ giấy"),
        help_text=_("Excel (.xlsx) hoặc CSV, mỗi giấy một dòng, nhiều nhất 20.000 dòng."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages=REQUIRED | {"required": _("Hãy chọn tệp."), "empty": _("Tệp này trống. Hãy chọn tệp khác.")},
    )


def _series(request: HttpRequest, code: str) -> Series:
    series = get_object_or_404(Series.objects.select_related("unit"), code=code)
    allowed = access.can_issue_certificates(request.user, series.unit)
    access.require(allowed, request.user, what=gettext("việc ghi lại giấy vào sổ gốc này"))
    return series


def _page(request: HttpRequest, series: Series, **more: Any) -> HttpResponse:
    context = {
        "series": series,
        "form": PaperForm(),
        "columns": COLUMNS.values(),
        "needed": [COLUMNS[n] for n in NEEDED],
    }
    return render(request, "certificates/manage/paper.html", context | more)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: HttpRequest, code: str) -> HttpResponse:
    """Send a file and see what it would do; then take it over."""
    series = _series(request, code)
    if request.method != "POST":
        return _page(request, series)
    kept, name = request.POST.get("kept", ""), request.POST.get("name", "")[:200]
    if not kept:
        form = PaperForm(request.POST, request.FILES)
        if not form.is_valid():
            return _page(request, series, form=form)
        upload = form.cleaned_data["file"]
        name = str(upload.name)[:200]
    try:
        kept = kept or paper_jobs.file_keep(upload)
        table = paper_jobs.file_table(kept, series=series)
    except Refusal as refusal:
        form = PaperForm(request.POST, request.FILES)
        form.add_error("file", f"{refusal.text} {refusal.fix}")
        return _page(request, series, form=form)
    if "luu" in request.POST and not table.faults:
        demand_fresh_proof(request, gettext("ghi lại giấy vào sổ gốc"))
        back = reverse("issuing:register", args=[series.code])
        job = paper_jobs.import_open(series=series, owner=official_of(request), file=kept, file_name=name, back=back)
        return redirect("jobs:job", uuid=job.uuid)
    shown = {
        "table": table, "kept": kept, "name": name, "faults": table.faults[:MOST_SHOWN],
        "more_faults": max(0, len(table.faults) - MOST_SHOWN), "sample": table.rows[:10],
    }  # fmt: skip
    return _page(request, series, **shown)


@never_cache
@login_required
@require_GET
def paper_template(request: HttpRequest, code: str) -> HttpResponse:
    """A workbook to fill in."""
    _series(request, code)
    return _download(template_file(), "mau-so-giay.xlsx")


@never_cache
@login_required
@require_GET
def paper_faults(request: HttpRequest, code: str, kept: str) -> HttpResponse:
    """The lines to be mended, in the file's own layout."""
    series = _series(request, code)
    demand_fresh_proof(request, gettext("tải các dòng cần sửa"))
    with on_record():  # the words on the page are the reader's, those in a workbook are not
        content = faults_file(paper_jobs.file_table(kept, series=series))
    return _download(content, "so-giay-can-sua.xlsx")


def _download(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=_XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
