"""Sharing a target out: the table of units, a proposal, a workbook there and back, and the act itself."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from common.errors import Refusal
from common.sheets import MAX_BYTES, MB
from kpi import figures, places
from kpi.allocations import (
    Allocation,
    allocation_of,
    is_over,
    require_allocatable,
    share_of,
    shares_read,
    shares_xlsx,
)
from kpi.forms import Reading
from kpi.forms_targets import AllocationForm, SharesFileForm
from kpi.models import Indicator, Target
from kpi.services import target_allocate
from kpi.target_rules import number_said, said_by
from kpi.views_targets import address, keeping, official_of, shared
from people import access
from people.querysets import today
from people.stepup import demand_fresh_proof

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(content: bytes, name: str) -> HttpResponse:
    """A workbook to keep."""
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def target_allocation(request: HttpRequest, code: str) -> HttpResponse:
    """The units right below with their shares. ``dang=xlsx`` takes the table along, ``de-xuat`` proposes, ``chia-lai``
    shares a changed target out again. A target whose year is over is shown, and not shared out any more."""
    reading = keeping(request)
    indicator = get_object_or_404(Indicator.objects.for_figures(), code=code)
    target = _held(reading, indicator)
    what = _("chỉ tiêu của %(unit)s") % {"unit": target.unit}
    access.require(access.can_keep_kpi(request.user, target.unit), request.user, what=what)
    if request.method == "POST" or not is_over(target):
        require_allocatable(target)
    allocation = allocation_of(indicator, target, today().year)
    if request.GET.get("dang") == "xlsx":
        return download(shares_xlsx(allocation), f"giao-{code}.xlsx")
    if request.method != "POST":
        if "chia-lai" in request.GET and allocation.stale:
            return _page(request, reading, allocation, allocation.again(), _again_form(allocation), is_again=True)
        shares = allocation.proposal() if "de-xuat" in request.GET else allocation.held()
        return _page(request, reading, allocation, shares, _form(allocation))
    if "tep" in request.POST:
        return _from_file(request, reading, allocation)
    return _give(request, reading, allocation)


def _form(allocation: Allocation) -> AllocationForm:
    return AllocationForm(initial={"seen": _seen(allocation)})


def _again_form(allocation: Allocation) -> AllocationForm:
    """The papers of the version that holds: it is why the target is shared out again, in the words of what is kept."""
    version = allocation.version
    initial: dict[str, Any] = {"seen": _seen(allocation)}
    if version:
        initial |= {"decision_no": version.decision_no, "decided_on": version.decided_on}
        initial["reason"] = f"Chia lại theo bản {version.number} của mục tiêu"
    return AllocationForm(initial=initial)


def _seen(allocation: Allocation) -> int:
    return allocation.version.number if allocation.version else 0


def _held(reading: Reading, indicator: Indicator) -> Target:
    """The target that the unit has: its own, or that of a unit which it took over."""
    place = places.place_of(reading.unit, reading.structure, reading.known, with_rows=False)
    mine = {reading.unit.pk, *figures.taken_over_by(place)}
    own = [t for t in indicator.all_targets if t.unit_id in mine]
    target = figures.target_for(own, reading.unit, [t.unit_id for t in own])
    if target is None or target not in own:
        raise Refusal(
            _("%(unit)s chưa có chỉ tiêu %(code)s để giao xuống.") % {"unit": reading.unit, "code": indicator.code},
            code="no_target",
            fix=_("Đặt chỉ tiêu của đơn vị trước, rồi giao."),
            link=(address("kpi:target_edit", reading, indicator.code), _("Đặt chỉ tiêu")),
        )
    return target


def _from_file(request: HttpRequest, reading: Reading, allocation: Allocation) -> HttpResponse:
    """Fill the table from a workbook. Nothing is saved yet."""
    form = SharesFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, reading, allocation, allocation.held(), _form(allocation), file_form=form)
    upload = form.cleaned_data["file"]
    try:
        if (upload.size or 0) > MAX_BYTES:
            text = _("Tệp nặng hơn %(most)s MB.") % {"most": MAX_BYTES // MB}
            raise Refusal(text, code="too_large", fix=_("Dùng tệp mẫu của trang này."))
        read = shares_read(cast(Any, upload.file), allocation)
    except Refusal as refusal:
        form.add_error("file", f"{refusal.text} {refusal.fix}")
        return _page(request, reading, allocation, allocation.held(), _form(allocation), file_form=form)
    if read.faults:
        more = {"file_form": form, "faults": read.faults, "name": upload.name}
        return _page(request, reading, allocation, allocation.held(), _form(allocation), **more)
    messages.info(request, _("Đã đọc tệp vào bảng. Chưa ghi gì: hãy xem lại rồi bấm «Giao chỉ tiêu»."))
    return _page(request, reading, allocation, read.shares, _form(allocation))


def _give(request: HttpRequest, reading: Reading, allocation: Allocation) -> HttpResponse:
    typed = {line.unit.pk: request.POST.get(f"giao-{line.unit.uuid}", "") for line in allocation.lines}
    shares: dict[int, Decimal | None] = {}
    wrong: dict[int, str] = {}
    for pk, text in typed.items():
        try:
            shares[pk] = share_of(text)
        except ValueError:
            wrong[pk] = _("Ghi số không âm, ví dụ 1.200 hoặc 70,5; để trống nếu không giao.")
    form, is_again = AllocationForm(request.POST), "chia-lai" in request.POST
    if not form.is_valid() or wrong or "xem" in request.POST:
        if "xem" in request.POST and not wrong:
            names = ("decision_no", "decided_on", "reason", "seen")
            form = AllocationForm(initial={n: request.POST.get(n, "") for n in names})
        return _page(request, reading, allocation, shares, form, typed=typed, wrong=wrong, is_again=is_again)
    demand_fresh_proof(request, _("giao chỉ tiêu cho các đơn vị"))
    try:
        changed = target_allocate(
            actor=official_of(request),
            target=allocation.target,
            shares={line.unit: shares.get(line.unit.pk) for line in allocation.lines},
            differs=form.cleaned_data["differs"],
            seen=form.cleaned_data["seen"],
            **form.papers(),
        )
    except Refusal as refusal:
        if refusal.status == 403:
            raise
        form.refused(refusal)
        return _page(request, reading, allocation, shares, form, typed=typed, is_again=is_again)
    messages.success(request, _said(changed, is_again=is_again))
    return redirect(address("kpi:target_allocation", reading, allocation.target.indicator.code))


def _said(changed: int, *, is_again: bool) -> str:
    again = ngettext(
        "Đã chia lại chỉ tiêu: %(n)s đơn vị có thay đổi.", "Đã chia lại chỉ tiêu: %(n)s đơn vị có thay đổi.", changed
    )
    given = ngettext(
        "Đã giao chỉ tiêu: %(n)s đơn vị có thay đổi.", "Đã giao chỉ tiêu: %(n)s đơn vị có thay đổi.", changed
    )
    return (again if is_again else given) % {"n": changed}


def _page(
    request: HttpRequest,
    reading: Reading,
    allocation: Allocation,
    shares: dict[int, Decimal | None],
    form: AllocationForm,
    *,
    typed: dict[int, str] | None = None,
    wrong: dict[int, str] | None = None,
    **more: Any,
) -> HttpResponse:
    """The table as it is filled in now, with what it comes to."""
    lines = [
        {
            "line": line,
            "typed": (typed or {}).get(line.unit.pk, _shown(shares.get(line.unit.pk))),
            "wrong": (wrong or {}).get(line.unit.pk, ""),
        }
        for line in allocation.lines
    ]
    total = allocation.total(shares)
    context = shared(request, reading) | {
        "indicator": allocation.target.indicator,
        "allocation": allocation,
        "lines": lines,
        "total": total,
        "measure": "người" if allocation.in_percent else allocation.target.measured_in,
        "may_propose": any(line.proposed is not None for line in allocation.lines),
        "held_total": allocation.total(allocation.held()),
        "is_over": is_over(allocation.target),
        "drawn_from": [(version.number, said_by(version).words) for version in allocation.drawn_from],
        "is_given": any(value is not None for value in shares.values()),
        "papers_form": form,
        "file_form": SharesFileForm(),
    }
    return render(request, "kpi/targets/allocation.html", context | more)


def _shown(value: Decimal | None) -> str:
    return "" if value is None else number_said(value)
