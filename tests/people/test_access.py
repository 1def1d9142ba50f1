"""Rights in both directions: who may see whom, role by role and unit by unit."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from common.errors import Forbidden
from people import access
from people.models import Membership, Role, User
from people.querysets import today
from tests.factories.people import MembershipFactory, UserFactory


@pytest.mark.parametrize("role", [*Role])
def test_a_role_sees_its_own_unit_and_never_a_sibling_or_the_province(province, role, learner, stranger, lead):
    viewer = MembershipFactory(unit=province.north, audience=province.staff, role=role).user
    sees = set(User.objects.visible_to(viewer))
    assert viewer in sees
    assert (learner in sees) == (role in access.MANAGING)
    assert stranger not in sees
    assert lead not in sees
    for person in (learner, stranger, lead):
        assert access.can_see_person(viewer, person) == (person in sees)


@pytest.mark.parametrize(
    ("role", "kpi", "propose", "issue"),
    [
        (Role.LEARNER, False, False, False),
        (Role.TEAM_LEADER, False, False, False),
        (Role.COORDINATOR, True, True, False),
        (Role.ISSUING_OFFICIAL, True, False, True),
        (Role.PROVINCIAL_LEAD, True, True, False),
        (Role.EDITOR, False, False, False),
        (Role.ADMINISTRATOR, True, True, False),
    ],
)
def test_what_each_role_may_do(province, role, kpi, propose, issue):
    viewer = MembershipFactory(unit=province.north, audience=province.staff, role=role).user
    for unit, inside in ((province.north, True), (province.south, False), (province.root, False)):
        assert access.can_read_kpi(viewer, unit) == (kpi and inside)
        assert access.can_propose_certificates(viewer, unit) == (propose and inside)
        assert access.can_issue_certificates(viewer, unit) == (issue and inside)


def test_a_role_at_the_province_reaches_down(province, lead):
    assert access.can_read_kpi(lead, province.south)
    assert access.can_see_unit(lead, province.department)


def test_an_office_that_ended_gives_no_rights(province):
    ended = MembershipFactory(
        unit=province.north, audience=province.staff, role=Role.COORDINATOR, valid_to=today() - timedelta(days=1)
    )
    assert not access.is_manager(ended.user)
    assert not access.can_see_unit(ended.user, province.north)


def test_people_who_left_are_no_longer_seen(province, coordinator, learner):
    Membership.objects.filter(user=learner).update(valid_to=date(2026, 1, 1))
    assert learner not in User.objects.visible_to(coordinator)


def test_nobody_signed_in_sees_nobody(province, learner):
    assert not User.objects.visible_to(AnonymousUser()).exists()
    assert not access.can_see_unit(AnonymousUser(), province.north)


def test_require_tells_officials_and_hides_from_everybody_else(province, other_coordinator, stranger):
    with pytest.raises(Forbidden):
        access.require(False, other_coordinator, what="xã này")
    with pytest.raises(Http404):
        access.require(False, stranger, what="xã này")
    access.require(True, stranger, what="xã này")


def test_names_are_kept_in_nfc_and_sorted_by_given_name(db):
    user = UserFactory(full_name="  Nguye\u0302\u0303n   Thị  Ưỡng ")
    assert user.full_name == "Nguyễn Thị Ưỡng"
    assert user in User.objects.search("NGUYEN THI")
