"""The first page of the offices: what waits, the doors that open, the way to one's people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from common.models import Job, JobState
from people.doors import doors_for
from people.models import Decided, Outcome, Role, RosterImport, RosterRow, RosterState, UnitKind
from people.querysets import today
from tests.factories.people import MembershipFactory, UnitFactory

pytestmark = pytest.mark.anywhere

URL = "manage_home"
ALL_DOORS = [
    "Danh sách người",
    "Tổ công nghệ số cộng đồng",
    "Phiếu nhận tài khoản",
    "Giảng dạy",
    "Chỉ tiêu",
    "Cấp chứng nhận",
    "Cơ cấu đơn vị",
    "Nhật ký",
]


def read(client):
    return client.get(reverse(URL)).content.decode()


def list_of(unit, by, state=RosterState.READY, **fields):
    if state == RosterState.APPLIED:
        fields |= {"applied_by": by, "applied_at": timezone.now()}
    roster = RosterImport.objects.create(
        unit=unit,
        file="x",
        file_name="to-dan-pho.xlsx",
        sha256="0",
        effective_on=today(),
        state=state,
        made_by=by,
        **fields,
    )
    RosterRow.objects.create(roster=roster, number=2, outcome=Outcome.NEW, unit=unit)
    return roster


@pytest.mark.parametrize(
    ("who", "status"),
    [("coordinator", 200), ("lead", 200), ("official", 200), ("learner", 404), ("stranger", 404)],
)
def test_the_door_opens_for_officials_only(client, request, province, who, status):
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse(URL)).status_code == status


def test_an_editor_has_no_office_here(client, editor):
    client.force_login(editor)
    assert client.get(reverse(URL)).status_code == 404


def test_nobody_signed_in_is_sent_to_sign_in(client, db):
    assert reverse("account_login") in client.get(reverse(URL))["Location"]


def test_each_office_leads_to_its_own_people(client, province, coordinator):
    MembershipFactory(user=coordinator, unit=province.south, audience=province.team, role=Role.TEAM_LEADER)
    client.force_login(coordinator)
    page = read(client)
    for unit in (province.north, province.south):
        assert reverse("unit_learning:people", args=[unit.uuid]) in page
    assert reverse("unit_learning:people", args=[province.root.uuid]) not in page


@pytest.mark.parametrize(
    ("role", "closed"),
    [
        (Role.ADMINISTRATOR, set()),
        (Role.PROVINCIAL_LEAD, set()),
        (Role.COORDINATOR, set()),
        (Role.TEAM_LEADER, {"Danh sách người", "Giảng dạy", "Chỉ tiêu", "Cấp chứng nhận", "Nhật ký"}),
        (
            Role.ISSUING_OFFICIAL,
            {"Danh sách người", "Tổ công nghệ số cộng đồng", "Phiếu nhận tài khoản", "Giảng dạy", "Nhật ký"},
        ),
        (Role.INSTRUCTOR, set(ALL_DOORS) - {"Giảng dạy"}),
        (Role.LEARNER, set(ALL_DOORS)),
        (Role.EDITOR, set(ALL_DOORS)),
    ],
)
def test_doors_by_role(province, role, closed):
    viewer = MembershipFactory(unit=province.north, audience=province.staff, role=role).user
    assert [door.title for door in doors_for(viewer)] == [title for title in ALL_DOORS if title not in closed]


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.PROVINCIAL_LEAD, Role.COORDINATOR, Role.TEAM_LEADER])
def test_every_door_that_is_shown_opens(client, province, role):
    """What the page offers is not refused behind it, and leads somewhere that exists."""
    from tests.proof import with_second_step

    viewer = with_second_step(MembershipFactory(unit=province.north, audience=province.staff, role=role).user)
    client.force_login(viewer)
    for door in doors_for(viewer):
        assert client.get(door.path, follow=True).status_code == 200, door.title


@pytest.mark.parametrize(
    ("state", "waits"),
    [
        (RosterState.READY, True),
        (RosterState.CHECKING, False),
        (RosterState.APPLIED, False),
        (RosterState.UNREADABLE, False),
        (RosterState.CANCELLED, False),
    ],
)
def test_a_list_that_waits_to_be_looked_at_comes_first(client, coordinator, province, state, waits):
    roster = list_of(province.north, coordinator, state)
    client.force_login(coordinator)
    assert (reverse("rosters:roster", args=[roster.uuid]) in read(client)) == waits


@pytest.mark.parametrize(("who", "sees"), [("coordinator", True), ("lead", False), ("other_coordinator", False)])
def test_lists_of_others_are_not_there(client, request, province, coordinator, who, sees):
    roster = list_of(province.north, coordinator)
    client.force_login(request.getfixturevalue(who))
    assert (reverse("rosters:roster", args=[roster.uuid]) in read(client)) == sees


@pytest.mark.parametrize(
    ("state", "days", "sees"),
    [
        (JobState.WAITING, 0, True),
        (JobState.RUNNING, 0, True),
        (JobState.FAILED, 0, True),
        (JobState.FAILED, 2, False),
        (JobState.DONE, 0, False),
    ],
)
def test_own_jobs_are_found_again(client, coordinator, other_coordinator, state, days, sees):
    ended = timezone.now() - timedelta(days=days) if state in {JobState.FAILED, JobState.DONE} else None
    job = Job.objects.create(kind="x", owner=coordinator, title="Kiểm tra", state=state, finished_at=ended)
    address = reverse("jobs:job", args=[job.uuid])
    client.force_login(coordinator)
    assert (address in read(client)) == sees
    client.force_login(other_coordinator)
    assert address not in read(client)


@pytest.mark.parametrize(
    ("outcome", "decided", "waits"),
    [
        (Outcome.NEW, "", True),
        (Outcome.LEFT, "", True),
        (Outcome.DOUBTFUL, "", True),
        (Outcome.DOUBTFUL, Decided.SKIP, False),
        (Outcome.REJECTED, "", False),
        (Outcome.UNCHANGED, "", False),
    ],
)
def test_only_what_can_be_imported_or_decided_waits(client, coordinator, province, outcome, decided, waits):
    roster = list_of(province.north, coordinator)
    roster.rows.update(outcome=outcome, decided=decided)
    client.force_login(coordinator)
    assert (reverse("rosters:roster", args=[roster.uuid]) in read(client)) == waits


@pytest.mark.parametrize("name", ["job", "state"])
def test_a_failure_that_was_seen_waits_no_more(client, coordinator, name):
    job = Job.objects.create(
        kind="x", owner=coordinator, title="Kiểm tra", state=JobState.FAILED, finished_at=timezone.now()
    )
    client.force_login(coordinator)
    assert reverse("jobs:job", args=[job.uuid]) in read(client)
    client.get(reverse(f"jobs:{name}", args=[job.uuid]))
    assert reverse("jobs:job", args=[job.uuid]) not in read(client)


def test_it_costs_the_same_for_one_office_and_eight(client, province, coordinator):
    """Session, user, roles, offices with unit and audience, jobs, the second step's own look; what waits: lists,
    reports late and due, declarations, practical tasks, free texts, teams without leader; figures to
    declare: structure, own units and their depth, the structure again, two rights, units above, indicators, values."""
    client.force_login(coordinator)
    counts = []
    for more in (1, 7):
        for number in range(more):
            unit = UnitFactory(parent=province.root)
            MembershipFactory(
                user=coordinator, unit=unit, audience=province.staff, role=Role.COORDINATOR, is_main=False
            )
            UnitFactory(parent=unit, kind=UnitKind.TEAM)
            list_of(province.north, coordinator)
            Job.objects.create(kind="x", owner=coordinator, title=f"Việc {number}")
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(URL))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 22
