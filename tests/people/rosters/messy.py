"""A workbook as offices really keep them: 500 people of one commune, and everything that goes wrong in such files."""

from __future__ import annotations

import io
import random
import unicodedata
from datetime import date, timedelta

import xlsxwriter

from common.text import fold

PEOPLE = 500
BROKEN = 12
#: Lines that need a decision: two people with one phone.
SHARED = 6
FIRST_LINE = 6
HEADINGS = [
    "STT",
    "HỌ VÀ TÊN ",
    "Ngày tháng năm sinh",
    "Giới tính",
    "SĐT",
    "Thư điện tử",
    "Đơn vị công tác",
    "Chức vụ",
    "Ghi chú",
]
_FAMILY = "Nguyễn Trần Lê Phạm Hoàng Vũ Đặng Bùi Đỗ Hồ Ngô Dương Lý Giáp Thân Chu".split()
_MIDDLE = "Văn Thị Đức Ngọc Hữu Thuỳ Minh Quang Thanh Hoài Xuân Bích Mạnh Kim".split()
_GIVEN = (
    "An Ánh Bình Bưởi Chi Cường Dũng Đào Đạt Giang Hà Hạnh Hằng Hiếu Hoà Huệ Khánh Lan Liên Long Mai Nam Nga Ngọc Oanh "
    "Phúc Phượng Quân Quỳnh Sơn Tâm Thảo Thắng Tuấn Tuyết Ưỡng Vân Việt Yến Ổn"
).split()


def messy_workbook(unit_name: str = "Xã Xuân Lương", seed: int = 3) -> bytes:
    """The file. ``unit_name`` is written in several ways; the wrong lines are those of ``_breakages``."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        cover = book.add_worksheet("Bìa")
        cover.write(0, 0, "UBND huyện cũ – chỉ để in")
        page = book.add_worksheet("DS can bo 2026")
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "dd/mm/yyyy"})
        page.merge_range(0, 0, 0, 8, "UỶ BAN NHÂN DÂN " + unit_name.upper(), bold)
        page.merge_range(1, 0, 1, 8, "DANH SÁCH CÁN BỘ, CÔNG CHỨC, VIÊN CHỨC VÀ NGƯỜI LAO ĐỘNG", bold)
        page.write(2, 0, "(Kèm theo Công văn số 125/UBND ngày 20/11/2026)")
        for column, heading in enumerate(HEADINGS):
            page.write(3, column, heading, bold)
            page.write(4, column, f"({column + 1})")
        for offset, cells in enumerate(messy_lines(unit_name, seed)):
            for column, cell in enumerate(cells):
                if isinstance(cell, date):
                    page.write_datetime(FIRST_LINE - 1 + offset, column, cell, day)
                elif cell is not None:
                    page.write(FIRST_LINE - 1 + offset, column, cell)
        page.write(FIRST_LINE + PEOPLE + 1, 7, "NGƯỜI LẬP BIỂU (đã ký)")
    return target.getvalue()


def messy_lines(unit_name: str, seed: int) -> list[list[object]]:
    """The 500 lines below the headings."""
    rng = random.Random(seed)
    lines = [_line(rng, number, unit_name) for number in range(1, PEOPLE + 1)]
    # A child of the house keeps the phone; the second of each pair has a name of their own.
    for pair in range(SHARED):
        lines[104 + pair * 10][4] = lines[105 + pair * 10][4] = f"0977 000 00{pair}"
    # Two people of one name, born on different days.
    for pair in range(5):
        lines[300 + pair * 10 + 1][1] = lines[300 + pair * 10][1]
    for position, breakage in enumerate(_breakages(lines)):
        lines[20 + position * 40][breakage[0]] = breakage[1]
    return lines


def _breakages(lines: list[list[object]]) -> list[tuple[int, object]]:
    """Column and wrong value of the twelve lines that cannot go in."""
    return [
        (1, None),
        (1, "Tổng cộng: 25 người"),
        (1, "Nguyễn Văn 123"),
        (1, "NguyÔn V¨n Hïng"),
        (2, "31/02/1980"),
        (2, "05/17/1969"),
        (2, "17/05/2069"),
        (3, "nam giới"),
        (4, "0912 345"),
        (4, "0204 3855 123"),
        (5, "lan@"),
        (6, "Xã Không Có Thật"),
    ]


def _line(rng: random.Random, number: int, unit_name: str) -> list[object]:
    family, middle = rng.choice(_FAMILY), rng.choice(_MIDDLE)
    # A word that no other line has keeps names apart where the test wants them apart.
    name = f"{family} {middle} {_GIVEN[number % len(_GIVEN)]} {_GIVEN[number // len(_GIVEN)]}"
    born = date(1962, 1, 1) + timedelta(days=number * 31 % 14000)
    phone = 912_000_000 + number * 137
    return [
        number,
        [name, name.upper(), f"  {name} ", unicodedata.normalize("NFD", name), name.replace(" ", "\u00a0")][number % 5],
        [born, f"{born:%d/%m/%Y}", f"{born.day}-{born.month}-{born.year % 100:02d}", born.isoformat()][number % 4]
        if born.year < 2000
        else born,
        ["Nam", "nam", "NAM "][number % 3] if middle in ("Văn", "Đức", "Hữu") else ["Nữ", "nữ", "NU"][number % 3],
        [
            phone,
            f"0{phone}",
            f"+84 {phone}",
            f"0{phone // 1_000_000} {phone % 1_000_000 // 1000:03d}.{phone % 1000:03d}",
        ][number % 4]
        if number % 9
        else None,
        f"cb{number}@bacninh.example.vn" if number % 3 == 0 else None,
        [None, unit_name, fold(unit_name), unit_name.upper(), f"UBND {unit_name.lower()}"][number % 5],
        ["Công chức", "Chuyên viên", "Văn thư", None][number % 4],
        "nghỉ chế độ" if number % 50 == 0 else None,
    ]
