"""Closing a period: every figure of a unit and the units below it is frozen, and can be proved later.

The checksum is SHA-256 over a head line and one line for each figure, in the order of the lines themselves. Fields are
parted by tabs; units are named by code and first day, so that the proof can be done outside of this database. The log
of acts holds the checksum too, and a short one for each indicator, so that a proof that fails can say where.
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
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import audit, jobs
from common.errors import Refusal
from common.language import on_record
from common.models import AuditEntry
from common.wording import day, number
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
    access.require(access.can_keep_kpi(actor, unit), actor, what=_("chốt số liệu của %(unit)s") % {"unit": unit})
    _check_period(period, until)
    known = places.structures()
    place = places.place_of(unit, structure, known)
    if place.home != structure:
        raise Refusal(
            _("%(unit)s không có trong %(structure)s.") % {"unit": unit.name, "structure": structure.name},
            code="other_structure",
            fix=_("Chọn cơ cấu mà đơn vị đang có: %(structure)s.") % {"structure": place.home.name},
        )
    if there := Closing.objects.filter(unit=unit, structure=structure, period=period, until=until).first():
        raise _closed_already(there)
    if not Indicator.objects.exists():
        fix = _("Nạp chỉ tiêu của tỉnh trước khi chốt.")
        raise Refusal(_("Chưa có chỉ tiêu nào."), code="no_indicators", fix=fix)
    return place


def _check_period(period: str, until: date) -> None:
    if not periods.is_end_of(period, until):
        end = periods.last_day(period, until)
        raise Refusal(
            _("Ngày %(day)s không phải ngày cuối của %(period)s.")
            % {"day": day(until), "period": str(Period(period).label).lower()},
            code="no_period_end",
            fix=_("Chọn ngày %(day)s, hoặc chốt «đến một ngày» nếu cần đúng ngày này.") % {"day": day(end)},
        )
    if until >= today():
        raise Refusal(
            _("%(period)s chưa hết nên chưa chốt được.") % {"period": periods.period_name(period, until)},
            code="open_period",
            fix=_("Sớm nhất là ngày %(day)s. Kỳ gần nhất đã hết: %(period)s.")
            % {
                "day": day(until + timedelta(days=1)),
                "period": periods.period_name(period, periods.last_ended(period, today())),
            },
        )


def _closed_already(closing: Closing) -> Refusal:
    return Refusal(
        _("%(period)s đã được chốt ngày %(day)s. Số đã chốt không chốt lại.")
        % {"period": closing.name, "day": day(closing.closed_at)},
        code="closed_already",
        fix=_("Xem số đã chốt và những thay đổi từ đó đến nay."),
        link=(reverse("kpi:closing", args=[closing.uuid]), _("Mở số đã chốt")),
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
        progress.begin(len(indicators), _("Đọc và chốt từng chỉ tiêu"))
    with on_record():
        rows = list(_frozen(indicators, place, until, progress))
    head = Closing(unit=unit, structure=structure, period=period, year=until.year, until=until, note=note.strip())
    head.closed_by, head.closed_at = actor, timezone.now()
    head.uuid = uuid or head.uuid
    sums = checksums(head, (line for line, _row in rows))
    head.figures_count, head.checksum = len(rows), sums.whole
    try:
        with transaction.atomic():
            head.save()
    except IntegrityError as error:
        theirs = Closing.objects.get(unit=unit, structure=structure, period=period, until=until)
        raise _closed_already(theirs) from error
    for _line, row in rows:
        row.closing = head
    ClosedFigure.objects.bulk_create([row for _line, row in rows], batch_size=BATCH)
    _record(head, sums)
    return head


def _record(made: Closing, sums: Sums) -> None:
    """The line of the log that a proof is held against."""
    with on_record():
        audit.record(
            actor=made.closed_by,
            act="kpi.closed",
            subject=made,
            unit=made.unit,
            period=made.name,
            figures=made.figures_count,
            checksum=made.checksum,
            sums=sums.parts,
        )


def _frozen(
    indicators: list[Indicator], place: Place, until: date, progress: jobs.Progress | None
) -> Iterator[tuple[Line, ClosedFigure]]:
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
#: What of a figure its line says, in this order.
FIELDS = (
    "indicator__code", "unit__code", "unit__valid_from", "part", "count", "denominator", "denominator_source", "goal",
    "target_value", "measured_in", "comparator",
)  # fmt: skip
Line = tuple[Any, ...]


def line_of(row: ClosedFigure, indicator: Indicator, unit: Unit) -> Line:
    """What the checksum covers of a figure that is about to be written."""
    named = (indicator.code, unit.code, unit.valid_from)
    return (*named, *(getattr(row, name) for name in FIELDS[len(named) :]))


def _written(value: Any) -> str:
    """A number with two decimals, whatever it was before it went through the database; nothing for none."""
    if value is None:
        return ""
    return f"{value:.2f}" if isinstance(value, int | Decimal) else str(value)


@dataclass(frozen=True)
class Sums:
    """The checksum of a closing, and the beginning of that of each indicator by its code."""

    whole: str
    parts: dict[str, str]


def checksums(closing: Closing, lines: Iterable[Line]) -> Sums:
    """SHA-256, in hexadecimal, over what was closed and every line in order."""
    head = (
        closing.unit.code,
        closing.unit.valid_from.isoformat(),
        closing.structure.code,
        closing.period,
        str(closing.year),
        closing.until.isoformat(),
    )
    whole = hashlib.sha256("\t".join(head).encode())
    parts: dict[str, Any] = {}
    for line in sorted("\t".join(map(_written, line)) for line in lines):
        written = b"\n" + line.encode()
        whole.update(written)
        parts.setdefault(line.partition("\t")[0], hashlib.sha256()).update(written)
    return Sums(whole.hexdigest(), {code: part.hexdigest()[:16] for code, part in parts.items()})


@dataclass(frozen=True)
class Proof:
    """Whether a closing still says what was closed. ``logged``: what the log of acts says of the moment it was made."""

    closing: Closing
    figures: int
    sums: Sums
    logged: dict[str, Any]

    @property
    def ok(self) -> bool:
        return (
            self.figures == self.closing.figures_count
            and self.sums.whole == self.closing.checksum == self.logged.get("checksum")
        )

    @property
    def changed(self) -> list[str]:
        """Codes of the indicators whose figures are not those that were closed, as far as the log can tell."""
        then: dict[str, str] = self.logged.get("sums", {})
        return sorted(
            code for code in then.keys() | self.sums.parts.keys() if then.get(code) != self.sums.parts.get(code)
        )

    @property
    def says(self) -> str:
        """In words, for pages and commands."""
        if self.ok:
            return ngettext(
                "%(n)s con số còn nguyên như lúc chốt.", "%(n)s con số còn nguyên như lúc chốt.", self.figures
            ) % {"n": number(self.figures)}
        if not self.logged:
            return _("Nhật ký không có việc chốt này: lần chốt không do hệ thống ghi, hoặc nhật ký đã bị xoá.")
        if self.closing.checksum != self.logged.get("checksum"):
            return _("Mã xác thực không phải mã mà nhật ký ghi lúc chốt: đã có người thay.") + self._where()
        if self.figures != self.closing.figures_count:
            words = {"then": number(self.closing.figures_count), "now": number(self.figures)}
            said = _("Lúc chốt có %(then)s con số, nay có %(now)s: đã có người thêm hoặc xoá.")
            return said % words + self._where()
        said = _("Số lượng con số vẫn đủ nhưng nội dung không khớp mã xác thực: đã có người sửa.")
        return said + self._where()

    def _where(self) -> str:
        named = ", ".join(self.changed)
        return " " + _("Khác ở chỉ tiêu %(codes)s.") % {"codes": named} if named else ""


def closing_verify(closing: Closing) -> Proof:
    """Reckon the checksum anew from what is stored, and hold it against the log of acts; two queries.

    Whoever changes a figure in the database and its checksum with it would have to change the log as well.
    """
    lines = list(closing.figures.order_by().values_list(*FIELDS))
    logged = (
        AuditEntry.objects.filter(act="kpi.closed", subject_uuid=closing.uuid).values_list("detail", flat=True).first()
    )
    return Proof(closing, len(lines), checksums(closing, lines), logged or {})
