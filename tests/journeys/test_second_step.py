"""The second step in a real browser: an app without JavaScript, a passkey of a virtual device, on after a proof."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from certificates.models import Act, Certificate, CertificateState
from tests.journeys import looking, people
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.people import EMAIL, PASSWORD, give_second_step, sign_in

pytestmark = pytest.mark.sweep(on="sqlite")

DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
AN_HOUR_LATER = """
from importlib import import_module
from django.conf import settings
from django.contrib.sessions.models import Session
Store = import_module(settings.SESSION_ENGINE).SessionStore
for key in list(Session.objects.values_list("session_key", flat=True)):
    session = Store(key)
    for record in session.get("account_authentication_methods", []):
        record["at"] -= 3600
    session.save()
"""


def an_hour_later(house) -> None:
    """Every proof that anybody gave is an hour old."""
    house.manage("shell", "-c", AN_HOUR_LATER)


#: In one process: each takes seconds to begin.
AN_APP_AGAIN = """
from django.core.management import call_command
call_command("mfa_reset", "{email}", reason="thử")
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from people.models import User
TOTP.activate(User.objects.get(email="{email}"), generate_totp_secret())
"""


@pytest.fixture
def lost_everything(house):
    """``lost_everything("chutri")``: the person has no second step any more; after the test an app again."""
    lost: list[str] = []

    def lose(login: str) -> None:
        lost.append(EMAIL[login])
        house.manage("mfa_reset", EMAIL[login], "--reason", "thử")

    yield lose
    for email in lost:
        house.manage("shell", "-c", AN_APP_AGAIN.format(email=email))


def password(page: Page, login: str) -> None:
    page.goto("/tai-khoan/login/")
    page.get_by_label("Số điện thoại hoặc email").fill(EMAIL[login])
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.wait_for_url(lambda url: "/tai-khoan/login/" not in url)


def look(page: Page, snapshot, name: str) -> None:
    snapshot(page, f"buoc-hai-{name}")
    for size in (PHONE, DESK):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert looking.violations(page) == []
        assert looking.scrolls_sideways(page) == []


def sign_out(page: Page) -> None:
    page.goto("/tai-khoan/logout/")
    page.get_by_role("button", name="Đăng xuất").click()


@pytest.mark.parametrize("js", [True, False], ids=["js", "no-js"])
def test_an_app_from_the_password_to_the_page_one_wanted(house, visit, snapshot, lost_everything, js):
    lost_everything("chutri")
    page = visit(js=js)
    password(page, "chutri")
    page.goto("/quan-ly/chi-tieu/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bật bước xác nhận thứ hai")
    if js:
        look(page, snapshot, "vi-sao")
    page.get_by_role("link", name="Dùng ứng dụng").click()
    expect(page.locator("svg.qr")).to_be_visible()
    if js:
        look(page, snapshot, "ung-dung")
    give_second_step_at_set_up(page)
    expect(page.locator(".codes li")).to_have_count(10)
    if js:
        look(page, snapshot, "ma-du-phong")
    code = page.locator(".codes li").first.inner_text()
    page.get_by_role("link", name="Tôi đã cất mã, đi tiếp").click()
    page.wait_for_url("**/quan-ly/chi-tieu/")

    sign_out(page)
    password(page, "chutri")
    if js:
        look(page, snapshot, "dang-nhap")
    page.get_by_label("Mã xác nhận").fill(code)  # the phone is lost
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.goto("/quan-ly/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert "2fa" not in page.url


def give_second_step_at_set_up(page: Page) -> None:
    said = page.get_by_text("mã lúc này là").inner_text()
    page.get_by_label("Mã 6 chữ số trong ứng dụng").fill(said.rsplit(" ", 1)[1])
    page.get_by_role("button", name="Bật", exact=True).click()
    page.wait_for_url("**/recovery-codes/")


@pytest.mark.parametrize("js", [True, False], ids=["js", "no-js"])
def test_what_an_official_sent_goes_on_after_the_proof(house, visit, snapshot, js):
    found = Certificate.objects.filter(state=CertificateState.VALID, batch__isnull=False).order_by("-pk")[0]
    page = visit(js=js)
    sign_in(page, "kycap")
    page.goto(f"/quan-ly/cap-chung-nhan/giay/{found.uuid}/")
    page.get_by_text("Thu hồi giấy này").click()
    form = page.locator("#thu-hoi")
    form.get_by_label("Nhóm lý do").select_option("fraud")
    form.get_by_label("Lý do thu hồi").fill("Thi hộ, theo biên bản số 5")
    form.get_by_label("Số quyết định").fill("15/QĐ-SKHCN")
    form.get_by_label("Ngày quyết định").fill(f"{timezone.localdate():%d/%m/%Y}")
    form.get_by_label("Tôi đã kiểm tra giấy số").check()
    an_hour_later(house)
    form.get_by_role("button", name=re.compile("Thu hồi giấy số")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Xác nhận lại là bạn")
    expect(page.get_by_text(f"Để thu hồi giấy số {found.number}")).to_be_visible()
    if js:
        look(page, snapshot, "xac-nhan-lai")
    give_second_step(page)
    if not js:
        page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_role("heading", name="Đã thu hồi")).to_be_visible()
    expect(page.get_by_text("Thi hộ, theo biên bản số 5").first).to_be_visible()
    assert found.register.filter(act=Act.REVOKE).count() == 1


def test_a_passkey_signs_in_and_proves(house, visit, snapshot, lost_everything):
    lost_everything("daumoi")
    page = visit()
    here = house.url.replace("127.0.0.1", "localhost")  # keys belong to a name, never to a bare address
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    made = device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    page.goto(f"{here}/tai-khoan/login/?next=/quan-ly/")
    page.get_by_label("Số điện thoại hoặc email").fill(EMAIL["daumoi"])
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.get_by_role("link", name="Dùng khoá của máy").click()
    look(page, snapshot, "them-khoa")
    page.get_by_label("Tên để nhận ra máy này").fill("Điện thoại")
    page.get_by_role("button", name="Thêm khoá").click()
    page.get_by_role("link", name="Tôi đã cất mã, đi tiếp").click()
    page.wait_for_url("**/quan-ly/")
    page.goto(f"{here}/tai-khoan/2fa/webauthn/")
    expect(page.get_by_role("rowheader", name="Điện thoại")).to_be_visible()
    look(page, snapshot, "cac-khoa")

    page.goto(f"{here}/tai-khoan/logout/")
    page.get_by_role("button", name="Đăng xuất").click()
    page.goto(f"{here}/tai-khoan/login/?next=/quan-ly/")
    page.get_by_role("button", name="Đăng nhập bằng khoá của máy").click()
    page.wait_for_url("**/quan-ly/")

    an_hour_later(house)
    page.goto(f"{here}/quan-ly/chi-tieu/BG23-2025-4/nguoi/")
    with page.expect_download() as download:
        page.goto(f"{here}/tai-khoan/2fa/webauthn/reauthenticate/?next=/quan-ly/chi-tieu/BG23-2025-4/nguoi/?dang=csv")
        look(page, snapshot, "xac-nhan-bang-khoa")
        page.get_by_role("button", name="Dùng khoá của máy").click()
    assert download.value.suggested_filename.endswith(".csv")

    page.goto(f"{here}/tai-khoan/logout/")
    page.get_by_role("button", name="Đăng xuất").click()
    page.goto(f"{here}/tai-khoan/login/?next=/quan-ly/")
    page.get_by_label("Số điện thoại hoặc email").fill(EMAIL["daumoi"])
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    look(page, snapshot, "dang-nhap-khoa")
    for verified in (False, True):  # the wrong finger, then the right one
        found = {"authenticatorId": made["authenticatorId"], "isUserVerified": verified}
        device.send("WebAuthn.setUserVerified", found)
        page.get_by_role("button", name="Dùng khoá của máy").click()
        if not verified:
            expect(page.get_by_text("Máy chưa xác nhận")).to_be_visible()
    page.wait_for_url("**/quan-ly/")


def test_a_device_that_says_no_is_explained(house, visit):
    page = visit()
    here = house.url.replace("127.0.0.1", "localhost")
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    page.goto(f"{here}/tai-khoan/login/")
    page.get_by_role("button", name="Đăng nhập bằng khoá của máy").click()
    expect(page.get_by_text("Máy chưa xác nhận")).to_be_visible()


def test_demo_officials_sign_in_by_hand(house, visit):
    """Whoever tries a demo needs no phone: the page shows the code."""
    page = visit()
    for login in ("kycap", "bientap", "quantri"):
        people.sign_in(page, login)
        page.goto("/tai-khoan/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Tài khoản")
        sign_out(page)
