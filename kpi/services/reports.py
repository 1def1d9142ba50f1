"""Reports in the form of Nghị định 30/2020: drafted from a closing, written, issued; then never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from common import audit
from common.errors import Refusal
from common.text import vi_date
from kpi.models import Closing, Report, ReportKind, ReportState
from kpi.report_facts import SECTIONS, narrative
from kpi.report_reading import facts_of, holds
from people import access
from people.models import Unit, User
from people.querysets import today

#: What a new report takes over from the unit's last one.
TAKEN_OVER = ("place_name", "addressees", "recipients", "signer_authority", "signer_title", "signer_name")
WRITTEN = ("title", *TAKEN_OVER)
FILES = ("docx", "pdf", "xlsx")


def _require(actor: Any, unit: Unit) -> None:
    access.require(access.can_read_kpi(actor, unit), actor, what=f"báo cáo của {unit}")


@transaction.atomic
def report_draft(
    *,
    actor: User,
    unit: Unit,
    closing: Closing | None,
    kind: str = ReportKind.PERIODIC,
    compared_with: Closing | None = None,
) -> Report:
    """Begin a report of a unit from a closing, filled with what the closing says.

    Raises Refusal ``no_closing``, ``not_in_closing`` or ``not_earlier``; 403 or 404 outside the actor's scope.
    """
    _require(actor, unit)
    if closing is None:
        raise _no_closing(unit)
    _require_held(closing, unit)
    if compared_with is not None:
        _require_held(compared_with, unit)
        if compared_with.until >= closing.until:
            raise Refusal(
                f"Kỳ so sánh ({vi_date(compared_with.until)}) phải trước kỳ của báo cáo ({vi_date(closing.until)}).",
                code="not_earlier",
                fix="Chọn một kỳ chốt sớm hơn, hoặc để trống.",
            )
    last = Report.objects.filter(unit=unit).order_by("-created_at").values(*TAKEN_OVER).first() or {}
    report = Report(
        kind=kind, unit=unit, closing=closing, compared_with=compared_with, created_by=actor,
        title=_title(kind, closing), **last,
    )  # fmt: skip
    report.narrative = narrative(kind, facts_of(report))
    report.save()
    audit.record(actor=actor, act="kpi.report_drafted", subject=report, unit=unit, checksum=closing.checksum)
    return report


def _title(kind: str, closing: Closing) -> str:
    day = vi_date(closing.until)
    if kind == ReportKind.BRIEFING:
        return f"Tài liệu họp Ban Chỉ đạo chuyển đổi số, số liệu đến ngày {day}"
    return f"Kết quả thực hiện các chỉ tiêu đào tạo nhân lực chuyển đổi số, số liệu đến ngày {day}"


def _no_closing(unit: Unit) -> Refusal:
    """Leads to where a closing is made."""
    return Refusal(
        f"Chưa có kỳ chốt số liệu nào có {unit}.",
        code="no_closing",
        fix="Báo cáo chỉ lấy số liệu đã chốt. Đơn vị chủ trì cấp tỉnh chốt số liệu ở trang «Chốt số liệu».",
        link=(reverse("kpi:closings"), "Mở trang Chốt số liệu"),
    )


def _require_held(closing: Closing, unit: Unit) -> None:
    if not holds(closing, unit):
        raise Refusal(
            f"Kỳ chốt đến {vi_date(closing.until)} không có số liệu của {unit}.",
            code="not_in_closing",
            fix="Chọn kỳ chốt khác: của đơn vị này, hoặc của đơn vị cấp trên.",
        )


def _draft(actor: Any, report: Report) -> Report:
    """The locked row, while it may still be changed."""
    locked: Report = (
        Report.objects.select_for_update(of=("self",))
        .select_related("unit__parent", "closing", "compared_with")
        .get(pk=report.pk)
    )
    _require(actor, locked.unit)
    if locked.state != ReportState.DRAFT:
        raise Refusal(
            f"Báo cáo số {locked.number} đã ban hành nên không sửa được nữa.",
            code="issued_already",
            fix="Nếu có sai sót, lập báo cáo mới thay thế và nói rõ trong báo cáo mới.",
        )
    return locked


@transaction.atomic
def report_save(*, actor: User, report: Report, fields: Mapping[str, str], parts: Mapping[str, str]) -> Report:
    """Write the editable parts of a draft; files of an earlier state of it go. Raises Refusal ``issued_already``."""
    locked = _draft(actor, report)
    for name in WRITTEN:
        if name in fields:
            setattr(locked, name, fields[name].strip())
    known = SECTIONS[locked.kind]
    locked.narrative = locked.narrative | {name: text.strip() for name, text in parts.items() if name in known}
    _files_drop(locked)
    locked.save()
    audit.record(actor=actor, act="kpi.report_saved", subject=locked, unit=locked.unit)
    return locked


def _files_drop(report: Report) -> None:
    for name in FILES:
        file = getattr(report, name)
        if file:
            transaction.on_commit(partial(file.storage.delete, file.name))
            setattr(report, name, "")


@transaction.atomic
def report_issue(*, actor: User, report: Report, number: str, dated_on: date | None) -> Report:
    """Give a report its number and day; from now on it is not changed. Its files are made by ``report_files_open``.

    Raises Refusal ``no_number``, ``no_date``, ``bad_day``, ``no_signer``, ``number_taken`` or ``issued_already``.
    """
    locked = _draft(actor, report)
    # Of two reports of a unit that are issued at once the second sees the number of the first.
    Unit.objects.select_for_update(no_key=True).get(pk=locked.unit_id)
    number = number.strip()
    _require_complete(locked, number, dated_on)
    locked.number, locked.dated_on = number, dated_on
    locked.state, locked.issued_at = ReportState.ISSUED, timezone.now()
    _files_drop(locked)
    locked.save()
    audit.record(
        actor=actor, act="kpi.report_issued", subject=locked, unit=locked.unit, number=number,
        on=dated_on.isoformat() if dated_on else "", checksum=locked.closing.checksum,
    )  # fmt: skip
    return locked


def _require_complete(report: Report, number: str, dated_on: date | None) -> None:
    if not number:
        raise Refusal("Chưa ghi số báo cáo.", code="no_number", fix="Ghi số và ký hiệu, ví dụ 15/BC-SKHCN.")
    if dated_on is None:
        raise Refusal("Chưa ghi ngày ban hành.", code="no_date", fix="Ghi ngày ký, ví dụ 05/10/2026.")
    closed = max(report.closing.until, timezone.localtime(report.closing.closed_at).date())
    if not closed <= dated_on <= today():
        raise Refusal(
            f"Ngày ban hành {vi_date(dated_on)} chưa đúng.",
            code="bad_day",
            fix=f"Ghi một ngày từ {vi_date(closed)} (ngày chốt số liệu) đến hôm nay.",
        )
    if report.kind == ReportKind.PERIODIC and not (report.signer_title and report.signer_name):
        raise Refusal(
            "Chưa ghi chức vụ và họ tên người ký.", code="no_signer", fix="Ghi ở phần «Người ký» rồi lưu, rồi ban hành."
        )
    taken = Report.objects.filter(unit=report.unit, number=number, dated_on__year=dated_on.year)
    if taken.filter(state=ReportState.ISSUED).exists():
        raise Refusal(
            f"Số {number} đã dùng cho một báo cáo khác của năm {dated_on.year}.",
            code="number_taken",
            fix="Ghi số khác; xem số đã dùng ở danh sách báo cáo.",
        )


@transaction.atomic
def report_drop(*, actor: User, report: Report) -> None:
    """Throw a draft away; an issued report stays. Raises Refusal ``issued_already``."""
    locked = _draft(actor, report)
    audit.record(actor=actor, act="kpi.report_dropped", subject=locked, unit=locked.unit)
    _files_drop(locked)
    locked.delete()


def reports_visible_to(viewer: Any) -> Any:
    """Reports of the units whose figures the person may read."""
    found = Report.objects.filter(unit__in=access.scope_units(viewer, access.KPI_READING))
    return found.select_related("unit__parent", "closing", "compared_with", "created_by")
