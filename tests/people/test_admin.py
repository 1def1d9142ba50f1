"""An administrator appoints people and keeps units: the way in for a province without a demo."""

from datetime import date

import pytest
from django.core.management import call_command
from django.urls import reverse

from common.models import AuditEntry
from people import access
from people.models import Membership, Role, UnitAncestor, User
from tests.proof import prove


@pytest.fixture
def administrator(province, client):
    call_command(
        "createsuperuser", email="quan-tri@example.vn", full_name="Bùi Quang Uý", interactive=False, verbosity=0
    )
    user = User.objects.get(email="quan-tri@example.vn")
    client.force_login(user)
    prove(client)
    return user


def test_the_first_administrator_appoints_a_coordinator(client, province, administrator, learner):
    response = client.post(
        reverse("admin:people_membership_add"),
        {
            "user": learner.pk, "unit": province.south.pk, "audience": province.staff.pk, "role": Role.COORDINATOR,
            "title": "Công chức văn hoá", "valid_from": "01/11/2026", "valid_to": "",
        },
    )  # fmt: skip
    assert response.status_code == 302, response.context["adminform"].form.errors
    assert access.can_read_kpi(learner, province.south)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.act, entry.detail["role"]) == (administrator, "membership_add", "coordinator")


def test_an_office_is_ended_by_date_and_never_deleted(client, province, administrator, coordinator):
    membership = Membership.objects.get(user=coordinator)
    assert client.post(reverse("admin:people_membership_delete", args=[membership.pk])).status_code == 403


def test_a_new_unit_is_in_the_tree_at_once(client, province, administrator, lead):
    client.post(
        reverse("admin:people_unit_add"),
        {"code": "TH-1", "name": "Trường Tiểu học Xuân Lương", "kind": "school", "parent": province.north.pk,
         "valid_from": "01/08/2026"},
    )  # fmt: skip
    row = UnitAncestor.objects.get(descendant__code="TH-1", ancestor=province.root)
    assert row.descendant.valid_from == date(2026, 8, 1)


def test_nobody_else_enters(client, province, lead):
    client.force_login(lead)
    assert client.get(reverse("admin:index")).status_code == 302


@pytest.mark.parametrize("name", ["user", "membership", "unit", "unitsuccession", "structure", "audience"])
def test_lists_open_and_search(client, administrator, name):
    url = reverse(f"admin:people_{name}_changelist")
    assert client.get(url, {"q": "xuan"}).status_code == 200
