"""Teams by commune and as a list: figures, people counted once, filters, merged communes, who may see what."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from common.models import AuditEntry
from courses.teams_overview import FILTERS, teams_narrowed, teams_overview
from people.models import Notice, Role, Structure, Unit, UnitKind, UnitSuccession, User
from people.services import structures_rebuild
from tests.factories.courses import EnrolmentFactory, complete, course_with_steps
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.slow

HOME, LIST = "teams:home", "teams:list"
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def course(province):
    found = course_with_steps()
    found.audiences.add(province.team)
    return found


def make_team(province, parent, name, members=4, leader=True, **fields):
    unit = UnitFactory(name=name, kind=UnitKind.TEAM, parent=parent, **fields)
    users = []
    for n in range(members):
        user = UserFactory(contact_phone="+84912345678", claimed_at=NOW)
        role = Role.TEAM_LEADER if leader and n == 0 else Role.LEARNER
        MembershipFactory(user=user, unit=unit, audience=province.team, role=role)
        users.append(user)
    return SimpleNamespace(unit=unit, users=users)


@pytest.fixture
def teams(province):
    """Two teams in Xã Xuân Lương, one in Xã Yên Thế."""
    found = SimpleNamespace(
        full=make_team(province, province.north, "Tổ CNSCĐ thôn Đồng Vàng"),
        small=make_team(province, province.north, "Tổ CNSCĐ thôn Thượng", members=2, leader=False),
        south=make_team(province, province.south, "Tổ CNSCĐ bản Đình"),
    )
    structures_rebuild()
    return found


def row(overview, unit):
    return next(f for f in overview.communes if f.commune.name == unit.name)


# --- Figures ---


def test_people_count_once_at_every_level(province, teams, course, lead):
    both = teams.full.users[1]
    MembershipFactory(user=both, unit=teams.small.unit, audience=province.team, is_main=False)
    MembershipFactory(user=both, unit=teams.south.unit, audience=province.team, is_main=False)
    complete(both, course, NOW - timedelta(days=100))
    overview = teams_overview(lead)
    north, south = row(overview, province.north), row(overview, province.south)
    assert (len(north.teams), north.members, north.trained) == (2, 6, 1)
    assert (len(south.teams), south.members, south.trained) == (1, 5, 1)
    assert (overview.total.members, overview.total.trained) == (10, 1)


def test_trained_means_this_year_and_a_course_for_teams(province, teams, course, lead):
    complete(teams.full.users[0], course, datetime(2025, 12, 31, 16, 59, tzinfo=UTC))
    complete(teams.full.users[1], course_with_steps(), NOW)
    complete(teams.full.users[2], course, datetime(2025, 12, 31, 17, 0, tzinfo=UTC))
    assert teams_overview(lead).total.trained == 1


@pytest.mark.parametrize("sign", ["login", "seen", "trained", None])
def test_a_team_is_at_work_when_somebody_came_within_ninety_days(province, teams, course, lead, sign):
    user, edge = teams.full.users[2], NOW - timedelta(days=90)
    if sign == "login":
        User.objects.filter(pk=user.pk).update(last_login=edge)
    elif sign == "seen":
        EnrolmentFactory(user=user, course=course, last_seen_at=edge)
    elif sign == "trained":
        complete(user, course, edge)
    late = teams.south.users[0]
    User.objects.filter(pk=late.pk).update(last_login=edge - timedelta(seconds=1))
    active = {team.name for team in teams_overview(lead).total.teams if team.active}
    assert active == ({"Tổ CNSCĐ thôn Đồng Vàng"} if sign else set())


def test_filters_and_words(province, teams, lead):
    User.objects.filter(pk=teams.full.users[0].pk).update(last_login=NOW)
    found = teams_overview(lead).total.teams

    def names(**asked):
        return [team.name.removeprefix("Tổ CNSCĐ ") for team in teams_narrowed(found, **asked)]

    assert names() == ["bản Đình", "thôn Đồng Vàng", "thôn Thượng"]
    assert names(narrowed="chua-hoat-dong") == ["bản Đình", "thôn Thượng"]
    assert names(narrowed="thieu-nguoi") == ["thôn Thượng"]
    assert names(narrowed="chua-co-to-truong") == ["thôn Thượng"]
    assert names(narrowed="chua-du") == ["thôn Thượng"]
    assert names(words="dong vang") == ["thôn Đồng Vàng"]
    assert names(words="thôn", narrowed="chua-hoat-dong") == ["thôn Thượng"]
    assert names(words="không có") == []
    assert names(narrowed="bịa") == names()
    assert set(FILTERS) == {"chua-hoat-dong", "thieu-nguoi", "chua-co-to-truong", "chua-du"}


def test_a_team_of_a_merged_commune_stands_under_the_one_that_took_it_over(province, lead):
    """Founded in 2022 in a commune that ended on 1/7/2025; one more whose commune left no principal successor."""
    before = Unit.objects.create(
        code="24", name="Tỉnh Bắc Giang", kind=UnitKind.PROVINCE, valid_from=date(2022, 1, 1),
        valid_to=date(2025, 7, 1),
    )  # fmt: skip
    old = UnitFactory(code="1", parent=before, name="Xã Cũ", valid_from=date(2022, 1, 1), valid_to=date(2025, 7, 1))
    split = UnitFactory(code="2", parent=before, name="Xã Chia", valid_from=date(2022, 1, 1), valid_to=date(2025, 7, 1))
    UnitSuccession.objects.create(predecessor=old, successor=province.north, effective_on=date(2025, 7, 1))
    UnitSuccession.objects.create(predecessor=before, successor=province.root, effective_on=date(2025, 7, 1))
    Structure.objects.create(code="2022", name="2022", valid_from=date(2022, 1, 1), valid_to=date(2025, 7, 1))
    moved = make_team(province, old, "Tổ xã cũ", valid_from=date(2022, 5, 1))
    lost = make_team(province, split, "Tổ xã chia", valid_from=date(2022, 5, 1))
    structures_rebuild()
    overview = teams_overview(lead)
    assert [team.id for team in row(overview, province.north).teams] == [moved.unit.pk]
    assert [team.id for team in overview.unplaced.teams] == [lost.unit.pk]
    assert overview.total.members == 8, "nobody is dropped"
    assert [place.name for place in overview.without] == ["Xã Yên Thế"]


def test_a_team_that_ended_is_gone(province, teams, lead):
    Unit.objects.filter(pk=teams.full.unit.pk).update(valid_to=date(2026, 11, 22))
    assert len(teams_overview(lead).total.teams) == 2


# --- Who sees what ---


@pytest.mark.parametrize(
    ("who", "status"),
    [("coordinator", 200), ("lead", 200), ("official", 403), ("learner", 404), ("editor", 404)],
)
@pytest.mark.parametrize("name", [HOME, LIST])
def test_the_door(client, request, teams, who, status, name):
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse(name)).status_code == status


def test_a_leader_of_one_team_goes_straight_to_it(client, teams):
    client.force_login(teams.full.users[0])
    assert client.get(reverse(HOME))["Location"] == reverse("teams:team", args=[teams.full.unit.uuid])


def test_a_leader_of_two_teams_chooses(client, province, teams):
    leader = teams.full.users[0]
    MembershipFactory(user=leader, unit=teams.south.unit, audience=province.team, role=Role.TEAM_LEADER)
    client.force_login(leader)
    page = client.get(reverse(LIST)).content.decode()
    assert "thôn Đồng Vàng" in page
    assert "bản Đình" in page
    assert "thôn Thượng" not in page
    assert client.get(reverse(HOME)).status_code == 200


def test_a_coordinator_of_one_commune_sees_its_teams_and_no_others(client, province, teams, coordinator):
    client.force_login(coordinator)
    page = client.get(reverse(HOME)).content.decode()
    assert "thôn Đồng Vàng" in page
    assert "bản Đình" not in page
    assert client.get(reverse(LIST), {"xa": province.north.uuid}).status_code == 200
    assert client.get(reverse(LIST), {"xa": province.south.uuid}).status_code == 403


@pytest.mark.parametrize("asked", ["khong-phai", "chua-quy-doi", "00000000-0000-0000-0000-000000000000"])
def test_a_commune_that_is_none(client, teams, lead, asked):
    client.force_login(lead)
    assert client.get(reverse(LIST), {"xa": asked}).status_code == 404


def test_the_provincial_page_leads_down(client, province, teams, lead):
    client.force_login(lead)
    page = client.get(reverse(HOME)).content.decode()
    assert f"{reverse(LIST)}?xa={province.north.uuid}" in page
    page = client.get(reverse(LIST), {"xa": province.north.uuid, "loc": "thieu-nguoi"}).content.decode()
    assert "thôn Thượng" in page
    assert "thôn Đồng Vàng" not in page
    page = client.get(reverse(LIST), {"q": "không có"}).content.decode()
    assert "Không có tổ nào như vậy" in page


# --- Reminding leaders ---


def test_leaders_of_inactive_teams_are_reminded_once(client, province, teams, lead):
    MembershipFactory(
        user=teams.full.users[0], unit=teams.south.unit, audience=province.team, role=Role.TEAM_LEADER, is_main=False
    )
    client.force_login(lead)
    assert "Nhắc 2 tổ trưởng" in client.get(reverse(HOME)).content.decode()
    page = client.post(reverse("teams:remind_leaders"), follow=True).content.decode()
    assert "Đã nhắc 2 tổ trưởng" in page
    assert {n.user for n in Notice.objects.all()} == {teams.full.users[0], teams.south.users[0]}
    assert Notice.objects.first().unit == province.root
    page = client.post(reverse("teams:remind_leaders"), follow=True).content.decode()
    assert "đã được nhắc trong 3 ngày qua" in page
    assert Notice.objects.count() == 2
    assert "Đã nhắc tổ trưởng của các tổ chưa hoạt động" in client.get(reverse(HOME)).content.decode()
    assert AuditEntry.objects.get(act="team_leaders_remind").detail == {"people": 2}


def test_leaders_without_an_account_are_named_and_not_reminded(client, province, teams, lead):
    User.objects.filter(pk=teams.south.users[0].pk).update(claimed_at=None)
    client.force_login(lead)
    page = client.get(reverse(HOME)).content.decode()
    assert "Nhắc 1 tổ trưởng" in page
    assert "1 tổ trưởng của tổ chưa hoạt động chưa có tài khoản" in page
    assert f'href="{reverse("slips:home")}"' in page
    page = client.post(reverse("teams:remind_leaders"), follow=True).content.decode()
    assert "Đã nhắc 1 tổ trưởng: 1 người thấy khi mở Học Số. 1 tổ trưởng chưa có tài khoản: in phiếu cho họ." in page
    assert [n.user for n in Notice.objects.all()] == [teams.full.users[0]]


def test_a_reminder_to_many_is_asked_back_first(client, province, teams, lead, monkeypatch):
    monkeypatch.setattr("courses.teams_overview.ASK_ABOVE", 1)
    client.force_login(lead)
    asks = reverse("teams:remind_leaders")
    assert f'href="{asks}"' in client.get(reverse(HOME)).content.decode()
    assert client.post(asks)["Location"] == asks, "the button of an old page asks too"
    page = client.get(asks).content.decode()
    assert "Nhắc 2 tổ trưởng?" in page
    assert not Notice.objects.exists(), "a look writes to nobody"
    client.post(asks, {"xa": "", "chac-chan": "1"})
    assert Notice.objects.count() == 2
    assert client.get(asks)["Location"] == f"{reverse(LIST)}?loc=chua-hoat-dong", "nobody is left to remind"


def test_only_of_the_commune_that_was_asked_for(client, province, teams, lead):
    client.force_login(lead)
    client.post(reverse("teams:remind_leaders"), {"xa": province.south.uuid})
    assert [n.user for n in Notice.objects.all()] == [teams.south.users[0]]


@pytest.mark.parametrize(("who", "status"), [("leader", 403), ("official", 403), ("learner", 404)])
def test_who_may_not_remind_leaders(client, request, teams, who, status):
    client.force_login(teams.full.users[0] if who == "leader" else request.getfixturevalue(who))
    assert client.post(reverse("teams:remind_leaders")).status_code == status
    assert not Notice.objects.exists()


def test_a_coordinator_cannot_remind_in_another_commune(client, province, teams, coordinator):
    client.force_login(coordinator)
    assert client.post(reverse("teams:remind_leaders"), {"xa": province.south.uuid}).status_code == 403
    client.get(reverse("teams:remind_leaders"))
    assert not Notice.objects.exists()


# --- Cost ---


@pytest.mark.parametrize("name", [HOME, LIST])
def test_it_costs_the_same_for_three_teams_and_for_forty(client, province, teams, course, lead, name):
    """Session, user, roles; structure; communes, teams, their communes; trained, active ×2, memberships; leaders
    without an account, reminders; leaders' names."""
    client.force_login(lead)
    counts = []
    for more in (0, 37):
        for number in range(more):
            made = make_team(province, province.north, f"Tổ {number}")
            complete(made.users[0], course, NOW)
        structures_rebuild()
        client.get(reverse(name))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(name))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15
    assert timezone.now() == NOW
