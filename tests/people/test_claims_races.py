"""Two people at one instant: an account has one owner, a slip opens once. On PostgreSQL, where transactions overlap."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection

from common.errors import Refusal
from common.models import AuditEntry
from people import claims, slips
from people.models import ClaimSlip, User
from tests.factories.people import MembershipFactory, UserFactory

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
RACERS = 6


@pytest.fixture
def hoa(on_postgres, province):
    user = UserFactory(full_name="Nguyễn Thị Hoà", email=None, password=make_password(None), phone="+84912345678")
    MembershipFactory(user=user, unit=province.north, audience=province.team)
    return user


def race(call):
    """Let ``call`` happen ``RACERS`` times at once; return what each gave, or the code of its refusal."""
    start = Barrier(RACERS)

    def run(number):
        start.wait()
        try:
            return call(number)
        except Refusal as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(RACERS) as pool:
        return list(pool.map(run, range(RACERS)))


def test_one_owner_of_an_account(hoa):
    def claim(number):
        user = User.objects.get(pk=hoa.pk)
        claims.account_claim(user=user, contact=hoa.phone, password=f"!{number}", reminders=False, how="phone")
        return "claimed"

    given = race(claim)
    assert sorted(given) == ["already_claimed"] * (RACERS - 1) + ["claimed"]
    assert AuditEntry.objects.filter(act="account_claim").count() == 1
    assert hoa.consents.count() == 1


def test_a_slip_opens_once(hoa, province, coordinator):
    [made] = slips.slips_make(people=[hoa], unit=province.north, by=coordinator)

    def use(number):
        slips.slip_claim(slip=slips.slip_find(code=made.code), password=make_password(f"mật khẩu {number}"))
        return "claimed"

    given = race(use)
    assert sorted(given) == ["claimed"] + ["slip_used"] * (RACERS - 1)


def test_two_prints_leave_one_slip_that_works(hoa, province, coordinator):
    race(lambda number: len(slips.slips_make(people=[hoa], unit=province.north, by=coordinator)))
    assert ClaimSlip.objects.count() == RACERS
    assert ClaimSlip.objects.filter(voided_at=None).count() == 1


def test_one_code_for_each_learner(hoa, province):
    race(lambda number: claims.learner_codes_give([User.objects.get(pk=hoa.pk)]))
    assert User.objects.get(pk=hoa.pk).learner_code


def test_wrong_years_are_all_counted(hoa, province, coordinator):
    [made] = slips.slips_make(people=[hoa], unit=province.north, by=coordinator)
    slip = slips.slip_find(code=made.code)
    given = race(lambda number: slips.slip_year_tell(slip=slip, year=1900))
    assert given.count(False) == slips.WRONG_YEARS
    assert given.count("slip_locked") == RACERS - slips.WRONG_YEARS
