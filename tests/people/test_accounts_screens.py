"""Every screen of django-allauth in Vietnamese and in our look; the catalogue complete."""

from __future__ import annotations

import ast
import gettext
import re
from pathlib import Path

import allauth
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.urls import urlpatterns
from django import forms
from django.conf import settings as django_settings
from django.contrib.auth.models import AnonymousUser
from django.shortcuts import render
from django.test import Client
from django.urls import NoReverseMatch, URLResolver, reverse
from django.utils.html import strip_tags
from django.utils.translation import gettext as translated

from people.sms import MemoryBackend
from tests.factories.people import UserFactory

pytestmark = [pytest.mark.slow, pytest.mark.anywhere]

PASSWORD = "cây đa bến nước"
# Words that would be on screen if a text were left in English.
ENGLISH = re.compile(
    r"\b(the|your|you|please|password|sign|login|phone|account|address|verify|verification|verified|enter|confirm|"
    r"cancel|code|codes|recovery|authenticator|security|key|keys|change|remove|add|activate|deactivate|generate|"
    r"download|required|invalid|incorrect|current|new|again|continue|trust|browser|sessions?|third|party|error)\b",
    re.IGNORECASE,
)
# Names of products.
ALLOWED = re.compile(r"Google Authenticator|Microsoft Authenticator")


@pytest.fixture
def client_factory():
    """Another browser."""
    return Client


def names(patterns=urlpatterns):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        elif pattern.name:
            yield pattern.name


def visible_text(response):
    """What a person reads or hears: text, and the attributes that are read out."""
    page = response.content.decode()
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.S)
    heard = re.findall(r'\b(?:alt|title|placeholder|aria-label)="([^"]*)"', page)
    return ALLOWED.sub("", " ".join([strip_tags(page), *heard]))


def assert_in_vietnamese(response, name):
    if not response["Content-Type"].startswith("text/html"):
        return
    text = visible_text(response)
    assert ENGLISH.findall(text) == [], f"{name}: {' '.join(text.split())}"
    page = response.content.decode()
    assert '<html lang="vi">' in page, name
    assert 'class="top"' in page, f"{name} does not stand in our page"
    assert not re.search(r'\sstyle="', page), f"{name} has inline style, which the policy forbids"
    assert not re.search(r"<script(?![^>]*\b(src|application/json))", page), f"{name} has inline script"
    assert page.count("<h1") == 1, name


@pytest.fixture
def hoa(province, settings):
    settings.DEMO = False
    MemoryBackend.outbox.clear()
    user = UserFactory(full_name="Nguyễn Thị Hoà", email="hoa@example.vn", phone="+84912345678", phone_verified=True)
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def crawl(client):
    """GET every address without parameters, then POST nothing to each (a missing answer is a screen too)."""
    seen = 0
    for method in (client.get, client.post):
        for name in sorted(set(names())):
            try:
                url = reverse(name)
            except NoReverseMatch:
                continue
            if name == "account_logout" and method == client.post:
                continue
            response = method(url, follow=True)
            assert response.status_code < 500, name
            # What a redirect leads to outside is another room's.
            if response.request["PATH_INFO"].startswith("/tai-khoan/") and response.status_code != 405:
                assert_in_vietnamese(response, name)
                seen += 1
    assert seen > 20


@pytest.mark.django_db
def test_every_address_as_a_guest(client, province):
    crawl(client)


@pytest.mark.django_db
def test_every_address_signed_in(client, hoa):
    client.post(reverse("account_login"), {"login": "0912345678", "password": PASSWORD})
    crawl(client)


@pytest.mark.django_db
def test_every_address_with_two_steps_on(client, hoa):
    client.post(reverse("account_login"), {"login": "0912345678", "password": PASSWORD})
    TOTP.activate(hoa, generate_totp_secret())
    RecoveryCodes.activate(hoa)
    crawl(client)


@pytest.mark.django_db
def test_every_address_of_an_account_without_phone_email_or_password(client, province):
    user = UserFactory(email=None)
    user.set_unusable_password()
    user.save()
    client.force_login(user)
    crawl(client)


@pytest.mark.django_db
def test_the_second_step_of_signing_in(client, hoa):
    TOTP.activate(hoa, generate_totp_secret())
    RecoveryCodes.activate(hoa)
    response = client.post(reverse("account_login"), {"login": "0912345678", "password": PASSWORD})
    assert response.url == reverse("mfa_authenticate")
    assert_in_vietnamese(client.get(response.url), "mfa_authenticate")
    response = client.post(response.url, {"code": "000000"})
    assert "Mã chưa đúng" in response.content.decode()
    code = Authenticator.objects.get(user=hoa, type="recovery_codes").wrap().get_unused_codes()[0]
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert client.session["_auth_user_id"] == str(hoa.pk)


@pytest.mark.django_db
def test_every_step_of_a_code(client, hoa, client_factory):
    data = {"full_name": "Trần Văn Đức", "password1": PASSWORD}
    for contact in ("0987654321", "duc@example.vn"):
        guest = client_factory()
        url = reverse("account_signup")
        for _ in range(3):
            url = guest.post(url, {**data, "contact": contact}).url
        response = guest.get(url)
        assert_in_vietnamese(response, url)
        assert_in_vietnamese(guest.post(url, {"code": "abcdef"}), url)
        assert_in_vietnamese(guest.post(url, {"code": ""}), url)
    for contact in ("0912345678", "hoa@example.vn"):
        guest = client_factory()
        response = guest.post(reverse("account_reset_password"), {"email": contact})
        assert_in_vietnamese(guest.get(response.url), response.url)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "template",
    [
        "account/signup_closed.html", "account/account_inactive.html", "account/verification_sent.html",
        "account/verified_email_required.html", "account/password_set.html", "account/password_reset_done.html",
        "account/password_reset_from_key_done.html", "account/email_confirm.html", "account/confirm_login_code.html",
        "socialaccount/authentication_error.html", "socialaccount/login_cancelled.html",
        "socialaccount/connections.html", "mfa/totp/deactivate_form.html", "429.html",
    ],
)  # fmt: skip
def test_screens_that_are_rarely_reached(rf, province, template):
    request = rf.get("/")
    request.user, request.session = AnonymousUser(), {}
    context = {"form": forms.Form(), "verify_form": forms.Form(), "email": "hoa@example.vn"}
    assert_in_vietnamese(render(request, template, context), template)


@pytest.mark.parametrize("kind", ["guest", "learner"])
def test_a_new_password_leads_on(client, hoa, kind):
    if kind == "learner":
        client.force_login(hoa)
    page = client.get(reverse("account_password_reset_completed")).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    onward = {"guest": reverse("account_login"), "learner": reverse("courses:my_learning")}
    assert f'class="btn" href="{onward[kind]}"' in main


# --- The catalogue ---


def read_po(path):
    """(context, msgid, plural) → (translations, flags) of every live entry."""
    entries = {}
    for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
        entry, field, flags = {}, None, set()
        for line in block.splitlines():
            if line.startswith("#,"):
                flags |= {flag.strip() for flag in line[2:].split(",")}
            elif line.startswith("#"):
                continue
            elif found := re.match(r'(msg\w+(?:\[\d\])?) (".*")$', line):
                field = found[1]
                entry[field] = ast.literal_eval(found[2])
            elif line.startswith('"'):
                entry[field] += ast.literal_eval(line)
        if entry.get("msgid"):
            texts = [text for key, text in entry.items() if key.startswith("msgstr")]
            entries[entry.get("msgctxt"), entry["msgid"], entry.get("msgid_plural")] = (texts, flags)
    return entries


OURS = Path(django_settings.BASE_DIR) / "locale" / "vi" / "LC_MESSAGES" / "django.po"
THEIRS = Path(allauth.__file__).parent / "locale"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
LINK = re.compile(r"</?a\b[^>]*>|</?strong>|\(ENTER\)")


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_text_of_allauth_is_left_out(language):
    theirs, ours = read_po(THEIRS / language / "LC_MESSAGES" / "django.po"), read_po(OURS)
    assert len(theirs) > 300
    assert [key for key in theirs if not all(ours.get(key, ([""], set()))[0])] == []


def test_no_entry_is_empty_fuzzy_or_loses_a_placeholder():
    for (_, msgid, plural), (texts, flags) in read_po(OURS).items():
        assert "fuzzy" not in flags, msgid
        assert len(texts) == 1, msgid
        assert texts[0], msgid
        assert sorted(PLACEHOLDER.findall(texts[0])) == sorted(PLACEHOLDER.findall(plural or msgid)), msgid
        assert sorted(LINK.findall(texts[0])) == sorted(LINK.findall(msgid)), msgid


def test_compiled_catalogue_is_the_written_one():
    with OURS.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for (context, msgid, plural), (texts, _) in read_po(OURS).items():
        if plural:
            assert compiled.ngettext(msgid, plural, 2) == texts[0]
        else:
            assert (compiled.pgettext(context, msgid) if context else compiled.gettext(msgid)) == texts[0]


@pytest.mark.parametrize(
    ("english", "vietnamese"),
    [
        ("This field is required.", "Hãy điền mục này."),
        ("Sign In", "Đăng nhập"),
        (
            "Select a valid choice. That choice is not one of the available choices.",
            "Hãy chọn một mục có trong danh sách.",
        ),
    ],
)
def test_ours_wins_over_the_libraries(english, vietnamese):
    assert translated(english) == vietnamese
