"""Slips: codes on paper, the pages that use them, and the pages that print them."""

from __future__ import annotations

import logging
import re
import subprocess
from datetime import timedelta
from io import StringIO

import pytest
import zxingcpp
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.module_loading import import_string
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from common.errors import Refusal
from common.jobs import job_run
from common.models import AuditEntry, Job, JobState
from people import entry_codes, slips
from people.models import ClaimSlip, Role, User
from people.querysets import today
from people.services import structures_rebuild
from people.slips_pdf import slips_drawn, slips_print
from people.sms import MemoryBackend
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory
from tests.factories.rosters import brought, people_rows, xlsx_bytes
from tests.proof import prove

pytestmark = pytest.mark.slow

PASSWORD = "cây đa bến nước"
UNUSABLE = make_password(None)


@pytest.fixture(autouse=True)
def _quiet(settings):
    MemoryBackend.outbox.clear()
    settings.DEMO = False
    settings.BASE_URL = "https://hocso.example"
    cache.clear()


@pytest.fixture
def client_factory():
    """Another browser."""
    return Client


@pytest.fixture
def team(province):
    """A team below Xã Xuân Lương with its leader."""
    unit = UnitFactory(name="Tổ CNSCĐ thôn Trung", kind="team", parent=province.north)
    structures_rebuild()
    leader = MembershipFactory(
        user=UserFactory(full_name="Vi Văn Tổ"), unit=unit, audience=province.team, role=Role.TEAM_LEADER
    ).user
    User.objects.filter(pk=leader.pk).update(claimed_at=timezone.now())
    unit.leader = leader
    return unit


def listed(unit, province, name="Nguyễn Thị Hoà", **fields):
    """Somebody of a roster without phone and e-mail."""
    user = UserFactory(full_name=name, email=None, password=UNUSABLE, **fields)
    MembershipFactory(user=user, unit=unit, audience=province.team)
    return user


@pytest.fixture
def hoa(team, province):
    return listed(team, province)


def printed_code(person, unit, by):
    [slip] = slips.slips_make(people=[person], unit=unit, by=by)
    return slip.code


@pytest.fixture
def code(hoa, team, coordinator):
    return printed_code(hoa, team, coordinator)


def signed_in_as(client):
    return User.objects.filter(pk=client.session.get("_auth_user_id")).first()


def text_of(pdf, tmp_path):
    file = tmp_path / "slips.pdf"
    file.write_bytes(pdf)
    return subprocess.run(["pdftotext", "-layout", str(file), "-"], check=True, capture_output=True, text=True).stdout


# --- Codes ---


@given(st.integers(0, 10**7 - 1), st.integers(0, 7), st.integers(1, 9))
def test_a_learner_code_with_one_wrong_digit_is_no_learner_code(number, position, shift):
    digits = f"{number:07d}"
    digits += entry_codes.check_digit(digits)
    assert entry_codes.learner_code_read(digits_shown := entry_codes.learner_code_show(digits)) == digits_shown
    wrong = str((int(digits[position]) + shift) % 10)
    mistyped = digits[:position] + wrong + digits[position + 1 :]
    assert entry_codes.learner_code_read(f"HS{mistyped}") is None


@given(st.text(alphabet=entry_codes.SLIP_ALPHABET, min_size=10, max_size=10), st.data())
def test_a_slip_code_is_read_however_it_is_typed(code, data):
    typed = entry_codes.slip_code_show(code)
    for letter, taken_for in (("0", "Oo"), ("1", "IiLl"), ("V", "Uu")):
        typed = "".join(data.draw(st.sampled_from(letter + taken_for)) if c == letter else c for c in typed)
    typed = data.draw(
        st.sampled_from([typed, typed.lower(), typed.replace("-", ""), typed.replace("-", " "), f" {typed} "])
    )
    assert entry_codes.slip_code_read(typed) == code


@given(st.text(max_size=30))
def test_whatever_is_typed_is_a_code_or_nothing(text):
    read = entry_codes.slip_code_read(text)
    assert read is None or (len(read) == 10 and set(read) <= set(entry_codes.SLIP_ALPHABET))
    learner = entry_codes.learner_code_read(text)
    assert learner is None or re.fullmatch(r"HS-\d{4}-\d{4}", learner)


def test_a_slip_code_is_worth_fifty_bits():
    assert len(set(entry_codes.SLIP_ALPHABET)) ** entry_codes.SLIP_LENGTH >= 2**50
    assert not set(entry_codes.SLIP_ALPHABET) & set("ILOU")


# --- Printing ---


@pytest.mark.django_db
def test_eight_slips_on_a_sheet(province, team, coordinator, tmp_path):
    names = [f"Nguyễn Thị Ngọc Ưỡng {'ABCDEFGHI'[n]}" for n in range(9)]
    people = [listed(team, province, name) for name in names]
    pdf = slips_print(people=people, unit=team, by=coordinator)
    pages = text_of(pdf, tmp_path).split("\f")[:-1]
    codes = [re.findall(r"\b\w{4}-\w{4}-\w\w\b", page) for page in pages]
    assert [len(found) for found in codes] == [8, 1]
    for name in names:
        assert name in "".join(pages)
    first = pages[0]
    for text in ("Sinh năm 1969", "Tổ CNSCĐ thôn Trung", "hocso.example/tai-khoan/phieu/", "Dùng một lần"):
        assert first.count(text) == 8, text
    # The learner's code; a code of a slip may end its first part in HS as well.
    assert len(re.findall(r"\bHS-\d{4}-\d{4}\b", first)) == 8
    assert "17/05/1969" not in first, "a slip may be lost: no whole birth date"
    picture = tmp_path / "slips"
    subprocess.run(
        ["pdftoppm", "-r", "150", "-png", "-singlefile", str(tmp_path / "slips.pdf"), str(picture)], check=True
    )
    found = zxingcpp.read_barcodes(Image.open(f"{picture}.png"), formats=zxingcpp.BarcodeFormat.QRCode)
    read = {code.text for code in found}
    assert read == {f"https://hocso.example/tai-khoan/phieu/{code.replace('-', '')}/" for code in codes[0]}


@pytest.mark.django_db
def test_only_a_hash_of_the_code_is_kept(code, hoa):
    slip = ClaimSlip.objects.get()
    assert code not in str(vars(slip))
    assert slips.slip_find(code=entry_codes.slip_code_show(code).lower()) == slip
    assert AuditEntry.objects.filter(act="slip_print", subject_uuid=hoa.uuid).count() == 1


@pytest.mark.django_db
def test_a_slip_names_the_team_that_hands_it_out(hoa, team, province, coordinator):
    [slip] = slips.slips_make(people=[hoa], unit=province.north, by=coordinator)
    assert slip.unit == team


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.PROVINCIAL_LEAD, Role.ISSUING_OFFICIAL, Role.EDITOR])
def test_nobody_hands_out_the_account_of_an_equal_or_a_superior(hoa, team, province, coordinator, role):
    MembershipFactory(user=hoa, unit=province.root, audience=province.staff, role=role)
    assert hoa not in slips.slip_people(unit=team, by=coordinator)
    with pytest.raises(Refusal) as refused:
        slips.slips_make(people=[hoa], unit=team, by=coordinator)
    assert refused.value.code == "not_for_a_slip"
    assert not ClaimSlip.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "claimed", "there"),
    [
        ({}, False, True),
        ({"claimed_at": timezone.now()}, False, False),
        ({"claimed_at": timezone.now()}, True, True),
        ({"claimed_at": timezone.now(), "phone": "+84912345678"}, True, False),
        ({"claimed_at": timezone.now(), "email": "a@example.vn"}, True, False),
        ({"is_active": False}, False, False),
    ],
)
def test_who_can_get_a_slip(hoa, team, coordinator, fields, claimed, there):
    User.objects.filter(pk=hoa.pk).update(**fields)
    assert (hoa in slips.slip_people(unit=team, by=coordinator, claimed=claimed)) is there


# --- Nobody reaches beyond their scope ---


def imported(name, phone, *, by, unit, **more):
    """A list of one line, brought in by ``by``; a sure match adds a membership to the account that there is."""
    line = {"Họ và tên": name, "Số điện thoại": phone, **more}
    brought(xlsx_bytes(*people_rows(line)), by=by, unit=unit, on=today())


def assert_no_slip(person, unit, by, *, claimed=False):
    assert person not in slips.slip_people(unit=unit, by=by, claimed=claimed)
    with pytest.raises(Refusal) as refused:
        slips.slips_make(people=[person], unit=unit, by=by)
    assert refused.value.code == "not_for_a_slip"
    assert not ClaimSlip.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("claimed", [False, True], ids=["claim", "reset"])
@pytest.mark.parametrize("role", [Role.LEARNER, Role.TEAM_LEADER])
def test_a_list_captures_nobody_of_another_unit(province, coordinator, other_coordinator, role, claimed):
    """The coordinator of one commune lists a person of another: the person is in both, and still not theirs to open."""
    theirs = UnitFactory(name="Tổ B", kind="team", parent=province.south)
    structures_rebuild()
    person = UserFactory(full_name="Vi Văn Tổ", email=None, phone="+84912000001", password=UNUSABLE)
    MembershipFactory(user=person, unit=theirs, audience=province.team, role=role)
    imported("Vi Văn Tổ", "0912000001", by=coordinator, unit=province.north)
    assert person.memberships.filter(unit=province.north).exists(), "the list was brought in"
    if claimed:
        User.objects.filter(pk=person.pk).update(claimed_at=timezone.now(), phone=None)
    assert_no_slip(person, province.north, coordinator, claimed=claimed)


@pytest.mark.django_db
def test_a_staff_code_captures_nobody_either(province, coordinator):
    person = UserFactory(full_name="Trần Thị Hoa", email=None, password=UNUSABLE, staff_code="CB-1")
    MembershipFactory(user=person, unit=province.south, audience=province.staff)
    imported("Trần Thị Hoa", "", by=coordinator, unit=province.north, **{"Mã cán bộ": "CB-1"})
    assert person.memberships.filter(unit=province.north).exists(), "the list was brought in"
    assert_no_slip(person, province.north, coordinator)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("place", "role", "audience", "by", "there"),
    [
        ("south", Role.LEARNER, "citizen", "coordinator", True),  # they live there, and are listed here
        ("south", Role.TEAM_LEADER, "citizen", "coordinator", False),
        ("south", Role.LEARNER, "staff", "coordinator", False),
        ("root", Role.LEARNER, "staff", "coordinator", False),
        ("north", Role.LEARNER, "staff", "coordinator", True),
        ("north", Role.TEAM_LEADER, "team", "coordinator", True),
        ("south", Role.TEAM_LEADER, "team", "lead", True),  # whose scope holds both
        ("south", Role.COORDINATOR, "staff", "lead", True),
        ("root", Role.ISSUING_OFFICIAL, "staff", "lead", False),
        ("north", Role.LEARNER, "staff", "leader", False),  # of the commune, above the team
        ("south", Role.LEARNER, "citizen", "leader", True),
    ],
)
def test_every_place_must_be_one_that_the_printer_could_give_there(
    request, province, team, hoa, place, role, audience, by, there
):
    by = team.leader if by == "leader" else request.getfixturevalue(by)
    MembershipFactory(user=hoa, unit=getattr(province, place), audience=getattr(province, audience), role=role)
    assert (hoa in slips.slip_people(unit=team, by=by)) is there


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "last", "there"),
    [(0, None, False), (7, None, False), (-30, 1, False), (-30, 0, True), (-30, -3, True)],
)
def test_a_place_that_is_over_does_not_count_and_one_to_come_does(province, team, hoa, coordinator, first, last, there):
    days = {
        "valid_from": today() + timedelta(days=first),
        "valid_to": today() + timedelta(days=last) if last is not None else None,
    }
    MembershipFactory(user=hoa, unit=province.south, audience=province.staff, **days)
    assert (hoa in slips.slip_people(unit=team, by=coordinator)) is there


@pytest.mark.django_db
def test_an_office_in_one_unit_is_none_in_another(province, team, hoa, coordinator):
    """What the coordinator of one commune may do does not travel with a lower office elsewhere."""
    MembershipFactory(user=coordinator, unit=province.south, audience=province.team, role=Role.TEAM_LEADER)
    MembershipFactory(user=hoa, unit=province.south, audience=province.team, role=Role.TEAM_LEADER)
    assert_no_slip(hoa, team, coordinator)


@pytest.mark.django_db
def test_a_slip_does_not_grow_with_its_holder(client, code, hoa, province, team, other_coordinator):
    """Printed for a learner, used after another unit made them leader: whoever holds the paper gets no office."""
    theirs = UnitFactory(name="Tổ B", kind="team", parent=province.south)
    structures_rebuild()
    MembershipFactory(user=hoa, unit=theirs, audience=province.team, role=Role.TEAM_LEADER)
    with pytest.raises(Refusal) as refused:
        use(code)
    assert refused.value.code == "slip_outgrown"
    assert not User.objects.get(pk=hoa.pk).claimed_at
    page = client.post(reverse("account_slip"), {"slip_code": code}).content.decode()
    assert "có vai trò mới" in page


@pytest.mark.django_db
def test_who_rose_within_the_scope_may_still_use_their_slip(code, hoa, team, province):
    hoa.memberships.update(role=Role.TEAM_LEADER)
    assert use(code) == hoa


@pytest.mark.django_db
@pytest.mark.parametrize("claimed", [False, True], ids=["claim", "reset"])
@pytest.mark.parametrize("gift", ["is_staff", "is_superuser", "linked", "passkey"])
def test_who_has_another_way_in_or_all_rights_gets_no_slip(hoa, team, coordinator, lead, gift, claimed):
    if claimed:
        User.objects.filter(pk=hoa.pk).update(claimed_at=timezone.now())
    if gift == "linked":
        SocialAccount.objects.create(user=hoa, provider="tinh", uid="1")
    elif gift == "passkey":
        Authenticator.objects.create(user=hoa, type=Authenticator.Type.WEBAUTHN, data={})
    else:
        User.objects.filter(pk=hoa.pk).update(**{gift: True})
    assert_no_slip(hoa, team, coordinator, claimed=claimed)
    assert_no_slip(hoa, team, lead, claimed=claimed)


@pytest.mark.django_db
def test_a_slip_resets_nobody_who_linked_a_sign_in_since(code, hoa, team, coordinator):
    use(code)
    second = printed_code(hoa, team, coordinator)
    SocialAccount.objects.create(user=hoa, provider="tinh", uid="1")
    with pytest.raises(Refusal) as refused:
        use(second)
    assert refused.value.code == "already_claimed"


@pytest.mark.django_db
def test_asking_who_can_get_a_slip_costs_the_same_for_many(province, team, lead, coordinator):
    """One query: the people, with their places looked at inside it. The roles of the printer are asked once before."""
    counts = []
    for more in (1, 20):
        for _ in range(more):
            MembershipFactory(user=listed(team, province), unit=province.south, audience=province.staff)
        with CaptureQueriesContext(connection) as queries:
            assert len(slips.slip_people(unit=team, by=lead)) == len(User.objects.filter(memberships__unit=team)) - 1
        counts.append(len(queries))
    assert counts[0] >= counts[1]
    assert max(counts) <= 4


# --- Claiming ---


def to_year(client, code):
    response = client.get(reverse("account_slip_open", args=[code]))
    assert response.url == reverse("account_slip_claim")
    return response.url


@pytest.mark.django_db
def test_claim_with_a_slip(client, code, hoa):
    url = to_year(client, code)
    page = client.get(url).content.decode()
    assert "Chào Nguyễn Thị Hoà" in strip_tags(page)
    assert "Bạn sinh năm nào?" in page
    assert code not in page
    client.post(url, {"year": "1969"})
    page = client.get(url).content.decode()
    assert "Tổ CNSCĐ thôn Trung" in page
    assert client.post(url, {"password1": PASSWORD, "phone": "0912 345 678"}).url == reverse("account_welcome")
    hoa.refresh_from_db()
    assert signed_in_as(client) == hoa
    assert hoa.check_password(PASSWORD)
    assert hoa.claimed_at
    assert (hoa.phone, hoa.contact_phone) == (None, "+84912345678"), "a contact until a code proves it"
    assert MemoryBackend.outbox == []
    assert [row.how for row in hoa.consents.all()] == ["claim"]
    assert AuditEntry.objects.get(act="account_claim").detail == {"how": "slip"}
    page = client.get(reverse("account_welcome")).content.decode()
    assert hoa.learner_code in page
    assert "chụp màn hình" in page

    client.post(reverse("account_logout"))
    client.post(reverse("account_login"), {"login": hoa.learner_code, "password": PASSWORD})
    assert signed_in_as(client) == hoa


@pytest.mark.django_db
def test_the_phone_told_with_a_slip_is_proved_by_a_code(client, code, hoa):
    url = to_year(client, code)
    client.post(url, {"year": "1969"})
    client.post(url, {"password1": PASSWORD, "phone": "0912 345 678"})
    found = re.search(r'name="phone" value="([^"]+)"', client.get(reverse("account_welcome")).content.decode())
    response = client.post(reverse("account_change_phone"), {"phone": found[1]})
    client.post(response.url, {"code": re.search(r"\b\d{6}\b", MemoryBackend.outbox[-1].text)[0]})
    hoa.refresh_from_db()
    assert (hoa.phone, hoa.phone_verified) == ("+84912345678", True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("0987 654 321", ("+84987654321", "")),
        ("", (None, "+84987654321")),
        ("0912 345 678", (None, "+84912345678")),
    ],
)
def test_the_phone_of_the_roster_opens_the_account_only_if_it_is_theirs(client, code, hoa, told, kept):
    User.objects.filter(pk=hoa.pk).update(phone="+84987654321")
    url = to_year(client, code)
    client.post(url, {"year": "1969"})
    assert 'value="0987 654 321"' in client.get(url).content.decode()
    assert client.post(url, {"password1": PASSWORD, "phone": told}).url == reverse("account_welcome")
    hoa.refresh_from_db()
    assert (hoa.phone, hoa.contact_phone) == kept
    assert signed_in_as(client) == hoa
    page = client.get(reverse("account_welcome")).content.decode()
    assert ('value="verify"' in page) is (kept[0] is not None)
    if told:
        data = dict(re.findall(r'name="(action|phone)" value="([^"]+)"', page))
        assert client.post(reverse("account_change_phone"), data).url == reverse("account_verify_phone")


@pytest.mark.django_db
@pytest.mark.parametrize("listed_phone", ["+84570000001", "0204 3854 123", "+849123", ""])
def test_a_number_that_the_form_would_refuse_is_not_filled_in(client, code, hoa, listed_phone):
    """What the page shows can be sent as it stands."""
    User.objects.filter(pk=hoa.pk).update(phone=listed_phone or None)
    url = to_year(client, code)
    client.post(url, {"year": "1969"})
    shown = client.get(url).context["form"]["phone"].value()
    assert shown == ""
    assert client.post(url, {"password1": PASSWORD, "phone": shown}).url == reverse("account_welcome")
    hoa.refresh_from_db()
    assert (hoa.phone, hoa.contact_phone) == (None, listed_phone), "the unit can still call it"


@pytest.mark.django_db
def test_a_used_slip_leads_to_signing_in(client, code):
    use(code)
    page = client.post(reverse("account_slip"), {"slip_code": code}).content.decode()
    assert re.search(rf'<a class="btn" href="{reverse("account_login")}"><span>Đăng nhập</span></a>', page)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["{}", "{dashed}", "{lower}"])
def test_type_the_code(client, code, typed):
    dashed = entry_codes.slip_code_show(code)
    response = client.post(
        reverse("account_slip"),
        {"slip_code": typed.format(code, dashed=dashed, lower=dashed.lower().replace("0", "o"))},
    )
    assert response.url == reverse("account_slip_claim")


@pytest.mark.django_db
@pytest.mark.parametrize(("typed", "said"), [("AB3K", "thừa hoặc thiếu"), ("0000-0000-00", "Không có phiếu nào")])
def test_a_wrong_code_is_explained(client, code, typed, said):
    assert said in client.post(reverse("account_slip"), {"slip_code": typed}).content.decode()
    assert said in client.get(reverse("account_slip_open", args=[typed])).content.decode()


@pytest.mark.django_db
def test_without_a_birth_date_no_year_is_asked(client, team, province, coordinator):
    person = listed(team, province, birth_date=None)
    url = to_year(client, printed_code(person, team, coordinator))
    assert 'name="password1"' in client.get(url).content.decode()


@pytest.mark.django_db
def test_the_password_waits_for_the_year(client, code, hoa):
    url = to_year(client, code)
    client.post(url, {"password1": PASSWORD})
    hoa.refresh_from_db()
    assert not hoa.claimed_at
    assert signed_in_as(client) is None


@pytest.mark.django_db
def test_five_wrong_years_lock_the_slip_whatever_the_browser(client, client_factory, code, hoa):
    for left in (4, 3, 2, 1):
        browser = client_factory()
        page = browser.post(to_year(browser, code), {"year": "1970"}).content.decode()
        assert f"Bạn còn {left} lần thử" in page
    response = client.post(to_year(client, code), {"year": "1970"})
    assert response.status_code == 409
    assert "đã bị khoá" in response.content.decode()
    assert "Vi Văn Tổ" in response.content.decode(), "whom to ask, by name"
    assert client.get(reverse("account_slip_open", args=[code])).status_code == 409
    assert not User.objects.get(pk=hoa.pk).claimed_at


def use(code, **fields):
    slip = slips.slip_find(code=code)
    return slips.slip_claim(slip=slip, password=make_password(PASSWORD), **fields)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("spoil", "code_said", "said"),
    [
        (lambda c, p, t, by: use(c), "slip_used", "đã được dùng"),
        (lambda c, p, t, by: ClaimSlip.objects.update(expires_at=timezone.now()), "slip_expired", "hết hạn"),
        (lambda c, p, t, by: printed_code(p, t, by), "slip_replaced", "phiếu mới"),
        (
            lambda c, p, t, by: User.objects.filter(pk=p.pk).update(claimed_at=timezone.now(), phone="+84912345678"),
            "already_claimed",
            "đã có người nhận",
        ),
    ],
)
def test_a_slip_that_opens_nothing_says_why_and_whom_to_ask(
    client, code, hoa, team, coordinator, spoil, code_said, said
):
    spoil(code, hoa, team, coordinator)
    response = client.post(reverse("account_slip"), {"slip_code": code})
    page = response.content.decode()
    assert (response.status_code, said in page) == (409, True)
    assert "tổ trưởng Vi Văn Tổ (Tổ CNSCĐ thôn Trung)" in page
    with pytest.raises(Refusal) as refused:
        use(code)
    assert refused.value.code == code_said


@pytest.mark.django_db
def test_without_a_leader_the_coordinator_is_named(team, province, hoa, coordinator, client, code):
    team.leader.memberships.update(valid_from="2025-07-01", valid_to="2025-08-01")
    ClaimSlip.objects.update(expires_at=timezone.now())
    page = client.post(reverse("account_slip"), {"slip_code": code}).content.decode()
    assert "đầu mối Lê Thị Ánh (Xã Xuân Lương)" in page


@pytest.mark.django_db
def test_somebody_else_is_signed_in_on_this_device(client, code, hoa, stranger):
    client.force_login(stranger)
    response = client.get(reverse("account_slip_open", args=[code]), follow=True)
    assert response.status_code == 409
    assert response.redirect_chain == [(reverse("account_slip"), 302)]
    assert code not in response.content.decode(), "the way out would carry it into logs"
    assert "Trần Văn Đức" in response.content.decode()
    assert "đăng xuất" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("spoilt", ["too many", "used"])
def test_no_log_holds_the_code_of_a_slip(client, code, settings, spoilt):
    """Django logs the address of what it refuses, after the same filter as in ``LOGGING``."""
    if spoilt == "used":
        use(code)
    else:
        settings.ACCOUNT_RATE_LIMITS = {"slip": "1/m/ip"}
        client.get(reverse("account_slip_open", args=["0000000000"]))
    kept = StringIO()
    handler = logging.StreamHandler(kept)
    for name in settings.LOGGING["handlers"]["console"]["filters"]:
        handler.addFilter(import_string(settings.LOGGING["filters"][name]["()"])())
    logging.getLogger("django.request").addHandler(handler)
    try:
        assert client.get(reverse("account_slip_open", args=[code])).status_code in {409, 429}
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    assert "/tai-khoan/phieu/…/" in kept.getvalue()
    assert code not in kept.getvalue()


@pytest.mark.django_db
def test_too_many_codes_are_a_page(client, code, settings):
    settings.ACCOUNT_RATE_LIMITS = {"slip": "3/m/ip"}
    for _ in range(3):
        client.get(reverse("account_slip_open", args=["0000000000"]))
    assert client.get(reverse("account_slip_open", args=[code])).status_code == 429
    assert client.post(reverse("account_slip"), {"slip_code": code}).status_code == 429


# --- A new password by slip ---


@pytest.mark.django_db
def test_a_slip_gives_a_new_password_to_who_has_neither_phone_nor_email(client, code, hoa, team, coordinator):
    use(code)
    second = printed_code(hoa, team, coordinator)
    claimed_at = User.objects.get(pk=hoa.pk).claimed_at
    url = to_year(client, second)
    client.post(url, {"year": "1969"})
    page = client.get(url).content.decode()
    assert "Đặt mật khẩu mới" in page
    assert 'name="phone"' not in page
    client.post(url, {"password1": "con đò sân đình"})
    hoa.refresh_from_db()
    assert signed_in_as(client) == hoa
    assert hoa.check_password("con đò sân đình")
    assert hoa.claimed_at == claimed_at
    assert AuditEntry.objects.filter(act="slip_password_reset", subject_uuid=hoa.uuid).count() == 1


@pytest.mark.django_db
def test_who_got_a_phone_since_needs_no_slip(code, hoa, team, coordinator):
    use(code)
    second = printed_code(hoa, team, coordinator)
    User.objects.filter(pk=hoa.pk).update(phone="+84912345678")
    with pytest.raises(Refusal) as refused:
        use(second)
    assert refused.value.code == "already_claimed"


# --- The pages of officials ---


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["slips:unit", "slips:print"])
def test_who_may_open_the_slips_of_a_unit(client, team, hoa, coordinator, other_coordinator, stranger, official, name):
    method = client.post if name == "slips:print" else client.get
    for viewer, status in (
        (team.leader, 200),
        (coordinator, 200),
        (other_coordinator, 403),
        (official, 403),
        (stranger, 404),
    ):
        client.force_login(viewer)
        prove(client)
        response = method(reverse(name, args=[team.uuid]), {"people": [hoa.uuid]})
        assert response.status_code == status, viewer
    client.logout()
    assert method(reverse(name, args=[team.uuid])).url.startswith(reverse("account_login"))


@pytest.mark.django_db
def test_who_may_open_the_first_page(client, team, province, hoa, coordinator, official, stranger):
    listed(province.north, province, "Vừa Vào Xã")
    for viewer, status in ((team.leader, 302), (coordinator, 200), (official, 403), (stranger, 404)):
        client.force_login(viewer)
        assert client.get(reverse("slips:home")).status_code == status, viewer


@pytest.mark.django_db
def test_who_has_one_unit_to_print_for_goes_straight_there(client, team, hoa):
    client.force_login(team.leader)
    assert client.get(reverse("slips:home")).url == reverse("slips:unit", args=[team.uuid])


@pytest.mark.django_db
def test_the_list_and_the_state_of_each_slip(client, team, province, hoa, coordinator):
    client.force_login(coordinator)
    other = listed(team, province, "Trần Thị Mơ")
    elsewhere = listed(province.south, province, "Người Xã Khác")
    listed(province.north, province, "Vừa Vào Xã")
    page = client.get(reverse("slips:home")).content.decode()
    assert "Tổ CNSCĐ thôn Trung" in page
    assert "2 người" in page
    url = reverse("slips:unit", args=[province.north.uuid])
    assert client.get(url).content.decode().count("Chưa in") == 3
    printed_code(hoa, team, coordinator)
    ClaimSlip.objects.update(made_at=timezone.now() - timedelta(days=3))
    page = client.get(url).content.decode()
    assert "Đã in" in page
    assert elsewhere.full_name not in page
    assert other.full_name in client.get(url, {"phieu": "chua-in"}).content.decode()
    assert hoa.full_name not in client.get(url, {"phieu": "chua-in"}).content.decode()
    ClaimSlip.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert "Hết hạn" in client.get(url).content.decode()


@pytest.mark.django_db
def test_printing_again_voids_the_slip_before(client, team, hoa, coordinator, code):
    client.force_login(coordinator)
    prove(client)
    response = client.post(reverse("slips:print", args=[team.uuid]), {"people": [hoa.uuid]})
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="phieu-to-cnscd-thon-trung.pdf"'
    assert response["Cache-Control"] == "no-store"
    assert ClaimSlip.objects.filter(voided_at=None).count() == 1
    with pytest.raises(Refusal) as refused:
        use(code)
    assert refused.value.code == "slip_replaced"


@pytest.mark.django_db
def test_printing_asks_who_is_there(client, team, hoa, coordinator):
    client.force_login(coordinator)
    response = client.post(reverse("slips:print", args=[team.uuid]), {"people": [hoa.uuid]})
    assert response.status_code == 302
    assert not ClaimSlip.objects.exists()


@pytest.mark.django_db
def test_people_of_another_unit_cannot_be_slipped_in(client, team, province, hoa, coordinator):
    elsewhere = listed(province.south, province, "Người Xã Khác")
    client.force_login(coordinator)
    prove(client)
    client.post(reverse("slips:print", args=[team.uuid]), {"people": [elsewhere.uuid, "không phải uuid"]})
    assert not ClaimSlip.objects.exists()


@pytest.mark.django_db
def test_nobody_ticked_is_said(client, team, hoa, coordinator):
    client.force_login(coordinator)
    prove(client)
    response = client.post(reverse("slips:print", args=[team.uuid]), {}, follow=True)
    assert "Hãy chọn ít nhất một người" in response.content.decode()


@pytest.mark.django_db
def test_many_slips_are_a_job(client, team, province, coordinator, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(slips, "DIRECT_LIMIT", 2)
    monkeypatch.setattr("people.slips_job.PER_FILE", 2)
    people = [listed(team, province, f"Nguyễn Văn {letter}") for letter in "ABC"]
    client.force_login(coordinator)
    prove(client)
    response = client.post(reverse("slips:print", args=[team.uuid]), {"everybody": 1})
    job = Job.objects.get()
    assert str(job.uuid) in response.url
    User.objects.filter(pk=people[0].pk).update(claimed_at=timezone.now())
    job_run(uuid=str(job.uuid))
    job.refresh_from_db()
    assert (job.state, job.result) == (JobState.DONE, {"slips": 2})
    assert job.file_name == "phieu-tai-khoan.zip"
    assert job.file.read(2) == b"PK"


@pytest.mark.django_db
def test_pages_cost_the_same_with_many_people(client, team, province, coordinator):
    """Session, user, second step; roles, unit, scope; count, people, places; then the header: roles, notices."""
    client.force_login(coordinator)
    counts = []
    for more in (3, 30):
        for _ in range(more):
            listed(team, province)
            listed(UnitFactory(parent=team), province)
        page = []
        for url in (reverse("slips:home"), reverse("slips:unit", args=[team.uuid])):
            with CaptureQueriesContext(connection) as queries:
                client.get(url)
            page.append(len(queries))
        counts.append(page)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 20, counts


@pytest.mark.django_db
def test_a_long_name_does_not_push_the_code_off_the_slip(team, province, coordinator, tmp_path):
    person = listed(team, province, "Công Tằng Tôn Nữ " * 6)
    drawn = slips_drawn(slips.slips_make(people=[person], unit=team, by=coordinator))
    assert re.search(r"\b\w{4}-\w{4}-\w\w\b", text_of(drawn, tmp_path))
