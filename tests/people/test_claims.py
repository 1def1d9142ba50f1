"""Accounts that a roster made, claimed by a code: at sign-up, at a sign-in that fails, and by a lost password."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from common.errors import Refusal
from common.models import AuditEntry
from people import claims
from people.models import User
from people.sms import MemoryBackend
from tests.factories.people import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "cây đa bến nước"
PHONE, EMAIL = "+84912345678", "canbo@example.vn"
UNUSABLE = make_password(None)


@pytest.fixture(autouse=True)
def _quiet(settings):
    MemoryBackend.outbox.clear()
    settings.DEMO = False
    cache.clear()


@pytest.fixture
def client_factory():
    """Another browser."""
    return Client


@pytest.fixture(params=["0912 345 678", EMAIL], ids=["phone", "email"])
def contact(request):
    return request.param


@pytest.fixture
def rostered(province):
    """Somebody whom a unit listed, with phone and e-mail, and who has never been here."""
    user = UserFactory(full_name="Nguyễn Thị Hoà", phone=PHONE, email=EMAIL, password=UNUSABLE)
    MembershipFactory(user=user, unit=province.north, audience=province.team)
    return user


def sign_up(client, contact, full_name="Thị Hoà", password1=PASSWORD):
    client.post(reverse("account_signup"), {"contact": contact})
    client.post(reverse("account_signup_name"), {"full_name": full_name})
    return client.post(reverse("account_signup_password"), {"password1": password1, "reminders": "on"})


def code():
    last = MemoryBackend.outbox[-1].text if MemoryBackend.outbox else mail.outbox[-1].body
    return re.search(r"\b\d{6}\b", last)[0]


def signed_in_as(client):
    return User.objects.filter(pk=client.session.get("_auth_user_id")).first()


def shape(response):
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", response.content.decode())
    return re.sub(r"0912 345 678|0987 654 321|canbo@example\.vn|moi@example\.vn", "X", page)


OTHER = {"0912 345 678": "0987 654 321", EMAIL: "moi@example.vn"}


# --- At sign-up ---


def test_sign_up_with_a_rostered_contact_hands_the_account_over(client, rostered, contact):
    response = client.post(sign_up(client, contact).url, {"code": code()})
    assert response.url == reverse("account_claim")
    assert signed_in_as(client) is None, "a code alone signs nobody in"
    page = client.get(response.url).content.decode()
    assert "Chào Nguyễn Thị Hoà" in strip_tags(page)
    assert "Xã Xuân Lương" in page
    assert 'type="password"' not in page, "the password was typed before the code"

    assert client.post(response.url, {}).url == reverse("account_home")
    rostered.refresh_from_db()
    assert signed_in_as(client) == rostered
    assert (User.objects.count(), rostered.full_name) == (1, "Nguyễn Thị Hoà"), "the roster's name stays"
    assert rostered.check_password(PASSWORD)
    assert rostered.claimed_at
    assert re.fullmatch(r"HS-\d{4}-\d{4}", rostered.learner_code)
    assert rostered.phone_verified is ("@" not in contact)
    assert EmailAddress.objects.filter(user=rostered, verified=True).exists() is ("@" in contact)
    assert {row.purpose for row in rostered.consents.all()} == {"learning", "reminders"}
    entry = AuditEntry.objects.get(act="account_claim")
    assert (entry.actor, entry.subject_uuid, entry.detail) == (
        rostered,
        rostered.uuid,
        {"how": "email" if "@" in contact else "phone"},
    )


def test_nothing_before_the_code_tells_rostered_claimed_and_unknown_apart(client, client_factory, rostered, contact):
    claimed = UserFactory(phone="+84987654321", email="moi@example.vn", claimed_at=timezone.now(), password="x")
    clients = [client, client_factory(), client_factory()]
    pages = [sign_up(clients[0], contact), sign_up(clients[1], OTHER[contact])]
    claimed.delete()
    pages.append(sign_up(clients[2], OTHER[contact]))
    assert len({page.url for page in pages}) == 1
    for method, data in (("get", {}), ("post", {"code": "abcdef"})):
        shapes = {shape(getattr(browser, method)(pages[0].url, data)) for browser in clients}
        assert len(shapes) == 1, method


def test_another_try_needs_another_code(client, client_factory, rostered, contact):
    """Who typed the code and left has proved nothing for the next who types this contact."""
    client.post(sign_up(client, contact).url, {"code": code()})
    second = client_factory()
    response = sign_up(second, contact)
    assert response.url != reverse("account_claim")
    assert second.get(reverse("account_claim")).url != reverse("account_home")
    second.post(response.url, {"code": code()})
    assert second.get(reverse("account_claim")).status_code == 200


def test_two_claims_at_once_give_one_owner(client, client_factory, rostered):
    other = client_factory()
    for browser in (client, other):
        browser.post(sign_up(browser, "0912345678").url, {"code": code()})
    assert client.post(reverse("account_claim"), {}).url == reverse("account_home")
    response = other.post(reverse("account_claim"), {})
    assert response.status_code == 409
    assert "đã có người nhận" in response.content.decode()
    assert AuditEntry.objects.filter(act="account_claim").count() == 1


def test_a_code_alone_signs_nobody_in_once_the_account_has_an_owner(client, rostered):
    url = sign_up(client, "0912345678").url
    claims.account_claim(user=rostered, contact="", password=make_password("của tôi"), reminders=False, how="slip")
    response = client.post(url, {"code": code()})
    assert response.url == reverse("account_login")
    assert "đã có người nhận" in client.get(response.url).content.decode()
    assert signed_in_as(client) is None
    rostered.refresh_from_db()
    assert rostered.check_password("của tôi")


def test_an_inactive_account_is_not_handed_over(client, rostered):
    User.objects.update(is_active=False)
    sign_up(client, "0912345678")
    assert "da co tai khoan" in MemoryBackend.outbox[-1].text


# --- Not me ---


def test_somebody_else_frees_the_phone_and_goes_on_as_new(client, rostered, province):
    client.post(sign_up(client, "0912345678", "Trần Văn Đức").url, {"code": code()})
    page = client.get(reverse("account_claim"), {"khong-phai": 1}).content.decode()
    assert "Bạn không phải là Nguyễn Thị Hoà?" in strip_tags(page)
    assert client.post(reverse("account_claim"), {"not_me": 1}).url == reverse("account_home")
    new = signed_in_as(client)
    assert (new.full_name, new.phone, new.phone_verified) == ("Trần Văn Đức", PHONE, True)
    assert new.claimed_at
    assert new.check_password(PASSWORD)
    rostered.refresh_from_db()
    assert (rostered.phone, rostered.contact_phone, rostered.claimed_at) == (None, PHONE, None)
    entry = AuditEntry.objects.get(act="claim_disowned")
    assert (entry.unit_uuid, entry.subject_name) == (province.north.uuid, "Nguyễn Thị Hoà")
    assert PHONE not in str(entry.before), "the log needs no whole number"


def test_somebody_else_after_a_lost_password_signs_up_without_a_second_code(client, rostered, contact):
    client.post(reverse("account_reset_password"), {"email": contact})
    client.post(reverse("account_confirm_password_reset_code"), {"code": code()})
    assert client.post(reverse("account_claim"), {"not_me": 1}).url == reverse("account_signup_name")
    client.post(reverse("account_signup_name"), {"full_name": "Trần Văn Đức"})
    sent = len(MemoryBackend.outbox) + len(mail.outbox)
    response = client.post(reverse("account_signup_password"), {"password1": PASSWORD})
    assert response.url == reverse("account_home")
    assert len(MemoryBackend.outbox) + len(mail.outbox) == sent
    assert signed_in_as(client).full_name == "Trần Văn Đức"


def test_what_was_proved_holds_for_that_contact_only(client, rostered):
    client.post(reverse("account_reset_password"), {"email": "0912345678"})
    client.post(reverse("account_confirm_password_reset_code"), {"code": code()})
    client.post(reverse("account_claim"), {"not_me": 1})
    assert sign_up(client, "0987 654 321").url == reverse("account_verify_phone")
    assert signed_in_as(client) is None


# --- At a sign-in, and by a lost password ---


@pytest.mark.parametrize("login", ["0912 345 678", "0987 654 321"])
def test_a_sign_in_that_fails_offers_a_code_to_everybody(client, rostered, login):
    page = client.post(reverse("account_login"), {"login": login, "password": "gì cũng được"}).content.decode()
    offered = re.search(r'name="email" value="([^"]+)"', page)
    assert offered, "the same page, known or not"
    assert client.post(reverse("account_reset_password"), {"email": offered[1]}).status_code == 302


def test_a_lost_password_of_an_unclaimed_account_claims_it(client, rostered, contact):
    response = client.post(reverse("account_reset_password"), {"email": contact})
    response = client.post(response.url, {"code": code()})
    assert response.url == reverse("account_claim")
    page = client.get(response.url).content.decode()
    assert page.count('type="password"') == 1
    assert "ngắn" in client.post(response.url, {"password1": "ngắn"}).content.decode()
    assert client.post(response.url, {"password1": PASSWORD}).url == reverse("account_home")
    rostered.refresh_from_db()
    assert signed_in_as(client) == rostered
    assert rostered.check_password(PASSWORD)
    assert {row.purpose for row in rostered.consents.all()} == {"learning"}, "reminders were not ticked"


def test_once_claimed_the_ways_are_the_usual_ones(client, client_factory, rostered):
    client.post(sign_up(client, "0912345678").url, {"code": code()})
    client.post(reverse("account_claim"), {})
    other = client_factory()
    assert other.post(reverse("account_login"), {"login": "0912345678", "password": PASSWORD}).status_code == 302
    assert signed_in_as(other) == rostered
    sign_up(client_factory(), "0912345678")
    assert "da co tai khoan" in MemoryBackend.outbox[-1].text


# --- Signing in with a learner code ---


@pytest.mark.parametrize("typed", ["{}", " {} ", "{lower}", "{bare}", "hs {spaced}", "{spaced}", " {digits}"])
def test_sign_in_with_a_learner_code(client, province, typed):
    user = UserFactory(email=None, claimed_at=timezone.now())
    user.set_password(PASSWORD)
    user.save()
    claims.learner_codes_give([user])
    code = user.learner_code
    bare, spaced = code.replace("-", ""), code[3:].replace("-", " ")
    login = typed.format(code, lower=code.lower(), bare=bare, spaced=spaced, digits=bare[2:])
    client.post(reverse("account_login"), {"login": login, "password": PASSWORD})
    assert signed_in_as(client) == user


@pytest.mark.parametrize(("login", "said"), [("{}", "mật khẩu chưa đúng"), ("HS-0000-0001", "Mã học viên chưa đúng")])
def test_a_wrong_password_and_a_mistyped_learner_code_are_explained(client, province, login, said):
    user = UserFactory(email=None)
    claims.learner_codes_give([user])
    login = login.format(user.learner_code)
    page = client.post(reverse("account_login"), {"login": login, "password": "sai rồi nhé"}).content.decode()
    assert said in page
    assert "Gửi mã để đặt mật khẩu" not in page, "no code can go to a learner code"


def test_five_wrong_passwords_lock_that_learner_code_and_no_other(client, province, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": "5/5m/key"}
    first, second = UserFactory(email=None), UserFactory(email=None)
    for user in (first, second):
        user.set_password(PASSWORD)
        user.save()
    claims.learner_codes_give([first, second])
    for _ in range(5):
        client.post(reverse("account_login"), {"login": first.learner_code, "password": "sai"})
    client.post(reverse("account_login"), {"login": first.learner_code, "password": PASSWORD})
    assert signed_in_as(client) is None
    client.post(reverse("account_login"), {"login": second.learner_code, "password": PASSWORD})
    assert signed_in_as(client) == second


def test_a_learner_code_gets_no_text_message_and_is_told_what_does(client, province):
    page = client.post(reverse("account_reset_password"), {"email": "HS-4827-1936"}).content.decode()
    assert "in phiếu đặt mật khẩu" in page
    assert reverse("account_slip") in page


def test_learner_codes_are_given_once(province):
    people = UserFactory.create_batch(30)
    claims.learner_codes_give(people)
    before = {user.pk: user.learner_code for user in User.objects.all()}
    assert len(set(before.values())) == 30
    claims.learner_codes_give(list(User.objects.all()))
    assert {user.pk: user.learner_code for user in User.objects.all()} == before


# --- The rule ---


@pytest.mark.parametrize(
    ("fields", "waits"),
    [
        ({"password": UNUSABLE}, True),
        ({"password": ""}, True),
        ({"password": "md5$x$y"}, False),
        ({"password": UNUSABLE, "claimed_at": timezone.now()}, False),
        ({"password": UNUSABLE, "last_login": timezone.now()}, False),
        ({"password": UNUSABLE, "is_active": False}, False),
    ],
)
def test_who_waits_is_one_rule_in_python_and_in_the_database(db, fields, waits):
    user = UserFactory(**fields)
    assert claims.is_waiting(user) is waits
    assert User.objects.filter(claims.WAITING).exists() is waits


def test_services_refuse_what_the_pages_never_send(rostered):
    User.objects.update(claimed_at=timezone.now())
    for call in (
        lambda: claims.account_claim(user=rostered, contact="", password="x", reminders=False, how="slip"),
        lambda: claims.claim_disown(user=rostered, contact=PHONE),
    ):
        with pytest.raises(Refusal) as refused:
            call()
        assert refused.value.code == "already_claimed"


# --- The account page ---


def test_reminders_are_agreed_to_and_taken_back(client, rostered):
    client.force_login(rostered)
    for answer, given in (("yes", True), ("no", False), ("no", False)):
        client.post(reverse("account_reminders"), {answer: 1})
        assert rostered.consents.filter(purpose="reminders").first().given is given
    assert rostered.consents.count() == 2, "a repeat writes nothing"
    assert "Đã thôi ngày" in client.get(reverse("account")).content.decode()


def test_nobody_changes_consents_without_signing_in(client, db):
    assert client.post(reverse("account_reminders"), {"yes": 1}).url.startswith(reverse("account_login"))
