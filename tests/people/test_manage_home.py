import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from people.models import Role
from tests.factories.people import MembershipFactory, UnitFactory

URL = "manage_home"


@pytest.mark.parametrize(
    ("who", "status"),
    [("coordinator", 200), ("lead", 200), ("official", 200), ("learner", 404), ("editor", 404)],
)
def test_the_door_opens_for_officials_only(client, request, province, who, status):
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse(URL)).status_code == status


def test_nobody_signed_in_is_sent_to_sign_in(client, db):
    assert reverse("account_login") in client.get(reverse(URL))["Location"]


def test_each_office_leads_to_its_own_people(client, province, coordinator):
    MembershipFactory(user=coordinator, unit=province.south, audience=province.team, role=Role.TEAM_LEADER)
    client.force_login(coordinator)
    page = client.get(reverse(URL)).content.decode()
    for unit in (province.north, province.south):
        assert reverse("unit_learning:people", args=[unit.uuid]) in page
    assert reverse("unit_learning:people", args=[province.root.uuid]) not in page


def test_a_team_leader_is_not_sent_to_pages_they_may_not_open(client, province):
    leader = MembershipFactory(unit=province.north, audience=province.team, role=Role.TEAM_LEADER).user
    client.force_login(leader)
    page = client.get(reverse(URL)).content.decode()
    assert reverse("kpi:dashboard") not in page
    assert reverse("issuing:batches") not in page


def test_it_costs_the_same_for_one_office_and_eight(client, province, coordinator):
    client.force_login(coordinator)
    counts = []
    for more in (0, 7):
        for _ in range(more):
            MembershipFactory(
                user=coordinator,
                unit=UnitFactory(parent=province.root),
                audience=province.staff,
                role=Role.COORDINATOR,
                is_main=False,
            )
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(URL))
        counts.append(len(queries))
    # session, user, roles, offices with unit and audience
    assert counts[0] == counts[1] <= 5
