"""Certificates of a paper register as a table says them: columns, cells, and what is wrong with which."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from certificates.numbering import number_key
from certificates.services.corrections import checked_hours
from common.errors import Refusal
from common.sheets import CellFault, Line, book_open, no_sheet
from common.sheets_out import column_letter
from common.text import nfc
from people.rosters.values import Fault, day_of, folded, name_of, text_of

#: Columns by name, in the order of the template; the first four cannot be left out.
COLUMNS = {
    "number": "Số",
    "issued_on": "Vào sổ ngày",
    "holder_name": "Họ và tên",
    "course_title": "Nội dung",
    "holder_birth_date": "Ngày sinh",
    "course_hours": "Số giờ",
    "result": "Kết quả",
    "decision_number": "Số quyết định",
    "decision_date": "Ngày quyết định",
    "signer_name": "Người ký",
    "signer_title": "Chức danh",
    "issuer_name": "Đơn vị cấp",
}
NEEDED = ("number", "issued_on", "holder_name", "course_title")
_SYNONYMS = {
    "number": "so; so giay; so vao so; so hieu; so chung chi; so chung nhan",
    "issued_on": "vao so ngay; ngay vao so; ngay cap; ngay cap giay",
    "holder_name": "ho va ten; ho ten; ten nguoi duoc cap; nguoi duoc cap",
    "course_title": "noi dung; khoa hoc; ten khoa hoc; noi dung dao tao; khoa hoc/noi dung",
    "holder_birth_date": "ngay sinh; ngay thang nam sinh; sinh ngay",
    "course_hours": "so gio; thoi luong; so gio hoc",
    "result": "ket qua; diem; xep loai",
    "decision_number": "so quyet dinh; quyet dinh so; so qd",
    "decision_date": "ngay quyet dinh; ngay qd",
    "signer_name": "nguoi ky; ho ten nguoi ky",
    "signer_title": "chuc danh; chuc vu; chuc danh nguoi ky",
    "issuer_name": "don vi cap; noi cap; co quan cap",
}
_FIELD_OF = {word: name for name, words in _SYNONYMS.items() for word in words.split("; ")}
#: The longest text of each column.
_LONGEST = {
    "course_title": 200, "decision_number": 60, "signer_name": 150, "signer_title": 150, "issuer_name": 200,
    "result": 60,
}  # fmt: skip
MOST_ROWS = 20_000
#: Lines in which the heading is looked for.
_HEAD = 20
_BOTH_DAYS = gettext_noop("Xem lại hai ngày theo sổ giấy.")


@dataclass(frozen=True)
class PaperFault:
    """What is wrong with a cell of a line, and how to mend it."""

    line: int
    column: str
    value: str
    text: str
    fix: str
    code: str


@dataclass
class PaperRow:
    """A certificate as a line says it. ``result`` is kept as it was written; ``score`` where it is a number to 100."""

    line: int
    number: str = ""
    issued_on: date | None = None
    holder_name: str = ""
    course_title: str = ""
    holder_birth_date: date | None = None
    course_hours: Decimal | None = None
    result: str = ""
    score: Decimal | None = None
    decision_number: str = ""
    decision_date: date | None = None
    signer_name: str = ""
    signer_title: str = ""
    issuer_name: str = ""

    @property
    def key(self) -> str:
        return number_key(self.number)


@dataclass
class PaperTable:
    """A file as it was read: its headings and lines, the rows without fault, and every fault."""

    headings: list[str] = field(default_factory=list)
    lines: dict[int, list[Any]] = field(default_factory=dict)
    rows: list[PaperRow] = field(default_factory=list)
    faults: list[PaperFault] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)

    def column_said(self, name: str) -> str:
        """ "C «Họ và tên»": where a column stands in the file."""
        return f"{column_letter(self.columns[name])} «{COLUMNS[name]}»" if name in self.columns else COLUMNS[name]

    def blame(self, line: int, name: str, value: str, fault: Fault) -> None:
        text, fix = (_(words) % fault.values if fault.values else _(words) for words in fault.words)
        self.faults.append(PaperFault(line, self.column_said(name), value, text, fix, fault.code))


def paper_read(file: BinaryIO, *, today: date) -> PaperTable:
    """The certificates of a file (xlsx or csv). Raises Refusal for what is no table, has no heading, or is too long."""
    with book_open(file) as book:
        sheet = next((sheet for sheet in book.sheets if not sheet.hidden), book.sheets[0])
        return _table(book.lines(sheet.name), today)


def _table(lines: Iterator[Line], today: date) -> PaperTable:
    table = PaperTable()
    for count, (line, cells) in enumerate(lines):
        if not table.columns:
            found = {name: at for at, cell in enumerate(cells) if (name := _FIELD_OF.get(folded(text_of(cell))))}
            if set(NEEDED) <= found.keys():
                table.columns, table.headings = found, [text_of(cell) for cell in cells]
            elif count >= _HEAD:
                break
            continue
        if len(table.lines) >= MOST_ROWS:
            no_sheet(
                _("Tệp có hơn %(most)s dòng.") % {"most": MOST_ROWS},
                code="too_many_rows",
                fix=_("Chia thành nhiều tệp rồi nhập lần lượt."),
            )
        _line(table, line, cells, today)
    if not table.columns:
        needed = ", ".join(f"«{COLUMNS[name]}»" for name in NEEDED)
        no_sheet(
            _("Không thấy dòng tiêu đề có đủ các cột %(columns)s.") % {"columns": needed},
            code="no_heading",
            fix=_("Tải tệp mẫu về, chép dữ liệu vào đó rồi gửi lại."),
        )
    if not table.lines:
        no_sheet(_("Tệp không có dòng nào dưới tiêu đề."), code="empty", fix=_("Điền mỗi giấy một dòng rồi gửi lại."))
    return table


def _line(table: PaperTable, line: int, cells: list[Any], today: date) -> None:
    said = {name: cells[at] if at < len(cells) else None for name, at in table.columns.items()}
    if not any(text_of(cell) for cell in said.values()):
        return
    table.lines[line] = cells
    row, faults_before = PaperRow(line), len(table.faults)
    for name, cell in said.items():
        try:
            if isinstance(cell, CellFault):
                raise Fault("formula", _("Ô này là công thức lỗi."), _("Gõ giá trị thay cho công thức."))
            if name in NEEDED and not text_of(cell):
                raise Fault("missing", _("Ô này trống."), _("Điền ô này theo sổ giấy."))
            _READERS[name](row, name, cell, today)
        except Fault as fault:
            table.blame(line, name, text_of(cell), fault)
    if len(table.faults) == faults_before and (fault_of := _together(row)):
        table.blame(line, fault_of[0], str(getattr(row, fault_of[0])), fault_of[1])
    if len(table.faults) == faults_before:
        table.rows.append(row)


def _together(row: PaperRow) -> tuple[str, Fault] | None:
    """What is wrong only when two cells of a line are held together."""
    assert row.issued_on is not None
    if row.holder_birth_date and row.holder_birth_date >= row.issued_on:
        return "holder_birth_date", Fault("born_late", _("Ngày sinh ở sau ngày cấp."), _(_BOTH_DAYS))
    if row.decision_date and row.decision_date > row.issued_on:
        return "decision_date", Fault("decided_late", _("Ngày quyết định ở sau ngày cấp."), _(_BOTH_DAYS))
    return None


def _number(row: PaperRow, name: str, cell: Any, today: date) -> None:
    row.number = text_of(cell)
    if len(row.number) > 60 or not any(letter.isdigit() for letter in row.number):
        raise Fault("number_odd", _("Số giấy chưa đúng."), _("Ghi số như trên giấy, ví dụ 15/2019/CN-SKHCN."))


def _name(row: PaperRow, name: str, cell: Any, today: date) -> None:
    row.holder_name = name_of(text_of(cell))
    if " " not in row.holder_name:
        raise Fault("name_short", _("Họ và tên chỉ có một chữ."), _("Ghi đủ họ và tên."))


def _day(row: PaperRow, name: str, cell: Any, today: date) -> None:
    day = day_of(cell, birth=name == "holder_birth_date", today=today)
    if day and day > today:
        raise Fault("day_future", _("Ngày này ở sau ngày hôm nay."), _("Kiểm tra lại ngày, ghi dạng ngày/tháng/năm."))
    setattr(row, name, day)


def _decimal(cell: Any) -> Decimal | None:
    text = text_of(cell).replace(",", ".")
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None


def _hours(row: PaperRow, name: str, cell: Any, today: date) -> None:
    row.course_hours = _decimal(cell)
    try:
        checked_hours(row.course_hours)
    except Refusal as refusal:
        raise Fault("hours_wrong", refusal.text, refusal.fix) from refusal
    if row.course_hours is None and text_of(cell):
        raise Fault("hours_wrong", _("Số giờ chưa đúng."), _("Chỉ ghi một số, ví dụ 40 hoặc 1,5."))


def _result(row: PaperRow, name: str, cell: Any, today: date) -> None:
    _text(row, name, cell, today)
    score = _decimal(cell)
    if score is not None and score.is_finite() and 0 <= score <= 100 and score == round(score, 2):
        row.score = score


def _text(row: PaperRow, name: str, cell: Any, today: date) -> None:
    text = nfc(text_of(cell))
    if len(text) > _LONGEST[name]:
        raise Fault("too_long", _("Dài quá %(most)s ký tự.") % {"most": _LONGEST[name]}, _("Rút ngắn ô này."))
    setattr(row, name, text)


_READERS: dict[str, Callable[[PaperRow, str, Any, date], None]] = {
    "number": _number,
    "issued_on": _day,
    "holder_name": _name,
    "course_title": _text,
    "holder_birth_date": _day,
    "course_hours": _hours,
    "result": _result,
    "decision_number": _text,
    "decision_date": _day,
    "signer_name": _text,
    "signer_title": _text,
    "issuer_name": _text,
}
