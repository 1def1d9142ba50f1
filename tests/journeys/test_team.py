"""A team leader with a phone and no patience: who has not learnt, remind them, print the list. And who is reminded."""

from __future__ import annotations

import re
import subprocess

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.utils import timezone
from playwright.sync_api import Page, expect

from lms.demo.accounts import LED_TEAM
from people.models import Notice, Role, RosterVersion, Unit, User
from tests.journeys import looking, people
from tests.journeys.conftest import PHONE

PASSWORD = "cay da ben nuoc 2026"
FOLD = PHONE["height"]


def led_team() -> Unit:
    return Unit.objects.get(code=LED_TEAM)


def seen_without_scrolling(page: Page, name: re.Pattern[str]) -> None:
    box = page.get_by_role("button", name=name).first.bounding_box()
    assert box, name
    assert box["y"] + box["height"] <= FOLD, f"{name.pattern} ends at {box['y'] + box['height']} of {FOLD} px"


def member_with_password(place: int) -> User:
    """A member of the led team who has not learnt, with a phone of their own and a password."""
    members = led_team().memberships.in_force().filter(role=Role.LEARNER, user__completions=None)
    user = members.order_by("user__sort_key")[place].user
    user.phone = f"+8486655440{place}"  # the demo's own numbers are given out to nobody, and refused
    user.password = PBKDF2PasswordHasher().encode(PASSWORD, "muoi")  # as the server's settings have it, not the tests'
    user.phone_verified, user.claimed_at = True, timezone.now()
    user.save()
    return user


@pytest.mark.parametrize(
    ("js", "place"),
    [
        pytest.param(True, 0, id="with-javascript"),
        pytest.param(False, 1, id="without-javascript", marks=pytest.mark.sweep),
    ],
)
def test_a_leader_reminds_and_prints_and_the_learner_sees_it(house, visit, snapshot, tmp_path, js, place):
    Notice.objects.all().delete()
    member = member_with_password(place)
    page = visit(js=js)
    people.sign_in(page, "totruong")
    page.goto("/quan-ly/to/")
    expect(page.get_by_role("heading", level=1)).to_have_text(led_team().name)
    seen_without_scrolling(page, re.compile("Nhắc .* người chưa học"))
    if js:
        assert looking.violations(page) == []
    assert looking.scrolls_sideways(page) == []
    snapshot(page, f"to-truong-{'co' if js else 'khong'}-js")

    # One tap; a second tap of the impatient sends nothing more.
    button = page.get_by_role("button", name=re.compile("Nhắc .* người chưa học"))
    wanted = int(re.search(r"\d+", button.inner_text())[0])
    button.dblclick()
    expect(page.get_by_text(re.compile("Đã nhắc .*chưa học, lần cuối lúc"))).to_be_visible()
    assert Notice.objects.count() == wanted
    snapshot(page, f"to-truong-da-nhac-{'co' if js else 'khong'}-js")

    # The paper: one A4 page.
    page.get_by_role("link", name="In danh sách").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Danh sách thành viên")
    if js:
        expect(page.get_by_role("button", name="In danh sách này")).to_be_visible()
    paper = tmp_path / "to.pdf"
    page.pdf(path=str(paper), format="A4", print_background=True)
    said = subprocess.run(["pdfinfo", str(paper)], check=True, capture_output=True, text=True).stdout
    assert re.search(r"^Pages:\s+1$", said, re.M), said
    text = people.pdf_text(paper)
    # A long name takes two lines of its cell.
    assert all(word in text for word in member.full_name.split())
    assert "Chữ ký" in text
    assert "In danh sách này" not in text

    # Who was reminded sees it where they learn, and it leads to the course.
    learner = visit(js=js)
    learner.goto("/tai-khoan/login/")
    learner.get_by_label(re.compile("^Số điện thoại")).first.fill(member.phone)
    learner.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    learner.get_by_role("button", name="Đăng nhập", exact=True).click()
    learner.wait_for_url(lambda url: "/login/" not in url)
    learner.goto("/viec-hoc/")
    expect(learner.get_by_text("nhắc bạn, thành viên")).to_be_visible()
    snapshot(learner, f"duoc-nhac-{'co' if js else 'khong'}-js")
    learner.get_by_role("link", name="Mở ngay").click()
    expect(learner.get_by_role("heading", level=1)).to_have_text("5 kỹ năng số cơ bản")
    learner.goto("/viec-hoc/")
    learner.get_by_role("button", name="Đã xem").click()
    expect(learner.get_by_text("nhắc bạn, thành viên")).to_have_count(0)


def test_a_coordinator_reconstitutes_a_team_without_javascript(house, visit, snapshot):
    team = led_team()
    page = visit(js=False)
    people.sign_in(page, "daumoi")
    page.goto(f"/quan-ly/to/{team.uuid}/kien-toan/")
    leaving = page.locator(".team-seat").last.get_by_role("heading").inner_text()
    page.locator(".team-seat").last.get_by_label("Có trong tổ").uncheck()
    page.get_by_label("Số quyết định kiện toàn").fill("15/QĐ-UBND")
    page.get_by_role("button", name="Thêm người vào tổ").click()
    page.get_by_label("Họ và tên").fill("Vi Thị Ổn")
    page.get_by_label("Ngày sinh").fill("3/2/1970")
    page.get_by_role("button", name="Thêm người này").click()
    expect(page.get_by_text("mới thêm")).to_be_visible()
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_text("+ Vi Thị Ổn")).to_be_visible()
    expect(page.get_by_text(f"− {leaving}")).to_be_visible()
    assert looking.scrolls_sideways(page) == []
    snapshot(page, "kien-toan-xem-truoc")
    page.get_by_role("button", name="Lưu thành phần mới").click()
    expect(page.get_by_text("Đã lưu thành phần mới của tổ")).to_be_visible()
    page.get_by_role("link", name="Các lần kiện toàn").click()
    expect(page.get_by_text("+ Vi Thị Ổn vào tổ")).to_be_visible()
    snapshot(page, "kien-toan-lich-su")
    assert RosterVersion.objects.get(unit=team).decision_number == "15/QĐ-UBND"
