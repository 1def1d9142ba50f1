"""A new editor makes a course of six lessons and a quiz from the guide alone; a learner with a phone finishes it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from courses.models import Course, Enrolment
from tests.journeys import looking, people
from tests.journeys.conftest import DESK

pytestmark = [pytest.mark.sweep(on="sqlite"), pytest.mark.slow]

TITLE = "Bán hàng qua mạng cho tiểu thương"
LESSONS = (
    "Chụp ảnh món hàng",
    "Viết lời rao dễ hiểu",
    "Trả lời khách lịch sự",
    "Nhận tiền chuyển khoản",
    "Gói và gửi hàng",
    "Khi khách muốn trả hàng",
)
QUIZ = "Kiểm tra cuối khoá"
SCENARIO = LESSONS[3]
TEXT = (
    "Bạn hãy làm từng việc trên điện thoại của mình. Đọc hết một ý rồi mới sang ý sau. "
    "Việc nào chưa rõ thì hỏi người trong tổ công nghệ số. Làm thử một lần với món hàng rẻ nhất của bạn."
)
QUESTIONS = 5
RIGHT, WRONG = "Kiểm tra tiền đã vào tài khoản", "Tin ngay ảnh chụp màn hình"
PATIENCE = 25_000  # milliseconds: the admin is heavy, and the machine may be busy


# --- The editor -----------------------------------------------------------------------------------------------------
def save(page: Page) -> None:
    # Wagtail saves by itself half a second after the last key. On a machine in haste that may end after the button's
    # own saving, and put what was there a moment before in its place.
    page.wait_for_timeout(600)
    expect(page.locator(".w-autosave-indicator__state--saving")).to_be_hidden()
    page.get_by_role("button", name="Lưu bản nháp").first.click()
    expect(page.locator(".messages .success").first).to_be_visible()


def make_course(page: Page) -> str:
    """By the buttons of the first page; returns the address of the course's outline."""
    page.goto("/cms/")
    page.get_by_role("link", name="Tạo khoá học mới").click()
    page.locator("#id_title").fill(TITLE)
    page.locator("#id_summary").fill("Sau khoá này bạn bán được hàng và nhận tiền an toàn qua điện thoại.")
    page.locator("#id_code").fill("KNS-77")
    page.get_by_label("Người dân", exact=True).check()
    save(page)
    page.get_by_role("link", name="Mở đề cương của khoá").click()
    page.wait_for_url(re.compile(r"/cms/de-cuong/\d+/$"))
    return page.url


def make_skeleton(page: Page) -> None:
    """Two modules, six lessons and a quiz: a name and the Enter key each."""
    names = [("module", "Trước khi bán"), *(("lesson", title) for title in LESSONS[:3])]
    names += [("module", "Sau khi bán"), *(("lesson", title) for title in LESSONS[3:]), ("quiz", QUIZ)]
    for kind, title in names:
        if kind != "lesson":
            page.locator("#id_kind").select_option(kind)
        page.locator("#id_title").fill(title)
        page.locator("#id_title").press("Enter")
        expect(page.get_by_text(f"Đã thêm bản nháp «{title}»")).to_be_visible()


def add_block(page: Page, name: str) -> int:
    """Through the «+» below the last block; returns the new block's number."""
    number = int(page.locator("[name=body-count]").input_value())
    # Blocks inside blocks have buttons of their own; the last one belongs to the lesson.
    page.locator("#panel-child-noi_dung-body-section .c-sf-add-button[title='Chèn một khối']").last.click()
    page.get_by_role("option", name=name, exact=True).click()
    expect(page.locator("[name=body-count]")).to_have_value(str(number + 1))
    return number


def write_rich(page: Page, field: str, text: str) -> None:
    """Into Draftail, as a person types."""
    box = page.locator(f"[data-contentpath]:has([name='{field}']) .public-DraftEditor-content").last
    box.click()
    page.keyboard.insert_text(text)
    # Draftail hands over what was typed a moment later.
    expect(page.locator(f"[name='{field}']")).to_have_value(re.compile(re.escape(text[:20])))


def write_callout(page: Page) -> None:
    block = f"body-{add_block(page, 'Hộp nhấn mạnh')}-value"
    page.locator(f"[name={block}-title]").fill("Lỗi hay gặp")
    write_rich(page, f"{block}-text", "Ảnh tối quá thì khách không thấy hàng.")


def write_scenario(page: Page) -> None:
    block = f"body-{add_block(page, 'Tình huống')}-value"
    page.locator(f"[name={block}-title]").fill("Khách gửi ảnh đã chuyển tiền")
    write_rich(page, f"{block}-situation", "Khách gửi ảnh chụp màn hình và giục bạn giao hàng ngay.")
    scenario: Locator = page.locator(f"[data-contentpath]:has(> * [name={block}-choices-count])").last
    for number, (text, feedback) in enumerate(((WRONG, "Ảnh có thể bị sửa."), (RIGHT, "Đúng. Tiền vào mới giao."))):
        choice = f"{block}-choices-{number}-value"
        if not page.locator(f"[name={choice}-text]").count():
            scenario.get_by_role("button", name="Thêm", exact=True).last.click()
        page.locator(f"[name={choice}-text]").fill(text)
        page.locator(f"[name={choice}-feedback]").fill(feedback)
    page.locator(f"[name={block}-choices-1-value-is_right]").check()


def write_accordion(page: Page) -> None:
    block = f"body-{add_block(page, 'Mục bấm để mở')}-value"
    page.locator(f"[name={block}-items-0-value-heading]").fill("Chưa có tài khoản ngân hàng thì sao?")
    write_rich(page, f"{block}-items-0-value-text", "Mang căn cước ra ngân hàng gần nhất để mở.")


def write_lesson(page: Page, title: str) -> None:
    page.get_by_role("link", name=title, exact=True).click()
    page.locator("#id_summary").fill("Bài này giúp bạn làm một việc khi bán hàng.")
    page.locator("#id_minutes").fill("5")
    block = add_block(page, "Đoạn văn")
    write_rich(page, f"body-{block}-value", TEXT)
    if title == LESSONS[0]:
        write_callout(page)
    if title == SCENARIO:
        write_scenario(page)
        write_accordion(page)
        page.locator("#id_rule").select_option("scenario")
    save(page)


def make_questions(page: Page) -> None:
    page.goto("/cms/ngan-hang/them/")
    page.get_by_label("Tên ngân hàng câu hỏi").fill(TITLE)
    page.get_by_role("button", name="Tạo ngân hàng", exact=True).click()
    for number in range(1, QUESTIONS + 1):
        page.get_by_role("link", name="Thêm câu hỏi vào ngân hàng này").first.click()
        page.get_by_role("link", name="Chọn một đáp án", exact=True).click()
        page.locator("#id_text").fill(f"Lần bán thứ {number}: khách nói đã chuyển tiền. Bạn làm gì trước?")
        page.locator("#id_dap-an-0-text").fill(RIGHT)
        page.locator("#id_dap-an-0-correct").check()
        page.locator("#id_dap-an-1-text").fill(WRONG)
        page.get_by_role("button", name="Tạo câu hỏi", exact=True).click()


def write_quiz(page: Page, outline: str) -> None:
    page.goto(outline)
    page.get_by_role("link", name=QUIZ, exact=True).click()
    page.locator("#id_bank").select_option(label=TITLE)
    page.locator("#id_draw").fill(str(QUESTIONS))
    save(page)


def swap_two_lessons(page: Page, outline: str) -> None:
    """By the keyboard alone: the handle, an arrow key, the preview, «Áp dụng»."""
    page.goto(outline)
    page.get_by_role("button", name=re.compile(f"Kéo để chuyển «{LESSONS[1]}»")).focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text("Có thay đổi chưa áp dụng")).to_be_visible()
    page.get_by_role("button", name="Xem ảnh hưởng").press("Enter")
    page.get_by_role("button", name="Áp dụng").press("Enter")
    expect(page.get_by_text("Đã áp dụng đề cương mới.")).to_be_visible()


def publish(page: Page, outline: str, title: str) -> bool:
    """By the arrow beside «Lưu bản nháp»; says whether the page asked first, and then goes on."""
    page.goto(outline)
    page.get_by_role("link", name=title, exact=True).click()
    page.locator("footer .w-dropdown__toggle").first.click()
    page.get_by_role("button", name="Xuất bản", exact=True).click()
    page.wait_for_url(lambda url: "/edit/" not in url)
    return page.get_by_text("Bản nháp đã được lưu, chưa xuất bản.").count() > 0


def confirm(page: Page) -> None:
    page.get_by_role("button", name="Xuất bản", exact=True).click()
    expect(page.get_by_text(re.compile("^Đã xuất bản")).first).to_be_visible()


# --- The learner ----------------------------------------------------------------------------------------------------
def learn(learner: people.Learner, snapshot) -> list[str]:
    """All six lessons as the pages lead; returns their titles in the order they came."""
    page, seen = learner.page, []
    for _ in LESSONS:
        title = page.get_by_role("heading", level=1).inner_text()
        seen.append(title)
        assert looking.scrolls_sideways(page) == []
        if title == SCENARIO:
            snapshot(page, "soan-bai-hoc")
            page.get_by_label(RIGHT).check()
            page.get_by_role("button", name="Xem chuyện gì xảy ra").click()
            expect(page.get_by_text("✓ Đúng rồi.")).to_be_visible()
            onward = page.get_by_role("button", name="Tôi đã xử lý đúng mọi tình huống")
            learner.leave_by(
                onward if onward.count() else page.locator(".lesson-next").get_by_role("link").last,
            )
        else:
            learner.leave_by(page.get_by_role("button", name="Tôi đã học xong bài này"))
    return seen


@pytest.fixture
def patience():
    """Longer waits for this journey only: the option holds for every journey of the process."""
    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=None)


def test_a_course_from_the_guide_to_the_learner_who_finishes_it(house, visit, snapshot, patience):
    page = visit(size=DESK)
    page.set_default_timeout(PATIENCE)
    people.sign_in(page, "bientap")
    page.goto("/cms/huong-dan/")
    expect(page.get_by_role("heading", name=re.compile("một khoá sáu bài trong 30 phút"))).to_be_visible()
    snapshot(page, "soan-huong-dan")

    outline = make_course(page)
    make_skeleton(page)
    snapshot(page, "soan-de-cuong")
    for title in LESSONS:
        page.goto(outline)
        write_lesson(page, title)
        if title == SCENARIO:
            snapshot(page, "soan-trang-soan")
    make_questions(page)
    write_quiz(page, outline)
    swap_two_lessons(page, outline)

    asked = 0
    for title in (*LESSONS, QUIZ, "Trước khi bán", "Sau khi bán"):
        if publish(page, outline, title):
            asked += 1
            if asked == 1:
                snapshot(page, "soan-xac-nhan")
            confirm(page)
    page.goto(outline)
    page.get_by_role("link", name="Sửa trang khoá học").click()
    page.get_by_role("link", name="Kiểm tra lại bản đã lưu").click()
    expect(page.get_by_text("Phải sửa trước khi xuất bản")).to_have_count(0)
    page.goto(outline)
    page.get_by_role("link", name="Sửa trang khoá học").click()
    page.locator("footer .w-dropdown__toggle").first.click()
    page.get_by_role("button", name="Xuất bản", exact=True).click()
    page.wait_for_url(lambda url: "/edit/" not in url)
    if page.get_by_text("chưa xuất bản.").count():
        confirm(page)
    course = Course.objects.get(title=TITLE)

    phone = visit()
    learner = people.Learner(phone, name="Lò Thị Ổn", phone="0912 345 677", commune="Phường Bắc Giang")
    learner.sign_up()
    learner.enrol(course.path)
    swapped = [LESSONS[0], LESSONS[2], LESSONS[1], *LESSONS[3:]]
    assert learn(learner, snapshot) == swapped
    learner.start_quiz()
    learner.answer_final(right=True)
    expect(phone.get_by_text(f"Bạn đã hoàn thành khoá học «{TITLE}».")).to_be_visible()
    assert looking.scrolls_sideways(phone) == []
    snapshot(phone, "soan-hoan-thanh")
    assert Enrolment.objects.filter(course=course).count() == 1
