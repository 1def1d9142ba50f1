"""A fresh proof before what cannot be taken back: asked once, nothing lost, done exactly once."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from certificates.models import BatchState
from certificates.services import batch_number
from common.models import AuditEntry
from people import stepup
from people.models import Membership, Role
from tests.factories.certificates import propose, series_defaults
from tests.factories.courses import complete, course_with_steps
from tests.factories.people import MembershipFactory, UserFactory
from tests.proof import app_code, prove, with_second_step

POSTED = {"decision_number": "412/QĐ-SKHCN", "decision_date": f"{timezone.localdate():%d/%m/%Y}", "confirmed": "on"}
WHY = "duyệt và cấp giấy cho đợt này"


@pytest.fixture
def batch(province, learner, coordinator):
    series, course = series_defaults(province), course_with_steps(lessons=2)
    complete(learner, course)
    return propose(proposer=coordinator, series=series.official, unit=province.north, course=course)


@pytest.fixture
def approving(client, batch, official):
    """The official, an hour after signing in, sends the form; the answer."""
    client.force_login(official)
    return client.post(approval(batch), POSTED, headers={"referer": f"http://testserver{page(batch)}"})


def page(batch):
    return reverse("issuing:batch", args=[batch.uuid])


def progress(batch):
    return reverse("issuing:progress", args=[batch.uuid])


def approval(batch):
    return reverse("issuing:batch_approve", args=[batch.uuid])


def hidden(text):
    """The form that goes on, as a browser would send it."""
    form = re.search(r'<form method="post" action="([^"]+)" data-go-on>(.*?)</form>', text, re.S)
    assert form, text
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form[2])
    return unescape(form[1]), {name: unescape(value) for name, value in fields if name != "csrfmiddlewaretoken"}


def only(session):
    """Token and content of the one thing that waits in a session."""
    ((token, kept),) = session[stepup.SESSION_KEY].items()
    return token, kept


def state(batch):
    batch.refresh_from_db()
    return batch.state


# --- The whole way --------------------------------------------------------------------------------------------------
def test_asked_proved_and_done_exactly_once(client, batch, approving):
    assert approving["Location"].startswith(reverse("mfa_reauthenticate"))
    assert state(batch) == BatchState.PROPOSED
    asking = client.get(approving["Location"]).content.decode()
    assert f"Để {WHY}, hãy xác nhận lại là bạn." in strip_tags(asking)

    wrong = client.post(approving["Location"], {"code": "000000"})
    assert "Mã chưa đúng" in wrong.content.decode()
    assert state(batch) == BatchState.PROPOSED

    proved = client.post(approving["Location"], {"code": app_code()})
    onwards = client.get(proved["Location"]).content.decode()
    target, fields = hidden(onwards)
    assert (target, fields) == (approval(batch), POSTED)
    assert page(batch) in onwards  # the way back
    assert state(batch) == BatchState.PROPOSED  # nothing happens by a link

    done = client.post(target, fields)
    assert done["Location"] == progress(batch)
    assert state(batch) == BatchState.APPROVED
    batch_number(batch=batch)
    assert (state(batch), batch.certificates.count()) == (BatchState.ISSUED, 1)

    client.post(target, fields)  # Back, and sent again
    batch_number(batch=batch)
    assert batch.certificates.count() == 1
    again = client.get(proved["Location"])
    assert again["Location"] == reverse("account")  # what waited was handed over


def test_no_second_question_within_a_quarter_of_an_hour(client, batch, official):
    client.force_login(official)
    prove(client, seconds_ago=14 * 60)
    assert client.post(approval(batch), POSTED)["Location"] == progress(batch)


def test_asked_again_after_it(client, batch, official):
    client.force_login(official)
    prove(client, seconds_ago=15 * 60)
    assert "reauthenticate" in client.post(approval(batch), POSTED)["Location"]
    assert state(batch) == BatchState.PROPOSED


def test_who_has_just_signed_in_with_both_steps_is_not_asked(client, batch, official):
    official.set_password("mot cau ngan de nho")
    official.save()
    client.post(reverse("account_login"), {"login": official.email, "password": "mot cau ngan de nho"})
    client.post(reverse("mfa_authenticate"), {"code": app_code()})
    assert client.post(approval(batch), POSTED)["Location"] == progress(batch)


def test_a_wrong_form_is_said_before_a_proof_is_asked(client, batch, official):
    client.force_login(official)
    assert "Có chỗ cần sửa" in client.post(approval(batch), POSTED | {"confirmed": ""}).content.decode()


def test_who_may_not_is_refused_before_a_proof_is_asked(client, batch, stranger, other_coordinator):
    for who, status in ((stranger, 404), (other_coordinator, 403)):
        client.force_login(who)
        assert client.post(approval(batch), POSTED).status_code == status


# --- What waits -----------------------------------------------------------------------------------------------------
def test_what_waits_is_not_done_by_a_proof_for_something_else(client, batch, approving):
    client.post(reverse("mfa_reauthenticate"), {"code": app_code(), "next": "/quan-ly/"})
    assert client.get(page(batch)).status_code == 200
    assert state(batch) == BatchState.PROPOSED


def test_what_waits_goes_on_only_after_the_proof(client, batch, approving):
    token, _ = only(client.session)
    answer = client.get(reverse("proof_resume", args=[token]))
    assert answer["Location"].startswith(reverse("mfa_reauthenticate"))
    assert state(batch) == BatchState.PROPOSED


def test_what_waits_is_the_persons_own(client, batch, approving, lead):
    kept = client.session[stepup.SESSION_KEY]
    client.force_login(lead)
    session = client.session
    session[stepup.SESSION_KEY] = kept
    session.save()
    prove(client)
    assert client.get(reverse("proof_resume", args=list(kept)))["Location"] == reverse("account")


def test_what_waited_too_long_is_gone(client, batch, approving):
    session = client.session
    token, kept = only(session)
    session[stepup.SESSION_KEY] = {token: kept | {"at": kept["at"] - stepup.WAITS}}
    session.save()
    prove(client)
    answer = client.get(reverse("proof_resume", args=[token]), follow=True)
    assert "đã chờ quá lâu" in answer.content.decode()


@pytest.mark.parametrize("first", [0, 1])
def test_what_two_tabs_sent_waits_in_both(client, batch, official, first):
    client.force_login(official)
    forms = [POSTED, POSTED | {"decision_number": "413/QĐ-SKHCN"}]
    asked = [client.post(approval(batch), form)["Location"] for form in forms]
    assert all(WHY in client.get(address).content.decode() for address in asked)
    prove(client)
    tokens = list(client.session[stepup.SESSION_KEY])
    for tab in (first, 1 - first):
        target, fields = hidden(client.get(reverse("proof_resume", args=[tokens[tab]])).content.decode())
        assert (target, fields) == (approval(batch), forms[tab])
        again = client.get(reverse("proof_resume", args=[tokens[tab]]))
        assert again["Location"] == reverse("account"), "each is handed over once"


def test_only_so_many_wait_and_the_oldest_goes(client, batch, official):
    client.force_login(official)
    forms = [POSTED | {"decision_number": f"{number}/QĐ"} for number in range(stepup.MOST_WAITING + 1)]
    tokens = []
    for form in forms:
        client.post(approval(batch), form)
        tokens.append(list(client.session[stepup.SESSION_KEY])[-1])
    assert list(client.session[stepup.SESSION_KEY]) == tokens[1:]
    prove(client)
    assert client.get(reverse("proof_resume", args=[tokens[0]]))["Location"] == reverse("account")
    for token, form in list(zip(tokens, forms, strict=True))[1:]:
        assert hidden(client.get(reverse("proof_resume", args=[token])).content.decode())[1] == form


@pytest.mark.parametrize(
    ("sent", "lost"),
    [
        ({"name": "a", "many": ["1", "2"], "quote": '"><script>'}, False),
        ({"name": "a", "file": SimpleUploadedFile("a.txt", b"x")}, True),
        ({"email": "a@example.vn", "password1": "bi mat"}, True),
    ],
)
def test_files_and_passwords_are_not_kept(client, official, sent, lost):
    client.force_login(official)
    request = RequestFactory().post("/quan-ly/x/?a=1", sent)
    request.session, request.user = client.session, official
    stepup.ask_for_proof(request, "thử")
    token, kept = only(request.session)
    assert kept["lost"] is lost
    assert "bi mat" not in str(kept)
    if not lost:
        assert sorted(kept["fields"]) == [["many", "1"], ["many", "2"], ["name", "a"], ["quote", '"><script>']]
    request.session.save()
    prove(client)
    text = client.get(reverse("proof_resume", args=[token])).content.decode()
    assert ("Chưa có gì được ghi" in text) is lost
    assert '<script>"' not in text
    assert '"><script>' not in text


@pytest.mark.parametrize(
    ("referer", "kept"),
    [("http://testserver/quan-ly/x/", True), ("https://evil.example/", False), ("", False)],
)
def test_the_way_back_stays_here(official, client, referer, kept):
    client.force_login(official)
    request = RequestFactory().get("/quan-ly/x/", headers={"referer": referer})
    request.session, request.user = client.session, official
    stepup.ask_for_proof(request, "thử")
    assert bool(only(request.session)[1]["back"]) is kept


# --- Other proofs ---------------------------------------------------------------------------------------------------
def test_without_a_second_step_the_password_is_the_proof(client, province):
    leader = MembershipFactory(unit=province.north, audience=province.team, role=Role.TEAM_LEADER).user
    leader.set_password("mot cau ngan de nho")
    leader.save()
    client.force_login(leader)
    request = RequestFactory().get("/")
    request.session, request.user = client.session, leader
    assert stepup.ask_for_proof(request, "thử")["Location"].startswith(reverse("account_reauthenticate"))
    request.session.save()
    asked = reverse("account_reauthenticate")
    assert "Mật khẩu" in client.get(asked).content.decode()
    answer = client.post(asked, {"password": "sai", "next": "/viec-hoc/"})
    assert "chưa đúng" in answer.content.decode()
    assert client.post(asked, {"password": "mot cau ngan de nho", "next": "/viec-hoc/"})["Location"] == "/viec-hoc/"


def test_without_anything_to_prove_with_one_is_led_to_set_something_up(client, province):
    leader = MembershipFactory(unit=province.north, audience=province.team, role=Role.TEAM_LEADER).user
    leader.set_unusable_password()
    leader.save()
    client.force_login(leader)
    request = RequestFactory().get("/")
    request.session, request.user = client.session, leader
    assert stepup.ask_for_proof(request, "thử")["Location"].startswith(reverse("second_step"))


@override_settings(ACCOUNT_REAUTHENTICATION_TIMEOUT=5)
def test_the_time_is_a_setting(client, official):
    client.force_login(official)
    request = RequestFactory().get("/")
    for ago, recent in ((4, True), (6, False)):
        prove(client, seconds_ago=ago)
        request.session, request.user = client.session, official
        session = client.session
        session["account_authentication_methods"] = session["account_authentication_methods"][-1:]
        request.session = session
        assert stepup.proved_recently(request) is recent


# --- Where it stands ------------------------------------------------------------------------------------------------
REVOKED = {"reason": "Thi hộ", "reason_class": "fraud", **POSTED}


def test_revoking(client, batch, official):
    client.force_login(official)
    prove(client)
    client.post(approval(batch), POSTED)
    batch_number(batch=batch)
    own = reverse("issuing:certificate_revoke", args=[batch.certificates.get().uuid])
    later = Client()
    later.force_login(official)
    answer = later.post(own, REVOKED)
    assert "reauthenticate" in answer["Location"]
    assert batch.certificates.get().state == "valid"
    prove(later)
    later.post(own, REVOKED)
    assert batch.certificates.get().state == "revoked"


def test_appointing_in_the_administration(client, province, learner):
    root = with_second_step(UserFactory(is_staff=True, is_superuser=True))
    client.force_login(root)
    form = {
        "user": learner.pk, "unit": province.south.pk, "audience": province.staff.pk, "role": Role.COORDINATOR,
        "title": "", "valid_from": "01/11/2026", "valid_to": "",
    }  # fmt: skip
    add = reverse("admin:people_membership_add")
    assert client.get(add).status_code == 200
    answer = client.post(add, form)
    assert "reauthenticate" in answer["Location"]
    assert not Membership.objects.filter(user=learner, role=Role.COORDINATOR).exists()
    proved = client.post(answer["Location"], {"code": app_code()})
    target, fields = hidden(client.get(proved["Location"]).content.decode())
    client.post(target, fields)
    assert Membership.objects.filter(user=learner, role=Role.COORDINATOR).count() == 1
    assert AuditEntry.objects.filter(act="membership_add").count() == 1


def test_changing_rights_is_on_record(client, province, learner):
    root = with_second_step(UserFactory(is_staff=True, is_superuser=True))
    client.force_login(root)
    prove(client)
    page = reverse("admin:people_user_change", args=[learner.pk])
    form = {"full_name": learner.full_name, "email": learner.email, "phone": "", "birth_date": "17/05/1969"}
    client.post(page, form | {"is_active": "on", "is_staff": "on"})
    entry = AuditEntry.objects.get(act="account_rights")
    assert (entry.before, entry.after) == ({"is_staff": False}, {"is_staff": True})
    assert AuditEntry.objects.count() == 1, "nothing else was changed"


def test_what_people_sign_in_with_is_not_edited_by_hand(client, province):
    root = with_second_step(UserFactory(is_staff=True, is_superuser=True))
    client.force_login(root)
    prove(client)
    text = client.get("/quan-tri-he-thong/").content.decode()
    assert "/people/user/" in text
    for room in ("account/emailaddress", "mfa/authenticator", "socialaccount/"):
        assert room not in text
        assert client.get(f"/quan-tri-he-thong/{room.rstrip('/')}/").status_code == 404


@pytest.mark.parametrize("name", ["wagtailusers_users:add", "wagtailusers_users:edit", "wagtailusers_users:delete"])
def test_accounts_in_the_editors_rooms(client, province, learner, name):
    root = with_second_step(UserFactory(is_staff=True, is_superuser=True))
    client.force_login(root)
    path = reverse(name, args=[] if name.endswith("add") else [learner.pk])
    assert "reauthenticate" in client.get(path)["Location"]
    assert "reauthenticate" in client.post(path, {})["Location"]
    prove(client)
    assert client.get(path).status_code == 200


def test_rights_of_groups(client, province):
    root = with_second_step(UserFactory(is_staff=True, is_superuser=True))
    client.force_login(root)
    assert client.get("/cms/groups/").status_code == 200
    assert "reauthenticate" in client.post("/cms/groups/new/", {"name": "x"})["Location"]
