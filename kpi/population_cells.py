"""What a cell of a table of head-counts says. Pure."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.forms import DAY_FORMATS
from common.sheets import CellFault
from common.text import nfc

MOST_PEOPLE = 20_000_000


def code_text(cell: Any) -> str:
    """A code as text; spreadsheets make numbers of codes."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else nfc(str(cell.shown if isinstance(cell, CellFault) else cell))


def people_of(cell: Any) -> int:
    """A number of people: ``12500``, ``12.500``. ValueError says what else it is."""
    if isinstance(cell, CellFault):
        raise ValueError(_("Ô này là công thức bị lỗi."))
    if isinstance(cell, bool) or not isinstance(cell, int | float | Decimal | str):
        raise ValueError(_("Đây không phải một số."))
    if isinstance(cell, str):
        text = "".join(cell.split())
        parts = text.replace(",", ".").split(".")
        grouped = len(parts) > 1 and parts[0].isdecimal() and all(len(p) == 3 and p.isdecimal() for p in parts[1:])
        text = "".join(parts) if grouped and len(parts[0]) <= 3 and parts[0] != "0" else text
        if text.startswith("-") and text[1:].replace(",", "").replace(".", "").isdecimal():
            raise ValueError(_("Số người không thể âm."))
        if not text.isdecimal():
            number = text.replace(",", ".", 1).replace(".", "", 1).isdecimal()
            raise ValueError(_("Số người không có phần lẻ.") if number else _("Đây không phải một số."))
        cell = int(text)
    if cell != cell or cell < 0:
        raise ValueError(_("Số người không thể âm."))
    if cell > MOST_PEOPLE:
        raise ValueError(_("Số này lớn quá."))
    if cell != int(cell):
        raise ValueError(_("Số người không có phần lẻ."))
    return int(cell)


def day_of(cell: Any) -> date | None:
    """A day in a cell; None for what is none."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    for form in DAY_FORMATS:
        try:
            return datetime.strptime(code_text(cell), form).date()
        except ValueError:
            continue
    return None
