"""Tables in and out: what is read, what is refused and why, what a spreadsheet must not take for a formula."""

import io
import struct
import subprocess
import sys
import unicodedata
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import Refusal
from common.sheets import CellFault, book_open, kind_of
from common.sheets_out import write_csv, write_xlsx
from tests.factories.rosters import csv_bytes, xlsx_bytes

pytestmark = pytest.mark.slow


def read(content):
    with book_open(io.BytesIO(content)) as book:
        return {sheet.name: list(book.lines(sheet.name)) for sheet in book.sheets}


def lines(content):
    return next(iter(read(content).values()))


def remade(content, **parts):
    """A workbook with some of its parts replaced or added."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename not in parts:
                new.writestr(part.filename, old.read(part))
        for name, text in parts.items():
            new.writestr(name, text)
    return target.getvalue()


def sheet_xml(rows):
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>'


SHEET = "xl/worksheets/sheet1.xml"
BOOK = xlsx_bytes(["Họ và tên"], ["Lan"])


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        (b"", "empty", "rỗng"),
        (b"\n \r\n", "empty", "rỗng"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "not_a_sheet", "ảnh"),
        (b"%PDF-1.7 ...", "not_a_sheet", "PDF"),
        (b"<html><table><tr><td>Lan</td></tr></table></html>", "not_a_sheet", "trang web"),
        (b"abc\0def\0", "not_a_sheet", "không phải bảng"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600 + "Workbook".encode("utf-16-le"), "old_xls", ".xls"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"), "encrypted", "mật khẩu"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + "WordDocument".encode("utf-16-le"), "not_a_sheet", "Word"),
        (remade(BOOK, **{"word/document.xml": "<a/>"}), "not_a_sheet", "Word"),
        (BOOK[: len(BOOK) // 2], "broken", "hỏng"),
        (remade(BOOK, **{SHEET: sheet_xml("<row><c><v>1")}), "broken", "hỏng"),
        (b'H\xe1\xbb\x8d,T\xc3\xaan\n"An,1\nB,2\n', "broken", "nháy kép"),
    ],
)
def test_what_is_no_table_is_refused_and_says_what_to_do(content, code, word):
    with pytest.raises(Refusal) as refused:
        lines(content)
    assert refused.value.code == code
    assert word in refused.value.text
    assert refused.value.fix


def test_a_bomb_is_refused_before_it_is_unpacked():
    with pytest.raises(Refusal) as refused:
        lines(remade(BOOK, **{SHEET: sheet_xml("<row/>" * 9_000_000)}))
    assert refused.value.code == "too_large"
    with pytest.raises(Refusal) as refused:
        lines(remade(BOOK, **{"xl/styles.xml": "<a>" + "b" * 21_000_000 + "</a>"}))
    assert refused.value.code == "too_large"


def test_a_part_that_lies_about_its_size_is_not_read_beyond_it():
    bomb = bytearray(remade(BOOK, **{SHEET: sheet_xml("<row/>" * 4_000_000)}))
    at = bomb.rindex(b"PK\x01\x02", 0, bomb.rindex(SHEET.encode()))
    bomb[at + 24 : at + 28] = struct.pack("<I", 1000)
    with pytest.raises(Refusal) as refused:
        lines(bytes(bomb))
    assert refused.value.code == "broken"


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"])
def test_entities_are_never_resolved(part):
    evil = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + sheet_xml("<row><c><v>&a;</v></c></row>")
    with pytest.raises(Refusal) as refused:
        lines(remade(BOOK, **{part: evil}))
    assert refused.value.code == "broken"


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"])
def test_entities_that_multiply_are_refused_before_they_do(part):
    """A thousand million laughs in a thousand bytes."""
    more = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    evil = f'<!DOCTYPE x [<!ENTITY a0 "ha">{more}]>' + sheet_xml("<row><c t='inlineStr'><is><t>&a9;</t></is></c></row>")
    with pytest.raises(Refusal) as refused:
        lines(remade(BOOK, **{part: evil}))
    assert refused.value.code == "broken"


def test_a_sheet_full_of_empty_lines_costs_no_memory():
    """A sheet has 1,048,576 lines; half of them, kept, would already be more than the 30 MB."""
    rows = "".join(f'<row r="{n}"><c r="A{n}" s="1"/></row>' for n in range(2, 524_289))
    content = remade(BOOK, **{SHEET: sheet_xml(f'<row r="1"><c r="A1"><v>1</v></c></row>{rows}')})
    del rows
    code = (
        "import io, resource, sys\nfrom common.sheets import book_open\ncontent = sys.stdin.buffer.read()\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\nbefore = peak()\n"
        "with book_open(io.BytesIO(content)) as book:\n    found = list(book.lines(book.sheets[0].name))\n"
        "print(found, (peak() - before) // 1024)"
    )
    done = subprocess.run([sys.executable, "-c", code], input=content, capture_output=True, check=True)
    found, grown = done.stdout.decode().rsplit(" ", 1)
    assert found == "[(1, [1])]"
    assert int(grown) < 30  # MB


def test_a_sheet_that_claims_every_line_costs_only_what_it_holds():
    empty = "".join(f'<row r="{n}"><c r="A{n}" s="0"/></row>' for n in range(2, 300_000))
    first = '<row r="1"><c r="A1" t="inlineStr"><is><t>An</t></is></c></row>'
    rows = f'{first}{empty}<row r="300001"><c r="B300001"><v>7</v></c></row>'
    assert lines(remade(BOOK, **{SHEET: sheet_xml(rows)})) == [(1, ["An"]), (300001, [None, 7])]


def test_formulas_count_for_their_last_value_and_faults_are_named():
    rows = (
        '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2"><f>X()</f></c><c r="C2" t="e"><f>A1</f><v>#N/A</v></c>'
        '<c r="D2" t="str"><f>A9</f><v></v></c><c r="E2" t="str"><f>A9</f><v>Lan</v></c>'
        '<c r="F2" t="b"><v>1</v></c></row>'
    )
    assert lines(remade(BOOK, **{SHEET: sheet_xml(rows)})) == [
        (2, [2, CellFault(""), CellFault("#N/A"), None, "Lan", True])
    ]


def test_days_numbers_sheets_and_gaps_come_as_they_are():
    content = xlsx_bytes(
        sheets={"Một": [["a", date(1969, 5, 17), 912345678, None, 1.5]], "Ẩn": [["b"]]}, hidden=("Ẩn",)
    )
    with book_open(io.BytesIO(content)) as book:
        assert [(sheet.name, sheet.hidden) for sheet in book.sheets] == [("Một", False), ("Ẩn", True)]
        assert list(book.lines("Một")) == [(1, ["a", datetime(1969, 5, 17), 912345678, None, 1.5])]


NAMES = ["Họ và tên", "Nguyễn Thị Ưỡng", "Đặng Văn Ổn"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
@pytest.mark.parametrize("newline", [True, False])
def test_csv_of_every_kind_reads_alike(delimiter, encoding, newline):
    names = NAMES
    if encoding == "cp1258":  # the code page writes tones behind the letters
        names = [_for_cp1258(name) for name in NAMES]
    content = csv_bytes(
        *([name, "1,5; x"] for name in names), encoding=encoding, delimiter=delimiter, last_newline=newline
    )
    found = [(number, [unicodedata.normalize("NFC", cell) for cell in cells]) for number, cells in lines(content)]
    assert found == [(number, [name, "1,5; x"]) for number, name in enumerate(NAMES, start=1)]


@given(
    st.sampled_from(",;\t"),
    st.lists(
        st.tuples(st.text("aă 1,5;\t\"\n'", max_size=12), st.sampled_from(["Xã A, tỉnh B", '5" ống', "1;2", ""])),
        min_size=3,
        max_size=25,
    ),
)
@settings(max_examples=60, deadline=None)
def test_the_delimiter_is_found_whatever_the_cells_hold(delimiter, pairs):
    """Three columns, written as spreadsheets do: quotes only where a cell needs them."""
    rows = [
        ["Họ và tên", "Ngày sinh", "Địa chỉ"],
        *([f"Vũ {n}", f"x{said}", home] for n, (said, home) in enumerate(pairs)),
    ]
    found = [cells + [None] * (3 - len(cells)) for _, cells in lines(csv_bytes(*rows, delimiter=delimiter))]
    assert found == [[cell or None for cell in row] for row in rows]


@pytest.mark.parametrize(
    "text",
    [
        "DANH SÁCH CÁN BỘ, CÔNG CHỨC, VIÊN CHỨC;;\nHọ và tên;Ngày sinh;Nơi ở\nAn;1/1/80;Thôn 1, xã A, tỉnh B\n",
        "Họ và tên;Ngày, tháng, năm sinh;Nơi ở\nAn;1/1/80;Thôn 1, xã A\nBình;2/2/80;Thôn 2, xã B\n",
        'Họ và tên\tNgày sinh\tNơi ở\nLê "Bé" An\t1/1/80\t"Thôn 1; xã A, B"\n',
    ],
)
def test_titles_and_addresses_do_not_mislead(text):
    assert [cell for _, cells in lines(text.encode()) for cell in cells if cell and cell.startswith("Ngày")][0] in (
        "Ngày sinh",
        "Ngày, tháng, năm sinh",
    )


def _for_cp1258(name):
    tones = "\u0300\u0301\u0303\u0309\u0323"
    parts = []
    for letter in unicodedata.normalize("NFC", name):
        bare = unicodedata.normalize("NFD", letter)
        tone = "".join(mark for mark in bare if mark in tones)
        parts.append(unicodedata.normalize("NFC", "".join(mark for mark in bare if mark not in tones)) + tone)
    return "".join(parts)


def test_western_csv_is_not_taken_for_vietnamese():
    assert lines("Tên,Ôi\nJosé Núñez Ò,x\n".encode("cp1252"))[1][1][0] == "José Núñez Ò"


def test_lines_keep_their_numbers_through_blanks_and_quoted_newlines():
    assert lines(b'sep=;\nten;ghi chu\n\n"An";"hai\ndong"\n') == [(2, ["ten", "ghi chu"]), (4, ["An", "hai\ndong"])]


_cells = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=30).filter(
    lambda text: "_x" not in text
)
_nasty = st.sampled_from(
    [
        "=1+1",
        "+84 9",
        "-x",
        "@a",
        "\tq",
        "a\tb\tc",
        ";;;",
        ",,,,",
        '"',
        'x"y',
        "a\nb",
        "'=1",
        "＝1",
        "''+",
        "'a",
        "_x0041_",
        " a ",
        "#N/A",
    ]
)


@given(st.lists(st.lists(_cells | _nasty, min_size=2, max_size=2), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_again(rows):
    rows = [["x" if not any(row) else row[0], row[1]] for row in rows]
    expected = [[cell or None for cell in row] for row in rows]
    for content in (write_xlsx(["a", "b"], rows, sheet="S"), write_csv(["a", "b"], rows)):
        found = [cells + [None] * (2 - len(cells)) for _, cells in lines(content)[1:]]
        assert found == expected


def test_no_cell_is_a_formula_for_a_spreadsheet():
    rows = [["=cmd|' /C calc'!A0", "+1", "-1", "@x"]]
    text = write_csv(["a"] * 4, rows).decode("utf-8-sig").splitlines()[1]
    assert text == '"\'=cmd|\' /C calc\'!A0","\'+1","\'-1","\'@x"'
    with zipfile.ZipFile(io.BytesIO(write_xlsx(["a"] * 4, rows, sheet="S"))) as archive:
        assert b"<f>" not in archive.read(SHEET)


def test_a_day_before_excel_counts_right_is_text():
    assert lines(write_xlsx(["a"], [[date(1899, 5, 1)], [date(1969, 5, 1)]], sheet="S"))[1:] == [
        (2, ["01/05/1899"]),
        (3, [datetime(1969, 5, 1)]),
    ]


def test_the_kind_is_in_the_bytes_not_in_the_name():
    assert kind_of(io.BytesIO(BOOK)) == "xlsx"
    assert kind_of(io.BytesIO("Họ và tên\nLan".encode())) == "csv"
