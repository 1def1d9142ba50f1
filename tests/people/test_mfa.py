"""The second step: who is asked, that nothing goes around it, and what happens when it is lost."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth import SESSION_KEY
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils.html import strip_tags

from common.errors import Refusal
from common.models import AuditEntry
from people import mfa
from people.models import Notice, Role
from people.second_step import second_step_reset
from tests.factories.people import MembershipFactory, UserFactory
from tests.proof import SECRET, app_code, prove, with_second_step

PASSWORD = "mot cau ngan de nho"
ROOMS = ["/quan-ly/", "/cms/", "/quan-tri-he-thong/"]


def person(province, role=Role.COORDINATOR, **fields):
    """Somebody with an office and a password, without a second step."""
    user = UserFactory(**fields)
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    MembershipFactory(user=user, unit=province.north, audience=province.staff, role=role)
    return user


def sign_in(client, user):
    return client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})


def signed_in(client):
    return SESSION_KEY in client.session


# --- Who must -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("role", "must"),
    [
        (Role.LEARNER, False),
        (Role.TEAM_LEADER, False),
        (Role.COORDINATOR, True),
        (Role.ISSUING_OFFICIAL, True),
        (Role.PROVINCIAL_LEAD, True),
        (Role.EDITOR, True),
        (Role.ADMINISTRATOR, True),
    ],
)
def test_roles(province, role, must):
    assert mfa.must_have_second_step(person(province, role)) is must


def test_an_ended_office_asks_for_nothing_and_a_superuser_always(province):
    assert mfa.must_have_second_step(UserFactory(is_superuser=True))
    assert mfa.must_have_second_step(UserFactory(is_staff=True))
    former = person(province)
    former.memberships.update(valid_to="2025-08-01")
    assert not mfa.must_have_second_step(former)


@override_settings(SECOND_STEP_ROLES=["team_leader"])
def test_a_province_may_ask_team_leaders_too(province):
    assert mfa.must_have_second_step(person(province, Role.TEAM_LEADER))


@pytest.mark.parametrize("room", ROOMS)
def test_staff_without_a_second_step_are_led_to_it_and_back(client, province, room, monkeypatch):
    monkeypatch.setattr(transaction, "on_commit", lambda act, **kwargs: act())  # a test's transaction never ends
    user = person(province, Role.ADMINISTRATOR, is_staff=True, is_superuser=True)
    sign_in(client, user)
    answer = client.get(room)
    assert answer["Location"] == "/tai-khoan/buoc-hai/?" + urlencode({"next": room})
    assert "Bật bước xác nhận thứ hai" in client.get(answer["Location"]).content.decode()
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    codes = client.post(reverse("mfa_activate_totp"), {"code": app_code(secret=secret)})
    assert codes["Location"] == reverse("mfa_view_recovery_codes")
    text = client.get(codes["Location"]).content.decode()
    assert "đi tiếp" in text
    assert client.get(reverse("second_step"))["Location"] == room
    assert client.get(room).status_code == 200


def test_learning_and_the_account_stay_open(client, province):
    sign_in(client, person(province))
    for path in ("/viec-hoc/", "/tai-khoan/", "/khong-co-trang-nay/"):
        assert "buoc-hai" not in client.get(path).headers.get("Location", "")


def test_what_staff_send_without_a_second_step_is_not_done(client, province):
    sign_in(client, person(province))
    answer = client.post("/quan-ly/cap-chung-nhan/de-nghi/?x=1", {"title": "Đợt một"})
    assert answer["Location"].endswith(urlencode({"next": "/quan-ly/cap-chung-nhan/de-nghi/"}))


def test_who_has_no_office_is_not_asked(client, learner):
    client.force_login(learner)
    assert client.get("/quan-ly/").status_code == 404


def test_the_page_leads_nowhere_else(client, province):
    sign_in(client, person(province))
    client.get("/tai-khoan/buoc-hai/?next=https://evil.example/")
    assert "after_second_step" not in client.session


# --- Nothing goes around it -----------------------------------------------------------------------------------------
def test_the_password_is_only_half_the_way(client, province):
    user = with_second_step(person(province))
    answer = sign_in(client, user)
    assert answer["Location"] == reverse("mfa_authenticate")
    assert not signed_in(client)
    wrong = client.post(answer["Location"], {"code": "000000"})
    assert "Mã chưa đúng" in wrong.content.decode()
    assert not signed_in(client)
    client.post(answer["Location"], {"code": app_code()})
    assert signed_in(client)
    assert client.get("/quan-ly/").status_code == 200


def test_a_code_is_good_once_for_as_long_as_the_clock_accepts_it(client, province):
    user = with_second_step(person(province))
    code = app_code(periods=1)  # accepted now, for the next half minute, and for the one after
    sign_in(client, user)
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert signed_in(client)
    other = Client()
    sign_in(other, user)
    answer = other.post(reverse("mfa_authenticate"), {"code": f"{code[:3]} {code[3:]}"})
    assert "vừa dùng rồi" in answer.content.decode()
    assert not signed_in(other)


def test_a_wrong_first_code_names_nothing_that_is_not_there_yet(client, province):
    sign_in(client, person(province))
    client.get(reverse("mfa_activate_totp"))
    page = client.post(reverse("mfa_activate_totp"), {"code": "000000"}).content.decode()
    assert "Mã chưa đúng" in page
    assert "mã dự phòng" not in page


def test_the_last_recovery_code_says_so(client, province):
    user = with_second_step(person(province), recovery_codes=True)
    codes = Authenticator.objects.get(user=user, type="recovery_codes").wrap()
    *used, last = codes.get_unused_codes()
    for code in used:
        assert codes.validate_code(code)
    sign_in(client, user)
    client.post(reverse("mfa_authenticate"), {"code": last})
    assert "không còn mã nào: hãy tạo mã mới ngay" in client.get("/quan-ly/").content.decode()


def test_a_new_password_does_not_replace_the_second_step(client, province):
    user = with_second_step(person(province))
    client.post(reverse("account_reset_password"), {"email": user.email})
    code = mail.outbox[-1].body.split("\n\n")
    digits = next(line for part in code for line in part.split() if line.isdigit() and len(line) == 6)
    client.post(reverse("account_confirm_password_reset_code"), {"code": digits}, follow=True)
    page = reverse("account_complete_password_reset")
    answer = client.post(page, {"password1": "mot cau khac de nho"}, follow=True)
    assert not signed_in(client)
    assert answer.redirect_chain[-1][0] == reverse("mfa_authenticate")
    client.post(reverse("mfa_authenticate"), {"code": app_code()})
    assert signed_in(client)


def test_a_session_from_before_the_second_step_must_give_it(client, province):
    user = person(province)
    sign_in(client, user)
    with_second_step(user)  # set up in another browser
    answer = client.get("/quan-ly/?trang=2")
    assert answer["Location"].startswith(reverse("mfa_reauthenticate"))
    page = client.get(answer["Location"]).content.decode()
    assert "Để vào trang dành cho cán bộ, hãy xác nhận lại là bạn." in strip_tags(page)
    onwards = client.post(answer["Location"], {"code": app_code()})
    assert 'href="/quan-ly/?trang=2"' in client.get(onwards["Location"]).content.decode()
    assert client.get("/quan-ly/").status_code == 200


def test_a_password_alone_does_not_take_the_second_step_off(client, province):
    user = with_second_step(person(province))
    client.force_login(user)
    assert client.get(reverse("mfa_deactivate_totp"))["Location"].startswith(reverse("mfa_reauthenticate"))
    answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert answer["Location"].startswith(reverse("mfa_reauthenticate"))
    client.post(reverse("mfa_deactivate_totp"))
    assert mfa.has_second_step(user)


def test_taking_the_last_one_off_leads_back_to_setting_one_up(client, province):
    user = with_second_step(person(province), recovery_codes=True)
    client.force_login(user)
    prove(client)
    client.post(reverse("mfa_deactivate_totp"), follow=True)
    assert not Authenticator.objects.filter(user=user).exists()
    assert client.get("/quan-ly/")["Location"].startswith("/tai-khoan/buoc-hai/")


def test_a_passkey_of_a_citizen_is_a_quicker_way_in_and_no_lock(client, learner):
    learner.set_password(PASSWORD)
    learner.save()
    EmailAddress.objects.create(user=learner, email=learner.email, verified=True, primary=True)
    Authenticator.objects.create(user=learner, type=Authenticator.Type.WEBAUTHN, data={"name": "Điện thoại"})
    RecoveryCodes.activate(learner)
    sign_in(client, learner)
    assert signed_in(client)


def test_an_app_of_a_citizen_is_asked_for(client, learner):
    learner.set_password(PASSWORD)
    learner.save()
    EmailAddress.objects.create(user=learner, email=learner.email, verified=True, primary=True)
    with_second_step(learner)
    sign_in(client, learner)
    assert not signed_in(client)


# --- Lost -----------------------------------------------------------------------------------------------------------
def test_a_recovery_code_opens_once(client, province):
    user = with_second_step(person(province), recovery_codes=True)
    code = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()[0]
    sign_in(client, user)
    client.post(reverse("mfa_authenticate"), {"code": f"{code[:4]} {code[4:]}"})
    page = client.get("/quan-ly/")
    assert page.status_code == 200
    assert "còn 9 mã" in page.content.decode()
    assert "bật lại trên điện thoại mới" in page.content.decode(), "how to go on with another phone"
    other = Client()
    sign_in(other, user)
    other.post(reverse("mfa_authenticate"), {"code": code})
    assert not signed_in(other)


def test_reset_takes_everything_ends_sessions_tells_and_is_on_record(
    client, province, lead, django_capture_on_commit_callbacks
):
    user = with_second_step(person(province), recovery_codes=True)
    client.force_login(user)
    bystander = Client()
    bystander.force_login(lead)
    with django_capture_on_commit_callbacks(execute=True):
        assert second_step_reset(user=user, actor=lead, reason=" Mất điện thoại ") == 2
    assert not Authenticator.objects.filter(user=user).exists()
    assert client.get("/tai-khoan/").status_code == 302
    assert bystander.get("/tai-khoan/").status_code == 200
    entry = AuditEntry.objects.get(act="second_step_reset")
    assert (entry.actor, entry.subject_uuid, entry.detail["reason"]) == (lead, user.uuid, "Mất điện thoại")
    assert entry.before == {"second_step": ["recovery_codes", "totp"]}
    assert Notice.objects.get(user=user).kind == "second_step_reset"


@pytest.mark.parametrize(
    ("reason", "own", "there", "code"),
    [
        (" ", False, True, "reason_missing"),
        ("mất máy", True, True, "own_second_step"),
        ("mất máy", False, False, "no_second_step"),
    ],
)
def test_reset_refuses(province, lead, reason, own, there, code):
    user = person(province)
    if there:
        with_second_step(user)
    with pytest.raises(Refusal) as refused:
        second_step_reset(user=user, actor=user if own else lead, reason=reason)
    assert refused.value.code == code
    assert not AuditEntry.objects.exists()


def test_the_command_resets(province, lead, capsys):
    user = with_second_step(person(province, email="can.bo@example.vn"))
    call_command("mfa_reset", "Can.Bo@example.vn", "--reason", "x", "--dry-run", "--json")
    assert json.loads(capsys.readouterr().out) == {"user": str(user.uuid), "taken": 1, "dry_run": True}
    assert mfa.has_second_step(user), "only said, not done"
    call_command("mfa_reset", "Can.Bo@example.vn", "--reason", "mất điện thoại", "--by", lead.email)
    assert "Đã gỡ 1 cách" in capsys.readouterr().out
    assert AuditEntry.objects.get().actor == lead
    assert not mfa.has_second_step(user)
    with pytest.raises(CommandError, match="Không có tài khoản"):
        call_command("mfa_reset", "khong-co@example.vn", "--reason", "x")
    with pytest.raises(CommandError, match="chưa có bước thứ hai"):
        call_command("mfa_reset", user.email, "--reason", "x")


def test_an_administrator_resets_behind_a_proof(client, province, stranger):
    root = UserFactory(full_name="Bùi Quang Uý", is_staff=True, is_superuser=True)
    user = with_second_step(person(province))
    client.force_login(root)
    page = reverse("admin:second_step_reset", args=[user.pk])
    assert client.get(page)["Location"].startswith(reverse("mfa_reauthenticate"))
    prove(client)
    assert "mất cả điện thoại lẫn mã dự phòng" in client.get(page).content.decode()
    client.post(page, {"reason": ""})
    assert mfa.has_second_step(user)
    client.post(page, {"reason": "Gọi điện, nhận ra giọng"})
    assert not mfa.has_second_step(user)
    client.force_login(stranger)
    assert client.get(page).status_code in (302, 403)


# --- Secrets --------------------------------------------------------------------------------------------------------
def test_secrets_lie_encrypted_and_old_plain_ones_are_read(province):
    user = with_second_step(person(province))
    found = Authenticator.objects.get(user=user)
    assert SECRET not in str(found.data)
    assert mfa.SecondStepAdapter().decrypt(found.data["secret"]) == SECRET
    assert mfa.SecondStepAdapter().decrypt(SECRET) == SECRET
    with override_settings(SECRET_KEY="another", SECRET_KEY_FALLBACKS=["tests-only"]):
        assert mfa.SecondStepAdapter().decrypt(found.data["secret"]) == SECRET


def test_a_lost_secret_key_lets_nobody_in_and_says_what_to_do(client, province):
    user = with_second_step(person(province))
    sign_in(client, user)
    session = client.session
    found = Authenticator.objects.get(user=user)
    found.data["secret"] = mfa.ENCRYPTED + "bm90IGEgdG9rZW4="
    found.save()
    assert session.session_key
    answer = client.post(reverse("mfa_authenticate"), {"code": app_code()})
    assert answer.status_code == 503
    assert "second_step_unreadable" in answer.content.decode()
    assert not signed_in(client)


# --- A demo ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("demo", [True, False])
def test_only_a_demo_shows_the_code(client, province, demo):
    user = with_second_step(person(province))
    with override_settings(DEMO=demo):
        sign_in(client, user)
        text = client.get(reverse("mfa_authenticate")).content.decode()
        assert ("mã lúc này là" in text) is demo
        assert (app_code() in text) is demo
        client.force_login(user)
        asked = client.get(reverse("mfa_reauthenticate")).content.decode()
        assert ("mã lúc này là" in asked) is demo
        prove(client)
        Authenticator.objects.filter(user=user).delete()
        setting_up = client.get(reverse("mfa_activate_totp")).content.decode()
        assert ("mã lúc này là" in setting_up) is demo


def test_pages_of_the_second_step_hold_no_english(client, province):
    user = with_second_step(person(province), recovery_codes=True)
    client.force_login(user)
    prove(client)
    pages = ["mfa_index", "mfa_deactivate_totp", "mfa_list_webauthn", "mfa_add_webauthn", "mfa_view_recovery_codes"]
    for name in [*pages, "mfa_generate_recovery_codes", "mfa_reauthenticate"]:
        answer = client.get(reverse(name))
        assert answer.status_code == 200, name
        text = answer.content.decode()
        for english in ("Authenticat", "Recovery", "Security key", "Passkey", "Confirm Access", "Please"):
            assert english not in text, (name, english)
