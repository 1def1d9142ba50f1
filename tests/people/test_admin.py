"""An administrator appoints people and keeps units: the way in for a province without a demo."""

from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from common.models import AuditEntry
from people import access
from people.models import Membership, Role, Structure, Unit, UnitSuccession, User
from tests.factories.people import MembershipFactory, UserFactory
from tests.proof import prove

FIRST = date(timezone.localdate().year, 1, 1)


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
            "title": "Công chức văn hoá", "valid_from": f"{FIRST:%d/%m/%Y}", "valid_to": "",
        },
    )  # fmt: skip
    assert response.status_code == 302, response.context["adminform"].form.errors
    assert access.can_read_kpi(learner, province.south)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.act, entry.before) == (administrator, "membership_add", {})
    assert entry.after == {
        "user": str(learner.uuid),
        "unit": str(province.south.uuid),
        "audience": "cccvc",
        "role": "coordinator",
        "title": "Công chức văn hoá",
        "valid_from": f"{FIRST:%Y-%m-%d}",
    }


def test_a_record_that_was_merged_stays_closed(client, administrator, learner):
    closed = UserFactory(merged_into=learner, is_active=False)
    page = reverse("admin:people_user_change", args=[closed.pk])
    assert "is_active" not in client.get(page).context["adminform"].form.fields
    form = {"full_name": "Vũ Lan", "email": closed.email, "is_active": "on"}
    assert client.post(page, form).status_code == 302
    closed.refresh_from_db()
    assert (closed.full_name, closed.is_active) == ("Vũ Lan", False)


def test_an_office_is_ended_by_date_and_never_deleted(client, province, administrator, coordinator):
    membership = Membership.objects.get(user=coordinator)
    assert client.post(reverse("admin:people_membership_delete", args=[membership.pk])).status_code == 403


def change(client, membership, **said):
    """Send the form of a membership as its page has it, with what is said differently."""
    form = {"role": membership.role, "title": membership.title, "is_main": "on", "valid_to": "", **said}
    return client.post(reverse("admin:people_membership_change", args=[membership.pk]), form)


def test_what_past_figures_count_is_not_written_over(client, province, administrator, coordinator):
    """User, unit, audience and first day of a membership stay; what changes is in the log, before and after."""
    membership = Membership.objects.get(user=coordinator)
    kept = (membership.user_id, membership.unit_id, membership.audience_id, membership.valid_from)
    other = MembershipFactory(unit=province.south, audience=province.citizen)
    ends = f"{timezone.localdate():%d/%m/%Y}"
    response = change(
        client, membership, user=other.user_id, unit=province.south.pk, audience=province.citizen.pk,
        valid_from="01/01/2025", title="Trưởng phòng", valid_to=ends,
    )  # fmt: skip
    assert response.status_code == 302
    membership.refresh_from_db()
    assert (membership.user_id, membership.unit_id, membership.audience_id, membership.valid_from) == kept
    entry = AuditEntry.objects.get(act="membership_change")
    assert entry.before == {"title": "", "valid_to": None}
    assert entry.after == {"title": "Trưởng phòng", "valid_to": f"{timezone.localdate():%Y-%m-%d}"}


@pytest.mark.parametrize("day", [FIRST - timedelta(days=1), date(2025, 8, 1)])
def test_no_membership_ends_or_begins_in_a_year_that_was_reported(client, province, administrator, coordinator, day):
    membership = Membership.objects.get(user=coordinator)
    assert "số liệu năm trước đã báo cáo" in change(client, membership, valid_to=f"{day:%d/%m/%Y}").text
    ended = MembershipFactory(unit=province.north, audience=province.staff, valid_to=FIRST - timedelta(days=1))
    assert "số liệu năm trước đã báo cáo" in change(client, ended).text, "nor does one that ended hold again"
    form = {
        "user": membership.user_id, "unit": province.south.pk, "audience": province.staff.pk, "role": Role.LEARNER,
        "valid_from": f"{day:%d/%m/%Y}",
    }  # fmt: skip
    assert "số liệu năm trước đã báo cáo" in client.post(reverse("admin:people_membership_add"), form).text
    membership.refresh_from_db()
    ended.refresh_from_db()
    assert (membership.valid_to, ended.valid_to) == (None, FIRST - timedelta(days=1))
    assert not AuditEntry.objects.exists()


def test_every_field_of_an_account_that_changes_is_in_the_log(client, administrator, province):
    person = UserFactory(full_name="Vũ Lan", phone="+84912000011", email="lan@example.vn", phone_verified=True)
    page = reverse("admin:people_user_change", args=[person.pk])
    form = {
        "full_name": "Vũ Thị Lan", "phone": "+84912000099", "email": "thief@x.vn", "birth_date": "01/02/1980",
        "is_active": "on", "is_staff": "on",
    }  # fmt: skip
    assert client.post(page, form).status_code == 302
    entry = AuditEntry.objects.get(act="account_change")
    assert entry.before == {
        "full_name": "Vũ Lan", "phone": "…011", "phone_verified": True, "email": "la…@example.vn",
        "birth_date": "1969-05-17",
    }  # fmt: skip
    assert entry.after == {
        "full_name": "Vũ Thị Lan", "phone": "…099", "phone_verified": False, "email": "th…@x.vn",
        "birth_date": "1980-02-01",
    }  # fmt: skip
    assert AuditEntry.objects.get(act="account_rights").after == {"is_staff": True}
    client.post(page, form)
    assert AuditEntry.objects.count() == 2, "what stays is no change"


@pytest.mark.parametrize("name", ["unit", "unitsuccession", "structure"])
def test_the_tree_is_looked_at_here_and_changed_on_its_own_pages(client, province, administrator, name):
    """Editing a row would move past figures without a line in the log."""
    UnitSuccession.objects.create(predecessor=province.south, successor=province.north, effective_on=date(2026, 1, 1))
    model = {"unit": Unit, "unitsuccession": UnitSuccession, "structure": Structure}[name]
    row, before = model.objects.first(), list(model.objects.order_by("pk").values())
    page = reverse(f"admin:people_{name}_change", args=[row.pk])
    assert client.get(page).status_code == 200
    for address in (page, reverse(f"admin:people_{name}_add"), reverse(f"admin:people_{name}_delete", args=[row.pk])):
        assert client.post(address, {"name": "Xã Khác", "code": "x", "valid_from": "01/01/2020"}).status_code == 403
    assert list(model.objects.order_by("pk").values()) == before
    assert not AuditEntry.objects.exists()


def test_nobody_else_enters(client, province, lead):
    client.force_login(lead)
    assert client.get(reverse("admin:index")).status_code == 302


@pytest.mark.parametrize("name", ["user", "membership", "unit", "unitsuccession", "structure", "audience"])
def test_lists_open_and_search(client, administrator, name):
    url = reverse(f"admin:people_{name}_changelist")
    assert client.get(url, {"q": "xuan"}).status_code == 200
