"""A target shared out among the units below: the table of units, a proposal, and the table as a workbook."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from common import sheets
from common.errors import Refusal
from common.sheets import CellFault
from common.sheets_out import write_xlsx
from common.text import fold
from kpi import figures, places
from kpi.figures import Figure, Part
from kpi.models import Indicator, Target, TargetVersion
from kpi.target_rules import PERCENT, Sum, allot, said_by, summed
from people.models import ADMINISTRATIVE_KINDS, Unit, UnitKind
from people.querysets import today

HEADINGS = ("Mã đơn vị", "Tên đơn vị", "Số người phải học", "Giao")
MOST_LINES = 5000
#: Kinds of units that are given targets in any case.
GIVEN = ADMINISTRATIVE_KINDS | {UnitKind.DEPARTMENT, UnitKind.AGENCY}


@dataclass(frozen=True)
class Line:
    """A unit that may be given a share: how many people it has to train, what it holds, what is proposed.

    ``is_stale``: what it holds was shared out of an earlier version of the target. ``again``: what it gets when the
    version that holds now is shared out the same way.
    """

    unit: Unit
    heads: int | None
    source: str
    held: Decimal | None
    proposed: Decimal | None
    is_stale: bool = False
    again: Decimal | None = None

    @property
    def step(self) -> Decimal:
        """How much more the unit gets when the target is shared out again; negative for less."""
        return (self.again or Decimal(0)) - (self.held or Decimal(0))


@dataclass(frozen=True)
class Allocation:
    """A target with the units that it can be shared among. ``version``: the one of the target that holds.

    ``drawn_from``: earlier versions of which units hold shares.
    """

    target: Target
    lines: list[Line]
    version: TargetVersion | None = None
    drawn_from: list[TargetVersion] = field(default_factory=list)

    @property
    def stale(self) -> int:
        """Units whose share comes of an earlier version."""
        return sum(line.is_stale for line in self.lines)

    @property
    def in_percent(self) -> bool:
        return self.target.measured_in == PERCENT

    def total(self, shares: Mapping[int, Decimal | None]) -> Sum:
        """What shares by unit come to beside the target."""
        return summed(said_by(self.target), [(shares.get(line.unit.pk), line.heads) for line in self.lines])

    def held(self) -> dict[int, Decimal | None]:
        return {line.unit.pk: line.held for line in self.lines}

    def proposal(self) -> dict[int, Decimal | None]:
        return {line.unit.pk: line.proposed for line in self.lines}

    def again(self) -> dict[int, Decimal | None]:
        return {line.unit.pk: line.again for line in self.lines}


def allocation_of(indicator: Indicator, target: Target, year: int) -> Allocation:
    """The units right below the target's unit that stand today; queries do not depend on their number."""
    known = places.structures()
    place = places.place_of(target.unit, places.structure_now(known), known)
    table = figures.table(indicator, place, year)
    shares = {t.unit_id: t for t in Target.objects.filter(allocated_from=target)}
    held = {pk: share.value for pk, share in shares.items()}
    rows = [
        row
        for row in table.rows
        if row.part == Part.UNIT and row.unit and row.unit.stands_on(today()) and _is_asked(row, held)
    ]
    weights = {row.unit.pk: row.denominator.value or 0 for row in rows if row.unit}
    proposed = _proposed(target, weights)
    again = shared_again(target, weights, held) if held else {}
    last = newest_version(target)
    stale = {pk for pk, share in shares.items() if last and share.allocated_version != last.number}
    return Allocation(
        target,
        [
            Line(
                row.unit,
                row.denominator.value,
                row.denominator.source,
                held.get(row.unit.pk),
                proposed.get(row.unit.pk),
                row.unit.pk in stale,
                again.get(row.unit.pk),
            )
            for row in rows
            if row.unit
        ],
        last,
        _drawn_from(target, {shares[pk].allocated_version for pk in stale}),
    )


def newest_version(target: Target) -> TargetVersion | None:
    """The version that holds; one query."""
    said = TargetVersion.objects.filter(indicator=target.indicator_id, unit=target.unit_id)
    return said.select_related("set_by").order_by("-number").first()


def _drawn_from(target: Target, numbers: Collection[int | None]) -> list[TargetVersion]:
    if not numbers:
        return []
    said = TargetVersion.objects.filter(indicator=target.indicator_id, unit=target.unit_id)
    return list(said.filter(number__in=[number for number in numbers if number]).order_by("number"))


def stale_shares() -> QuerySet[Target]:
    """Shares of an earlier version of the target that they were shared out of."""
    newest = TargetVersion.objects.filter(indicator=OuterRef("indicator"), unit=OuterRef("allocated_from__unit"))
    found = Target.objects.filter(allocated_from__isnull=False).annotate(
        newest=Subquery(newest.order_by("-number").values("number")[:1])
    )
    return found.filter(Q(allocated_version=None) | ~Q(allocated_version=F("newest")))


def _is_asked(row: Figure, held: Collection[int]) -> bool:
    """Administrative units and offices; schools, teams and the like only where they have people to train or a share."""
    assert row.unit is not None
    return row.unit.kind in GIVEN or bool(row.denominator.value) or row.unit.pk in held


def _proposed(target: Target, weights: dict[int, int]) -> dict[int, Decimal]:
    """A percentage is the same for all; a number goes by head-count and adds up exactly."""
    if target.value is None:
        return {}
    if target.measured_in == PERCENT:
        return dict.fromkeys((pk for pk, heads in weights.items() if heads), target.value)
    if target.value != target.value.to_integral_value():
        return {}
    shares = allot(int(target.value), {pk: heads for pk, heads in weights.items() if heads})
    return {pk: Decimal(share) for pk, share in shares.items() if share}


def shared_again(target: Target, weights: Mapping[int, int], held: Mapping[int, Decimal | None]) -> dict[int, Decimal]:
    """The target as it is now among the units that hold a share, by the rule of the proposal; pure.

    By what they hold where not all of them have a head-count. Among all units when a unit that held a share is gone:
    whoever took over from it holds none yet.
    """
    holders = [pk for pk in weights if pk in held]
    if len(holders) < len(held):
        return _proposed(target, dict(weights))
    if target.measured_in == PERCENT and target.value is not None:
        return dict.fromkeys(holders, target.value)
    heads = {pk: weights[pk] for pk in holders}
    if all(heads.values()):
        return _proposed(target, heads)
    # Hundredths, so that shares in parts keep their proportions.
    return _proposed(target, {pk: int((held[pk] or 0) * 100) for pk in holders})


def is_over(target: Target) -> bool:
    """Whether the target's year is over: what was shared out can be read, and is not changed any more."""
    return bool(target.year and target.year < today().year)


def require_allocatable(target: Target) -> None:
    """Refuse what cannot be shared out: ``not_allocatable`` (a rank, a thing that is there or not), ``year_past``."""
    if target.value is None or target.comparator not in (">=", "=", ">"):
        rank = _("Mục tiêu này là một thứ hạng, không chia nhỏ cho các đơn vị được.")
        there = _("Mục tiêu này là việc có hay không, không chia nhỏ cho các đơn vị được.")
        raise Refusal(
            rank if target.comparator == "<=" else there,
            code="not_allocatable",
            fix=_("Đặt mục tiêu riêng cho từng đơn vị ở trang «Mục tiêu» của đơn vị đó."),
        )
    if is_over(target):
        raise Refusal(
            _("Năm %(year)s đã qua nên không giao chỉ tiêu này nữa.") % {"year": target.year},
            code="year_past",
            fix=_("Đặt mục tiêu cho năm nay hoặc năm sau rồi giao."),
        )


# --- Workbook -------------------------------------------------------------------------------------------------------
def shares_xlsx(allocation: Allocation) -> bytes:
    """Units with what they hold, or what is proposed where nothing is held yet; to be filled in and sent back."""
    shared = any(line.held is not None for line in allocation.lines)
    rows = [
        (line.unit.code, line.unit.name, line.heads, _cell(line.held if shared else line.proposed))
        for line in allocation.lines
    ]
    return write_xlsx(HEADINGS, rows, sheet="Giao chỉ tiêu")


def _cell(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


@dataclass(frozen=True)
class ShareFault:
    """What is wrong with a cell of a workbook of shares."""

    line: int
    column: str
    value: str
    text: str
    fix: str


@dataclass
class SharesRead:
    """What a workbook of shares says: unit → share. None: nothing is given to it."""

    shares: dict[int, Decimal | None] = field(default_factory=dict)
    faults: list[ShareFault] = field(default_factory=list)


def shares_read(file: BinaryIO, allocation: Allocation) -> SharesRead:
    """Read shares by the codes of units. Refusal for what is no such table; faults for cells."""
    with sheets.book_open(file) as book:
        lines = book.lines(next(sheet.name for sheet in book.sheets if not sheet.hidden))
        columns = _columns(next(lines, (0, []))[1])
        read, seen = SharesRead(), dict[int, int]()
        units = {line.unit.code: line.unit for line in allocation.lines}
        for number, cells in lines:
            if number > MOST_LINES:
                text = _("Tệp dài hơn %(most)s dòng.") % {"most": MOST_LINES}
                sheets.no_sheet(text, code="too_long", fix=_("Dùng đúng tệp mẫu của trang."))
            _line_read(read, number, [_at(cells, columns[name]) for name in ("ma don vi", "giao")], units, seen)
    return read


def _columns(heading: list[Any]) -> dict[str, int]:
    found = {fold(str(cell)): place for place, cell in enumerate(heading) if isinstance(cell, str)}
    if missing := [name for name in (HEADINGS[0], HEADINGS[3]) if fold(name) not in found]:
        sheets.no_sheet(
            _("Dòng đầu thiếu cột «%(column)s».") % {"column": missing[0]},
            code="no_column",
            fix=_("Tải tệp của trang này về, điền rồi gửi lại."),
        )
    return found


def _at(cells: list[Any], place: int) -> Any:
    return cells[place] if place < len(cells) else None


def _line_read(read: SharesRead, number: int, cells: list[Any], units: dict[str, Unit], seen: dict[int, int]) -> None:
    code = str(cells[0] if cells[0] is not None else "").strip()
    if not code and cells[1] is None:
        return
    unit = units.get(code)
    if unit is None:
        fix = _("Chỉ ghi các đơn vị có trong tệp của trang này.")
        read.faults.append(ShareFault(number, HEADINGS[0], code, _("Không có đơn vị này ngay dưới đơn vị giao."), fix))
        return
    if unit.pk in seen:
        text = _("%(unit)s đã có ở dòng %(line)s.") % {"unit": unit.name, "line": seen[unit.pk]}
        read.faults.append(ShareFault(number, HEADINGS[0], code, text, _("Mỗi đơn vị một dòng.")))
        return
    seen[unit.pk] = number
    try:
        read.shares[unit.pk] = share_of(cells[1])
    except ValueError:
        said = cells[1].shown if isinstance(cells[1], CellFault) else str(cells[1])
        fix = _("Ghi số, ví dụ 1200 hoặc 70,5; để trống nếu không giao.")
        read.faults.append(ShareFault(number, HEADINGS[3], said, _("Không phải số không âm."), fix))


def share_of(cell: Any) -> Decimal | None:
    """A share as people write it: ``1.200`` and ``70,5``; None for nothing. ValueError for anything else."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if isinstance(cell, bool) or not isinstance(cell, int | float | Decimal | str):
        raise ValueError(str(cell))
    try:
        found = Decimal(str(cell)) if not isinstance(cell, str) else Decimal(_plain(cell))
    except InvalidOperation as error:
        raise ValueError(str(cell)) from error
    if not found.is_finite() or found < 0 or found > 10**11 or found != round(found, 2):
        raise ValueError(str(cell))
    return found


def _plain(text: str) -> str:
    """``1.200`` is one thousand two hundred, ``70,5`` seventy and a half; ``70.5`` stays what it is."""
    text = "".join(text.split()).removesuffix("%")
    parts = text.replace(",", ".").split(".") if "," not in text else text.split(",")[0].split(".")
    grouped = len(parts) > 1 and all(len(part) == 3 for part in parts[1:]) and parts[0] not in ("", "0")
    if grouped:
        text = text.replace(".", "")
    return text.replace(",", ".")
