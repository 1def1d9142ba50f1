"""Units that are renamed, moved, merged, divided or closed later leave what was closed as it was, and as it is read."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from kpi import places
from kpi.closed import Said, closed_and_now, closed_and_now_below
from kpi.models import Population, Recurrence
from kpi.services import closing_make, closing_verify
from people.models import Role, Unit
from people.querysets import today
from tests.factories.kpi import IndicatorFactory, TargetFactory
from tests.factories.people import MembershipFactory
from tests.kpi.conftest import REFORM
from tests.kpi.test_figures import learn
from tests.kpi.test_unit_changes import CHANGES

pytestmark = pytest.mark.slow


@pytest.fixture
def closed(reform, django_capture_on_commit_callbacks):
    """Yesterday closed: people who learnt in X, in Y and, before the reform, in A and the divided S."""
    ever = IndicatorFactory(code="T-1", audiences=[reform.citizen], recurrence=Recurrence.CUMULATIVE, base_year=2023)
    listed = IndicatorFactory(code="T-2", audiences=[reform.member])
    TargetFactory(indicator=ever, unit=reform.x, value=80)
    Population.objects.create(indicator=ever, unit=reform.x, year=2025, value=25, source="s", quote="q")
    day = f"{today().year}-01-02"
    with django_capture_on_commit_callbacks(execute=True):
        for unit, on in ((reform.x, day), (reform.y, day), (reform.a, "2025-05-05"), (reform.s, "2025-05-05")):
            learn(unit, reform.citizen, on)
        learn(reform.x, reform.member, day)
    lead = MembershipFactory(unit=reform.new, role=Role.PROVINCIAL_LEAD, valid_from=REFORM).user
    until = today() - timedelta(days=1)
    made = closing_make(actor=lead, unit=reform.new, structure=reform.now, period="day", until=until)
    return made, [ever, listed]


def everything_said(closing, indicators, units):
    """Both sides of each line of the closing's pages, of every unit that it holds.

    A line that stands there for what is said today, and of which the closing's day says nothing, is left out.
    """
    found = {}
    for unit in units:
        for line in closed_and_now(closing, unit):
            found[unit.pk, line.indicator.code] = (line.before, line.after)
        for indicator in indicators:
            for line in closed_and_now_below(closing, unit, indicator):
                found[unit.pk, indicator.code, line.unit.pk] = (line.before, line.after)
    nothing = (Said(), Said(Decimal(0)))
    return {place: said for place, said in found.items() if said != nothing}


@pytest.mark.parametrize("name", CHANGES)
def test_a_later_change_of_units_is_no_difference(reform, closed, name):
    closing, indicators = closed
    place = places.place_of(closing.unit, closing.structure, places.structures())
    units = places.units_within(place, places.structures())
    before = everything_said(closing, indicators, units)
    assert all(then == now for then, now in before.values()), "nothing has changed yet"
    assert len(before) >= 4
    CHANGES[name](reform, today())
    as_known = [Unit.objects.get(pk=unit.pk) for unit in units]
    assert everything_said(closing, indicators, as_known) == before
    assert closing_verify(closing).ok
