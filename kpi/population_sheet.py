"""Head-counts from a table: what it says, what is wrong with it, and how it differs from what is there. No writing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from django.db.models import Sum
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from common import jobs, sheets
from common.sheets import CellFault
from common.sheets_out import write_xlsx
from common.text import fold, vi_date
from kpi.denominators import only_audiences
from kpi.models import AudiencePopulation, Indicator, UnitMonth
from kpi.population_cells import code_text, day_of, people_of
from kpi.standing import became
from people import access
from people.models import Audience, Unit, UnitAncestor, User
from people.querysets import today

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

CODE, NAME, AUDIENCE, YEAR, VALUE, SOURCE, DAY = (
    "Mã đơn vị", "Tên đơn vị", "Đối tượng", "Năm", "Số người", "Văn bản nguồn", "Ngày văn bản",
)  # fmt: skip
HEADINGS = (CODE, NAME, AUDIENCE, YEAR, VALUE, SOURCE, DAY)
NEEDED = (CODE, AUDIENCE, YEAR, VALUE, SOURCE)
MOST_LINES = 20_000
FIRST_YEAR = 2020


@dataclass(frozen=True)
class Fault:
    """What is wrong with a cell. Its words are lazy: pages say them in their own language, files in that of files."""

    line: int
    column: str
    value: str
    text: StrOrPromise
    fix: StrOrPromise

    def as_json(self) -> dict[str, Any]:
        return vars(self) | {"text": str(self.text), "fix": str(self.fix)}


@dataclass(frozen=True)
class Change:
    """A head-count as the table says it, beside what is there (``before`` None: nothing)."""

    line: int
    unit: Unit
    audience: Audience
    year: int
    value: int
    source: str
    source_date: date | None
    before: AudiencePopulation | None

    @property
    def key(self) -> tuple[int, int, int]:
        return (self.audience.pk, self.unit.pk, self.year)

    @property
    def differs(self) -> bool:
        old = self.before
        return old is None or (old.value, old.source, old.source_date) != (self.value, self.source, self.source_date)


@dataclass(frozen=True)
class Below:
    """A head-count that is smaller than the people counted already."""

    change: Change
    counted: int
    indicator: str


@dataclass
class Plan:
    """A table that was read and checked: faults, or what would be written."""

    cells: dict[int, list[Any]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    empty: int = 0
    below: list[Below] = field(default_factory=list)

    @property
    def differing(self) -> list[Change]:
        return [change for change in self.changes if change.differs]

    @property
    def added(self) -> list[Change]:
        return [change for change in self.changes if change.before is None]

    @property
    def changed(self) -> list[Change]:
        return [change for change in self.differing if change.before is not None]

    @property
    def unchanged(self) -> int:
        return len(self.changes) - len(self.differing)

    @property
    def digest(self) -> str:
        """What would be written in the place of what: the same until the table or what is there changes."""
        said = hashlib.sha256()
        for change in sorted(self.differing, key=lambda change: change.key):
            old = change.before
            there = (old.value, old.source, old.source_date) if old else None
            said.update(repr((change.key, change.value, change.source, change.source_date, there)).encode())
        return said.hexdigest()


# --- Reading --------------------------------------------------------------------------------------------------------
def plan_of(file: BinaryIO, *, actor: User, progress: jobs.Progress | None = None) -> Plan:
    """Read a table and hold it against what is there. Refusal for what is no such table.

    ``progress`` of the job that does it. Queries do not depend on the number of lines, only on the number of different
    years (one each).
    """
    plan = Plan()
    if progress:
        progress.begin(0, gettext("Đang đọc tệp"))
    with sheets.book_open(file) as book:
        lines = book.lines(next(sheet.name for sheet in book.sheets if not sheet.hidden))
        columns = _columns(next(lines, (0, []))[1])
        for number, cells in lines:
            if number > MOST_LINES + 1:
                said, fix = gettext("Tệp dài hơn %(most)s dòng."), gettext("Chia thành nhiều tệp.")
                sheets.no_sheet(said % {"most": MOST_LINES}, code="too_long", fix=fix)
            plan.cells[number] = [cells[at] if at is not None and at < len(cells) else None for at in columns]
    known = _Known(plan, actor)
    if progress:
        progress.begin(len(plan.cells), gettext("Kiểm tra từng dòng"))
    for number, cells in plan.cells.items():
        _Line(plan, known, number, dict(zip(HEADINGS, cells, strict=True))).read()
        if progress:
            progress.advance()
    plan.below = below_counted(plan.differing)
    return plan


def _columns(heading: list[Any]) -> list[int | None]:
    found = {fold(str(cell)): place for place, cell in enumerate(heading) if isinstance(cell, str)}
    if missing := [name for name in NEEDED if fold(name) not in found]:
        fix = gettext("Dòng đầu phải có các cột: %(columns)s. Tải tệp mẫu rồi điền.")
        said = gettext("Dòng đầu thiếu cột «%(column)s».") % {"column": missing[0]}
        sheets.no_sheet(said, code="no_column", fix=fix % {"columns": ", ".join(HEADINGS)})
    return [found.get(fold(name)) for name in HEADINGS]


class _Known:
    """Units, audiences and head-counts that the lines may name: read once."""

    def __init__(self, plan: Plan, actor: User) -> None:
        codes = {code_text(cells[0]) for cells in plan.cells.values()}
        found = list(Unit.objects.order_by("valid_from")) if len(codes) > 500 else list(
            Unit.objects.filter(code__in=codes | {code.zfill(5) for code in codes}).order_by("valid_from")
        )  # fmt: skip
        self.units: dict[str, list[Unit]] = {}
        for unit in found:
            self.units.setdefault(unit.code, []).append(unit)
        self.scope = set(access.scope_units(actor, access.KPI_KEEPING).values_list("descendant", flat=True))
        self.gone = [unit for unit in found if not unit.stands_on(today())]
        self._became: dict[str | None, dict[int, str]] = {}
        audiences = list(Audience.objects.all())
        self.audiences = {fold(a.name): a for a in audiences} | {a.code: a for a in audiences}
        self.held = {
            (row.audience_id, row.unit_id, row.year): row
            for row in AudiencePopulation.objects.filter(unit__in=[u for u in found if u.pk in self.scope])
        }
        self.seen: dict[tuple[int, int, int], int] = {}

    def became(self, unit: Unit) -> str:
        """What became of a unit, in the language of whoever reads it; one query for each language that is read."""
        language = get_language()
        if language not in self._became:
            self._became[language] = became(self.gone)
        return self._became[language][unit.pk]


class _Line:
    """One line of the table. Empty cells for the number say nothing: what is there stays."""

    def __init__(self, plan: Plan, known: _Known, number: int, cells: dict[str, Any]) -> None:
        self.plan, self.known, self.number, self.cells, self.sound = plan, known, number, cells, True

    def wrong(self, column: str, text: StrOrPromise, fix: StrOrPromise) -> None:
        cell = self.cells[column]
        shown = cell.shown if isinstance(cell, CellFault) else "" if cell is None else str(cell)
        self.plan.faults.append(Fault(self.number, column, shown[:200], text, fix))
        self.sound = False

    def read(self) -> None:
        if self._is_blank(VALUE):
            self.plan.empty += 1
            return
        unit, audience, year = self._unit(), self._audience(), self._year()
        value, source, day = self._value(), self._source(), self._day()
        if not self.sound or unit is None or audience is None or year is None or value is None:
            return
        key = (audience.pk, unit.pk, year)
        if first := self.known.seen.get(key):
            said = _("{unit}, {audience}, năm {year} đã có ở dòng {line}.")
            said = format_lazy(said, unit=str(unit), audience=str(audience), year=year, line=first)
            self.wrong(CODE, said, _("Giữ lại một dòng."))
            return
        self.known.seen[key] = self.number
        before = self.known.held.get(key)
        self.plan.changes.append(Change(self.number, unit, audience, year, value, source, day, before))

    def _is_blank(self, column: str) -> bool:
        cell = self.cells[column]
        return cell is None or (isinstance(cell, str) and not cell.strip())

    def _unit(self) -> Unit | None:
        code = code_text(self.cells[CODE])
        found = self.known.units.get(code) or (self.known.units.get(code.zfill(5)) if code.isdecimal() else None)
        if not found:
            said = _("Không có đơn vị nào mang mã này.") if code else _("Chưa ghi mã.")
            self.wrong(CODE, said, _("Lấy mã trong tệp mẫu."))
            return None
        named = fold(code_text(self.cells[NAME]))
        standing = next((unit for unit in found if unit.stands_on(today())), None)
        same = next((unit for unit in reversed(found) if fold(unit.name) == named), None)
        meant = standing if standing and (not named or fold(standing.name) == named) else same
        if meant is None and standing is None:
            meant = found[-1]
        if meant is None:
            assert standing is not None  # the only way left
            said = format_lazy(_("Mã {code} là của {unit}, không phải tên này."), code=code, unit=standing.name)
            self.wrong(NAME, said, _("Sửa tên hoặc mã cho khớp."))
            return None
        if not meant.stands_on(today()):
            became = lazy(self.known.became, str)(meant)
            said = format_lazy(_("{unit} là đơn vị của cơ cấu khác. {became}"), unit=meant.name, became=became)
            self.wrong(CODE, said, _("Ghi số của đơn vị đang hoạt động hôm nay."))
            return None
        if meant.pk not in self.known.scope:
            said = format_lazy(_("Bạn không phụ trách {unit}."), unit=meant.name)
            self.wrong(CODE, said, _("Bỏ dòng này, hoặc nhờ đơn vị phụ trách nhập."))
            return None
        return meant

    def _audience(self) -> Audience | None:
        text = code_text(self.cells[AUDIENCE])
        found = self.known.audiences.get(text) or self.known.audiences.get(fold(text))
        if found is None:
            said = _("Không có đối tượng này.") if text else _("Chưa ghi đối tượng.")
            self.wrong(AUDIENCE, said, _("Chép tên từ tệp mẫu."))
        return found

    def _year(self) -> int | None:
        text, last = code_text(self.cells[YEAR]), today().year + 1
        if text.isdecimal() and FIRST_YEAR <= int(text) <= last:
            return int(text)
        said = _("Năm này không hợp lý.") if text else _("Chưa ghi năm.")
        fix = format_lazy(_("Ghi năm của số liệu, từ {first} đến {last}."), first=FIRST_YEAR, last=last)
        self.wrong(YEAR, said, fix)
        return None

    def _value(self) -> int | None:
        try:
            return people_of(self.cells[VALUE])
        except ValueError as error:
            fix = _("Ghi số nguyên, ví dụ 12500. Chưa có số thì để trống; 0 nghĩa là không có ai.")
            self.wrong(VALUE, error.args[0], fix)
            return None

    def _source(self) -> str:
        text = code_text(self.cells[SOURCE])
        if not text or len(text) > 200:
            said: StrOrPromise = _("Chưa ghi văn bản nguồn.")
            if text:
                said = format_lazy(_("Dài {length} ký tự, tối đa 200."), length=len(text))
            self.wrong(SOURCE, said, _("Ghi số và tên văn bản nêu con số này."))
        return text

    def _day(self) -> date | None:
        if self._is_blank(DAY):
            return None
        day = day_of(self.cells[DAY])
        if day is None or day > today():
            said = _("Ngày này chưa tới.") if day else _("Không đọc được ngày.")
            self.wrong(DAY, said, _("Ghi ngày của văn bản, ví dụ 19/05/2026; không rõ thì để trống."))
            return None
        return day


# --- Held against what was counted ----------------------------------------------------------------------------------
def below_counted(changes: Iterable[Change]) -> list[Below]:
    """Head-counts smaller than the people counted for an indicator of exactly that audience, with the largest count."""
    changes = list(changes)
    counting = list(Indicator.objects.counting().prefetch_related("audiences"))
    only = only_audiences(counting)
    asked = {change.audience.pk for change in changes}
    mine = {i.pk: i for i in counting if only.get(i.pk) in asked}
    if not changes or not mine:
        return []
    above: dict[int, list[int]] = {}
    tree = UnitAncestor.objects.filter(structure=access.current_structure(), ancestor__in={c.unit.pk for c in changes})
    for ancestor, descendant in tree.values_list("ancestor_id", "descendant_id"):
        above.setdefault(descendant, []).append(ancestor)
    most: dict[tuple[int, int, int], tuple[int, str]] = {}
    for year in sorted({change.year for change in changes}):
        for indicator, totals in _totals(mine, above, year).items():
            for unit, people in totals.items():
                key = (only[indicator], unit, year)
                most[key] = max(most.get(key, (0, "")), (people, mine[indicator].code))
    found = [(change, *most.get(change.key, (0, ""))) for change in changes]
    return [Below(change, people, code) for change, people, code in found if people > change.value]


def _totals(mine: dict[int, Indicator], above: dict[int, list[int]], year: int) -> dict[int, dict[int, int]]:
    """Indicator → unit → people counted in the unit and below."""
    cells = UnitMonth.objects.filter(indicator__in=mine, unit__isnull=False).within(year).order_by()
    totals: dict[int, dict[int, int]] = {pk: {} for pk in mine}
    for indicator, unit, people in cells.values_list("indicator_id", "unit_id").annotate(people=Sum("count")):
        for ancestor in above.get(unit, ()):
            totals[indicator][ancestor] = totals[indicator].get(ancestor, 0) + people
    return totals


# --- Writing tables -------------------------------------------------------------------------------------------------
def template_file(units: list[Unit], audiences: list[Audience], year: int) -> bytes:
    """All units of a scope with all audiences, and what is there: to be filled in and sent back."""
    held = {
        (row.audience_id, row.unit_id): row
        for row in AudiencePopulation.objects.filter(unit__in=units, audience__in=audiences, year=year)
    }
    rows = []
    for unit in units:
        for audience in audiences:
            row = held.get((audience.pk, unit.pk))
            said = (row.value, row.source, row.source_date) if row else (None, None, None)
            rows.append((unit.code, unit.name, audience.name, year, *said))
    return write_xlsx(HEADINGS, rows, sheet="Số người phải học")


def faults_file(plan: Plan) -> bytes:
    """The lines to be mended as they stand, with what is wrong beside them."""
    said: dict[int, list[str]] = {}
    for fault in plan.faults:
        said.setdefault(fault.line, []).append(f"{fault.column}: {fault.text} {fault.fix}")
    rows = [(*map(_plain, plan.cells[number]), "\n".join(texts)) for number, texts in said.items()]
    return write_xlsx((*HEADINGS, "Cần sửa"), rows, sheet="Cần sửa")


def _plain(cell: Any) -> Any:
    if isinstance(cell, CellFault):
        return cell.shown
    return vi_date(cell) if isinstance(cell, datetime) else cell
