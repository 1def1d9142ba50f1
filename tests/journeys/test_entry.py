"""Getting in: a new citizen on a phone, and somebody of a roster with a slip of paper in the hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from people.models import User
from tests.journeys import looking, people
from tests.journeys.conftest import SCRIPTS


def fits(page: Page) -> None:
    """Nothing for axe-core to say, nothing that scrolls sideways."""
    assert looking.violations(page) == [], page.url
    assert looking.scrolls_sideways(page) == [], page.url


@pytest.mark.sweep
def test_from_a_phone_number_to_the_first_lesson(house, visit, snapshot):
    page = visit()
    learner = people.Learner(page, name="Nguyễn Thị Mận", phone="0912 345 611", commune="Phường Bắc Giang")
    learner.sign_up_begin()
    fits(page)
    snapshot(page, "vao-ma")
    learner.give_code()
    fits(page)
    snapshot(page, "vao-noi-o")
    learner.choose_home()
    fits(page)
    snapshot(page, "vao-viec-dau")
    page.get_by_text("Làm giấy tờ trên mạng").click()
    page.get_by_role("button", name="Bắt đầu học").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Làm quen với VNeID và dịch vụ công")
    expect(page.get_by_role("button", name="Tôi đã học xong bài này")).to_be_visible()


@pytest.mark.parametrize("js", SCRIPTS)
def test_a_slip_of_paper_opens_an_account(house, visit, snapshot, tmp_path, js):
    leader = visit(js=js)
    people.sign_in(leader, "totruong")
    leader.goto("/quan-ly/phieu/")
    boxes = leader.locator("input[name=people]")
    name = boxes.first.locator("xpath=ancestor::label").inner_text().strip()
    if js:
        fits(leader)
        snapshot(leader, "phieu-danh-sach")
    boxes.first.check()
    with leader.expect_download() as coming:
        leader.get_by_role("button", name="In phiếu của người đã chọn").click()
    paper = tmp_path / "slips.pdf"
    coming.value.save_as(paper)
    text = people.pdf_text(paper)
    assert name in text
    code, learner_code, year = (
        re.search(shape, text)[0] for shape in (r"\b\w{4}-\w{4}-\w\w\b", r"HS-\d{4}-\d{4}", r"(?<=Sinh năm )\d{4}")
    )
    address = people.qr_of(people.pdf_picture(paper))
    assert address == f"{house.url}/tai-khoan/phieu/{code.replace('-', '')}/"

    page = visit(js=js)
    if js:
        page.goto(address)
    else:
        page.goto("/tai-khoan/phieu/")
        page.get_by_label("Mã phiếu").fill(code.lower())
        page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_text(f"Chào {name}")).to_be_visible()
    page.get_by_label("Năm sinh").fill(year)
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Đặt mật khẩu của bạn")
    if js:
        fits(page)
        snapshot(page, "phieu-mat-khau")
    page.get_by_label("Mật khẩu mới", exact=True).fill("mot cau ngan de nho 2026")
    page.get_by_role("button", name="Nhận tài khoản").click()
    expect(page.get_by_text(learner_code)).to_be_visible()
    if js:
        fits(page)
        snapshot(page, "phieu-chao-mung")
    assert User.objects.get(learner_code=learner_code).claimed_at

    again = visit(js=js)
    again.goto("/tai-khoan/login/")
    again.get_by_label("Số điện thoại hoặc email").fill(learner_code)
    again.get_by_label("Mật khẩu", exact=True).fill("mot cau ngan de nho 2026")
    again.get_by_role("button", name="Đăng nhập", exact=True).click()
    expect(again.get_by_role("heading", level=1)).to_have_text("Việc học của tôi")
    again.goto("/tai-khoan/logout/")
    again.get_by_role("main").get_by_role("button", name="Đăng xuất").click()
    again.goto(f"/tai-khoan/phieu/{code}/")
    expect(again.get_by_role("heading", level=1)).to_contain_text("Phiếu này đã được dùng")


@pytest.mark.sweep
def test_the_paper_fits_its_reader(house, visit, tmp_path):
    """Eight slips come on one sheet, whoever prints them."""
    leader = visit()
    people.sign_in(leader, "totruong")
    leader.goto("/quan-ly/phieu/")
    with leader.expect_download() as coming:
        leader.get_by_role("button", name=re.compile("^In cả")).click()
    paper: Path = tmp_path / "slips.pdf"
    coming.value.save_as(paper)
    codes = re.findall(r"\b\w{4}-\w{4}-\w\w\b", people.pdf_text(paper))
    assert len(codes) == len(set(codes)) > 0
