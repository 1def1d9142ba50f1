"""Bringing a whole new structure: the file, the report of what differs, the go-ahead."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from common.errors import Refusal
from common.text import nfc
from people import access
from people.forms_audit import DayField
from people.forms_units import DAY, REQUIRED
from people.models import Membership, Role, User
from people.services import tree_version
from people.stepup import fresh_proof_required
from people.units import import_job
from people.units.change import Decision
from people.units.importing import day_check, plan_of, standing_on
from people.units.report import report_of

MOST_FAULTS = 100


class StructureForm(forms.Form):
    """When the new structure begins, what it is called, and its decision."""

    name = forms.CharField(
        label="Tên cơ cấu", max_length=120, help_text="Ví dụ: Cơ cấu từ 1/7/2027", error_messages=REQUIRED
    )
    on = DayField(label="Bắt đầu từ ngày", help_text="Viết ngày/tháng/năm.", error_messages=DAY)
    decision_number = forms.CharField(label="Số quyết định", max_length=60, required=False)
    decision_date = DayField(label="Ngày quyết định", required=False)
    kept = forms.CharField(required=False, widget=forms.HiddenInput)
    file = forms.FileField(
        label="Tệp cơ cấu",
        required=False,
        help_text="Excel (.xlsx) hoặc CSV, mỗi đơn vị một dòng.",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={"empty": "Tệp này trống. Hãy chọn tệp khác."},
    )

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not data.get("file") and not data.get("kept") and "file" not in self.errors:
            self.add_error("file", "Hãy chọn tệp.")
        if on := data.get("on"):
            try:
                day_check(on)
            except Refusal as refusal:
                self.add_error("on", f"{refusal.text} {refusal.fix}")
        return data

    @property
    def decision(self) -> Decision:
        return Decision(nfc(self.cleaned_data["decision_number"]), self.cleaned_data["decision_date"])


def _require_whole_tree(request: HttpRequest) -> None:
    """A whole structure is replaced by who keeps the highest unit."""
    if not access.is_manager(request.user):
        raise Http404
    held = Membership.objects.in_force().filter(user=request.user, role__in=access.TREE_KEEPING)
    allowed = held.filter(unit__parent=None).exists() or held.filter(role=Role.ADMINISTRATOR).exists()
    access.require(allowed, request.user, what="cơ cấu của cả tỉnh")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@fresh_proof_required("nhập một cơ cấu đơn vị mới")
def structure_new(request: HttpRequest) -> HttpResponse:
    """The form; with a file the report; with the go-ahead a job."""
    _require_whole_tree(request)
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
    }
    return render(request, "people/units/import_report.html", context)
