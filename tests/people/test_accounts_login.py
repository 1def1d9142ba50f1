"""Signing in, resetting a password, the account page, changing phone and e-mail, limits, and the editors' door."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from people.accounts import residence_of, residence_set
from people.models import CITIZEN, Role, UnitKind, User
from people.services import structures_rebuild
from people.sms import MemoryBackend
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]
PASSWORD = "cây đa bến nước"
NEW = "con đò sân đình"
PHONE = "+84912345678"


@pytest.fixture(autouse=True)
def _quiet(settings):
    MemoryBackend.outbox.clear()
    settings.DEMO = False
    cache.clear()


@pytest.fixture
def client_factory():
    """Another browser."""
    return Client


@pytest.fixture
def hoa(province):
    """Somebody with both a phone and an e-mail address."""
    user = UserFactory(full_name="Nguyễn Thị Hoà", email="hoa@example.vn", phone=PHONE, phone_verified=True)
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def log_in(client, login, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": login, "password": password})


def signed_in_as(client):
    return User.objects.filter(pk=client.session.get("_auth_user_id")).first()


def texted_code():
    return re.search(r"\b\d{6}\b", MemoryBackend.outbox[-1].text)[0]


def mailed_code():
    return re.search(r"^\d{6}$", mail.outbox[-1].body, re.M)[0]


# --- Signing in ---


@pytest.mark.parametrize("login", ["0912345678", "0912 345 678", "+84912345678", "hoa@example.vn", " HOA@example.vn "])
def test_sign_in_by_either(client, hoa, login):
    assert log_in(client, login).url == reverse("courses:my_learning")
    assert signed_in_as(client) == hoa


@pytest.mark.parametrize(
    ("offices", "first"),
    [
        ([], "/viec-hoc/"),
        ([Role.LEARNER], "/viec-hoc/"),
        ([Role.TEAM_LEADER], "/quan-ly/to/{team}/"),
        ([Role.TEAM_LEADER, Role.LEARNER], "/quan-ly/to/{team}/"),
        ([Role.TEAM_LEADER, "another team"], "/quan-ly/"),
        ([Role.TEAM_LEADER, Role.COORDINATOR], "/quan-ly/"),
        ([Role.COORDINATOR], "/quan-ly/"),
        ([Role.ISSUING_OFFICIAL], "/quan-ly/"),
        ([Role.EDITOR], "/cms/"),
    ],
)
def test_everybody_begins_at_their_own_desk(client, province, hoa, offices, first):
    team = UnitFactory(kind=UnitKind.TEAM, parent=province.north)
    for n, office in enumerate(offices):
        another = office == "another team"
        unit = UnitFactory(kind=UnitKind.TEAM, parent=province.north) if another else team
        role = Role.TEAM_LEADER if another else office
        MembershipFactory(user=hoa, unit=unit, audience=province.team, role=role, is_main=n == 0)
    structures_rebuild()
    assert log_in(client, "0912345678").url == first.format(team=team.uuid)
    client.post(reverse("account_logout"))
    asked = {"login": "0912345678", "password": PASSWORD, "next": "/khoa-hoc/"}
    assert client.post(reverse("account_login"), asked).url == "/khoa-hoc/", "who was going somewhere goes there"


def test_one_way_to_a_new_password_at_a_time(client, hoa):
    before = client.get(reverse("account_login")).content.decode()
    after = log_in(client, "0912345678", "không phải").content.decode()
    assert ("Quên mật khẩu?" in before, "Gửi mã để đặt mật khẩu" in before) == (True, False)
    assert ("Quên mật khẩu?" in after, "Gửi mã để đặt mật khẩu" in after) == (False, True)


@pytest.mark.parametrize("login", ["0912345678", "0987654321", "hoa@example.vn", "khong@example.vn"])
def test_a_wrong_password_and_an_unknown_account_read_the_same(client, hoa, login):
    page = log_in(client, login, "không phải").content.decode()
    assert "Số điện thoại, email hoặc mật khẩu chưa đúng." in page
    assert signed_in_as(client) is None


def test_something_else_than_phone_or_email_is_explained(client, hoa):
    assert "Hãy nhập số điện thoại (0912 345 678) hoặc email" in log_in(client, "hoa").content.decode()


def test_an_account_made_by_an_office_signs_in_without_a_code(client, province):
    user = UserFactory(email="canbo@example.vn", phone="+84987654321")
    user.set_password(PASSWORD)
    user.save()
    log_in(client, "canbo@example.vn")
    assert signed_in_as(client) == user
    assert (mail.outbox, MemoryBackend.outbox) == ([], [])


def test_an_inactive_account_is_told_so(client, hoa):
    User.objects.update(is_active=False)
    response = log_in(client, "0912345678")
    assert response.url == reverse("account_inactive")
    assert "tạm ngừng" in client.get(response.url).content.decode()


def test_sign_out_is_a_post(client, hoa):
    client.force_login(hoa)
    assert client.get(reverse("account_logout")).status_code == 200
    assert signed_in_as(client) == hoa
    assert client.post(reverse("account_logout")).url == "/"
    assert signed_in_as(client) is None


def test_editors_come_in_through_our_door(client, province):
    response = client.get("/cms/")
    assert response.url == f"{reverse('account_login')}?next=/cms/"


# --- A forgotten password ---


def reset(client, contact):
    return client.post(reverse("account_reset_password"), {"email": contact})


@pytest.mark.parametrize("contact", ["0912 345 678", "hoa@example.vn"])
def test_password_reset_by_code(client, hoa, contact):
    User.objects.update(phone_verified=False)
    assert reset(client, contact).url == reverse("account_confirm_password_reset_code")
    code = mailed_code() if "@" in contact else texted_code()
    response = client.post(reverse("account_confirm_password_reset_code"), {"code": code})
    assert response.url == reverse("account_complete_password_reset")
    page = client.get(response.url).content.decode()
    assert page.count('type="password"') == 1
    response = client.post(reverse("account_complete_password_reset"), {"password1": NEW})
    assert response.url == reverse("courses:my_learning")
    hoa.refresh_from_db()
    assert signed_in_as(client) == hoa
    assert hoa.check_password(NEW)
    assert hoa.phone_verified is ("@" not in contact)


@pytest.mark.parametrize(("known", "unknown"), [("0912345678", "0987654321"), ("hoa@example.vn", "khong@example.vn")])
def test_reset_does_not_tell_who_has_an_account(client, client_factory, hoa, known, unknown):
    other = client_factory()
    assert reset(client, known).url == reset(other, unknown).url
    url = reverse("account_confirm_password_reset_code")
    blind = re.compile(r'value="[^"]*"|hoa@|khong@|0912 345 678|0987 654 321')
    assert blind.sub("", client.get(url).content.decode()) == blind.sub("", other.get(url).content.decode())
    wrong = {"code": "abcdef"}
    assert blind.sub("", client.post(url, wrong).content.decode()) == blind.sub(
        "", other.post(url, wrong).content.decode()
    )


def test_an_unknown_phone_costs_no_text_message(client, hoa):
    reset(client, "0987654321")
    assert MemoryBackend.outbox == []


def test_a_wrong_or_old_reset_code_changes_nothing(client, hoa, monkeypatch):
    reset(client, "0912345678")
    page = client.post(reverse("account_confirm_password_reset_code"), {"code": "abcdef"}).content.decode()
    assert "Mã chưa đúng" in page
    monkeypatch.setattr("time.time", (timezone.now() + timedelta(minutes=15, seconds=5)).timestamp)
    response = client.post(reverse("account_confirm_password_reset_code"), {"code": texted_code()})
    assert response.url == reverse("account_login")
    hoa.refresh_from_db()
    assert hoa.check_password(PASSWORD)


def test_reset_in_a_demo_shows_the_code(client, hoa, settings):
    settings.DEMO = True
    page = client.get(reset(client, "0912345678").url).content.decode()
    assert f"Bản dùng thử: mã của bạn là {texted_code()}" in page


# --- The account page ---


def test_account_page_shows_me_to_me(client, hoa, province):
    MembershipFactory(user=hoa, unit=province.north, audience=province.citizen, role=Role.LEARNER)
    MembershipFactory(user=hoa, unit=province.south, audience=province.staff, valid_to=date(2026, 1, 1))
    client.force_login(hoa)
    page = client.get(reverse("account")).content.decode().replace("<wbr>", "")
    for text in ["Nguyễn Thị Hoà", "17/05/1969", "0912 345 678", "hoa@example.vn", "Xã Xuân Lương", "Người học"]:
        assert text in page
    assert "Xã Yên Thế" not in page, "a membership that ended is not in force"
    assert f'action="{reverse("account_logout")}"' in page


@pytest.mark.parametrize("name", ["account", "account_profile", "account_email", "account_change_phone", "mfa_index"])
def test_strangers_are_asked_to_sign_in(client, province, name):
    assert client.get(reverse(name)).url.startswith(reverse("account_login"))


def test_account_page_costs_the_same_with_many_units(client, hoa, province):
    """Session, user, memberships with units, home; then the header: roles."""
    client.force_login(hoa)
    counts = []
    for more in (1, 20):
        for _ in range(more):
            MembershipFactory(user=hoa, audience=province.staff, is_main=False)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("account"))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def change(client, **fields):
    data = {"full_name": "Nguyễn Thị Hoà", "birth_date": "", "commune": "", **fields}
    return client.post(reverse("account_profile"), data)


@pytest.mark.parametrize("written", ["17/05/1969", "17-5-1969", "17.05.1969", "1969-05-17"])
def test_change_name_and_birth_date(client, hoa, written):
    client.force_login(hoa)
    assert change(client, full_name="Nguyễn Thị  Hoa", birth_date=written).url == reverse("account")
    hoa.refresh_from_db()
    assert (hoa.full_name, hoa.search_key, hoa.birth_date) == ("Nguyễn Thị Hoa", "nguyen thi hoa", date(1969, 5, 17))


@pytest.mark.parametrize("written", ["1969", "31/02/1969", "01/01/1800", "01/01/2999"])
def test_wrong_birth_dates_are_explained(client, hoa, written):
    client.force_login(hoa)
    assert "Ngày sinh chưa đúng" in change(client, birth_date=written).content.decode()


def test_moving_house_ends_the_old_membership_and_begins_one(hoa, province):
    first = residence_set(user=hoa, commune=province.north, on=date(2026, 1, 1))
    assert residence_set(user=hoa, commune=province.north, on=date(2026, 2, 1)) is None
    second = residence_set(user=hoa, commune=province.south, on=date(2026, 3, 1))
    first.refresh_from_db()
    assert (first.valid_to, second.valid_from, second.is_main) == (date(2026, 3, 1), date(2026, 3, 1), True)
    assert residence_of(hoa) == province.south
    assert residence_set(user=hoa, commune=None, on=date(2026, 4, 1)) is None
    assert residence_of(hoa) is None
    assert hoa.memberships.count() == 2


def test_a_correction_on_the_same_day_leaves_one_row(hoa, province):
    day = date(2026, 1, 1)
    residence_set(user=hoa, commune=province.north, on=day)
    residence_set(user=hoa, commune=province.south, on=day)
    assert [m.unit for m in hoa.memberships.all()] == [province.south]


def test_an_official_s_home_does_not_become_the_main_unit(coordinator, province):
    home = residence_set(user=coordinator, commune=province.south)
    assert (home.is_main, home.audience.code) == (False, CITIZEN)
    assert residence_of(coordinator) == province.south


def test_a_commune_that_a_reform_ended_can_stay(client, hoa, province):
    residence_set(user=hoa, commune=province.north, on=date(2026, 1, 1))
    type(province.north).objects.filter(pk=province.north.pk).update(valid_to=date(2026, 6, 1))
    client.force_login(hoa)
    assert change(client, commune=province.north.pk).url == reverse("account")
    assert residence_of(hoa) == province.north


# --- Password, phone, e-mail ---


def test_change_password_with_the_old_one(client, hoa):
    client.force_login(hoa)
    page = client.post(reverse("account_change_password"), {"oldpassword": "sai rồi nhé", "password1": NEW})
    assert "Mật khẩu hiện tại chưa đúng." in page.content.decode()
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": NEW})
    hoa.refresh_from_db()
    assert hoa.check_password(NEW)
    assert "mật khẩu" in mail.outbox[-1].subject


def test_add_a_phone_by_code(client, province):
    user = UserFactory()
    client.force_login(user)
    response = client.post(reverse("account_change_phone"), {"phone": "0912 345 678"})
    assert response.url == reverse("account_verify_phone")
    user.refresh_from_db()
    assert user.phone is None, "nothing is kept before the code"
    client.post(reverse("account_verify_phone"), {"code": texted_code()})
    user.refresh_from_db()
    assert (user.phone, user.phone_verified) == (PHONE, True)


def test_the_phone_of_somebody_else_cannot_be_taken(client, hoa):
    user = UserFactory()
    client.force_login(user)
    client.post(reverse("account_change_phone"), {"phone": "0912 345 678"})
    page = client.post(reverse("account_verify_phone"), {"code": texted_code()}).content.decode()
    assert "Số điện thoại này đã có tài khoản." in page
    user.refresh_from_db()
    assert user.phone is None


def test_change_the_email_by_code(client, hoa):
    client.force_login(hoa)
    response = client.post(reverse("account_email"), {"action_add": "1", "email": "moi@example.vn"})
    assert response.url == reverse("account_email_verification_sent")
    code = next(m for m in mail.outbox if m.to == ["moi@example.vn"])
    client.post(response.url, {"code": re.search(r"^\d{6}$", code.body, re.M)[0]})
    hoa.refresh_from_db()
    assert hoa.email == "moi@example.vn"
    assert [(a.email, a.verified, a.primary) for a in EmailAddress.objects.filter(user=hoa)] == [
        ("moi@example.vn", True, True)
    ]


# --- Limits ---


@pytest.fixture
def limits(settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "3/m/ip", "verify_phone": "1/30s/key,5/h/key,30/m/ip"}


def test_too_many_sign_ins_are_a_page_in_vietnamese(client, hoa, limits):
    for _ in range(3):
        assert log_in(client, "0912345678", "sai").status_code == 200
    response = log_in(client, "0912345678", "sai")
    assert response.status_code == 429
    assert "Bạn thao tác quá nhiều lần" in response.content.decode()
    assert '<html lang="vi">' in response.content.decode()


def test_five_wrong_passwords_lock_that_phone_and_no_other(client, hoa, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": "5/5m/key"}
    other = UserFactory(phone="+84987654321", phone_verified=True)
    other.set_password(PASSWORD)
    other.save()
    for _ in range(5):
        log_in(client, "0912345678", "sai")
    assert "quá nhiều lần" in log_in(client, "0912 345 678").content.decode()
    log_in(client, "0987654321")
    assert signed_in_as(client) == other


def test_the_first_code_asked_for_too_soon_is_a_page_too(client, hoa, limits):
    User.objects.update(phone_verified=False, last_login=None)
    assert log_in(client, "0912345678").url == reverse("account_verify_phone")
    client.cookies.clear()
    assert log_in(client, "0912345678").status_code == 429


def test_a_new_number_asked_for_too_soon_is_a_page_too(client, province, limits):
    client.force_login(UserFactory())
    assert client.post(reverse("account_change_phone"), {"phone": "0912345678"}).status_code == 302
    assert client.post(reverse("account_change_phone"), {"phone": "0912345678"}).status_code == 429
