"""Tables that offices take: xlsx and csv, written line by line, with nothing that a spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from openpyxl.utils import get_column_letter

_GUARDED = re.compile(r"^'*[=+\-@＝＋－＠\t\r\n]")  # wide signs too: some spreadsheets read them alike


def guarded(text: str) -> str:
    """What a spreadsheet would take for a formula gets a quote before it; ``unguarded`` takes it off again."""
    return f"'{text}" if _GUARDED.match(text) else text


def unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and _GUARDED.match(text) else text


def column_letter(index: int) -> str:
    """``A`` for 0."""
    return str(get_column_letter(index + 1))


def day_text(day: date) -> str:
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def write_xlsx(headings: Sequence[str], rows: Iterable[Sequence[Any]], *, sheet: str, width: int = 20) -> bytes:
    """A workbook of one sheet, line by line: text stays text whatever it begins with, days are days."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"constant_memory": True}) as book:
        page = book.add_worksheet(sheet[:31])
        bold = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1})
        day_format = book.add_format({"num_format": "dd/mm/yyyy"})
        page.freeze_panes(1, 0)
        page.set_column(0, max(len(headings) - 1, 0), width)
        for column, heading in enumerate(headings):
            page.write_string(0, column, heading, bold)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                write_cell(page, number, column, value, day_format)
    return target.getvalue()


def write_cell(page: Any, row: int, column: int, value: Any, day_format: Any) -> None:
    """One cell; a day before March 1900 is text, because Excel counts those wrong."""
    if value is None or value == "":
        return
    if isinstance(value, (datetime, date)) and value.year > 1900:
        page.write_datetime(row, column, value, day_format)
    elif isinstance(value, date):
        page.write_string(row, column, day_text(value))
    elif isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        page.write_number(row, column, value)
    else:
        page.write_string(row, column, str(value)[:32767])


def write_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with a mark that Excel knows; every cell in quotes, so that nothing in it is taken for a delimiter."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, quoting=csv.QUOTE_ALL)
    writer.writerow(headings)
    for row in rows:
        writer.writerow([day_text(cell) if isinstance(cell, date) else guarded(str(cell or "")) for cell in row])
    return target.getvalue().encode("utf-8-sig")


def write_sheet(
    form: str, headings: Sequence[str], rows: Iterable[Sequence[Any]], *, sheet: str, width: int = 20
) -> bytes:
    """The lines as the file that was asked for: ``csv``, else a workbook."""
    return write_csv(headings, rows) if form == "csv" else write_xlsx(headings, rows, sheet=sheet, width=width)
