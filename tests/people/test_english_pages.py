"""The account in English: every page and state, what is wrong said in English, letters and text messages too.

What is kept stays Vietnamese, whoever's page it was made from.
"""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.socialaccount.models import SocialAccount
from django import forms
from django.conf import settings as django_settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.core.cache import cache
from django.db import transaction
from django.shortcuts import render
from django.test import Client, override_settings
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.html import strip_tags

from people import slips
from people.consents import consents_record, reminders_set
from people.models import ClaimSlip, Notice, Role, User
from people.notices import notices_deliver, notices_send
from people.sms import MemoryBackend
from people.urls import urlpatterns
from tests.english import VIETNAMESE, vietnamese_in
from tests.factories.people import MembershipFactory, UserFactory
from tests.oidc_provider import running
from tests.people.test_accounts_screens import names
from tests.people.test_oidc import START, go
from tests.proof import app_code, prove, with_second_step

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PASSWORD = "cây đa bến nước"
PHONE, EMAIL = "+84912345678", "hoa@example.vn"
#: What a refusal calls people and units by; there a name cannot say that it is one.
NAMED = ("Tổ CNSCĐ thôn Trung", "Vi Văn Tổ", "Nguyễn Thị Hoà")


@pytest.fixture(autouse=True)
def _quiet(settings):
    MemoryBackend.outbox.clear()
    settings.DEMO = False
    cache.clear()


def reader() -> Client:
    """A browser whose owner chose English."""
    client = Client()
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def client():
    return reader()


@pytest.fixture
def at_once(monkeypatch):
    """A test's transaction never ends: what waits for its end is done when it is asked for."""
    monkeypatch.setattr(transaction, "on_commit", lambda act, **kwargs: act())


@pytest.fixture
def hoa(province):
    """Somebody with a phone, an e-mail address and a password."""
    user = UserFactory(full_name="Nguyễn Thị Hoà", email=EMAIL, phone=PHONE, phone_verified=True)
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def inside(client, hoa):
    """Signed in a moment ago."""
    client.post(reverse("account_login"), {"login": EMAIL, "password": PASSWORD})
    return client


def read(answer, *said):
    """The text of a page in English that says all of ``said``."""
    page = answer.content.decode()
    assert '<html lang="en">' in page
    for name in NAMED:
        page = page.replace(name, "")
    assert list(vietnamese_in(page)) == [], answer.request["PATH_INFO"] if hasattr(answer, "request") else ""
    text = " ".join(unescape(strip_tags(page)).split())
    for words in said:
        assert words in text, text
    return text


def look(client, url, *said, **fields):
    """``read`` of a page, looked at or (with fields) sent to."""
    url = url if url.startswith("/") else reverse(url)
    return read(client.post(url, fields, follow=True) if fields else client.get(url, follow=True), *said)


# --- Every address --------------------------------------------------------------------------------------------------
def crawl(client):
    """Each address without parameters: looked at, and sent nothing."""
    seen = 0
    for method in (client.get, client.post):
        for name in sorted({*names(), *names(urlpatterns)}):
            try:
                url = reverse(name)
            except NoReverseMatch:
                continue
            if name == "account_logout" and method == client.post:
                continue
            answer = method(url, follow=True)
            ours = answer.request["PATH_INFO"].startswith("/tai-khoan/") and answer.status_code not in (404, 405)
            if ours and answer["Content-Type"].startswith("text/html"):
                read(answer)
                seen += 1
    assert seen > 20


def test_every_address_as_a_guest(client, province):
    crawl(client)


def test_every_address_signed_in(inside):
    crawl(inside)


def test_every_address_with_two_steps_on(inside, hoa):
    with_second_step(hoa, recovery_codes=True)
    prove(inside)
    crawl(inside)


def test_every_address_of_an_account_without_phone_email_or_password(client, province):
    user = UserFactory(full_name="Nguyễn Thị Hoà", email=None)
    user.set_unusable_password()
    user.save()
    client.force_login(user)
    crawl(client)


@pytest.mark.parametrize(
    "template",
    [
        "account/signup_closed.html", "account/account_inactive.html", "account/verification_sent.html",
        "account/verified_email_required.html", "account/password_set.html", "account/password_reset_done.html",
        "account/password_reset_from_key_done.html", "account/email_confirm.html", "account/confirm_login_code.html",
        "account/password_reset_from_key.html", "account/password_reset_help_text.html",
        "socialaccount/authentication_error.html", "socialaccount/login_cancelled.html",
    ],
)  # fmt: skip
def test_screens_that_are_rarely_reached(rf, province, template):
    request = rf.get("/")
    request.user, request.session = AnonymousUser(), {}
    request.COOKIES[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    context = {"form": forms.Form(), "verify_form": forms.Form(), "email": EMAIL, "token_fail": True}
    with translation.override("en"):
        page = render(request, template, context).content.decode()
    assert list(vietnamese_in(page)) == []


# --- Signing in -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("login", "password", "said"),
    [
        ("", "", "This field is required."),
        (EMAIL, "sai", "The phone number, email or password is not right."),
        ("HS-4827-1936", "sai", "The phone number, email or password is not right."),
        ("HS-4827-1937", "sai", "This learner code is not right."),
        ("hoa", "sai", "Enter a phone number (0912 345 678) or an email address"),
        ("hoa@", "sai", "This email address is not right."),
        ("12", "sai", "This phone number is not right"),
        ("02043856123", "sai", "A landline cannot get text messages."),
    ],
)
def test_a_sign_in_that_fails(client, hoa, login, password, said):
    look(client, "account_login", "Sign in", said, login=login, password=password)


def test_an_inactive_account_and_a_second_step(client, hoa):
    with_second_step(hoa, recovery_codes=True)
    look(client, "account_login", "Two-step verification", "One more step.", login=EMAIL, password=PASSWORD)
    look(client, "mfa_authenticate", "This code is not right. Look at the newest code in the app", code="000000")
    look(client, "mfa_authenticate", "This field is required.", code="")
    spare = Authenticator.objects.get(user=hoa, type="recovery_codes").wrap().get_unused_codes()
    client.post(reverse("mfa_authenticate"), {"code": spare[0]})
    look(client, "account", "You have just signed in with a recovery code; 9 codes are left.")
    User.objects.filter(pk=hoa.pk).update(is_active=False)
    look(reader(), "account_login", login=EMAIL, password=PASSWORD)


def test_the_last_recovery_codes_are_counted(client, hoa):
    with_second_step(hoa)
    codes = RecoveryCodes.activate(hoa).get_unused_codes()
    for left, said in ((1, "1 code is left."), (0, "none are left: make new codes now.")):
        for code in codes[: len(codes) - left]:
            browser = reader()
            browser.post(reverse("account_login"), {"login": EMAIL, "password": PASSWORD})
            browser.post(reverse("mfa_authenticate"), {"code": code})
            cache.clear()
        look(browser, "account", said)
        codes = codes[len(codes) - left :]


@pytest.mark.parametrize(("contact", "kind"), [("0912345678", "phone number"), (EMAIL, "email address")])
def test_a_lost_password(client, hoa, contact, kind):
    said = ("We sent a 6-digit code to", f"if there is an account with this {kind}.")
    look(client, "account_reset_password", *said, email=contact)
    wrong = look(client, "account_confirm_password_reset_code", code="000000")
    assert "This code is not right. Check each digit" in wrong
    code = re.search(r"\b\d{6}\b", MemoryBackend.outbox[-1].text if "@" not in contact else mail.outbox[-1].body)[0]
    look(client, "account_confirm_password_reset_code", "Set a new password", code=code)
    weak = {"password1": "12345"}
    look(client, "account_complete_password_reset", "This password is too short.", "Save password", **weak)


def test_a_lost_password_of_nobody_and_of_a_learner_code(client, province):
    look(client, "account_reset_password", "A learner code cannot get a message.", email="HS-4827-1936")
    look(client, "account_reset_password", "This field is required.", email="")
    look(client, "account_reset_password", "Enter the code", email="0987654321")


# --- Signing up -----------------------------------------------------------------------------------------------------
def begin(client, contact="0987654321", name="Maria Santos", password=PASSWORD):
    client.post(reverse("account_signup"), {"contact": contact})
    client.post(reverse("account_signup_name"), {"full_name": name})
    return client.post(reverse("account_signup_password"), {"password1": password}, follow=True)


def test_signing_up_step_by_step(client, province):
    look(client, "account_signup", "Step 1 of 4", "What is your phone number or email address?")
    look(client, "account_signup", "This field is required.", contact="")
    look(client, "account_signup", "Step 2 of 4", "What is your name?", contact="0987654321")
    look(client, "account_signup_name", "A full name has only letters, for example Maria Santos.", full_name="007")
    look(client, "account_signup_name", "Is this your full name?", full_name="Maria")
    agreed = "By pressing “Continue” you agree"
    look(client, "account_signup_name", "Step 3 of 4", "Set your password", agreed, full_name="Maria Santos")
    for weak, said in (
        ("", "This field is required."),
        ("12345", "This password is too short."),
        ("password", "This password is too common."),
        ("Maria Santos", "The password is too similar to the full name."),
        ("84987654321", "The password is too similar to the phone number."),
    ):
        look(client, "account_signup_password", said, password1=weak)
    look(client, "account_signup_password", "Step 4 of 4", "Enter the code from the text message", password1=PASSWORD)
    assert MemoryBackend.outbox[-1].text.startswith("Hoc So: your code is ")
    assert "This code is not right. Check each digit" in look(client, "account_verify_phone", code="000000")
    look(client, "account_verify_phone", "This field is required.", code="")
    code = re.search(r"\b\d{6}\b", MemoryBackend.outbox[-1].text)[0]
    look(client, "account_verify_phone", "In which commune or ward do you live?", code=code)
    look(client, reverse("account_home") + "?q=xuan", "Press the place where you live.")
    look(client, reverse("account_home") + "?q=khong-co", "We cannot find")


def test_signing_up_by_email_and_somebody_who_has_an_account(client, hoa):
    read(begin(client, "maria@example.com"), "Enter the code from the email", "maria@example.com")
    look(client, "account_email_verification_sent", "This code is not right. Check each digit", code="000000")
    read(begin(reader(), EMAIL), "Enter the code from the email")
    read(begin(reader(), "0912345678"), "Enter the code from the text message")
    assert MemoryBackend.outbox[-1].text.startswith("Hoc So: this number has an account already")


@pytest.mark.parametrize("contact", ["0912345678", EMAIL])
def test_a_demo_says_what_it_shows(client, hoa, settings, contact):
    settings.DEMO = True
    read(begin(client, contact), "Demo: ", "has an account already")
    read(begin(reader(), "0987654321"), "Demo: your code is ")


def test_a_gateway_and_a_mail_server_that_are_down(client, province, settings, monkeypatch):
    settings.SMS_BACKEND = "tests.people.test_accounts_signup.BrokenBackend"
    read(begin(client), "The text message with the code could not be sent.", "Wait a few minutes, then sign in again")
    monkeypatch.setattr("django.core.mail.EmailMessage.send", _no_mail)
    read(begin(reader(), "maria@example.com"), "The email with the code could not be sent.")


def _no_mail(*args, **kwargs):
    raise OSError("no answer")


# --- Claiming -------------------------------------------------------------------------------------------------------
@pytest.fixture
def team(province):
    unit = MembershipFactory(
        user=UserFactory(full_name="Vi Văn Tổ", claimed_at=timezone.now()),
        unit=province.north,
        audience=province.team,
        role=Role.TEAM_LEADER,
    ).unit
    unit.name = "Tổ CNSCĐ thôn Trung"
    unit.save()
    return unit


@pytest.fixture
def rostered(province, team):
    """Somebody whom only a roster knows."""
    user = UserFactory(full_name="Nguyễn Thị Hoà", email=None, phone=PHONE, password=make_password(None))
    MembershipFactory(user=user, unit=team, audience=province.team, title="Tổ phó")
    return user


def test_claiming_by_a_code(client, rostered):
    client.post(reverse("account_reset_password"), {"email": "0912345678"})
    code = re.search(r"\b\d{6}\b", MemoryBackend.outbox[-1].text)[0]
    claim = client.post(reverse("account_confirm_password_reset_code"), {"code": code}, follow=True)
    read(claim, "Hello,", "Your unit has put you on its list.", "By pressing “Yes, this is me” you agree")
    look(client, "account_claim", "This password is too short.", password1="12345")
    look(client, reverse("account_claim") + "?khong-phai=1", "Are you not", "Yes, I am somebody else")
    look(client, "account_claim", "What is your name?", not_me="1")


@pytest.fixture
def code(rostered, team, coordinator):
    [slip] = slips.slips_make(people=[rostered], unit=team, by=coordinator)
    return slip.code


def test_claiming_by_a_slip(client, code):
    look(client, "account_slip", "A slip code has 10 letters and digits", slip_code="AB")
    look(client, "account_slip", "There is no slip with this code.", slip_code="AB3K9XQ27M")
    look(client, "account_slip", "In which year were you born?", slip_code=code)
    look(client, "account_slip_claim", "A year of birth has 4 digits", year="69")
    look(client, "account_slip_claim", "You have 4 tries left.", year="1970")
    for _ in range(2):
        look(client, "account_slip_claim", year="1970")
    look(client, "account_slip_claim", "You have 1 try left.", year="1970")
    look(client, "account_slip_claim", "has put you on its list.", "Claim your account", year="1969")
    look(client, "account_slip_claim", "This password is too common.", password1="password", phone="")
    look(client, "account_slip_claim", "This phone number is not right", password1=PASSWORD, phone="12")
    welcome = {"password1": PASSWORD, "phone": "0912 345 678"}
    look(client, "account_slip_claim", "The account is now yours", "Your learner code", "0912 345 678", **welcome)
    look(client, "account_slip", "You are signed in to the account of", "Sign out, then scan or type the code again.")


def _used(code, slip):
    slips.slip_claim(slip=slips.slip_find(code=code), password=make_password(PASSWORD))


def _expired(code, slip):
    ClaimSlip.objects.update(expires_at=timezone.now() - timedelta(days=1))


def _replaced(code, slip):
    slips.slips_make(people=[slip.user], unit=slip.unit, by=slip.made_by)


def _locked(code, slip):
    ClaimSlip.objects.update(voided_at=timezone.now())


def _claimed(code, slip):
    User.objects.filter(pk=slip.user_id).update(claimed_at=timezone.now(), phone=PHONE)


def _outgrown(code, slip):
    MembershipFactory(
        user=slip.user, unit=slip.unit.parent, audience=slip.user.memberships.get().audience, role=Role.PROVINCIAL_LEAD
    )


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_used, "This slip was used on "),
        (_expired, "This slip expired on "),
        (_replaced, "Use the slip printed on "),
        (_locked, "This slip is locked"),
        (_claimed, "Somebody has claimed this account already."),
        (_outgrown, "has been given a new role"),
    ],
)
def test_a_slip_that_opens_nothing(client, code, spoil, said):
    slip = slips.slip_find(code=code)
    assert slip is not None
    spoil(code, slip)
    page = look(client, "account_slip", said, "the team leader ()", slip_code=code)
    assert not re.search(r"\d\d/\d\d/\d{4}", page), "the month in letters"


# --- The account ----------------------------------------------------------------------------------------------------
def test_the_account_page(inside, hoa, province):
    consents_record(user=hoa, how="signup", reminders=True)
    MembershipFactory(
        user=hoa, unit=province.north, audience=province.citizen, role=Role.COORDINATOR, valid_from="2026-08-01"
    )
    said = ("Units and roles", "Unit coordinator", "1 August 2026", "17 May 1969", "Agreed on ", "Stop reminders")
    look(inside, "account", *said, "Their help page shows your name and the name of the unit.")
    User.objects.filter(pk=hoa.pk).update(office_phone="0204 385 6123", office_email="xa@example.vn")
    look(inside, "account", "shows your name, 0204 385 6123, xa@example.vn and the name of the unit.")
    reminders_set(user=hoa, given=False)
    look(inside, "account", "Stopped on ", "Agree to reminders")
    look(inside, "account_reminders", "From now on you will get reminders to learn.", yes="1")
    look(inside, "account_office_contact", "How to reach you", "Phone at work")
    look(inside, "account_office_contact", "Write the phone number in digits", phone="abc", email="x")
    look(inside, "account_office_contact", "Your contact details are saved.", phone="", email="")


def test_editing_ones_details(inside, hoa):
    look(inside, "account_profile", "Edit your details", "Where you live now")
    wrong = {"full_name": "", "birth_date": "32/13/1969"}
    look(inside, "account_profile", "Write day/month/year, for example 17/05/1969.", **wrong)
    look(inside, "account_profile", "the year must be 1900 or later", full_name="Maria Santos", birth_date="1/1/1800")
    look(inside, "account_profile", "Your details are saved.", full_name="Maria Santos", birth_date="")


def test_changing_phone_email_and_password(inside, hoa):
    look(inside, "account_change_phone", "In use: 0912 345 678", "Change to this number")
    look(inside, "account_change_phone", "This phone number is not right", phone="12")
    look(inside, "account_change_phone", "Enter the code from the text message", "Cancel", phone="0987654321")
    code = re.search(r"\b\d{6}\b", MemoryBackend.outbox[-1].text)[0]
    look(inside, "account_verify_phone", "The number 0987 654 321 is confirmed.", code=code)
    look(inside, "account_email", "Your email address", "Change to this email address")
    look(inside, "account_email", "Enter a valid email address.", email="x", action_add="1")
    look(inside, "account_email", "Enter the code from the email", email="maria@example.com", action_add="1")
    EmailAddress.objects.create(user=hoa, email="an@example.com", primary=False)
    look(inside, "account_email", "an@example.com is not confirmed.", "Keep the old email address")
    look(inside, "account_change_password", "New password", "At least 8 characters.")
    look(inside, "account_change_password", "This is not your current password.", oldpassword="sai", password1="12345")
    look(inside, "account_change_password", oldpassword=PASSWORD, password1="con đò sân đình")


# --- The second step ------------------------------------------------------------------------------------------------
def test_setting_up_an_app_and_its_recovery_codes(inside, at_once):
    look(inside, "second_step", "A second step keeps your account safe")
    look(inside, "mfa_index", "An app on your phone", "Passkeys")
    look(inside, "mfa_activate_totp", "QR code for the app", "Turn on the authenticator app")
    look(inside, "mfa_activate_totp", "check that the time on your phone is right.", code="000000")
    secret = inside.get(reverse("mfa_activate_totp")).context["form"].secret
    look(inside, "mfa_activate_totp", "10 of 10 are left.", code=app_code(secret=secret))
    paper = inside.get(reverse("mfa_download_recovery_codes")).content.decode()
    assert paper.startswith("Học Số: recovery codes of Nguyễn Thị Hoà\nEach code works once")
    look(inside, "mfa_generate_recovery_codes", "The old codes will no longer work.")
    look(inside, "mfa_index", "10 of 10 codes are left.")
    look(inside, "mfa_deactivate_totp", "Turn off the authenticator app?", "your password is enough.")


def test_passkeys_and_the_names_we_gave_them(inside, hoa):
    look(inside, "mfa_add_webauthn", "Add a passkey for this device", "For example: My phone, Office computer.")
    for name in ("Máy của tôi", "Máy thứ 2", "Điện thoại"):
        data = {"name": name, "credential": {}}
        Authenticator.objects.create(user=hoa, type=Authenticator.Type.WEBAUTHN, data=data)
    first, *_ = keys = Authenticator.objects.filter(user=hoa).order_by("pk")
    keys.filter(pk=first.pk).update(last_used_at=timezone.now())
    look(inside, "mfa_list_webauthn", "My device", "Device 2", "Not used yet", "Điện thoại")
    look(inside, reverse("mfa_remove_webauthn", args=[first.pk]), "Remove the passkey “My device”?")
    look(inside, reverse("mfa_edit_webauthn", args=[first.pk]), "Rename passkey", "A name for this device")
    look(inside, reverse("mfa_edit_webauthn", args=[first.pk]), "This field is required.", name="")
    look(inside, "mfa_index", "You have 3 passkeys")


def test_whoever_has_an_office_is_told_in_english_too(inside, hoa, province):
    MembershipFactory(user=hoa, unit=province.north, audience=province.staff, role=Role.COORDINATOR)
    look(inside, "second_step", "Your account acts for an office.")
    look(inside, "mfa_index", "Your role needs two-step verification.")
    with_second_step(hoa)
    asked = inside.get("/quan-ly/", follow=True)
    read(asked, "Confirm that it is you", "To enter the pages for officials, confirm that it is you.")
    proof = f"{asked.request['PATH_INFO']}?{asked.request['QUERY_STRING']}"
    told = inside.post(proof, {"code": app_code()}, follow=True)
    read(told, "You have confirmed that it is you", "What you were doing is being opened:")
    read(inside.get(told.request["PATH_INFO"], follow=True), "This has been carried on already")


def test_a_proof_by_password(inside, hoa, settings):
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    look(inside, "account_reauthenticate", "Confirm that it is you", "Enter your password.")
    look(inside, "account_reauthenticate", "This password is not right.", password="sai")


# --- The province's provider ----------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def process():
    with running() as provider:
        yield provider


@pytest.fixture
def provider(process, settings):
    process.set(sub="nguoi-1", name="NGUYỄN THỊ HOÀ")
    settings.SOCIALACCOUNT_PROVIDERS = process.settings()


def test_a_new_person_by_the_provider(client, province, provider):
    look(client, "account_login", "Sign in with VNeID")
    look(client, "account_signup", "Create an account with VNeID")
    read(client.post(START), "Taking you to VNeID", "never your national ID number")
    go(client)
    look(client, "socialaccount_signup", "Create an account on Học Số", "VNeID has confirmed who you are.")
    look(client, "socialaccount_signup", "A full name has only letters", full_name="007")


def test_linking_and_unlinking(inside, hoa, provider):
    look(inside, "account", "Link or unlink")
    look(inside, "socialaccount_connections", "Link with VNeID", "No account of another site is linked.")
    data = {"sub": "nguoi-1", "name": "Nguyễn Thị Hoà"}
    linked = SocialAccount.objects.create(user=hoa, provider="tinh", uid="nguoi-1", extra_data=data)
    look(inside, "socialaccount_connections", "Unlink", "since ")
    hoa.set_unusable_password()
    hoa.save()
    inside.force_login(hoa)
    prove(inside)
    look(inside, "socialaccount_connections", "This account has no password.", account=linked.pk)


def test_a_provider_that_is_down(client, province, process, settings):
    providers = process.settings()
    providers["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:1"
    settings.SOCIALACCOUNT_PROVIDERS = providers
    read(client.post(START), "VNeID does not answer at the moment.")


# --- Letters --------------------------------------------------------------------------------------------------------
def letters():
    """All that was mailed, in English: subject, text, and the same on our paper."""
    for letter in mail.outbox:
        [paper] = [content for content, kind in letter.alternatives if kind == "text/html"]
        said = f"{letter.subject}\n{letter.body}".replace("Học Số", "")
        assert not VIETNAMESE.search(said), said
        assert '<html lang="en">' in paper
        assert list(vietnamese_in(paper)) == []
    return [f"{letter.subject}\n{letter.body}" for letter in mail.outbox]


def test_letters_that_a_page_sends(client, inside, hoa):
    guest = reader()
    begin(guest, "maria@example.com")
    begin(reader(), EMAIL)
    for contact in (EMAIL, "nobody@example.com"):
        reader().post(reverse("account_reset_password"), {"email": contact})
    confirm, exists, reset, nobody = letters()
    assert confirm.startswith("Học Số: Confirm your email address\n")
    assert "Hello,\n\nThe code to confirm your email address is:" in confirm
    assert "This email address already has an account" in exists
    assert "Reset it here:\nhttp" in exists
    assert "The code to reset your password is:" in reset
    assert "we have no account with this address" in nobody
    assert "This email was sent automatically." in nobody


def test_letters_about_what_was_changed(inside, at_once):
    inside.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": "con đò sân đình"})
    secret = inside.get(reverse("mfa_activate_totp")).context["form"].secret
    inside.post(reverse("mfa_activate_totp"), {"code": app_code(secret=secret)})
    inside.post(reverse("mfa_deactivate_totp"))
    subjects = [letter.splitlines()[0].removeprefix("Học Số: ") for letter in letters()]
    assert subjects == ["Password changed", "Authenticator app turned on", "Authenticator app turned off"]


# --- What stays Vietnamese ------------------------------------------------------------------------------------------
def test_a_reader_of_vietnamese_gets_the_letter_and_the_message_in_vietnamese(hoa):
    begin(Client(), "0987654321")
    begin(Client(), "maria@example.com")
    assert "ma cua ban la" in MemoryBackend.outbox[-1].text
    assert "Mã xác nhận email của bạn là:" in mail.outbox[-1].body
    assert '<html lang="vi">' in mail.outbox[-1].alternatives[0][0]


def test_notices_are_vietnamese_whoever_sends_them(hoa):
    reminders_set(user=hoa, given=True)
    with translation.override("en"):
        notices_send(users=[hoa], kind="thu", subject="Nhắc học", body="Hãy học.", path="/viec-hoc/")
        notices_deliver()
    [letter] = mail.outbox
    paper = letter.alternatives[0][0]
    assert '<html lang="vi">' in paper
    assert "Mở trang này" in paper
    assert Notice.objects.get().subject == "Nhắc học"


def test_what_is_kept_is_kept_in_vietnamese(hoa):
    from people.mfa import SecondStepAdapter

    with translation.override("en"):
        adapter = SecondStepAdapter()
        assert adapter.generate_authenticator_name(hoa, Authenticator.Type.WEBAUTHN) == "Máy của tôi"
        assert Role.COORDINATOR.label == "Đầu mối đơn vị"


@override_settings(DEMO=True)
def test_a_demo_shows_the_code_of_the_app(client, hoa):
    with_second_step(hoa)
    look(client, "account_login", "Demo: the code is now ", login=EMAIL, password=PASSWORD)
