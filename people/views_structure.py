"""Bringing a whole new structure: the file, the report of what differs, the go-ahead."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from common.errors import Refusal
from common.forms import DayField
from common.sheets_out import write_xlsx
from common.text import nfc
from people.forms_units_base import REQUIRED
from people.models import User
from people.services import tree_version
from people.stepup import demand_fresh_proof
from people.units import import_job
from people.units.change import Decision
from people.units.importing import day_check, plan_of, standing_on
from people.units.report import report_of
from people.units.structure_file import EXAMPLE, NAMES

MOST_FAULTS = 1000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class StructureForm(forms.Form):
    """When the new structure begins, what it is called, and its decision."""

    name = forms.CharField(
        label=gettext_lazy("Tên cơ cấu"),
        max_length=120,
        help_text=gettext_lazy("Ví dụ: Cơ cấu từ 1/7/2027"),
        error_messages=REQUIRED,
    )
    on = DayField(label=gettext_lazy("Bắt đầu từ ngày"), help_text=gettext_lazy("Viết ngày/tháng/năm."))
    decision_number = forms.CharField(label=gettext_lazy("Số quyết định"), max_length=60, required=False)
    decision_date = DayField(label=gettext_lazy("Ngày quyết định"), required=False)
    kept = forms.CharField(required=False, widget=forms.HiddenInput)
    file = forms.FileField(
        label=gettext_lazy("Tệp cơ cấu"),
        help_text=gettext_lazy("Excel (.xlsx) hoặc CSV, mỗi đơn vị một dòng, nặng không quá 10 MB."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={
            "required": gettext_lazy("Hãy chọn tệp."),
            "empty": gettext_lazy("Tệp này trống. Hãy chọn tệp khác."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].required = not self.data.get("kept")

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if on := data.get("on"):
            try:
                day_check(on)
            except Refusal as refusal:
                self.add_error("on", f"{refusal.text} {refusal.fix}")
        return data

    @property
    def decision(self) -> Decision:
        return Decision(nfc(self.cleaned_data["decision_number"]), self.cleaned_data["decision_date"])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def structure_new(request: HttpRequest) -> HttpResponse:
    """The form; with a file the report; with the go-ahead a job."""
    import_job.whole_tree_required(request.user)
    demand_fresh_proof(request, _("nhập một cơ cấu đơn vị mới"))
    form = StructureForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "people/units/import.html", {"form": form})
    data = form.cleaned_data
    try:
        kept = import_job.file_keep(data["file"]) if data.get("file") else data["kept"]
        rows, faults = import_job.file_rows(kept)
    except Refusal as refusal:
        form.add_error("file", f"{refusal.text} {refusal.fix}")
        return render(request, "people/units/import.html", {"form": form})
    expected = request.POST.get("version", "")
    if "luu" in request.POST and expected == tree_version():
        owner = cast(User, request.user)
        job = import_job.import_open(
            owner=owner, file=kept, on=data["on"], name=nfc(data["name"]), decision=form.decision, expected=expected
        )
        return redirect("jobs:job", uuid=job.uuid)
    plan = plan_of(rows, standing_on(data["on"]), faults)
    context = {
        "form": form,
        "kept": kept,
        "version": tree_version(),
        "stale": "luu" in request.POST,
        "report": report_of(plan),
        "faults": plan.faults[:MOST_FAULTS],
        "fault_count": len(plan.faults),
        "further_faults": max(0, len(plan.faults) - MOST_FAULTS),
    }
    return render(request, "people/units/import_report.html", context)


@login_required
@require_safe
def structure_template(request: HttpRequest) -> HttpResponse:
    """A workbook to fill in: the headings, and lines that show how it is done."""
    import_job.whole_tree_required(request.user)
    content = write_xlsx(tuple(NAMES.values()), EXAMPLE, sheet="Cơ cấu", width=24)
    headers = {"Content-Disposition": 'attachment; filename="co-cau-mau.xlsx"'}
    return HttpResponse(content, content_type=XLSX, headers=headers)
