"""Whom a person asks: the nearest unit upward with somebody in office, and nothing that they sign in with."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from people.models import Role, UnitKind
from people.querysets import today
from people.services import structures_rebuild
from people.support import Supporter, supporter_of
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.anywhere

SECRET = {"phone": "+84912345678", "contact_phone": "+84987654321", "email": "rieng@example.vn"}


def coordinator_of(unit, audience, name="Lê Thị Ánh", **more):
    user = UserFactory(full_name=name, **({"email": None} if "email" in more else {}) | more)
    return MembershipFactory(user=user, unit=unit, audience=audience, role=Role.COORDINATOR)


@pytest.fixture
def team(province):
    found = UnitFactory(name="Tổ Đồng Vàng", kind=UnitKind.TEAM, parent=province.north)
    structures_rebuild()
    return found


@pytest.fixture
def member(province, team):
    return MembershipFactory(unit=team, audience=province.team).user


def test_the_nearest_unit_upward_answers(province, member):
    coordinator_of(province.root, province.staff, "Người Của Tỉnh")
    assert supporter_of(member) == Supporter("Người Của Tỉnh", "Tỉnh Bắc Ninh")
    coordinator_of(province.north, province.staff, office_phone="0204 385 6123", office_email="mot-cua@example.vn")
    coordinator_of(province.south, province.staff, "Người Xã Khác")
    found = supporter_of(member)
    assert found == Supporter("Lê Thị Ánh", "Xã Xuân Lương", "0204 385 6123", "mot-cua@example.vn")
    assert found.dialled == "02043856123"


def test_nobody_beside_or_below_answers(province, learner, team):
    coordinator_of(province.south, province.staff)
    coordinator_of(team, province.staff)
    assert supporter_of(learner) is None


@pytest.mark.parametrize(
    "gone",
    [
        {"valid_from": today() + timedelta(days=1)},
        {"valid_to": today()},
        {"role": Role.TEAM_LEADER},
        {"role": Role.PROVINCIAL_LEAD},
        {"user__is_active": False},
    ],
)
def test_only_who_is_in_office_today_answers(province, learner, gone):
    asked = {"role": Role.COORDINATOR, "unit": province.north, "audience": province.staff}
    MembershipFactory(**asked | gone)
    assert supporter_of(learner) is None


def test_the_main_unit_is_asked_before_another_and_nobody_is_sent_to_themselves(province, coordinator, learner):
    MembershipFactory(user=learner, unit=province.south, audience=province.team, is_main=False)
    coordinator_of(province.south, province.staff, "Người Đơn Vị Phụ")
    assert supporter_of(learner).name == coordinator.full_name
    coordinator_of(province.root, province.staff, "Người Của Tỉnh")
    assert supporter_of(coordinator).name == "Người Của Tỉnh"


def test_a_second_coordinator_of_the_unit_answers_for_the_first(province, coordinator):
    coordinator_of(province.north, province.staff, "Người Cùng Việc")
    assert supporter_of(coordinator).name == "Người Cùng Việc"


def test_who_stands_in_no_unit_has_nobody(province, coordinator):
    assert supporter_of(UserFactory()) is None


@pytest.mark.parametrize("units", [1, 6])
def test_asking_costs_three_queries(province, member, units, django_assert_num_queries):
    for _ in range(units):
        coordinator_of(province.north, province.staff)
        unit = UnitFactory(parent=province.root)
        MembershipFactory(user=member, unit=unit, audience=province.team, is_main=False)
    structures_rebuild()
    with django_assert_num_queries(3):
        supporter_of(member)


@pytest.mark.parametrize("path", ["/tro-giup/nguoi-hoc/", "/tro-giup/", "/tro-giup/tim/?q=khoa", "/quan-ly/"])
def test_pages_show_the_office_and_nothing_that_one_signs_in_with(client, province, learner, stranger, path):
    coordinator_of(province.north, province.staff, office_phone="0204 385 6123", **SECRET)
    client.force_login(learner)
    page = client.get(path).content.decode()
    assert "Người hỗ trợ bạn: Lê Thị Ánh" in strip_tags(page)
    assert 'href="tel:02043856123"' in page
    assert not any(said in page for said in ("912345678", "0912 345 678", "987654321", "rieng@example.vn"))
    client.force_login(stranger)
    assert "Lê Thị Ánh" not in client.get(path).content.decode()
    client.logout()
    assert "Lê Thị Ánh" not in client.get(path, follow=True).content.decode()


def test_guests_are_sent_to_whom_the_province_names(client, db, settings):
    assert "Người hỗ trợ bạn" not in client.get("/tro-giup/tim/").content.decode()
    settings.SUPPORT_NAME, settings.SUPPORT_PHONE = "Tổng đài 1022", "1022"
    page = client.get("/tro-giup/tim/").content.decode()
    assert "Người hỗ trợ bạn: Tổng đài 1022" in strip_tags(page)
    assert 'href="tel:1022"' in page


# --- What a coordinator shows ---------------------------------------------------------------------------------------
URL = "account_office_contact"


@pytest.mark.parametrize(("who", "status"), [("coordinator", 200), ("lead", 404), ("learner", 404), ("editor", 404)])
def test_only_coordinators_say_how_they_are_reached(client, request, province, who, status):
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse(URL)).status_code == status
    assert (reverse(URL) in client.get(reverse("account")).content.decode()) == (status == 200)


@pytest.mark.parametrize(
    ("phone", "email", "right"),
    [
        ("0204 385 6123", "mot-cua@example.vn", True),
        ("", "", True),
        ("gọi nhà", "", False),
        ("", "khong-phai", False),
        ("<script>", "", False),
    ],
)
def test_what_is_written_is_a_number_and_an_address(client, coordinator, learner, phone, email, right):
    client.force_login(coordinator)
    answer = client.post(reverse(URL), {"phone": phone, "email": email})
    assert answer.status_code == (302 if right else 200)
    found = supporter_of(learner)
    assert (found.phone, found.email) == ((phone, email) if right else ("", ""))
