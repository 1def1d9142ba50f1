"""Reports in the form of Nghị định 30/2020: drafted from a closing, written, issued; then never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.errors import Refusal
from common.language import on_record
from common.text import lower_first, vi_date
from common.wording import day, moment
from kpi.duties_loading import addressees
from kpi.models import Closing, Report, ReportDue, ReportKind, ReportState
from kpi.report_facts import SECTIONS, narrative
from kpi.report_reading import facts_of, holds, words_of
from people import access
from people.models import Unit, User
from people.querysets import today

#: What a new report takes over from the unit's last one.
TAKEN_OVER = ("place_name", "addressees", "recipients", "signer_authority", "signer_title", "signer_name")
WRITTEN = ("title", *TAKEN_OVER)
FILES = ("docx", "pdf", "xlsx")
#: Whom every paper goes to besides; a unit's first report begins with them.
STANDING_RECIPIENTS = "Như trên\nLưu: VT"


def _require(actor: Any, unit: Unit) -> None:
    access.require(access.can_read_kpi(actor, unit), actor, what=_("báo cáo của %(unit)s") % {"unit": unit})


@transaction.atomic
def report_draft(
    *,
    actor: User,
    unit: Unit,
    closing: Closing,
    kind: str = ReportKind.PERIODIC,
    compared_with: Closing | None = None,
    due: ReportDue | None = None,
) -> Report:
    """Begin a report of a unit from a closing, filled with what the closing says; ``due``: what it is made to answer.

    Raises Refusal ``not_in_closing``, ``not_earlier``, ``other_unit`` or ``other_period``; 403 or 404 outside the
    actor's scope.
    """
    _require(actor, unit)
    _require_held(closing, unit)
    if compared_with is not None:
        _require_held(compared_with, unit)
        if compared_with.until >= closing.until:
            raise Refusal(
                _("Kỳ so sánh (%(compared)s) phải trước kỳ của báo cáo (%(reported)s).")
                % {"compared": day(compared_with.until), "reported": day(closing.until)},
                code="not_earlier",
                fix=_("Chọn một kỳ chốt sớm hơn, hoặc để trống."),
            )
    last = Report.objects.filter(unit=unit).order_by("-created_at").values(*TAKEN_OVER).first() or {}
    report = Report(
        kind=kind, unit=unit, closing=closing, compared_with=compared_with, created_by=actor,
        title=_title(kind, closing, due), **last,
    )  # fmt: skip
    _answer(report, due)
    if due is not None and not report.addressees:
        report.addressees = "\n".join(addressees(due.duty.to_names))
    report.recipients = report.recipients or STANDING_RECIPIENTS
    with on_record():
        report.narrative = narrative(kind, facts_of(report))
    report.save()
    audit.record(actor=actor, act="kpi.report_drafted", subject=report, unit=unit, checksum=closing.checksum)
    return report


def _title(kind: str, closing: Closing, due: ReportDue | None) -> str:
    """What a new report is about, as it is written down."""
    until = vi_date(closing.until)
    if kind == ReportKind.BRIEFING:
        return f"Tài liệu họp Ban Chỉ đạo chuyển đổi số, số liệu đến ngày {until}"
    period = f" {lower_first(due.period)}" if due else ""
    return f"Kết quả thực hiện các chỉ tiêu đào tạo nhân lực chuyển đổi số{period}, số liệu đến ngày {until}"


def _answer(report: Report, due: ReportDue | None) -> None:
    """Say which period of the calendar a report is made for; only a closing within that period tells of it."""
    if due is None:
        report.duty, report.period = None, ""
        return
    if due.unit_id != report.unit_id or report.kind != ReportKind.PERIODIC:
        raise Refusal(
            _("Kỳ báo cáo này là của %(unit)s, nộp bằng báo cáo định kỳ.") % {"unit": due.unit},
            code="other_unit",
            fix=_("Lập báo cáo định kỳ của đúng đơn vị ấy."),
        )
    until = report.closing.until
    if not due.begins_on <= until <= due.until:
        raise Refusal(
            _("Số liệu chốt đến %(day)s nằm ngoài %(period)s.") % {"day": day(until), "period": due.period_name},
            code="other_period",
            fix=_("Chọn số liệu chốt từ %(first)s đến %(last)s.")
            % {"first": day(due.begins_on), "last": day(due.until)},
        )
    report.duty, report.period = due.duty, due.period


def due_of(report: Report) -> ReportDue | None:
    """The period of the calendar that a report is made for; None where nobody waits for it."""
    if report.duty_id is None:
        return None
    same = ReportDue.objects.filter(duty=report.duty_id, unit=report.unit_id, period=report.period)
    return same.select_related("duty").first()


def dues_to_answer(report: Report) -> Any:
    """What the unit of a draft still owes that its closing can answer, by day."""
    until = report.closing.until
    found = ReportDue.objects.open().filter(unit=report.unit_id, begins_on__lte=until, until__gte=until)
    return found.select_related("duty", "unit").order_by("due_on", "pk")


def _require_held(closing: Closing, unit: Unit) -> None:
    if not holds(closing, unit):
        raise Refusal(
            _("Kỳ chốt đến %(day)s không có số liệu của %(unit)s.") % {"day": day(closing.until), "unit": unit},
            code="not_in_closing",
            fix=_("Chọn kỳ chốt khác: của đơn vị này, hoặc của đơn vị cấp trên."),
        )


def _draft(actor: Any, report: Report) -> Report:
    """The locked row, while it may still be changed."""
    locked: Report = (
        Report.objects.select_for_update(of=("self",))
        .select_related("unit__parent__parent", "closing", "compared_with", "saved_by", "duty")
        .get(pk=report.pk)
    )
    _require(actor, locked.unit)
    if locked.state != ReportState.DRAFT:
        raise Refusal(
            _("Báo cáo số %(number)s đã ban hành nên không sửa được nữa.") % {"number": locked.number},
            code="issued_already",
            fix=_("Nếu có sai sót, lập báo cáo mới thay thế và nói rõ trong báo cáo mới."),
        )
    return locked


def _require_seen(report: Report, version: int) -> None:
    """Two people may have the same draft open: who comes second is told, and overwrites nothing unseen."""
    if report.version == version:
        return
    said = _("%(name)s đã lưu báo cáo này, sau khi bạn mở trang.")
    if report.saved_at:
        said = _("%(name)s đã lưu báo cáo này lúc %(at)s, sau khi bạn mở trang.")
    name = report.saved_by.full_name if report.saved_by else _("Người khác")
    raise Refusal(
        said % {"name": name, "at": moment(report.saved_at)},
        code="saved_meanwhile",
        fix=_("Xem chữ đã lưu, rồi lưu lại hoặc ban hành."),
    )


@transaction.atomic
def report_save(
    *,
    actor: User,
    report: Report,
    version: int,
    fields: Mapping[str, str],
    parts: Mapping[str, str],
    due: ReportDue | None = None,
) -> Report:
    """Write the editable parts of a draft; files of an earlier state of it go.

    ``version`` is the one that the actor saw. Raises Refusal ``issued_already``, ``saved_meanwhile``, ``other_unit`` or
    ``other_period``.
    """
    locked = _draft(actor, report)
    _require_seen(locked, version)
    _answer(locked, due)
    for name in WRITTEN:
        if name in fields:
            setattr(locked, name, fields[name].strip())
    known = SECTIONS[locked.kind]
    locked.narrative = locked.narrative | {name: text.strip() for name, text in parts.items() if name in known}
    locked.version, locked.saved_by, locked.saved_at = locked.version + 1, actor, timezone.now()
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
def report_issue(*, actor: User, report: Report, version: int, number: str, dated_on: date | None) -> Report:
    """Give a report its number and day; from now on it is not changed. Its files are made by ``report_files_open``.

    ``version`` is the one that the actor read. The words beside its figures are kept as they are now. Raises Refusal
    ``no_number``, ``no_date``, ``bad_day``, ``no_signer``, ``number_taken``, ``issued_already`` or ``saved_meanwhile``.
    """
    locked = _draft(actor, report)
    _require_seen(locked, version)
    # Of two reports of a unit that are issued at once the second sees the number of the first.
    Unit.objects.select_for_update(no_key=True).get(pk=locked.unit_id)
    number = number.strip()
    _require_complete(locked, number, dated_on)
    locked.number, locked.dated_on = number, dated_on
    with on_record():
        locked.frozen = words_of(locked).as_json()
    locked.state, locked.issued_at, locked.version = ReportState.ISSUED, timezone.now(), locked.version + 1
    _files_drop(locked)
    locked.save()
    audit.record(
        actor=actor, act="kpi.report_issued", subject=locked, unit=locked.unit, number=number,
        on=dated_on.isoformat() if dated_on else "", checksum=locked.closing.checksum,
    )  # fmt: skip
    return locked


def _require_complete(report: Report, number: str, dated_on: date | None) -> None:
    if not number:
        raise Refusal(_("Chưa ghi số báo cáo."), code="no_number", fix=_("Ghi số và ký hiệu, ví dụ 15/BC-SKHCN."))
    if dated_on is None:
        raise Refusal(_("Chưa ghi ngày ban hành."), code="no_date", fix=_("Ghi ngày ký, ví dụ 05/10/2026."))
    closed = max(report.closing.until, timezone.localtime(report.closing.closed_at).date())
    if not closed <= dated_on <= today():
        raise Refusal(
            _("Ngày ban hành %(day)s chưa đúng.") % {"day": day(dated_on)},
            code="bad_day",
            fix=_("Ghi một ngày từ %(day)s (ngày chốt số liệu) đến hôm nay.") % {"day": day(closed)},
        )
    if report.kind == ReportKind.PERIODIC and not (report.signer_title and report.signer_name):
        fix = _("Ghi ở phần «Người ký» rồi lưu, rồi ban hành.")
        raise Refusal(_("Chưa ghi chức vụ và họ tên người ký."), code="no_signer", fix=fix)
    taken = Report.objects.filter(unit=report.unit, number=number, dated_on__year=dated_on.year)
    if taken.filter(state=ReportState.ISSUED).exists():
        raise Refusal(
            _("Số %(number)s đã dùng cho một báo cáo khác của năm %(year)s.")
            % {"number": number, "year": dated_on.year},
            code="number_taken",
            fix=_("Ghi số khác; xem số đã dùng ở danh sách báo cáo."),
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
