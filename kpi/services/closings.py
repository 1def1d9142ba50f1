"""Closing a period: every figure of a unit and the units below it is frozen, and can be proved later.

The checksum is SHA-256 over a head line and one line for each figure, in the order of the lines themselves. Fields are
parted by tabs; units are named by code and first day, so that the proof can be done outside of this database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from common import audit, jobs
from common.errors import Refusal
from common.text import vi_date
from kpi import periods, places
from kpi.models import ClosedFigure, Closing, Indicator, Period
from kpi.places import Place
from kpi.tree_figures import Placed, tree_figures
from people import access
from people.models import Structure, Unit, User
from people.querysets import today

BATCH = 2000


# --- What may be closed ---------------------------------------------------------------------------------------------
def closing_place(*, actor: Any, unit: Unit, structure: Structure, period: str, until: date) -> Place:
    """The place whose figures a closing would freeze. Raises Refusal with the nearest fix.

    Codes: ``open_period``, ``no_period_end``, ``other_structure``, ``closed_already``, ``no_indicators``; and as
    ``access.require`` does where the actor may not close.
    """
    access.require(access.can_keep_kpi(actor, unit), actor, what=f"chốt số liệu của {unit}")
    _check_period(period, until)
    known = places.structures()
    place = places.place_of(unit, structure, known)
    if place.home != structure:
        raise Refusal(
            f"{unit.name} không có trong {structure.name}.",
            code="other_structure",
            fix=f"Chọn cơ cấu mà đơn vị đang có: {place.home.name}.",
        )
    if there := Closing.objects.filter(unit=unit, structure=structure, period=period, until=until).first():
        raise _closed_already(there)
    if not Indicator.objects.exists():
        raise Refusal("Chưa có chỉ tiêu nào.", code="no_indicators", fix="Nạp chỉ tiêu của tỉnh trước khi chốt.")
    return place


def _check_period(period: str, until: date) -> None:
    if not periods.is_end_of(period, until):
        end = periods.last_day(period, until)
        raise Refusal(
            f"Ngày {vi_date(until)} không phải ngày cuối của {Period(period).label.lower()}.",
            code="no_period_end",
            fix=f"Chọn ngày {vi_date(end)}, hoặc chốt «{Period.DAY.label.lower()}» nếu cần đúng ngày này.",
        )
    if until >= today():
        raise Refusal(
            f"{periods.period_name(period, until)} chưa hết nên chưa chốt được.",
            code="open_period",
            fix=f"Sớm nhất là ngày {vi_date(until + timedelta(days=1))}. "
            f"Kỳ gần nhất đã hết: {periods.period_name(period, periods.last_ended(period, today()))}.",
        )


def _closed_already(closing: Closing) -> Refusal:
    day = vi_date(timezone.localtime(closing.closed_at).date())
    return Refusal(
        f"{periods.period_name(closing.period, closing.until)} đã được chốt ngày {day}. Số đã chốt không chốt lại.",
        code="closed_already",
        fix="Xem số đã chốt và những thay đổi từ đó đến nay.",
        link=(reverse("kpi:closing", args=[closing.uuid]), "Mở số đã chốt"),
    )


# --- Closing --------------------------------------------------------------------------------------------------------
@transaction.atomic
def closing_make(
    *,
    actor: User,
    unit: Unit,
    structure: Structure,
    period: str,
    until: date,
    note: str = "",
    uuid: UUID | None = None,
    progress: jobs.Progress | None = None,
) -> Closing:
    """Freeze all figures of ``unit`` and the units below it as of the end of ``until``; one transaction.

    Only figures that say something are kept: somebody counted, somebody to train, or something declared. ``progress``
    of the job that does it, and the ``uuid`` that it promised. Raises Refusal as ``closing_place`` does.
    """
    place = closing_place(actor=actor, unit=unit, structure=structure, period=period, until=until)
    indicators = list(Indicator.objects.for_figures())
    if progress:
        progress.begin(len(indicators), "Đọc và chốt từng chỉ tiêu")
    rows = list(_frozen(indicators, place, until, progress))
    head = Closing(unit=unit, structure=structure, period=period, year=until.year, until=until, note=note.strip())
    head.closed_by, head.closed_at = actor, timezone.now()
    head.uuid = uuid or head.uuid
    head.figures_count, head.checksum = len(rows), checksum(head, (line for line, _ in rows))
    try:
        with transaction.atomic():
            head.save()
    except IntegrityError as error:
        theirs = Closing.objects.get(unit=unit, structure=structure, period=period, until=until)
        raise _closed_already(theirs) from error
    for _, row in rows:
        row.closing = head
    ClosedFigure.objects.bulk_create([row for _, row in rows], batch_size=BATCH)
    audit.record(
        actor=actor,
        act="kpi.closed",
        subject=head,
        unit=unit,
        period=periods.period_name(period, until),
        figures=head.figures_count,
        checksum=head.checksum,
    )
    return head


def _frozen(
    indicators: list[Indicator], place: Place, until: date, progress: jobs.Progress | None
) -> Iterator[tuple[str, ClosedFigure]]:
    """The rows to write, each with its line of the checksum."""
    known, last = places.structures(), None
    for placed in tree_figures(indicators, place, known, until.year, as_of=until):
        if placed.indicator != last:
            if progress and last:
                progress.advance()
            last = placed.indicator
        if placed.figure.says_something:
            row = _row(placed)
            yield line_of(row, placed.indicator, placed.unit), row


def _row(placed: Placed) -> ClosedFigure:
    figure = placed.figure
    target = figure.target
    return ClosedFigure(
        indicator=placed.indicator,
        unit=placed.unit,
        part=figure.part.value,
        count=Decimal(figure.count),
        denominator=figure.denominator.value,
        denominator_source=figure.denominator.source[:250],
        goal=figure.goal,
        target_value=target.value if target else None,
        measured_in=target.measured_in if target else "",
        comparator=target.comparator if target else "",
    )


# --- The proof ------------------------------------------------------------------------------------------------------
def line_of(row: ClosedFigure, indicator: Indicator, unit: Unit) -> str:
    """The line of a frozen figure that the checksum covers."""

    def number(value: Any) -> str:
        return "" if value is None else f"{Decimal(value):.2f}"

    fields = (
        indicator.code,
        unit.code,
        unit.valid_from.isoformat(),
        row.part,
        number(row.count),
        number(row.denominator),
        row.denominator_source,
        number(row.goal),
        number(row.target_value),
        row.measured_in,
        row.comparator,
    )
    return "\t".join(fields)


def checksum(closing: Closing, lines: Iterable[str]) -> str:
    """SHA-256, in hexadecimal, over what was closed and every line in order."""
    head = (
        closing.unit.code,
        closing.unit.valid_from.isoformat(),
        closing.structure.code,
        closing.period,
        str(closing.year),
        closing.until.isoformat(),
    )
    found = hashlib.sha256("\t".join(head).encode())
    for line in sorted(lines):
        found.update(b"\n" + line.encode())
    return found.hexdigest()


@dataclass(frozen=True)
class Proof:
    """Whether a closing still says what was closed."""

    closing: Closing
    figures: int
    checksum: str

    @property
    def ok(self) -> bool:
        return self.figures == self.closing.figures_count and self.checksum == self.closing.checksum

    @property
    def says(self) -> str:
        """In words, for pages and commands."""
        if self.ok:
            return f"{self.figures} con số còn nguyên như lúc chốt."
        if self.figures != self.closing.figures_count:
            return f"Lúc chốt có {self.closing.figures_count} con số, nay có {self.figures}: đã có người thêm hoặc xoá."
        return "Số lượng con số vẫn đủ nhưng nội dung không khớp mã xác thực: đã có người sửa."


def closing_verify(closing: Closing) -> Proof:
    """Reckon the checksum anew from what is stored; two queries."""
    rows = closing.figures.select_related("indicator", "unit")
    lines = [line_of(row, row.indicator, row.unit) for row in rows]
    return Proof(closing, len(lines), checksum(closing, lines))
