"""Signing up by phone or by e-mail, with plain form posts: nothing here needs JavaScript."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.consents import VERSION
from people.models import CITIZEN, Membership, Role, User
from people.sms import MemoryBackend, SmsError
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "cây đa bến nước"
PHONE = "+84912345678"


class BrokenBackend:
    """A gateway that is down."""

    def send(self, *, phone: str, text: str) -> None:
        raise SmsError("no answer")


@pytest.fixture(autouse=True)
def _quiet(settings):
    MemoryBackend.outbox.clear()
    cache.clear()  # what counts towards the limits
    settings.DEMO = False


@pytest.fixture
def client_factory():
    """Another browser."""
    return Client


def sign_up(client, contact="0912 345 678", full_name="Nguyễn Thị Hoà", password1=PASSWORD, url="", **fields):
    """The three pages before the code; returns the answer of the last one, or of the first that refused."""
    response = client.post(url or reverse("account_signup"), {"contact": contact})
    if response.url == reverse("account_signup_name"):
        response = client.post(response.url, {"full_name": full_name})
    if response.url == reverse("account_signup_password"):
        response = client.post(response.url, {"password1": password1, **fields})
    return response


def texted_code():
    return re.search(r"\b\d{6}\b", MemoryBackend.outbox[-1].text)[0]


def mailed_code():
    return re.search(r"^\d{6}$", mail.outbox[-1].body, re.M)[0]


def signed_in_as(client):
    return User.objects.filter(pk=client.session.get("_auth_user_id")).first()


def verify_phone(client, code):
    return client.post(reverse("account_verify_phone"), {"code": code})


def verify_email(client, code):
    return client.post(reverse("account_email_verification_sent"), {"code": code})


# --- By phone ---


@pytest.mark.parametrize("written", ["0912345678", "0912 345 678", "+84 912345678", "84912345678", "0912.345.678"])
def test_sign_up_by_phone_in_any_spelling(client, province, written):
    assert sign_up(client, written).url == reverse("account_verify_phone")
    assert MemoryBackend.outbox[-1].phone == PHONE
    assert signed_in_as(client) is None

    page = client.get(reverse("account_verify_phone")).content.decode()
    assert "0912 345 678" in page
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    assert texted_code() not in page

    assert verify_phone(client, texted_code()).url == reverse("account_home")
    user = signed_in_as(client)
    assert (user.full_name, user.phone, user.phone_verified, user.email) == ("Nguyễn Thị Hoà", PHONE, True, None)
    assert user.claimed_at


def test_a_code_pasted_with_spaces_is_right(client, province):
    sign_up(client)
    code = texted_code()
    verify_phone(client, f" {code[:3]} {code[3:]} ")
    assert signed_in_as(client)


def test_commune_becomes_the_main_membership_from_today(client, province):
    sign_up(client)
    verify_phone(client, texted_code())
    response = client.post(reverse("account_home"), {"commune": province.north.uuid})
    assert response.url == reverse("courses:placement")
    membership = Membership.objects.get()
    assert (membership.unit, membership.role, membership.audience.code) == (province.north, Role.LEARNER, CITIZEN)
    assert (membership.is_main, membership.valid_from, membership.valid_to) == (True, timezone.localdate(), None)


def test_without_commune_there_is_no_membership(client, province):
    sign_up(client)
    verify_phone(client, texted_code())
    assert client.post(reverse("account_home"), {"commune": ""}).url == reverse("courses:placement")
    assert User.objects.get().memberships.count() == 0


def test_only_communes_of_today_can_be_chosen(client, province):
    sign_up(client)
    verify_phone(client, texted_code())
    page = client.get(reverse("account_home"), {"q": "xuan luong"}).content.decode()
    assert ("Xã Xuân Lương" in page, "Xã Yên Thế" in page) == (True, False)
    assert "Sở Khoa học" not in client.get(reverse("account_home"), {"q": "so"}).content.decode()
    client.post(reverse("account_home"), {"commune": province.department.uuid})
    assert not Membership.objects.exists()


def test_wrong_code_says_so_and_the_third_ends_the_attempt(client, province):
    sign_up(client)
    wrong = "000000" if texted_code() != "000000" else "111111"
    assert "Mã chưa đúng" in verify_phone(client, wrong).content.decode()
    assert "Mã chưa đúng" in verify_phone(client, wrong).content.decode()
    response = verify_phone(client, wrong)
    assert response.url == reverse("account_login")
    assert "quá nhiều lần" in client.get(response.url).content.decode()
    verify_phone(client, texted_code())
    assert signed_in_as(client) is None


def test_code_expires_after_a_quarter_of_an_hour(client, province, monkeypatch):
    sign_up(client)
    now = timezone.now() + timedelta(minutes=15, seconds=5)
    monkeypatch.setattr("time.time", now.timestamp)
    assert verify_phone(client, texted_code()).url == reverse("account_login")
    assert signed_in_as(client) is None
    assert not User.objects.get().phone_verified


def test_another_code_can_be_asked_for(client, province):
    sign_up(client)
    first = texted_code()
    client.post(reverse("account_verify_phone"), {"action": "resend"})
    assert len(MemoryBackend.outbox) == 2
    if texted_code() != first:
        assert "Mã chưa đúng" in verify_phone(client, first).content.decode()
    verify_phone(client, texted_code())
    assert signed_in_as(client)


def test_who_left_before_the_code_signs_in_and_gets_another(client, province):
    sign_up(client)
    client.cookies.clear()
    response = client.post(reverse("account_login"), {"login": "0912345678", "password": PASSWORD})
    assert response.url == reverse("account_verify_phone")
    verify_phone(client, texted_code())
    assert signed_in_as(client).phone_verified


# --- By e-mail ---


def test_sign_up_by_email(client, province):
    assert sign_up(client, " Hoa@Example.VN ").url == reverse("account_email_verification_sent")
    assert signed_in_as(client) is None
    assert mail.outbox[-1].to == ["hoa@example.vn"]
    assert mail.outbox[-1].subject == "Học Số: Mã xác nhận email"
    page = client.get(reverse("account_email_verification_sent")).content.decode()
    assert "hoa@example.vn" in page
    assert mailed_code() not in page

    assert verify_email(client, mailed_code()).url == reverse("account_home")
    user = signed_in_as(client)
    assert (user.email, user.phone) == ("hoa@example.vn", None)
    assert EmailAddress.objects.get(user=user).verified


def test_wrong_email_code(client, province):
    sign_up(client, "hoa@example.vn")
    wrong = "000000" if mailed_code() != "000000" else "111111"
    assert "Mã chưa đúng" in verify_email(client, wrong).content.decode()
    assert signed_in_as(client) is None


def test_expired_email_code(client, province, monkeypatch):
    sign_up(client, "hoa@example.vn")
    monkeypatch.setattr("time.time", (timezone.now() + timedelta(minutes=15, seconds=5)).timestamp)
    verify_email(client, mailed_code())
    assert signed_in_as(client) is None


# --- An account that exists already: nothing on screen tells ---


def shape(response):
    """The page without what differs from one request to the next."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", response.content.decode())
    return page.replace("0912 345 678", "SO").replace("0987 654 321", "SO").replace("moi@", "x@").replace("cu@", "x@")


def test_a_known_phone_looks_like_a_new_one_and_its_owner_is_told(client, province, client_factory):
    UserFactory(phone=PHONE, phone_verified=True, claimed_at=timezone.now())
    other = client_factory()
    known, new = sign_up(client, "0912345678"), sign_up(other, "0987654321")
    assert (known.status_code, urlsplit(known.url)) == (new.status_code, urlsplit(new.url))
    assert shape(client.get(known.url)) == shape(other.get(new.url))
    assert "da co tai khoan" in MemoryBackend.outbox[0].text
    assert shape(verify_phone(client, "")) == shape(verify_phone(other, ""))
    assert User.objects.count() == 2


def test_a_known_email_looks_like_a_new_one_and_its_owner_is_told(client, province, client_factory):
    UserFactory(email="cu@example.vn", claimed_at=timezone.now())
    other = client_factory()
    known, new = sign_up(client, "cu@example.vn"), sign_up(other, "moi@example.vn")
    assert known.url == new.url
    assert shape(client.get(known.url)) == shape(other.get(new.url))
    assert "đã có tài khoản" in mail.outbox[0].body
    assert User.objects.count() == 2


def test_two_sign_ups_at_one_instant_make_one_account(client, province, monkeypatch):
    """The second form was checked before the first was saved: the constraint decides, politely."""
    UserFactory(phone=PHONE, claimed_at=timezone.now())
    monkeypatch.setattr("people.forms.SignupForm._clean_phone", lambda form: None)
    assert sign_up(client).url == reverse("account_verify_phone")
    assert "da co tai khoan" in MemoryBackend.outbox[-1].text
    assert User.objects.count() == 1


# --- What the form refuses ---


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("full_name", "", "Hãy điền mục này."),
        ("full_name", "12345", "Họ và tên chỉ gồm chữ"),
        ("contact", "", "Hãy điền mục này."),
        ("contact", "hoa", "Hãy nhập số điện thoại (0912 345 678) hoặc email"),
        ("contact", "hoa@", "Email chưa đúng"),
        ("contact", "0912", "Số điện thoại chưa đúng"),
        ("contact", "0204 3854 123", "Số máy bàn"),
        ("password1", "", "Hãy điền mục này."),
        ("password1", "ngắn", "Mật khẩu quá ngắn: cần ít nhất 8 ký tự."),
        ("password1", "12345678", "nhiều người dùng"),
        ("password1", "0912345678", "quá giống thông tin của bạn"),
    ],
)
def test_wrong_input_is_explained_beside_its_field(client, province, field, value, why):
    refused = sign_up(client, **{field: value})
    assert refused.status_code == 302, "the browser's Back and Reload never ask to send it again"
    assert "password1" not in client.session["mistakes"]["typed"]
    response = client.get(refused.url)
    assert why in " ".join(response.context["form"].errors[field])
    assert why in response.content.decode()
    assert not User.objects.exists()
    shown = re.search(rf'<input[^>]*name="{field}"[^>]*>', response.content.decode())[0]
    assert (f'value="{value}"' in shown) is (bool(value) and field != "password1"), "what was typed, never a password"
    assert "Có chỗ cần sửa" not in client.get(refused.url).content.decode(), "said once"


def test_a_mistake_is_said_on_its_own_page_only(client, province):
    client.post(reverse("account_signup"), {"contact": "hoa"})
    assert "Có chỗ cần sửa" not in client.get(reverse("account_slip")).content.decode()
    client.post(reverse("account_signup"), {"contact": "0912345678"})
    assert "Có chỗ cần sửa" not in client.get(reverse("account_signup_name")).content.decode()


def test_a_mistake_keeps_where_somebody_was_going(client, province):
    asked = f"{reverse('account_signup')}?next=/khoa-hoc/"
    assert "action=" not in re.search(r'<form method="post"[^>]*>', client.get(asked).content.decode())[0]
    assert client.post(asked, {"contact": "hoa"}).url == asked
    sign_up(client, url=asked)
    verify_phone(client, texted_code())
    assert client.post(reverse("account_home"), {"commune": ""}).url == "/khoa-hoc/"


def test_a_name_of_one_word_is_asked_back_once(client, province):
    client.post(reverse("account_signup"), {"contact": "0912345678"})
    names = reverse("account_signup_name")

    def try_name(name):
        response = client.post(names, {"full_name": name})
        return client.get(names).content.decode() if response.url == names else response.url

    page = try_name(" Mận ")
    assert "Đây có phải họ tên đầy đủ? Tên này in trên giấy chứng nhận." in page
    assert 'value="Mận"' in page or 'value=" Mận "' in page
    assert "Đây có phải họ tên đầy đủ?" in try_name("Hoà"), "another name is another question"
    assert try_name("Hoà") == reverse("account_signup_password")
    client.post(reverse("account_signup_password"), {"password1": PASSWORD})
    assert User.objects.get().full_name == "Hoà"


def test_a_long_phrase_with_spaces_and_accents_is_a_fine_password(client, province):
    sign_up(client)
    assert User.objects.get().check_password(PASSWORD)


def test_name_is_kept_in_one_form(client, province):
    sign_up(client, full_name="  Nguyễn   Thị  Hoà ")
    assert User.objects.get().full_name == "Nguyễn Thị Hoà"


def test_each_page_asks_for_one_thing(client, province):
    url, asked = reverse("account_signup"), []
    for answer in ({"contact": "0912345678"}, {"full_name": "Nguyễn Thị Hoà"}, {}):
        page = client.get(url).content.decode()
        main = page.partition("<main")[2].partition("</main>")[0]
        asked.append(re.findall(r'<(?:input|select)[^>]* name="(\w+)"', main)[1:])
        assert f"Bước {len(asked)} trên 4" in page
        assert "placeholder" not in page
        url = client.post(url, answer).url if answer else url
    # The name is not asked twice: it stands there for the browser's list of passwords.
    assert asked == [["contact"], ["full_name"], ["username", "password1", "reminders"]]
    assert 'href="/quyen-rieng-tu/"' in page
    assert not re.search(r"<input[^>]*checkbox[^>]*checked", page), "nobody agrees for somebody else"


def test_next_page_survives_the_code(client, province):
    sign_up(client, url=f"{reverse('account_signup')}?next=/khoa-hoc/")
    assert verify_phone(client, texted_code()).url == reverse("account_home")
    assert client.post(reverse("account_home"), {"commune": ""}).url == "/khoa-hoc/"


def test_going_back_corrects_what_was_typed(client, province):
    sign_up(client, "0912 345 678")
    page = client.get(reverse("account_signup")).content.decode()
    assert 'value="0912 345 678"' in page, "what was typed stands there"
    assert sign_up(client, "0987 654 321").url == reverse("account_verify_phone")
    assert MemoryBackend.outbox[-1].phone == "+84987654321"
    verify_phone(client, texted_code())
    assert signed_in_as(client).phone == "+84987654321"


@pytest.mark.parametrize("contact", ["0912 345 678", "hoa@example.vn"])
@pytest.mark.parametrize("who", ["new", "rostered", "claimed"])
def test_coming_back_with_the_same_contact_sends_nothing_again(client, province, settings, contact, who):
    """Within the half minute in which no second code is sent: the first one is still good, for the corrected name."""
    settings.ACCOUNT_RATE_LIMITS = {"verify_phone": "1/30s/key", "confirm_email": "1/3m/key"}
    if who != "new":
        field = "email" if "@" in contact else "phone"
        kept = {"phone": None, "email": None, field: contact if "@" in contact else PHONE}
        UserFactory(**kept, claimed_at=timezone.now() if who == "claimed" else None)
    asking = sign_up(client, contact).url
    assert "verify" in asking or "confirm" in asking
    assert client.post(reverse("account_signup"), {"contact": contact}).url == asking, "straight back to the code"
    client.post(reverse("account_signup_name"), {"full_name": "Nguyễn Thị Hoa"})
    assert client.post(reverse("account_signup_password"), {"password1": PASSWORD}).url == asking
    assert len(MemoryBackend.outbox) + len(mail.outbox) == 1
    code = "000000" if who == "claimed" else mailed_code() if "@" in contact else texted_code()
    answer = client.post(asking, {"code": code})
    expected = {"new": reverse("account_home"), "rostered": reverse("account_claim")}
    assert getattr(answer, "url", None) == expected.get(who)
    if who == "new":
        assert signed_in_as(client).full_name == "Nguyễn Thị Hoa"
    else:
        assert signed_in_as(client) is None


def test_wrong_codes_are_counted_on_across_coming_back(client, province):
    asking = sign_up(client).url
    wrong = "000000" if texted_code() != "000000" else "111111"
    verify_phone(client, wrong)
    verify_phone(client, wrong)
    client.post(reverse("account_signup_password"), {"password1": PASSWORD})
    assert verify_phone(client, wrong).url == reverse("account_login")
    assert verify_phone(client, texted_code()).url != asking
    assert signed_in_as(client) is None


def test_too_many_numbers_are_a_page_with_a_way_back(client, province, settings):
    settings.ACCOUNT_RATE_LIMITS = {"verify_phone": "1/m/ip"}
    sign_up(client, "0912 345 678")
    refused = sign_up(client, "0987 654 321")
    assert refused.status_code == 429
    assert f'href="{reverse("account_signup_password")}"' in refused.content.decode()


@pytest.mark.parametrize("page", ["account_signup_name", "account_signup_password", "account_claim"])
def test_a_page_in_the_middle_leads_to_the_beginning(client, province, page):
    assert client.get(reverse(page)).url in {reverse("account_signup"), reverse("account_login")}


def test_who_began_twice_gets_a_code_and_what_they_typed_last(client, province, client_factory):
    """The first try ended before its code, in another browser: nobody is told that they have an account."""
    sign_up(client_factory(), full_name="Nguyễn Thị Hoa")
    sign_up(client, password1="một câu hoàn toàn khác")
    assert "da co tai khoan" not in MemoryBackend.outbox[-1].text
    assert verify_phone(client, texted_code()).url == reverse("account_home")
    user = User.objects.get()
    assert (signed_in_as(client), user.full_name) == (user, "Nguyễn Thị Hoà")
    assert user.check_password("một câu hoàn toàn khác")


# --- What was agreed to ---


@pytest.mark.parametrize(("ticked", "purposes"), [({}, {"learning"}), ({"reminders": "on"}, {"learning", "reminders"})])
def test_what_was_agreed_to_is_kept_with_its_version(client, province, ticked, purposes):
    sign_up(client, **ticked)
    rows = User.objects.get().consents.all()
    assert {row.purpose for row in rows} == purposes
    assert {(row.version, row.given, row.how) for row in rows} == {(VERSION, True, "signup")}


def test_the_version_is_the_one_of_the_wording():
    wording = (settings.BASE_DIR / "lms/templates/account/_consent.html").read_text(encoding="utf-8")
    assert f"version {VERSION} " in wording


# --- Demo, and a gateway that is down ---


@pytest.mark.parametrize("demo", [True, False])
@pytest.mark.parametrize("contact", ["0912345678", "hoa@example.vn"])
def test_only_a_demo_shows_the_code_on_screen(client, province, settings, demo, contact):
    settings.DEMO = demo
    page = client.get(sign_up(client, contact).url).content.decode()
    code = mailed_code() if "@" in contact else texted_code()
    assert (f"Bản dùng thử: mã của bạn là {code}" in page) is demo
    assert (code in page) is demo


@pytest.mark.parametrize("demo", [True, False])
def test_only_a_demo_says_on_screen_that_a_phone_is_known(client, province, settings, demo):
    settings.DEMO = demo
    UserFactory(phone=PHONE, claimed_at=timezone.now())
    page = client.get(sign_up(client).url).content.decode()
    assert ("Bản dùng thử: số 0912 345 678 đã có tài khoản" in page) is demo


def test_a_gateway_that_is_down_is_a_page_and_the_account_stays(client, province, settings):
    settings.SMS_BACKEND = f"{__name__}.BrokenBackend"
    response = sign_up(client)
    assert response.status_code == 503
    assert "Chưa gửi được tin nhắn có mã." in response.content.decode()
    settings.SMS_BACKEND = "people.sms.MemoryBackend"
    client.post(reverse("account_login"), {"login": "0912345678", "password": PASSWORD})
    verify_phone(client, texted_code())
    assert signed_in_as(client)


def test_a_mail_server_that_is_down_is_a_page(client, province, monkeypatch):
    def refuse(message, fail_silently=False):
        raise OSError("no route")

    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", refuse)
    response = sign_up(client, "hoa@example.vn")
    assert response.status_code == 503
    assert "Chưa gửi được email có mã." in response.content.decode()
