"""Two imports at one instant: no person twice, and who comes second is told."""

import pytest

from common.models import Job
from people.models import RosterState, User
from people.rosters import services
from people.rosters.jobs import apply_or_check_again
from tests.factories.rosters import Silent, checked, outcomes, people_rows, xlsx_bytes
from tests.threads import told_at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
CONTENT = xlsx_bytes(*people_rows(*({"Họ và tên": f"Vũ Lan {c}", "Mã cán bộ": f"C{c}"} for c in "ABCDEFGH")))


def _people():
    return User.objects.filter(staff_code__startswith="C").count()


def test_one_list_applied_twice_at_once_goes_in_once(on_postgres, province, lead):
    roster = checked(CONTENT, by=lead, unit=province.north)
    services.roster_begin(roster=roster, by=lead)
    first, second = told_at_once(*[lambda: apply_or_check_again(roster=roster, by=lead, progress=Silent())] * 2)
    assert first == second
    assert _people() == 8


def test_two_presses_at_once_open_one_job(on_postgres, province, lead):
    roster = checked(CONTENT, by=lead, unit=province.north)
    first, second = told_at_once(*[lambda: services.roster_apply(roster=roster, by=lead).pk] * 2)
    assert first == second
    assert Job.objects.filter(kind="people.roster_apply").count() == 1


def test_two_lists_with_the_same_new_people_at_once_make_them_once(on_postgres, province, lead):
    rosters = [checked(CONTENT, by=lead, unit=unit) for unit in (province.north, province.south)]
    for roster in rosters:
        services.roster_begin(roster=roster, by=lead)
    found = told_at_once(*(lambda r=r: apply_or_check_again(roster=r, by=lead, progress=Silent()) for r in rosters))
    assert "stale" in found
    assert _people() == 8
    for roster in rosters:
        roster.refresh_from_db()
    assert {roster.state for roster in rosters} == {RosterState.APPLIED, RosterState.READY}
    waiting = next(roster for roster in rosters if roster.state == RosterState.READY)
    assert outcomes(waiting) == {"changed": 8}
