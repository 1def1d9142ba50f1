"""A coordinator with a messy list of 500 people: from the file to everybody in, and back out again without a change."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from people.models import Membership, Unit
from tests.journeys import looking, people
from tests.journeys.conftest import DESK, PHONE
from tests.people.rosters.messy import BROKEN, PEOPLE, SHARED, messy_workbook

WARD, WARD_CODE = "Phường Bắc Giang", "07210"
#: What a coordinator types over a wrong cell, by the heading of its column.
RIGHT = {
    "HỌ VÀ TÊN": "Giáp Thị Sửa {letter}",
    "Ngày tháng năm sinh": "17/05/1969",
    "Giới tính": "Nam",
    "SĐT": "0986 500 1{number:02d}",
    "Thư điện tử": "sua{number}@bacninh.example.vn",
    "Đơn vị công tác": "",
}


@pytest.fixture
def look(snapshot, sweeps) -> Callable[[Page, str], None]:
    """Keep a picture of the page at both sizes; it must hold nothing that axe-core or a narrow phone objects to."""

    def at(page: Page, name: str) -> None:
        if not sweeps:
            return
        snapshot(page, f"danh-sach-{name}")
        own = page.viewport_size
        for size in (PHONE, DESK):
            page.set_viewport_size(size)
            assert looking.violations(page) == [], name
            assert looking.scrolls_sideways(page) == [], name
        page.set_viewport_size(own)

    return at


def members_of_the_ward() -> int:
    ward = Unit.objects.get(code=WARD_CODE, valid_to=None)
    return Membership.objects.in_force().filter(unit=ward).values("user").distinct().count()


def send(page: Page, file: Path) -> None:
    """Send a file for one's own unit, and wait until it was checked."""
    page.goto("/quan-ly/danh-sach/nhap/")
    page.get_by_label("Tệp danh sách").set_input_files(file)
    page.get_by_role("button", name="Gửi tệp và kiểm tra").click()
    page.wait_for_url(re.compile(r"/quan-ly/danh-sach/[0-9a-f-]{36}/"), timeout=60_000)


def bring_in(page: Page, count: int) -> None:
    """Press the one button, and wait until everybody is in."""
    page.get_by_role("button", name=f"Nhập {count} người", exact=True).click()
    done = page.get_by_role("heading", name=f"Đã nhập {count} người vào {WARD}")
    expect(done).to_be_visible(timeout=60_000)


def fetch(page: Page, link: str, target: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("link", name=link).click()
    download.value.save_as(target)
    return target


def mended(file: Path) -> int:
    """Do what the column "Cách sửa" says, line by line; return how many lines there were."""
    book = openpyxl.load_workbook(file)
    sheet = book.active
    headings = [str(cell.value).strip() for cell in sheet[1]]
    assert headings[-2:] == ["Lý do", "Cách sửa"]
    lines = 0
    for number, row in enumerate(sheet.iter_rows(min_row=2)):
        reason, fix = str(row[-2].value or ""), str(row[-1].value or "")
        assert re.match(r"Dòng \d+", reason), "names the line"
        assert fix, f"says how to mend: {reason}"
        wrong = [heading for heading in RIGHT if f"cột {heading}" in reason]
        assert wrong, f"names the column: {reason}"
        for heading in wrong:
            letter = "AĂÂBCDĐEÊGHIKLMNOÔƠ"[number]
            row[headings.index(heading)].value = RIGHT[heading].format(number=number, letter=letter)
        lines += 1
    book.save(file)
    return lines


@pytest.mark.slow
def test_a_messy_list_of_500_gets_in(house, visit, look, tmp_path):
    messy = tmp_path / "DS can bo 2026.xlsx"
    messy.write_bytes(messy_workbook(WARD))
    before = members_of_the_ward()
    page = visit(size=DESK)
    people.sign_in(page, "daumoi")

    # The way in is on the first page.
    page.goto("/quan-ly/")
    look(page, "1-quan-ly")
    page.get_by_role("link", name="Nhập danh sách").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Nhập danh sách cho {WARD}")
    look(page, "2-gui-tep")
    page.get_by_role("button", name="Gửi tệp và kiểm tra").click()
    expect(page.get_by_role("link", name="Tệp danh sách: Hãy chọn tệp danh sách.")).to_be_visible()
    look(page, "3-quen-chon-tep")
    page.get_by_label("Tệp danh sách").set_input_files(messy)
    page.get_by_role("button", name="Gửi tệp và kiểm tra").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Kiểm tra danh sách")
    page.wait_for_url(re.compile(r"/quan-ly/danh-sach/[0-9a-f-]{36}/"), timeout=60_000)
    address = page.url

    # Nothing is in yet; what is doubtful stands first, each line beside whom it may mean.
    assert members_of_the_ward() == before
    expect(page.get_by_text(f"{BROKEN} dòng có lỗi, {SHARED} dòng cần xem lại")).to_be_visible()
    look(page, "4-xem-lai")
    for kind in ("loi", "moi"):
        page.goto(f"{address}?loai={kind}")
        look(page, f"5-{kind}")
    page.goto(address)
    cards = page.locator("section.doubt")
    expect(cards).to_have_count(SHARED)
    cards.nth(0).get_by_role("button", name="Là người khác").click()
    expect(page.get_by_text(f"Còn {SHARED - 1} dòng chờ bạn quyết định")).to_be_visible()
    cards.nth(1).get_by_role("button", name="Bỏ dòng này").click()
    expect(page.get_by_text(f"Còn {SHARED - 2} dòng chờ bạn quyết định")).to_be_visible()
    look(page, "6-dang-quyet-dinh")
    page.get_by_role("button", name="Đều là người khác").click()
    expect(page.get_by_text("Bạn đã quyết định xong mọi dòng.")).to_be_visible()

    # One button; what stays out is said before and after.
    good = PEOPLE - BROKEN - 1
    bring_in(page, good)
    look(page, "7-da-nhap")
    assert members_of_the_ward() == before + good
    rejects = fetch(page, "Tải các dòng chưa nhập", tmp_path / "can-sua.xlsx")

    # The lines that were wrong, mended in the very file that says how, go in too.
    assert mended(rejects) == BROKEN + 1
    send(page, rejects)
    bring_in(page, BROKEN + 1)
    assert members_of_the_ward() == before + PEOPLE

    # The export, brought back, changes nothing.
    page.goto("/quan-ly/danh-sach/")
    look(page, "8-cac-lan-nhap")
    export = fetch(page, "Tải tệp Excel", tmp_path / "xuat.xlsx")
    send(page, export)
    expect(page.get_by_role("heading", name="Không có gì cần nhập")).to_be_visible()
    look(page, "9-khong-co-gi-moi")
    assert members_of_the_ward() == before + PEOPLE

    # What was done can be read by whoever answers for it.
    page.goto("/quan-ly/nhat-ky/?nhom=danh-sach")
    expect(page.get_by_role("row", name="Nhập danh sách can-sua.xlsx")).to_be_visible()
    look(page, "10-nhat-ky")


@pytest.mark.sweep
def test_without_javascript_on_a_phone(house, visit, tmp_path):
    file = tmp_path / "to-dan-pho.csv"
    file.write_text("Họ và tên;SĐT\nLường Thị Không Mạng;0986 600 101\nThiếu Số;12\n", encoding="utf-8")
    page = visit(js=False, size=PHONE)
    people.sign_in(page, "daumoi")
    send(page, file)
    expect(page.get_by_text("1 dòng có lỗi")).to_be_visible()
    bring_in(page, 1)
    expect(page.get_by_role("link", name="In phiếu nhận tài khoản")).to_be_visible()


@pytest.mark.sweep
def test_a_file_of_another_kind_is_explained(house, visit, look, tmp_path):
    file = tmp_path / "bao-cao.xlsx"
    file.write_bytes(b"%PDF-1.7 not a workbook")
    page = visit()
    people.sign_in(page, "daumoi")
    page.goto("/quan-ly/danh-sach/nhap/")
    page.get_by_label("Tệp danh sách").set_input_files(file)
    page.get_by_role("button", name="Gửi tệp và kiểm tra").click()
    expect(page.get_by_role("heading", name="Có chỗ cần sửa")).to_be_visible()
    look(page, "tep-sai-loai")
