"""An editor writes questions of several kinds, brings a file in, and finds nothing in the way on a phone or a desk."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from quizzes.kinds import KINDS
from quizzes.models import Bank, Question
from tests.journeys import looking, people
from tests.journeys.conftest import DESK, PHONE

pytestmark = pytest.mark.sweep(on="sqlite")

PATIENCE = 25_000  # milliseconds: the admin is heavy, and the machine may be busy
NAME = "Ngân hàng đi thử"
GIFT = """::d1::Số gọi cứu hoả là số nào? {=114 ~113 ~115}

::d2::Câu hỏng {=Một ~Hai
"""


def look(page: Page, snapshot, name: str) -> None:
    """A picture at both sizes; nothing for axe-core to say, nothing that scrolls sideways."""
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        assert looking.violations(page) == [], f"{name} {size}"
        assert looking.scrolls_sideways(page) == [], f"{name} {size}"
    snapshot(page, f"cau-hoi-{name}")
    page.set_viewport_size(DESK)


def picture() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (400, 300), "#cde").save(target, "PNG")
    return target.getvalue()


def make_bank(page: Page) -> str:
    """Returns the address of the bank."""
    page.goto("/cms/ngan-hang/them/")
    page.get_by_label("Tên ngân hàng câu hỏi").fill(NAME)
    page.get_by_role("button", name="Tạo ngân hàng").click()
    page.wait_for_url(re.compile(r"/cms/ngan-hang/\d+/$"))
    return page.url


def write_single(page: Page, bank: str) -> None:
    """With a fifth option, without a reload."""
    page.goto(bank)
    page.get_by_role("link", name="Thêm câu hỏi vào ngân hàng này").last.click()
    page.get_by_role("link", name="Chọn một đáp án", exact=True).click()
    page.locator("#id_text").fill("Bạn nhận được tin nhắn lạ. Bạn làm gì trước?")
    page.locator("#id_dap-an-0-text").fill("Không bấm vào đường dẫn")
    page.locator("#id_dap-an-0-correct").check()
    page.get_by_role("button", name="Thêm đáp án").click()
    expect(page.locator("#id_dap-an-4-text")).to_be_focused()
    page.locator("#id_dap-an-4-text").fill("Bấm thử xem sao")
    page.get_by_role("button", name="Xem như người học").click()
    expect(page.get_by_role("heading", name="Người học sẽ thấy")).to_be_visible()
    page.get_by_role("button", name="Tạo câu hỏi", exact=True).click()


def draw_hotspot(page: Page, bank: Bank, snapshot) -> None:
    """A picture, and two places drawn on it with the pointer."""
    page.goto(f"/cms/cau-hoi/them/?bank={bank.pk}&loai=hotspot")
    page.locator("#id_text").fill("Nút đăng nhập ở đâu?")
    page.locator("#id_tep-0-upload").set_input_files({"name": "man.png", "mimeType": "image/png", "buffer": picture()})
    page.locator("#id_tep-0-alt").fill("Màn hình đăng nhập")
    page.get_by_role("button", name="Tải hình lên rồi chọn vị trí").click()
    board = page.locator(".cq-draw")
    for number, (x, y) in enumerate(((0.1, 0.1), (0.6, 0.5))):
        page.locator(f"#id_vi-tri-{number}-text").fill(f"Chỗ {number + 1}")
        page.locator(f"#id_vi-tri-{number}-text").focus()
        board.scroll_into_view_if_needed()
        box = board.bounding_box()
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + (x + 0.2) * box["width"], box["y"] + (y + 0.2) * box["height"])
        page.mouse.up()
    page.locator("#id_vi-tri-0-correct").check()
    look(page, snapshot, "ve-vi-tri")
    page.get_by_role("button", name="Tạo câu hỏi", exact=True).click()
    expect(page.locator(".messages .success").first).to_be_visible()
    made = Question.objects.get(bank=bank, kind="hotspot")
    assert abs(made.options[0]["x"] - 10) < 1
    assert abs(made.options[1]["width"] - 20) < 1


def bring_file(page: Page, bank: Bank, snapshot) -> None:
    """One question is fine, one is broken: nothing goes in until the broken one is left out."""
    page.goto(f"/cms/nhap-cau-hoi/?bank={bank.pk}")
    look(page, snapshot, "tai-tep")
    page.locator("#id_file").set_input_files({"name": "cau.txt", "mimeType": "text/plain", "buffer": GIFT.encode()})
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_role("button", name=re.compile("^Nhập vào"))).to_be_visible()
    look(page, snapshot, "xem-truoc")
    page.get_by_role("button", name=re.compile("^Nhập vào")).click()
    expect(page.get_by_text("Chưa nhập câu nào: tệp còn câu có lỗi").first).to_be_visible()
    page.get_by_label("Bỏ các câu có lỗi").check()
    page.get_by_role("button", name=re.compile("^Nhập vào")).click()
    expect(page.get_by_text("1 câu mới").first).to_be_visible()


def test_questions_of_every_kind_on_a_phone_and_on_a_desk(house, visit, snapshot):
    page = visit(size=DESK)
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    people.sign_in(page, "bientap")
    address = make_bank(page)
    write_single(page, address)
    bank = Bank.objects.get(name=NAME)
    question = Question.objects.get(bank=bank)
    assert [option["text"] for option in question.options] == ["Không bấm vào đường dẫn", "Bấm thử xem sao"]
    draw_hotspot(page, bank, snapshot)
    bring_file(page, bank, snapshot)
    for kind in KINDS:
        page.goto(f"/cms/cau-hoi/them/?bank={bank.pk}&loai={kind}")
        look(page, snapshot, f"viet-{kind}")
    for name, path in {
        "ngan-hang": "/cms/ngan-hang/",
        "mot-ngan-hang": f"/cms/ngan-hang/{bank.pk}/",
        "sua-ngan-hang": f"/cms/ngan-hang/{bank.pk}/sua/",
        "danh-sach": "/cms/cau-hoi/",
        "chon-loai": f"/cms/cau-hoi/them/?bank={bank.pk}",
        "sua": f"/cms/cau-hoi/{question.pk}/",
        "xem": f"/cms/cau-hoi/{question.pk}/xem/",
        "dung-o-dau": f"/cms/cau-hoi/{question.pk}/dung-o-dau/",
        "phien-ban": f"/cms/cau-hoi/{question.pk}/phien-ban/",
        "sao-chuyen": f"/cms/cau-hoi/{question.pk}/sao-chuyen/",
        "trung": "/cms/cau-hoi/trung/",
        "xuat": f"/cms/ngan-hang/{bank.pk}/xuat/aiken/",
    }.items():
        page.goto(path)
        look(page, snapshot, name)


def test_rows_are_added_without_javascript(house, visit):
    # On a phone the menu of the admin lies over the form until a script folds it.
    page = visit(js=False, size=DESK)
    page.set_default_timeout(PATIENCE)
    people.sign_in(page, "bientap")
    bank, _ = Bank.objects.get_or_create(slug="khong-js", defaults={"name": "Không JavaScript"})
    page.goto(f"/cms/cau-hoi/them/?bank={bank.pk}&loai=single")
    page.locator("#id_text").fill("Hai cộng ba bằng mấy?")
    page.locator("#id_dap-an-0-text").fill("Năm")
    page.get_by_role("button", name="Thêm đáp án").click()
    page.locator("#id_dap-an-4-text").fill("Sáu")
    page.locator("#id_dap-an-0-correct").check()
    # The Enter key in a field saves; it never adds a row.
    page.locator("#id_dap-an-0-text").press("Enter")
    page.wait_for_url(re.compile(r"/cms/cau-hoi/\?bank="))
    assert [one["text"] for one in Question.objects.get(bank=bank).options] == ["Năm", "Sáu"]
