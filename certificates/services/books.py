"""Books of the register: one for each series and year, closed once the year is over."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.models import Act, Batch, BatchState, RegisterEntry, Series
from certificates.services.issuing import require_issuing_right, series_lock
from certificates.services.proving import register_verify
from certificates.services.register import register_append_closing
from certificates.services.totals import book_totals
from common import audit
from common.errors import Refusal
from common.wording import day
from people.models import User


@transaction.atomic
def book_close(*, actor: User, series: Series, year: int) -> tuple[RegisterEntry, bool]:
    """Close the book of a year with a row of its totals. Returns (row, closed now); a repeat writes nothing.

    Raises Refusal ``not_allowed``, ``year_not_over``, ``book_missing``, ``lists_being_numbered`` or
    ``register_not_sound``.
    """
    require_issuing_right(actor, series.unit)
    _require_over(year)
    locked = series_lock(pk=series.pk)
    assert locked is not None  # a series is never deleted once it has a register
    book = RegisterEntry.objects.filter(series=locked, year=year)
    if closing := book.filter(act=Act.CLOSE).first():
        return closing, False
    if not book.exists():
        raise Refusal(
            _("Không có sổ năm %(year)s của «%(series)s».") % {"year": year, "series": locked.name},
            code="book_missing",
            fix=_("Chọn một năm có trong danh sách sổ."),
            status=404,
        )
    _require_settled(locked)
    at = timezone.now()
    closing = register_append_closing(
        series=locked,
        year=year,
        at=at,
        actor=actor,
        reason=f"Khoá sổ năm {year}",
        content=book_totals(series=locked, year=year),
    )
    audit.record(
        actor=actor,
        act="book_close",
        subject=locked,
        unit=locked.unit,
        year=year,
        rows=closing.content["rows"],
        first=closing.content["first_number"],
        last=closing.content["last_number"],
    )
    return closing, True


def _require_over(year: int) -> None:
    if timezone.localdate().year <= year:
        last = date(year, 12, 31)
        raise Refusal(
            _("Năm %(year)s chưa hết nên chưa khoá sổ được.") % {"year": year},
            code="year_not_over",
            fix=_("Khoá sổ sau ngày %(day)s.") % {"day": day(last)},
        )


def _require_settled(series: Series) -> None:
    """No list is half numbered, and the register is sound: what is closed is never mended."""
    if Batch.objects.filter(series=series, state=BatchState.APPROVED).exists():
        raise Refusal(
            _("Đang có danh sách của «%(series)s» đã duyệt mà chưa cấp hết số.") % {"series": series.name},
            code="lists_being_numbered",
            fix=_("Đợi cấp hết số (hoặc cho chạy tiếp danh sách đang tạm dừng) rồi khoá sổ."),
        )
    report = register_verify(series=series, files=False)
    if not report.ok:
        raise Refusal(
            _("Sổ gốc có chỗ không khớp: %(problem)s") % {"problem": report.problems[0]},
            code="register_not_sound",
            fix=_("Chưa khoá sổ. Bấm «Kiểm tra sổ» để xem mọi chỗ không khớp và báo quản trị hệ thống."),
        )
