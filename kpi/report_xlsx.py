"""A report as workbook: figures by formulas over a sheet of the frozen rows, and where everything comes from."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import xlsxwriter

from common.text import vi_date
from kpi.models import Report
from kpi.report_facts import Facts, Line

FIGURES, DATA, SOURCES = "Số liệu", "Dữ liệu", "Nguồn"
OWN, BELOW = "đơn vị báo cáo", "đơn vị bên dưới"
DATA_HEADINGS = (
    "Chỉ tiêu", "Cấp", "Đơn vị", "Đã đạt", "Phải học", "Số phải đạt", "Mục tiêu", "Tính theo", "So sánh", "Kỳ trước",
    "Nguồn số phải học",
)  # fmt: skip
HEADINGS = (
    "Chỉ tiêu", "Nội dung", "Văn bản", "Đã đạt", "Phải học", "Số phải đạt", "Mục tiêu", "Tính theo", "Tính trên",
    "Tỷ lệ %", "Còn thiếu", "Kỳ trước", "Thay đổi", "Cộng các đơn vị bên dưới", "Chênh với tổng",
)  # fmt: skip


def report_xlsx(report: Report, facts: Facts) -> bytes:
    """Every percentage, gap and sum is a formula; its value as reckoned here stands beside it for readers of files."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        book.set_properties({"title": report.title, "comments": facts.cite.text, "created": report.created_at})
        bold = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "text_wrap": True, "valign": "top"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        figures, data, sources = (book.add_worksheet(name) for name in (FIGURES, DATA, SOURCES))
        _headings(figures, HEADINGS, bold, first=2)
        figures.write_string(0, 0, f"{report.title} – {facts.unit} ({facts.cite.text})")
        figures.set_column("B:C", 45)
        rows = _rows(facts)
        _data(data, rows, bold)
        where = {line.code: place for place, (level, line) in enumerate(rows, start=2) if level == OWN}
        for number, line in enumerate(facts.lines, start=4):
            _figure(figures, number, line, where[line.code], len(rows) + 1, facts, wrap)
        _sources(sources, report, facts, bold)
    return target.getvalue()


def _rows(facts: Facts) -> list[tuple[str, Line]]:
    found = []
    for line in facts.lines:
        found.append((OWN, line))
        found += [(BELOW, row) for row in facts.below.get(line.code, [])]
    return found


def _headings(page: Any, headings: tuple[str, ...], bold: Any, first: int = 0) -> None:
    page.freeze_panes(first + 1, 1)
    page.set_column(0, len(headings) - 1, 14)
    for column, heading in enumerate(headings):
        page.write_string(first, column, heading, bold)


def _data(page: Any, rows: list[tuple[str, Line]], bold: Any) -> None:
    """The frozen rows. What has no figure stays empty: it is not zero."""
    _headings(page, DATA_HEADINGS, bold)
    for number, (level, line) in enumerate(rows, start=1):
        for column, text in ((0, line.code), (1, level), (2, line.unit), (7, line.measured_in), (8, line.comparator)):
            page.write_string(number, column, text)
        numbers = ((3, line.count), (4, line.denominator), (5, line.goal), (6, line.target_value), (9, line.before))
        for column, value in numbers:
            if value is not None:
                page.write_number(number, column, float(value))
        page.write_string(number, 10, line.source)


def _figure(page: Any, row: int, line: Line, at: int, last: int, facts: Facts, wrap: Any) -> None:
    """One indicator in line ``row`` (from 1), from line ``at`` of the data."""
    page.write_string(row - 1, 0, line.code)
    page.write_string(row - 1, 1, line.text, wrap)
    page.write_string(row - 1, 2, line.decision, wrap)
    copied = {"D": line.count, "E": line.denominator, "F": line.goal, "G": line.target_value, "L": line.before}
    for column, value in copied.items():
        source = f"'{DATA}'!{'J' if column == 'L' else column}{at}"
        _formula(page, f"{column}{row}", f'=IF({source}="","",{source})', value)
    _formula(page, f"H{row}", f"='{DATA}'!H{at}&\"\"", line.measured_in)
    # A declared percentage is one already.
    whole = "=100" if line.is_declared and line.whole == 100 else f'=IF(OR(H{row}="%",F{row}=""),E{row},F{row})'
    _formula(page, f"I{row}", whole, line.whole)
    # N() of a text is nought: without what it is taken of there is no percentage.
    _formula(page, f"J{row}", f'=IF(N(I{row})=0,"",ROUNDDOWN(D{row}*1000/I{row},0)/10)', line.percent)
    _formula(page, f"K{row}", f'=IF(F{row}="","",MAX(0,F{row}-D{row}))', line.gap)
    _formula(page, f"M{row}", f'=IF(L{row}="","",D{row}-L{row})', line.change)
    below = _below(line, facts)
    rows = f"'{DATA}'!$A$2:$A${last},A{row},'{DATA}'!$B$2:$B${last},\"{BELOW}\""
    # Percentages that units declare do not add up.
    sums = f"SUMIFS('{DATA}'!$D$2:$D${last},{rows})" if line.whole != 100 or not line.is_declared else '""'
    _formula(page, f"N{row}", f'=IF(COUNTIFS({rows})=0,"",{sums})', below)
    _formula(page, f"O{row}", f'=IF(N{row}="","",D{row}-N{row})', None if below is None else line.count - below)


def _below(line: Line, facts: Facts) -> Decimal | None:
    """The sum of the units below; None where nothing stands below, or percentages that were declared."""
    under = facts.below.get(line.code, [])
    if not under or (line.is_declared and line.whole == 100):
        return None
    return sum((row.count for row in under), Decimal(0))


def _formula(page: Any, cell: str, formula: str, value: Any) -> None:
    page.write_formula(cell, formula, None, "" if value is None else value if isinstance(value, str) else float(value))


def _sources(page: Any, report: Report, facts: Facts, bold: Any) -> None:
    page.set_column(0, 0, 26)
    page.set_column(1, 1, 90)
    closings = [("Kỳ báo cáo", report.closing)]
    closings += [("Kỳ so sánh", report.compared_with)] if report.compared_with else []
    lines: list[tuple[str, str]] = [("Đơn vị báo cáo", facts.unit)]
    for name, closing in closings:
        lines += [
            (name, f"số liệu chốt đến {vi_date(closing.until)}"),
            ("Mã xác thực (SHA-256)", closing.checksum),
            ("Đơn vị chốt", closing.unit.name),
            ("Cơ cấu đơn vị", closing.structure.name),
            ("Thời điểm chốt", f"{closing.closed_at:%H:%M %d/%m/%Y} (UTC)"),
        ]
    sources = sorted({line.source for line in facts.lines if line.source})
    lines += [("Nguồn số phải học", source) for source in sources]
    lines += [(f"Chưa có số liệu: {one.named}", one.why) for one in facts.missing]
    lines += [(f"Lưu ý về số liệu: {line.named}", line.caution) for line in facts.lines if line.caution]
    for number, (name, text) in enumerate(lines):
        page.write_string(number, 0, name, bold)
        page.write_string(number, 1, text)
