"""Each role's main task with the keyboard alone; the focus is seen at every step, follows the page and is never caught.

Where ``js`` is False no other journey does the task without scripts.
"""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.utils import timezone
from playwright.sync_api import expect

from certificates.models import Series
from lms.demo import PASSWORD
from people.models import Audience, Notice, User
from people.querysets import today
from tests.factories.certificates import completions, propose
from tests.factories.courses import course_with_steps
from tests.factories.people import MembershipFactory, UserFactory
from tests.journeys import looking, people
from tests.journeys.addresses import COURSE, page_of, ward
from tests.journeys.conftest import DESK, PHONE, SCRIPTS
from tests.journeys.keys import Keys

pytestmark = pytest.mark.sweep(on="sqlite")


def sign_in(keys: Keys, login: str) -> None:
    """By keys, with the second step where there is one."""
    page = keys.page
    page.goto("/tai-khoan/login/")
    keys.write(page.get_by_label("Số điện thoại hoặc email"), people.EMAIL.get(login, login))
    keys.write(page.get_by_label("Mật khẩu", exact=True), PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/tai-khoan/login/" not in url)
    if "/2fa/authenticate/" in page.url:
        said = page.get_by_text("mã lúc này là").inner_text()
        keys.write(page.get_by_label("Mã xác nhận"), said.rsplit(" ", 1)[1])
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/2fa/" not in url)


def citizen(email: str) -> User:
    """Somebody of the ward with the password of the demo, as the server's settings keep it."""
    user = UserFactory(full_name="Lưu Thị Phím", email=email, password=PBKDF2PasswordHasher().encode(PASSWORD, "muoi"))
    user.claimed_at = timezone.now()
    user.save()
    user.emailaddress_set.create(email=email, verified=True, primary=True)
    MembershipFactory(user=user, unit=ward(), audience=Audience.objects.get(code="nguoi_dan"))
    return user


def test_a_learner_finds_a_course_learns_and_is_examined(house, visit):
    page = visit(size=DESK)
    keys = Keys(page)
    sign_in(keys, citizen("phim@demo.hocso.example").email)
    page.goto("/")
    keys.leave_by(page.get_by_role("link", name="Khoá học", exact=True), skip=False)
    keys.write(page.get_by_role("searchbox"), "ky nang so")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q="))
    keys.leave_by(page.get_by_role("link", name="5 kỹ năng số cơ bản"))
    keys.leave_by(page.get_by_role("button", name="Ghi danh và học bài 1"))
    keys.leave_by(page.get_by_role("button", name="Tôi đã học xong bài này"))

    page.goto(f"/kiem-tra/bat-dau/{people.final_quiz(COURSE).uuid}/")
    keys.leave_by(page.get_by_role("button", name="Bắt đầu làm bài"))
    learner = people.Learner(page, name="", phone="", commune="")
    count = len(learner.paper)
    for position in range(1, count + 1):
        question = page.locator(f"#cau-{position}")
        expect(question).to_be_visible()
        keys.press(question.locator("input:not([type=hidden])"), "Space")
        name = "Câu tiếp" if position < count else "Xem lại và nộp bài"
        keys.leave_by(page.locator("main").get_by_role("button", name=name))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Bạn đã trả lời {count} trên {count} câu")
    keys.press(page.get_by_role("button", name="Nộp bài", exact=True))
    expect(page.get_by_role("heading", name="Từng câu một")).to_be_visible()
    assert keys.faults == []


def test_a_leader_reminds_the_team(house, visit):
    Notice.objects.all().delete()
    page = visit(size=PHONE)
    keys = Keys(page)
    sign_in(keys, "totruong")
    page.goto("/")
    # On a phone the menu is folded: a key opens it, and the next one is inside.
    keys.press(page.locator("header summary"), skip=False)
    assert looking.violations(page) == []
    keys.leave_by(page.locator("header").get_by_role("link", name="Quản lý").locator("visible=true"))
    keys.leave_by(page.locator("main").get_by_role("link", name=re.compile("^Tổ công nghệ số")))
    keys.press(page.get_by_role("button", name=re.compile("Nhắc .* người chưa học")))
    expect(page.get_by_text(re.compile("Đã nhắc .*chưa học, lần cuối lúc"))).to_be_visible()
    assert Notice.objects.count() > 0
    assert keys.faults == []


def test_a_coordinator_brings_a_list(house, visit, tmp_path):
    file = tmp_path / "ban-phim.csv"
    file.write_text("Họ và tên;SĐT\nLường Thị Bàn Phím;0986 600 901\n", encoding="utf-8")
    page = visit(size=DESK)
    keys = Keys(page)
    sign_in(keys, "daumoi")
    page.goto("/quan-ly/danh-sach/")
    keys.leave_by(page.locator("main").get_by_role("link", name=re.compile("Nhập danh sách")))
    with page.expect_file_chooser() as chooser:
        keys.press(page.get_by_label("Tệp danh sách"))
    chooser.value.set_files(file)
    keys.leave_by(page.get_by_role("button", name="Gửi tệp và kiểm tra"))
    page.wait_for_url(re.compile(r"/quan-ly/danh-sach/[0-9a-f-]{36}/"), timeout=60_000)
    button = page.get_by_role("button", name="Nhập 1 người", exact=True)
    expect(button).to_be_visible(timeout=60_000)
    keys.press(button)
    expect(page.get_by_role("heading", name=re.compile("Đã nhập 1 người"))).to_be_visible(timeout=60_000)
    assert keys.faults == []


def test_an_official_approves_a_list(house, visit):
    official, proposer = (User.objects.get(email=people.EMAIL[login]) for login in ("kycap", "daumoi"))
    course = course_with_steps(
        lessons=1, title="Khoá duyệt bằng phím", automatic_confirmation=False, is_published=False
    )
    citizen_audience = Audience.objects.get(code="nguoi_dan")
    done = completions(SimpleNamespace(citizen=citizen_audience), ward(), course=course, full_name="Phạm Thị Phím Cách")
    series = Series.objects.get(is_automatic=False, unit__memberships__user=official)
    title = "Đợt duyệt bằng phím"
    propose(proposer=proposer, series=series, unit=ward(), course=course, title=title, only=done)
    page = visit(size=DESK)
    keys = Keys(page)
    sign_in(keys, "kycap")
    page.goto("/quan-ly/cap-chung-nhan/")
    keys.leave_by(page.get_by_role("link", name=title))
    keys.write(page.get_by_label("Số quyết định"), "612/QĐ-SKHCN")
    keys.write(page.get_by_label("Ngày quyết định"), f"{today():%d/%m/%Y}")
    keys.press(page.get_by_label("Tôi đã kiểm tra danh sách"), "Space")
    keys.press(page.get_by_role("button", name=re.compile("Duyệt, cấp")))
    expect(page.get_by_text("612/QĐ-SKHCN").first).to_be_visible()
    assert keys.faults == []


@pytest.mark.parametrize("js", SCRIPTS)
def test_a_lead_opens_a_figure_and_closes_a_period(house, visit, js):
    page = visit(js=js, size=DESK)
    keys = Keys(page)
    sign_in(keys, "chutri")
    page.goto("/quan-ly/chi-tieu/")
    keys.leave_by(page.locator("td[data-l='Đã học'] a"))
    expect(page.get_by_label("Tìm theo tên")).to_be_visible()
    page.goto("/quan-ly/chi-tieu/chot-so/")
    keys.leave_by(page.get_by_role("link", name="Chốt một kỳ"))
    keys.to(page.get_by_label("Kỳ", exact=True))
    if not js:
        page.keyboard.press("ArrowDown")  # the newest period is closed by the other way
    keys.leave_by(page.get_by_role("button", name="Xem trước"))
    keys.leave_by(page.get_by_role("button", name=re.compile("^Chốt số liệu")))
    # The page of the work follows it by itself, by a script or without one, and leads on.
    page.wait_for_url(re.compile(r"/chot-so/[0-9a-f-]{36}/"), timeout=60_000)
    assert keys.faults == []


def test_an_editor_changes_a_page_and_publishes_it(house, visit):
    """In Wagtail's own admin: what the focus looks like there is Wagtail's."""
    page = visit(size=DESK)
    keys = Keys(page)
    sign_in(keys, "bientap")
    assert keys.faults == []
    edit = f"/cms/pages/{page_of('kha-nang-tiep-can').pk}/edit/"
    page.goto(edit)
    said = "Ai cũng học được, dù mắt kém, tay run hay chỉ có bàn phím."
    keys.write(page.locator("#id_intro"), said, skip=False)
    keys.press(page.locator("footer .w-dropdown__toggle"))
    page.keyboard.press("Tab")
    keys.leave_by(page.get_by_role("button", name="Xuất bản", exact=True))
    if page.get_by_text("chưa xuất bản.").count():
        keys.leave_by(page.get_by_role("button", name="Xuất bản", exact=True), skip=False)
    page.goto("/kha-nang-tiep-can/")
    expect(page.get_by_text(said)).to_be_visible()


def test_an_editor_writes_a_lesson_and_publishes_it_without_javascript(house, visit):
    """From the course's outline to the lesson that learners read, by keys and without a script.

    What the focus looks like on the outline and on the page before publishing is Wagtail's; on the plain pages, ours.
    """
    page = visit(js=False, size=PHONE)
    keys = Keys(page)
    sign_in(keys, "bientap")
    course = page_of("5-ky-nang-so-co-ban")
    page.goto(f"/cms/de-cuong/{course.pk}/")
    title = "Bài viết không cần chuột"
    keys.write(page.locator("#them").get_by_label("Tên"), title, skip=False)
    keys.leave_by(page.get_by_role("button", name="Thêm", exact=True), skip=False)
    page.goto("/cms/viet/")
    keys = Keys(page)
    keys.leave_by(page.get_by_role("link", name=title).first)
    keys.write(page.get_by_label("Tóm tắt"), "Bài này giúp bạn làm thử một việc.")
    keys.write(page.get_by_label("Tiêu đề của mục mới"), "Làm thử")
    keys.write(page.get_by_label("Viết thêm ở cuối"), "Mở ứng dụng rồi làm từng việc trên điện thoại của bạn.")
    keys.press(page.get_by_role("button", name="Lưu bản nháp"))
    expect(page.get_by_text(f"Đã lưu bản nháp «{title}».")).to_be_visible()
    keys.leave_by(page.get_by_role("button", name="Lưu rồi xuất bản"))
    assert keys.faults == []
    keys.leave_by(page.get_by_role("button", name="Xuất bản"), skip=False)
    lesson = page_of("bai-viet-khong-can-chuot").specific
    assert lesson.live
    page.goto(lesson.site_path)
    expect(page.get_by_role("heading", name="Làm thử")).to_be_visible()
