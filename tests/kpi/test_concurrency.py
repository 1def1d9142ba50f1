"""Two completions at one instant: the person counts once, by the earlier one, and the summary says so."""

from __future__ import annotations

import pytest

from courses.models import Completion
from kpi import rollup
from kpi.counting import completions_count
from kpi.histories import Cell, cell_of
from kpi.models import Counted, CountingKind, UnitMonth
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import IndicatorFactory
from tests.factories.people import MembershipFactory
from tests.kpi.conftest import at
from tests.threads import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_two_completions_at_once_count_one_person_by_the_earlier(on_postgres, province):
    people = [MembershipFactory(unit=province.north, audience=province.citizen).user for _ in range(10)]
    for person in people:
        for day in ("2026-05-01", "2026-03-01"):
            complete(person, course_with_steps(1), at(day))
    IndicatorFactory(audiences=[province.citizen])
    for person in people:
        completions = Completion.objects.filter(user=person)
        at_once(*(lambda c=c: completions_count(completions=[c]) for c in completions))
    days = Counted.objects.values_list("counted_on", flat=True)
    assert {str(day) for day in days} == {"2026-03-01"}
    assert len(days) == 10
    assert not rollup.counted_rebuild(check=True).has_drift


def test_hours_of_two_courses_finished_at_once_are_added_up(on_postgres, province):
    """Each transaction sees only its own completion until the other has committed: the person is locked."""
    people = [MembershipFactory(unit=province.north, audience=province.citizen).user for _ in range(6)]
    IndicatorFactory(audiences=[province.citizen], counting=CountingKind.HOURS, min_hours=3)
    for person in people:
        courses = [course_with_steps(1), course_with_steps(1)]
        at_once(*(lambda p=person, c=c: complete(p, c, at("2026-03-01")) for c in courses))
    assert Counted.objects.count() == 6
    assert not rollup.counted_rebuild(check=True).has_drift


def test_refreshes_at_once_leave_the_right_number(on_postgres, province):
    IndicatorFactory(audiences=[province.citizen])
    for _ in range(5):
        person = MembershipFactory(unit=province.north, audience=province.citizen).user
        complete(person, course_with_steps(1), at("2026-03-01"))
    cell = cell_of(Counted.objects.first())
    UnitMonth.objects.all().delete()
    at_once(*([lambda: rollup.cells_refresh([cell, Cell(cell.indicator_id, None, 2026, cell.month)])] * 6))
    assert UnitMonth.objects.get(unit=province.north).count == 5
    assert UnitMonth.objects.get(unit=None).count == 0
