"""The table "Câu hỏi" in Excel or csv: one question a line. Columns and their meaning are in ``tables.py``. Pure."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from common.errors import Refusal
from common.sheets import Book, CellFault, book_open
from common.sheets_out import write_cell
from common.text import fold
from quizzes.formats.base import CannotCarry, Entry, Gathering, Media, Parsed, Unreadable
from quizzes.formats.building import matching_pairs
from quizzes.formats.tables import (
    ANSWER,
    ARROW,
    COLUMNS,
    CREDIT_NAMES,
    ELSEWHERE,
    FEEDBACK,
    KINDS_OF_TABLES,
    LEAST_COLUMNS,
    MOST_COLUMNS,
    WEIGHT,
    Line,
    heading,
    text_of_cell,
)
from quizzes.kinds import KINDS

SHEET, GUIDE = "Câu hỏi", "Hướng dẫn"
#: The heading stands among the first lines, below a title perhaps.
TOP_LINES = 15
LONGEST_CELL = 32_000
Places = Mapping[int, tuple[str, int]]


# --- Reading --------------------------------------------------------------------------------------------------------
def parse(data: bytes) -> Parsed:
    """Every question of a table. Unreadable for what is no table, and for one without our columns."""
    gathering = Gathering()
    try:
        with book_open(io.BytesIO(data)) as book:
            _read_book(book, gathering)
    except Refusal as refusal:
        raise Unreadable(refusal.text, refusal.fix) from refusal
    return gathering.parsed()


def _read_book(book: Book, gathering: Gathering) -> None:
    """The first sheet with our columns, visible ones first; the one with the guide is never read."""
    sheets = [sheet for sheet in book.sheets if fold(sheet.name) != fold(GUIDE)]
    for sheet in sorted(sheets, key=lambda one: (one.hidden, fold(one.name) != fold(SHEET))):
        lines = book.lines(sheet.name)
        if places := _places(lines):
            for number, cells in lines:
                if gathering.full:
                    return
                _read_line(number, cells, places, gathering)
            return
    raise Unreadable(
        _("không tìm thấy hàng tiêu đề có cột Câu hỏi và cột Đáp án"),
        _("Dùng tệp mẫu, giữ nguyên hàng tiêu đề của nó."),
    )


def _places(lines: Iterator[tuple[int, list[Any]]]) -> Places:
    """Which column stands where; empty when no heading is among the first lines."""
    for _line, (_number, cells) in zip(range(TOP_LINES), lines, strict=False):
        found = {place: name for place, cell in enumerate(cells) if (name := heading(cell))}
        names = {name for name, _n in found.values()}
        if "text" in names and names & {"answer", "right", "kind"}:
            return found
    return {}


def _read_line(number: int, cells: Sequence[Any], places: Places, gathering: Gathering) -> None:
    found: dict[tuple[str, int], str] = {}
    for place, name in places.items():
        cell = cells[place] if place < len(cells) else None
        if isinstance(cell, CellFault):
            gathering.fault(
                _("hàng %(number)s, cột %(column)s") % {"number": number, "column": _title(name)},
                "",
                _("ô có lỗi %(shown)s") % {"shown": cell.shown or _("công thức chưa tính")},
                _("Gõ lại nội dung của ô."),
            )
            return
        if text := text_of_cell(cell):
            found[name] = text
    if any(text.strip() for text in found.values()):
        Line(found, number, gathering).read()


def _title(name: tuple[str, int]) -> str:
    numbered = {"answer": ANSWER, "weight": WEIGHT, "feedback": FEEDBACK}
    return f"{numbered[name[0]]} {name[1]}" if name[0] in numbered else COLUMNS[name[0]][0]


# --- Writing --------------------------------------------------------------------------------------------------------
def carried(entry: Entry) -> Entry:
    """The entry as a line carries it; CannotCarry with the format to use instead."""
    content = entry.content
    if content["kind"] not in KINDS_OF_TABLES:
        raise CannotCarry(
            _("câu này không vừa một hàng của bảng; dùng %(other)s") % {"other": _(ELSEWHERE[content["kind"]])}
        )
    if content["media"] or any("media" in option for option in content["options"]):
        raise CannotCarry(_("bảng không mang được hình và tiếng; dùng Moodle XML"))
    if any("," in tag for tag in entry.tags):
        raise CannotCarry(_("nhãn có dấu phẩy, mà bảng dùng dấu phẩy để ngăn các nhãn"))
    cells = _cells(entry)
    if any(len(text) > LONGEST_CELL for text in cells.values()):
        raise CannotCarry(_("có ô dài hơn Excel cho phép"))
    if any(n > MOST_COLUMNS for _name, n in cells):
        raise CannotCarry(_("có quá nhiều đáp án"))
    return entry


def _cells(entry: Entry) -> dict[tuple[str, int], str]:
    """What stands in the columns of a line."""
    content, settings = entry.content, entry.content["settings"]
    found: dict[tuple[str, int], str] = {
        ("code", 0): entry.code,
        ("name", 0): entry.name,
        ("kind", 0): KINDS[content["kind"]].label,
        ("text", 0): content["text"],
        ("explanation", 0): content["explanation"],
        ("topic", 0): entry.topic or "",
        ("difficulty", 0): str(entry.difficulty or ""),
        ("tags", 0): ", ".join(entry.tags),
        ("category", 0): entry.category,
        ("credit", 0): CREDIT_NAMES.get(settings.get("credit"), ""),
        ("unit", 0): settings.get("unit", ""),
        ("case", 0): "" if settings.get("fold_case", True) else "Có",
        ("accents", 0): "Có" if settings.get("fold_accents") else "",
        ("fallback", 0): settings.get("fallback", ""),
        ("source_title", 0): content["source"].get("title", ""),
        ("source_url", 0): content["source"].get("url", ""),
    }
    return {key: text for key, text in (found | _answers(content)).items() if text}


def _answers(content: Mapping[str, Any]) -> dict[tuple[str, int], str]:
    kind, settings = content["kind"], content["settings"]
    found: dict[tuple[str, int], str] = {}
    if kind == "matching":
        pairs = matching_pairs(content)
        if any(ARROW in left for left, _right in pairs):
            raise CannotCarry(_("vế trái có dấu %(arrow)s") % {"arrow": ARROW})
        return {("answer", n): f"{left} {ARROW} {right}" for n, (left, right) in enumerate(pairs, start=1)}
    for n, row in enumerate(settings.get("accepted") or (), start=1):
        shown = row["text"] if kind == "short_text" else f"{row['value']} ± {row['tolerance']}"
        found |= {("answer", n): shown, ("feedback", n): row["feedback"]}
        found["weight", n] = "" if row["weight"] == "100" else row["weight"]
    for n, option in enumerate(content["options"], start=1):
        found |= {("answer", n): option["text"], ("feedback", n): option.get("feedback", "")}
        found["weight", n] = option.get("weight", "")
    right = [n for n, option in enumerate(content["options"], start=1) if option.get("correct")]
    if kind == "true_false":
        found["right", 0] = content["options"][right[0] - 1]["text"]
        if any("weight" in option for option in content["options"]):
            raise CannotCarry(_("câu đúng–sai có tỉ lệ điểm"))
    elif right:
        # Where answers are numbers or letters themselves, "2" could mean either.
        texts = {fold(option["text"]) for option in content["options"]}
        clear = texts.isdisjoint(str(n) for n in range(MOST_COLUMNS))
        found["right", 0] = "; ".join(str(n) if clear else f"{ANSWER} {n}" for n in right)
    return found


def render(entries: Sequence[Entry], media: Sequence[Media] = ()) -> bytes:
    """A workbook of entries that ``carried`` let pass, with a sheet that explains it."""
    lines = [_cells(entry) for entry in entries]
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"constant_memory": True}) as book:
        _write_sheet(book, SHEET, lines)
        _write_guide(book)
    return target.getvalue()


def template() -> bytes:
    """The workbook that people fill in."""
    return render([])


def _columns(lines: Sequence[Mapping[tuple[str, int], str]]) -> list[tuple[str, int]]:
    """Every column in its order; as many answers as are needed."""
    most = max((n for line in lines for _name, n in line), default=0)
    numbers = range(1, max(LEAST_COLUMNS, most) + 1)
    first, rest = list(COLUMNS)[:4], list(COLUMNS)[4:]
    return [
        *((name, 0) for name in first),
        *(("answer", n) for n in numbers),
        *((name, 0) for name in rest),
        *(("feedback", n) for n in numbers),
        *(("weight", n) for n in numbers),
    ]


def _write_sheet(book: Any, name: str, lines: Sequence[Mapping[tuple[str, int], str]]) -> None:
    page = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "text_wrap": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    columns = _columns(lines)
    page.freeze_panes(1, 4)
    page.set_column(0, len(columns) - 1, 18, wrapped)
    page.set_column(3, 3, 50, wrapped)
    for place, column in enumerate(columns):
        page.write_string(0, place, _title(column), bold)
    for number, line in enumerate(lines, start=1):
        for place, column in enumerate(columns):
            if text := line.get(column):
                page.write_string(number, place, text, wrapped)


_ABOUT = (
    "Mỗi hàng của trang «Câu hỏi» là một câu hỏi.",
    "Đừng đổi tên các cột; thứ tự cột thì tuỳ ý, cột không dùng có thể bỏ.",
    "Mã: để trống khi là câu mới. Giữ nguyên mã thì khi nhập lại, câu cũ được sửa chứ không thêm câu mới.",
    "Đáp án đúng: số thứ tự của đáp án, ví dụ 2; nhiều đáp án thì cách nhau dấu chấm phẩy, ví dụ 1; 3.",
    "Câu đúng–sai: cột Đáp án đúng ghi Đúng hoặc Sai.",
    "Trả lời ngắn: mỗi ô Đáp án là một cách viết được chấp nhận. Trả lời bằng số: ghi 3,14 hoặc 3,14 ± 0,01 hoặc 3..4.",
    "Ghép đôi: mỗi ô Đáp án là một cặp «vế trái => vế phải»; vế phải thừa thì ghi «=> vế phải».",
    "Sắp thứ tự: ghi các đáp án theo thứ tự đúng. Tỉ lệ điểm (%): chỉ ghi khi muốn cho một phần điểm.",
    "Độ khó: 1, 2 hoặc 3. Nhãn: cách nhau dấu phẩy.",
    "Điền vào chỗ trống, tự luận, chọn trên hình và tình huống không nhập bằng bảng này.",
    "Dưới đây là một ví dụ cho mỗi loại câu; chép hàng nào cũng được sang trang «Câu hỏi».",
)


def _write_guide(book: Any) -> None:
    page = book.add_worksheet(GUIDE)
    page.set_column(0, 30, 24)
    bold = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1})
    for number, text in enumerate(_ABOUT):
        write_cell(page, number, 0, text, None)
    lines = [_cells(entry) for entry in EXAMPLES]
    columns = [column for column in _columns(lines) if any(column in line for line in lines)]
    top = len(_ABOUT) + 1
    for place, column in enumerate(columns):
        page.write_string(top, place, _title(column), bold)
    for number, line in enumerate(lines, start=top + 1):
        for place, column in enumerate(columns):
            write_cell(page, number, place, line.get(column), None)


def _example(kind: str, text: str, *, options: Sequence[tuple[str, bool]] = (), **settings: Any) -> Entry:
    rows = [{"text": words, "correct": right, "feedback": ""} for words, right in options]
    content = {
        "kind": kind,
        "text": text,
        "options": rows,
        "settings": settings,
        "explanation": "",
        "media": [],
        "source": {},
    }
    return Entry(content, tags=("ví dụ",), difficulty=1)


def _accepted(*rows: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"weight": "100", "feedback": "", **row} for row in rows]


#: One question of every kind that a line carries.
EXAMPLES: Sequence[Entry] = (
    _example(
        "single", "Mật khẩu nào khó đoán nhất?",
        options=[("12345678", False), ("ngày sinh của bạn", False), ("một câu dài chỉ bạn biết", True)],
    ),
    _example(
        "multiple", "Việc nào nên làm khi nhận tin nhắn lạ?",
        options=[("Không bấm vào đường dẫn", True), ("Hỏi người quen", True), ("Gửi mã OTP", False)], credit="partial",
    ),
    _example("true_false", "Nhân viên ngân hàng không hỏi mã OTP của bạn.", options=[("Đúng", True), ("Sai", False)]),
    _example(
        "short_text", "Viết tắt của «căn cước công dân» là gì?", accepted=_accepted({"text": "CCCD"}), fold_case=True,
        fold_accents=False, fallback="",
    ),
    _example(
        "numeric", "1 GB bằng bao nhiêu MB?", accepted=_accepted({"value": "1024", "tolerance": "24"}), unit="MB",
        fallback="",
    ),
    _example(
        "matching", "Ghép mỗi việc với số điện thoại.",
        pairs=[{"key": "a", "left": "Công an", "right": "1"}, {"key": "b", "left": "Cấp cứu", "right": "2"}],
        choices=[{"key": "1", "text": "113"}, {"key": "2", "text": "115"}, {"key": "3", "text": "114"}],
        credit="partial",
    ),
    _example(
        "ordering", "Sắp các bước nộp hồ sơ trực tuyến.",
        options=[("Đăng nhập", False), ("Điền tờ khai", False), ("Nộp hồ sơ", False)], credit="all",
    ),
)  # fmt: skip
