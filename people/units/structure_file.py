"""The file of a whole new structure: one line for each unit that stands from its first day on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from common.errors import Refusal
from common.language import on_record
from common.sheets import Book, book_open
from common.text import fold, nfc
from people.models import UnitKind

#: Columns as programs name them, and as people read and write them.
NAMES = {
    "code": "Mã",
    "name": "Tên",
    "kind": "Loại",
    "parent_code": "Mã cấp trên",
    "predecessors": "Tiền thân",
}
COLUMNS = tuple(NAMES)
NEEDED = COLUMNS[:4]
#: What the file to fill in shows: two units become one, a part of the second makes another.
EXAMPLE = (
    ("24", "Tỉnh Ví Dụ", "Tỉnh", "", ""),
    ("07201", "Phường Ví Dụ", "Phường", "24", "07210*;07213*"),
    ("07204", "Xã Ví Dụ", "Xã", "24", "07213"),
)
_HEADINGS: dict[str, str] = {
    "code": "code", "ma": "code", "ma don vi": "code",
    "name": "name", "ten": "name", "ten don vi": "name",
    "kind": "kind", "loai": "kind", "loai don vi": "kind",
    "parent_code": "parent_code", "ma cap tren": "parent_code", "cap tren": "parent_code", "thuoc": "parent_code",
    "predecessors": "predecessors", "tien than": "predecessors", "ma tien than": "predecessors",
    "don vi truoc": "predecessors", "ma don vi truoc": "predecessors",
}  # fmt: skip
with on_record():  # files are written in Vietnamese, whoever sends them
    KIND_NAMES = {kind.value: str(kind.label) for kind in UnitKind}
_KINDS: dict[str, str] = {kind.value: kind.value for kind in UnitKind} | {
    fold(name): kind for kind, name in KIND_NAMES.items()
} | {
    "thanh pho": "city", "quan": "district", "so": "department", "ban": "department", "nganh": "department",
    "co quan": "agency", "don vi": "agency", "truong": "school", "to": "team", "to cnscd": "team",
    "to cong nghe so": "team",
}  # fmt: skip
_BETWEEN = re.compile(r"[;,|\s]+")


@dataclass(frozen=True)
class Fault:
    """What is wrong with a line, and how to mend it; line 0 is the file as a whole."""

    line: int
    column: str
    value: str
    text: str
    fix: str

    @property
    def heading(self) -> str:
        """The column as it stands in the file to fill in."""
        return NAMES.get(self.column, self.column)

    def __str__(self) -> str:
        said = {"column": self.heading, "value": self.value, "text": self.text, "fix": self.fix}
        if not self.line:
            return _("cả tệp, cột %(column)s, «%(value)s»: %(text)s %(fix)s") % said
        return _("dòng %(line)s, cột %(column)s, «%(value)s»: %(text)s %(fix)s") % {"line": self.line, **said}


@dataclass(frozen=True)
class Row:
    """A unit of the new structure. ``predecessors`` are (code, principal) of units that stood the day before.

    A line with a fault has empty fields, so that what else is wrong in it and in others can be said at once.
    """

    line: int
    code: str
    name: str
    kind: str
    parent_code: str
    predecessors: tuple[tuple[str, bool], ...] = ()


def rows_read(file: BinaryIO) -> tuple[list[Row], list[Fault]]:
    """The units of a file (csv or xlsx), and what is wrong in its lines. Refusal for a file that is no such table."""
    rows: list[Row] = []
    faults: list[Fault] = []
    with book_open(file) as book:
        for number, cells in _lines(book):
            rows.append(_row(number, cells, faults))
    if not rows:
        raise Refusal(
            _("Tệp không có đơn vị nào."), code="empty_file", fix=_("Ghi mỗi đơn vị một dòng dưới dòng tiêu đề.")
        )
    return rows, faults


def _lines(book: Book) -> Iterator[tuple[int, dict[str, str]]]:
    """Lines under the headings, as column → text."""
    sheet = next((sheet.name for sheet in book.sheets if not sheet.hidden), book.sheets[0].name)
    # A list of predecessors may look like columns: the headings decide what parts a line.
    known: set[str] = set()
    for delimiter in (getattr(book, "delimiter", None), ",", ";", "\t"):
        if hasattr(book, "delimiter"):
            book.delimiter = delimiter
        lines = book.lines(sheet)
        _number, top = next(lines, (0, []))
        columns = {place: _HEADINGS[fold(str(cell))] for place, cell in enumerate(top) if fold(str(cell)) in _HEADINGS}
        if set(NEEDED) <= set(columns.values()):
            for number, cells in lines:
                yield number, {name: _text(cells, place) for place, name in columns.items()}
            return
        lines.close()  # type: ignore[attr-defined]
        known = max(known, set(columns.values()), key=len)
    missing = [name for name in NEEDED if name not in known]
    raise Refusal(
        _("Tệp thiếu cột %(columns)s ở dòng đầu.") % {"columns": ", ".join(NAMES[name] for name in missing)},
        code="missing_columns",
        fix=_("Dòng đầu phải có các cột: %(columns)s.") % {"columns": ", ".join(NAMES.values())},
    )


def _text(cells: list[Any], place: int) -> str:
    value = cells[place] if place < len(cells) else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return nfc(str(value)) if value is not None else ""


def _row(number: int, cells: dict[str, str], faults: list[Fault]) -> Row:
    """One line, and what is wrong in it by itself."""
    for name, longest in (("code", 40), ("name", 200)):
        if not cells[name]:
            faults.append(Fault(number, name, "", _("Ô này trống."), _("Điền mã và tên của đơn vị.")))
        elif len(cells[name]) > longest:
            said = _("Dài quá %(count)s ký tự.") % {"count": longest}
            faults.append(Fault(number, name, cells[name][:60], said, _("Viết ngắn lại.")))
    kind = _KINDS.get(fold(cells["kind"]))
    if kind is None:
        fix = _("Chọn một trong: %(kinds)s.") % {"kinds": ", ".join(KIND_NAMES.values())}
        faults.append(Fault(number, "kind", cells["kind"], _("Không có loại đơn vị này."), fix))
    named = [code for code in _BETWEEN.split(cells.get("predecessors", "")) if code]
    before = tuple(dict.fromkeys((code.rstrip("*"), code.endswith("*")) for code in named))
    return Row(number, cells["code"], cells["name"], kind or "", cells["parent_code"], before)
