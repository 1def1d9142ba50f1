"""Tables that offices send: xlsx and csv, read as streams. Writing is in ``common/sheets_out.py``.

Reading never trusts the file: what it is shows in its first bytes, what it unpacks to is counted before it is
unpacked, entities are forbidden, a formula counts for what it last came to. What cannot be read is a Refusal that says
what to do.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO, NoReturn, Protocol
from unicodedata import combining, normalize
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from openpyxl.utils import column_index_from_string
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import FORMULA_TAG, INLINE_STRING, ROW_TAG, VALUE_TAG, WorkSheetParser
from openpyxl.xml.functions import iterparse

from common.errors import Refusal
from common.sheets_out import unguarded
from common.sheets_text import TEXT_TAG, TextOnDisk, WorkbookReader, unescaped

MB = 1024 * 1024
#: What one upload may weigh, and what it may unpack to: 160,000 lines of twelve columns are 9 MB, unpacked 110 MB.
MAX_BYTES = 30 * MB
MAX_UNPACKED = 400 * MB
MAX_STRINGS = 100 * MB
MAX_PART = 20 * MB
#: A sheet of formatted empty cells packs 20 to 1; only what is made to burst packs much better.
MAX_RATIO = 150
MAX_COLUMNS = 200
_BROKEN = (
    ParseError,
    DefusedXmlException,
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    EOFError,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    NotImplementedError,
)
#: A quoted cell of a csv, whatever the delimiter.
_QUOTED = re.compile(r'(^|[,;\t\r\n])"(?:[^"]|"")*"')
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_DATA_TAG = INLINE_STRING.replace("}is", "}sheetData")


@dataclass(frozen=True)
class CellFault:
    """A cell without a value to use: ``#N/A`` and the like, or (empty ``shown``) a formula never worked out."""

    shown: str


@dataclass(frozen=True)
class SheetName:
    name: str
    hidden: bool = False


#: Number of the line in its sheet (the first is 1), and its cells from column A on.
Line = tuple[int, list[Any]]


class Book(Protocol):
    """A file of tables that stands open."""

    sheets: list[SheetName]

    def lines(self, sheet: str) -> Iterator[Line]:
        """The lines that hold anything, in order."""
        ...

    def about(self, sheet: str) -> int:
        """About how many lines there are, for a progress bar; 0 where nobody knows."""
        ...


def no_sheet(text: str, *, code: str = "not_a_sheet", fix: str = "") -> NoReturn:
    """Refuse a file that cannot be read as a table; without a ``fix`` it may be saved as one."""
    save_as = _("Mở tệp bằng Excel (hoặc LibreOffice), chọn Lưu thành → Excel Workbook (.xlsx), rồi tải tệp .xlsx lên.")
    raise Refusal(text, code=code, fix=fix or save_as)


# --- What is it? ----------------------------------------------------------------------------------------------------
_OTHERS = (
    (b"%PDF", gettext_noop("tệp PDF")),
    (b"\x89PNG", gettext_noop("tệp ảnh")),
    (b"\xff\xd8\xff", gettext_noop("tệp ảnh")),
    (b"GIF8", gettext_noop("tệp ảnh")),
    (b"{\\rtf", gettext_noop("tệp văn bản RTF")),
    (b"Rar!", gettext_noop("tệp nén RAR")),
    (b"7z\xbc\xaf", gettext_noop("tệp nén 7z")),
    (b"\x1f\x8b", gettext_noop("tệp nén")),
)


def kind_of(file: BinaryIO) -> str:
    """``xlsx`` or ``csv``, by what the file holds and whatever it is called; Refusal for anything else."""
    file.seek(0)
    head = file.read(4096)
    file.seek(0)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        no_sheet(_("Tệp rỗng."), code="empty", fix=_("Chọn lại tệp có danh sách."))
    if head.startswith(_OLE):
        _refuse_ole(file)
    if head.startswith(b"PK"):
        return "xlsx"
    for magic, called in _OTHERS:
        if head.startswith(magic):
            no_sheet(_("Đây là %(kind)s, không phải bảng Excel hay CSV.") % {"kind": _(called)})
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower().startswith((b"<html", b"<!doctype", b"<table", b"<?xml")):
        no_sheet(_("Đây là trang web lưu dưới tên bảng tính, không phải bảng Excel thật."))
    if not head.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0" in head:
        no_sheet(_("Tệp này không phải bảng Excel hay CSV."))
    return "csv"


def _refuse_ole(file: BinaryIO) -> NoReturn:
    content = file.read(MAX_BYTES)
    file.seek(0)
    if "EncryptedPackage".encode("utf-16-le") in content:
        no_sheet(
            _("Tệp có mật khẩu nên hệ thống không mở được."),
            code="encrypted",
            fix=_(
                "Mở tệp bằng Excel, vào Tệp → Thông tin → Bảo vệ sổ làm việc → Mã hoá bằng mật khẩu, "
                "xoá mật khẩu, lưu lại rồi tải lên."
            ),
        )
    if "WordDocument".encode("utf-16-le") in content:
        _no_word_file()
    no_sheet(_("Đây là tệp Excel kiểu cũ (.xls)."), code="old_xls")


def _no_word_file() -> NoReturn:
    no_sheet(_("Đây là tệp Word, không phải bảng Excel."), fix=_("Chép bảng sang Excel, lưu dạng .xlsx rồi tải lên."))


@contextmanager
def book_open(file: BinaryIO) -> Iterator[Book]:
    """Open a table for reading. Refusal for what is no table, has a password, or unpacks to too much."""
    book: Book = _XlsxBook(file) if kind_of(file) == "xlsx" else _CsvBook(file)
    try:
        yield book
    finally:
        if isinstance(book, _XlsxBook):
            book.close()


# --- xlsx -----------------------------------------------------------------------------------------------------------
class _XlsxBook:
    def __init__(self, file: BinaryIO) -> None:
        with _explained():
            _weigh(file)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                reader = WorkbookReader(file, read_only=True, data_only=True, keep_links=False)
                reader.read()
        self._book, self._strings = reader.wb, reader.shared_strings
        self._sheets = {sheet.title: sheet for sheet in self._book.worksheets}
        self.sheets = [SheetName(name, sheet.sheet_state != "visible") for name, sheet in self._sheets.items()]

    def close(self) -> None:
        self._book.close()
        if isinstance(self._strings, TextOnDisk):
            self._strings.close()

    def about(self, sheet: str) -> int:
        # What the file claims; some programs claim every line that a sheet can have.
        claimed = self._sheets[sheet].max_row or 0
        return claimed if claimed < 500_000 else 0

    def lines(self, sheet: str) -> Iterator[Line]:
        found: Any = self._sheets[sheet]
        with _explained(), found._get_source() as source, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parser = _Lines(
                source,
                found._shared_strings,
                data_only=True,
                epoch=self._book.epoch,
                date_formats=self._book._date_formats,
                timedelta_formats=self._book._timedelta_formats,
            )
            yield from parser.parse()


class _Lines(WorkSheetParser):
    """Only lines, and of these only cells that hold something; no sheet is ever held whole."""

    row_counter: int
    col_counter: int

    def parse(self) -> Iterator[Line]:
        table: Any = None
        for event, element in iterparse(self.source, events=("start", "end")):
            if element.tag == _DATA_TAG:
                if event == "end":  # What stands behind the lines is of no use here, and a fault in it does no harm.
                    return
                table = element
            elif event == "end" and element.tag == ROW_TAG and table is not None:
                number, cells = self.parse_row(element)
                table.clear()
                if cells:
                    yield number, cells

    def parse_row(self, row: Any) -> Line:
        self.row_counter = int(float(row.get("r") or self.row_counter + 1))
        self.col_counter = 0
        cells: list[Any] = []
        for element in row:
            at = element.get("r")
            self.col_counter = column_index_from_string(at.rstrip("0123456789")) if at else self.col_counter + 1
            if len(element) and self.col_counter <= MAX_COLUMNS and (value := self._value(element)) is not None:
                cells += [None] * (self.col_counter - len(cells))
                cells[self.col_counter - 1] = value
        return self.row_counter, cells

    def _value(self, element: Any) -> Any:
        kind = element.get("t")
        if kind == "inlineStr":
            return unescaped("".join(part.text or "" for part in element.iter(TEXT_TAG))) or None
        value = element.find(VALUE_TAG)
        if value is None or not value.text:
            unsolved = element.find(FORMULA_TAG) is not None and (value is None or kind != "str")
            return CellFault("") if unsolved else None
        if kind == "e":
            return CellFault(value.text)
        if kind == "s":
            return self.shared_strings[int(value.text)] or None
        if kind == "str":
            return unescaped(value.text)
        found = self.parse_cell(element)
        return CellFault(str(found["value"])) if found["data_type"] == "e" else found["value"]


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:  # zipfile: a member needs a password
        if "password" not in str(error) and "encrypted" not in str(error):
            raise
        no_sheet(
            _("Tệp có mật khẩu nên hệ thống không mở được."), code="encrypted", fix=_("Bỏ mật khẩu rồi tải lên lại.")
        )
    except _BROKEN:
        no_sheet(
            _("Tệp bị hỏng nên không đọc được hết."),
            code="broken",
            fix=_(
                "Mở tệp bằng Excel, lưu thành tệp .xlsx mới rồi tải lên. Excel cũng không mở được thì hãy xin lại tệp."
            ),
        )


def _weigh(file: BinaryIO) -> None:
    """Refuse what is no workbook, and what would unpack to too much, before anything is unpacked."""
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
    names = {part.filename.lower() for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise RuntimeError("encrypted")
    if any(name.startswith("word/") for name in names):
        _no_word_file()
    if "xl/workbook.xml" not in names:
        no_sheet(_("Tệp này không phải bảng Excel (.xlsx)."))
    for part in parts:
        name = part.filename.lower()
        strings, sheet = name.endswith("sharedstrings.xml"), name.startswith("xl/worksheets/")
        used = strings or sheet or name.endswith((".xml", ".rels"))
        if used and part.file_size > (MAX_UNPACKED if sheet else MAX_STRINGS if strings else MAX_PART):
            _too_large()
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts) or 1
    if unpacked > MAX_UNPACKED or (unpacked > 20 * MB and unpacked / packed > MAX_RATIO):
        _too_large()


def _too_large() -> NoReturn:
    no_sheet(
        _("Tệp nén quá nhiều dữ liệu, hệ thống không mở để giữ an toàn."),
        code="too_large",
        fix=_("Chép riêng các dòng có người sang một tệp Excel mới rồi tải tệp đó lên."),
    )


# --- csv ------------------------------------------------------------------------------------------------------------
class _CsvBook:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.encoding = _encoding_of(file)
        self.delimiter, self._skip = self._layout()
        self.sheets = [SheetName("CSV")]

    def _layout(self) -> tuple[str, int]:
        """The delimiter on which the lines near the top agree outside quotes, or the one that the first line names."""
        self._file.seek(0)
        text = self._file.read(256 * 1024).decode(self.encoding, errors="replace")
        if named := re.match(r"sep=(.)\r?\n", text):
            return named[1], 1
        bare = _QUOTED.sub(r"\1", text)
        top = list(islice((line for line in bare.splitlines() if line), 20))
        return max("\t;,", key=lambda delimiter: _agreement(top, delimiter)), 0

    def about(self, sheet: str) -> int:
        self._file.seek(0)
        return sum(part.count(b"\n") for part in iter(lambda: self._file.read(MB), b""))

    def lines(self, sheet: str) -> Iterator[Line]:
        self._file.seek(0)
        text = io.TextIOWrapper(self._file, self.encoding, newline="")
        number = 0
        try:
            for number, cells in enumerate(csv.reader(text, delimiter=self.delimiter, strict=True), start=1):
                if number > self._skip and any(cells):
                    yield number, [unguarded(cell) or None for cell in cells[:MAX_COLUMNS]]
        except (csv.Error, UnicodeError):
            no_sheet(
                _("Tệp CSV hỏng từ khoảng dòng %(line)s: có dấu nháy kép mở mà không đóng, hoặc có chữ lạ.")
                % {"line": number + 1},
                code="broken",
                fix=_("Mở tệp bằng Excel, xem dòng đó, rồi lưu thành tệp .xlsx và tải lên."),
            )
        finally:
            text.detach()


def _agreement(lines: list[str], delimiter: str) -> tuple[int, int]:
    """How many lines hold a delimiter equally often, and how often that is."""
    counts = Counter(count for line in lines if (count := line.count(delimiter)))
    return max(((agreeing, count) for count, agreeing in counts.items()), default=(0, 0))


def _encoding_of(file: BinaryIO) -> str:
    """UTF-8 or UTF-16 by its bytes; else the old Vietnamese code page where its tone marks fit, else Western."""
    file.seek(0)
    content = file.read()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        content.decode("utf-8")
        return "utf-8-sig"  # with or without the mark
    except UnicodeDecodeError:
        return "cp1258" if _fits_cp1258(content) else "cp1252"


def _fits_cp1258(content: bytes) -> bool:
    """Whether every tone mark of the code page stands behind a letter that can bear it."""
    try:
        text = normalize("NFC", content.decode("cp1258"))
    except UnicodeDecodeError:
        return False
    return not any(combining(letter) for letter in text)
