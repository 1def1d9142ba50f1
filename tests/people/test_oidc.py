"""Signing in through the province's provider: what is kept, who is let in, and every way in which it goes wrong."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib.auth import SESSION_KEY
from django.core.checks import run_checks
from django.test import Client, override_settings
from django.urls import reverse

from lms.env import ConfigurationError, read_environment
from people.models import Consent, User
from tests.oidc_provider import running
from tests.proof import app_code, prove

pytestmark = [pytest.mark.slow, pytest.mark.anywhere]

START = "/tai-khoan/oidc/tinh/login/"
PASSWORD = "mot cau ngan de nho"
CCCD = "024069001234"


@pytest.fixture(scope="module")
def process():
    with running() as provider:
        yield provider


@pytest.fixture
def provider(process, settings, db):
    process.set(sub="nguoi-1", name="NGUYỄN THỊ HOÀ")
    settings.SOCIALACCOUNT_PROVIDERS = process.settings()
    return process


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


def go(client, **posted):
    """From the button to the provider and back; the answer to the way back."""
    page = client.post(START, posted)
    assert page.status_code == 200, page.content.decode()
    return client.get(back_from(page.context["redirect_to"]))


def back_from(address):
    try:
        urllib.request.build_opener(_Stay).open(address, timeout=5)
    except urllib.error.HTTPError as answer:
        return answer.headers["Location"].removeprefix("http://testserver")
    raise AssertionError("the provider did not send the browser back")


def signed_in(client):
    return client.session.get(SESSION_KEY)


def linked(user, sub="nguoi-1"):
    return SocialAccount.objects.create(user=user, provider="tinh", uid=sub, extra_data={"sub": sub})


def account(user):
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


# --- A new person ---------------------------------------------------------------------------------------------------
def test_a_new_person_agrees_and_is_in(client, province, provider):
    answer = go(client)
    assert answer["Location"] == reverse("socialaccount_signup")
    page = client.get(answer["Location"])
    assert page.context["form"].initial["full_name"] == "Nguyễn Thị Hoà"
    text = page.content.decode()
    assert "Đã có tài khoản Học Số?" in text
    assert "Đơn vị đã ghi tên bạn?" in text
    for way in ("account_signup", "account_slip"):
        assert f'href="{reverse(way)}"' in text
    assert " checked" not in text
    assert not User.objects.exists()
    refused = client.post(answer["Location"], {"full_name": "Nguyễn Thị Hoà"})
    assert refused.status_code == 200
    assert not User.objects.exists()
    client.post(answer["Location"], {"full_name": "Nguyễn Thị Hoà", "agreed": "on"})
    user = User.objects.get()
    assert (user.full_name, user.email, user.phone, user.has_usable_password()) == ("Nguyễn Thị Hoà", None, None, False)
    assert user.claimed_at is not None
    assert [(c.purpose, c.given, c.how) for c in Consent.objects.all()] == [("learning", True, "provider")]
    assert signed_in(client)

    later = Client()
    go(later)
    assert signed_in(later) == str(user.pk)


def test_reminders_only_for_who_asked(client, province, provider):
    go(client)
    client.post(reverse("socialaccount_signup"), {"full_name": "Lê Văn An", "agreed": "on", "reminders": "on"})
    assert set(Consent.objects.values_list("purpose", flat=True)) == {"learning", "reminders"}


def test_what_is_asked_for(client, provider):
    page = client.post(START)
    back_from(page.context["redirect_to"])
    asked = provider.asked()[-1]
    assert set(asked["scope"].split()) == {"openid", "profile"}
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["nonce"]) > 20
    assert asked["redirect_uri"] == "http://testserver/tai-khoan/oidc/tinh/login/callback/"


def test_only_sub_and_name_are_kept(client, province, provider):
    provider.set(
        sub="nguoi-1", name="Nguyễn Thị Hoà", email="hoa@example.vn", email_verified=True, phone_number="+84912345678",
        national_id=CCCD, so_dinh_danh=CCCD, address={"formatted": "Xã Xuân Lương"}, picture="https://x.example/a.jpg",
    )  # fmt: skip
    go(client)
    kept = json.dumps(dict(client.session), default=str)
    client.post(reverse("socialaccount_signup"), {"full_name": "Nguyễn Thị Hoà", "agreed": "on"})
    found = SocialAccount.objects.get()
    assert found.extra_data == {"sub": "nguoi-1", "name": "Nguyễn Thị Hoà"}
    assert not EmailAddress.objects.exists()
    assert not SocialToken.objects.exists()
    for secret in (CCCD, "hoa@example.vn", "912345678", "a.jpg"):
        assert secret not in kept
    go(Client())  # and again when the account is there already
    found.refresh_from_db()
    assert found.extra_data == {"sub": "nguoi-1", "name": "Nguyễn Thị Hoà"}


# --- People who have an account ------------------------------------------------------------------------------------
def test_the_same_email_or_phone_opens_nothing(client, province, provider, learner):
    account(learner)
    learner.phone, learner.phone_verified = "+84912345678", True
    learner.save()
    provider.set(sub="ke-gian", name="Kẻ Gian", email=learner.email, email_verified=True, phone_number="+84912345678")
    answer = go(client)
    assert answer["Location"] == reverse("socialaccount_signup")
    assert not signed_in(client)
    client.post(answer["Location"], {"full_name": "Kẻ Gian", "agreed": "on"})
    assert signed_in(client) != str(learner.pk)
    assert not SocialAccount.objects.filter(user=learner).exists()
    learner.refresh_from_db()
    assert learner.has_usable_password()


def test_connecting_needs_a_proof_and_is_then_a_way_in(client, province, provider, learner):
    account(learner)
    client.force_login(learner)
    answer = go(client, process="connect")
    assert answer["Location"] == reverse("account_reauthenticate")
    assert not SocialAccount.objects.exists()
    client.post(answer["Location"], {"password": PASSWORD})
    assert SocialAccount.objects.get().user == learner
    text = client.get(reverse("socialaccount_connections")).content.decode()
    assert "VNeID" in text
    assert "Gỡ liên kết" in text
    other = Client()
    go(other)
    assert signed_in(other) == str(learner.pk)


def test_connecting_what_somebody_else_connected(client, province, provider, learner, stranger):
    linked(stranger)
    account(learner)
    client.force_login(learner)
    prove(client)
    answer = go(client, process="connect")
    assert "đã được liên kết với một tài khoản khác" in client.get(answer["Location"]).content.decode()
    assert SocialAccount.objects.get().user == stranger


def test_connecting_while_signed_out_is_signing_in(client, province, provider):
    assert go(client, process="connect")["Location"] == reverse("socialaccount_signup")


def test_a_provider_does_not_replace_the_second_step(client, province, provider, official):
    linked(official)
    answer = go(client)
    assert answer["Location"] == reverse("mfa_authenticate")
    assert not signed_in(client)
    client.post(answer["Location"], {"code": app_code()})
    assert signed_in(client) == str(official.pk)


def test_staff_without_a_second_step_set_one_up(client, province, provider, official):
    official.authenticator_set.all().delete()
    linked(official)
    go(client)
    assert client.get("/quan-ly/")["Location"].startswith("/tai-khoan/buoc-hai/")


def test_taking_it_off_needs_another_way_in(client, province, provider, learner):
    found = linked(learner)
    learner.set_unusable_password()
    learner.save()
    client.force_login(learner)
    page = reverse("socialaccount_connections")
    assert "chưa có mật khẩu" in client.post(page, {"account": found.pk}).content.decode()
    account(learner)
    client.force_login(learner)
    prove(client)
    client.post(page, {"account": found.pk})
    assert not SocialAccount.objects.exists()


def test_after_signing_in_one_is_where_one_wanted_to_be(client, province, provider, learner):
    linked(learner)
    assert go(client, next="/chung-nhan/")["Location"] == "/chung-nhan/"
    other = Client()
    assert "evil" not in go(other, next="https://evil.example/")["Location"]


# --- What goes wrong ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "fault",
    ["error", "state", "aud", "iss", "nonce", "expired", "signature", "alg_none", "hs256", "no_id_token", "no_sub",
     "other_person", "not_json", "token_500", "key_unknown"],
)  # fmt: skip
def test_an_answer_that_is_not_right_opens_nothing(client, province, provider, learner, fault):
    linked(learner)
    provider.set(fault=fault)
    answer = go(client)
    assert answer.status_code == 401
    text = answer.content.decode()
    assert "Chưa đăng nhập được" in text
    assert "Third-Party" not in text
    assert not signed_in(client)


def test_saying_no_there_is_said_here(client, provider):
    provider.set(fault="denied")
    answer = go(client)
    text = client.get(answer["Location"]).content.decode() if answer.status_code == 302 else answer.content.decode()
    assert "không đồng ý ở trang" in text


def test_the_provider_is_down(client, provider, settings):
    settings.SOCIALACCOUNT_PROVIDERS = provider.settings(settings={"server_url": "http://127.0.0.1:9"})
    answer = client.post(START)
    assert answer.status_code == 503
    text = answer.content.decode()
    assert "VNeID đang không trả lời" in text
    assert "provider_down" in text


def test_it_goes_down_on_the_way(client, provider, settings):
    page = client.post(START)
    back = back_from(page.context["redirect_to"])
    settings.SOCIALACCOUNT_PROVIDERS = provider.settings(settings={"server_url": "http://127.0.0.1:9"})
    assert client.get(back).status_code == 401


def test_a_code_is_good_for_the_browser_that_asked(client, province, provider, learner):
    """Another's code, in a page that the victim is led to: the state is not the victim's, PKCE and nonce neither."""
    linked(learner)
    back = back_from(client.post(START).context["redirect_to"])
    victim = Client()
    victim.post(START)
    assert victim.get(back).status_code == 401
    assert not signed_in(victim)


def test_a_way_back_is_good_once(client, province, provider, learner):
    linked(learner)
    back = back_from(client.post(START).context["redirect_to"])
    client.get(back)
    assert signed_in(client)
    other = Client()
    assert other.get(back).status_code == 401


def test_a_link_starts_nothing(client, provider, learner):
    assert client.get(f"{START}?process=connect")["Location"] == reverse("account_login")
    client.force_login(learner)
    assert client.get(f"{START}?process=connect")["Location"] == reverse("socialaccount_connections")
    assert Client(enforce_csrf_checks=True).post(START).status_code == 403


# --- Configuration --------------------------------------------------------------------------------------------------
def test_without_a_provider_there_is_no_button(client, db):
    assert "oidc" not in client.get(reverse("account_login")).content.decode()
    assert client.post(START).status_code == 404
    assert client.get(f"{START}callback/").status_code == 404


def test_with_a_provider_there_is_one(client, db, provider):
    text = client.get(reverse("account_login")).content.decode()
    assert "Đăng nhập bằng VNeID" in text
    assert urlsplit(START).path in text


WHOLE = {"OIDC_SERVER_URL": "https://id.example.vn", "OIDC_CLIENT_ID": "hoc-so", "OIDC_CLIENT_SECRET": "x"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, ""),
        ({"OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_SECRET missing"),
        ({"OIDC_SERVER_URL": "", "OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID, OIDC_SERVER_URL missing"),
        ({"OIDC_SERVER_URL": "http://id.example.vn"}, "https"),
        ({"OIDC_SERVER_URL": "http://localhost:9000"}, ""),
        (dict.fromkeys(WHOLE, ""), ""),
    ],
)
def test_half_a_configuration_stops_the_start(changed, said):
    with override_settings(OIDC=WHOLE | changed):
        found = [error.msg for error in run_checks() if error.id == "people.E004"]
    assert (said in found[0]) if said else not found


@override_settings(SECOND_STEP_ROLES=["team_leader", "chu_tich"])
def test_a_role_that_is_none_stops_the_start():
    assert ["chu_tich" in error.msg for error in run_checks() if error.id == "people.E005"] == [True]


def test_the_secret_may_lie_in_a_file(tmp_path, monkeypatch):
    file = tmp_path / "oidc"
    file.write_text("bi-mat\n")
    monkeypatch.setenv("OIDC_SERVER_URL", "https://id.example.vn/")
    monkeypatch.setenv("OIDC_CLIENT_SECRET_FILE", str(file))
    found = read_environment()
    assert (found.oidc_server_url, found.oidc_client_secret, found.oidc_name) == (
        "https://id.example.vn", "bi-mat", "VNeID",
    )  # fmt: skip
    monkeypatch.setenv("OIDC_CLIENT_SECRET_FILE", str(tmp_path / "none"))
    with pytest.raises(ConfigurationError, match="OIDC_CLIENT_SECRET_FILE"):
        read_environment()
