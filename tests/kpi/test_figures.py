"""Figures under two structures, by day, against targets; the same number of queries at any size."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpi import denominators, figures, places
from kpi.figures import Part, goal_of
from kpi.models import Counted, Population, Recurrence, Target
from people.services import structures_rebuild
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import IndicatorFactory, TargetFactory
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory
from tests.kpi.conftest import OLD, REFORM, at


def learn(unit, audience, day, *, valid_from=OLD["valid_from"]):
    """A citizen of ``unit`` finishes a course on a day."""
    person = UserFactory()
    if unit:
        MembershipFactory(user=person, unit=unit, audience=audience, valid_from=valid_from)
    complete(person, course_with_steps(1), at(day))
    return person


def read(indicator, unit, structure, year, **more):
    place = places.place_of(unit, structure, places.structures())
    table = figures.table(indicator, place, year, **more)
    assert sum(row.count for row in table.rows) == table.total.count or not place.rows
    return table


def shown(table):
    return {row.name: row.count for row in table.rows if row.count}


@pytest.fixture
def trained(reform, django_capture_on_commit_callbacks):
    """Cumulative: one person in A, two in B, one in C and in the divided S before; after: one in X, one in Y, one ?."""
    indicator = IndicatorFactory(
        code="BG23-T", audiences=[reform.citizen], recurrence=Recurrence.CUMULATIVE, base_year=2023
    )
    with django_capture_on_commit_callbacks(execute=True):
        for unit in (reform.a, reform.b, reform.b, reform.c, reform.s):
            learn(unit, reform.citizen, "2025-05-05")
        for unit in (reform.x, reform.y, None):
            learn(unit, reform.citizen, "2025-08-08")
    return indicator


@pytest.mark.parametrize("exact", [True, False])
def test_todays_structure(reform, trained, exact):
    table = read(trained, reform.new, reform.now, 2025, exact=exact)
    assert table.total.count == 8
    assert shown(table) == {"Xã X": 4, "Xã Y": 2, "Chưa quy đổi": 1, "Chưa rõ đơn vị": 1}
    assert shown(read(trained, reform.x, reform.now, 2025, exact=exact)) == {
        "Trực tiếp tại đơn vị": 1,
        "Chưa quy đổi": 3,
    }


@pytest.mark.parametrize("exact", [True, False])
def test_structure_of_2022(reform, trained, exact):
    table = read(trained, reform.old, reform.before, 2025, exact=exact)
    assert table.total.count == 7
    assert shown(table) == {"Huyện Yên Thế": 4, "Huyện Tân Yên": 3}
    d1 = read(trained, reform.d1, reform.before, 2025, exact=exact)
    assert shown(d1) == {"Xã A": 1, "Xã B": 2, "Chưa quy đổi": 1}
    d2 = read(trained, reform.d2, reform.before, 2025, exact=exact)
    assert shown(d2) == {"Xã C": 2, "Xã S": 1}


def test_todays_province_read_by_the_units_of_2022(reform, trained):
    table = read(trained, reform.new, reform.before, 2025)
    assert table.total.count == 8
    assert shown(table) == {"Tỉnh Bắc Giang": 7, "Chưa rõ đơn vị": 1}
    assert shown(read(trained, reform.x, reform.before, 2025)) == {"Xã A": 1, "Xã B": 2, "Trực tiếp tại đơn vị": 1}


def test_old_province_read_by_todays_units_stays_whole(reform, trained):
    table = read(trained, reform.old, reform.now, 2025)
    assert table.total.count == 7
    assert table.place.home == reform.before
    assert sum(shown(table).values()) == 7


def test_people_behind_each_row_are_as_many_as_it_says(reform, trained):
    known = places.structures()
    for unit in (reform.new, reform.old, reform.d1, reform.x, reform.a):
        for structure in (reform.before, reform.now):
            place = places.place_of(unit, structure, known)
            table = figures.table(trained, place, 2025)
            for row in (table.total, *table.rows):
                if row.part != Part.UNIT:
                    behind = Counted.objects.filter(figures.behind(place, row.part), indicator=trained).within(2025)
                    assert behind.count() == row.count, (unit, structure, row.part)


@pytest.mark.parametrize(
    ("year", "as_of", "expected"),
    [
        (2025, None, 8),
        (2026, None, 8),
        (2024, None, 0),
        (2025, date(2025, 5, 4), 0),
        (2025, date(2025, 5, 5), 5),
        (2025, date(2025, 8, 7), 5),
        (2025, date(2025, 8, 8), 8),
        (2024, date(2025, 8, 8), 0),
    ],
)
def test_as_of(reform, trained, year, as_of, expected):
    assert read(trained, reform.new, reform.now, year, as_of=as_of).total.count == expected


@pytest.mark.parametrize(
    ("value", "measured_in", "comparator", "denominator", "goal"),
    [
        (100, "%", "=", 5235, 5235),
        (50, "%", ">=", 5235, 2618),
        (90, "%", ">", 10, 10),
        (90, "%", ">=", 10, 9),
        (90, "%", ">", 11, 10),
        (70, "%", ">=", None, None),
        (70, "%", ">=", 0, None),
        (50, "người", ">=", None, 50),
        (None, "mạng lưới", "exists", 209, None),
        (30, "sự kiện", ">=", None, None),
        (10, "thứ hạng", "<=", None, None),
    ],
)
def test_goal(value, measured_in, comparator, denominator, goal):
    target = Target(value=None if value is None else Decimal(value), measured_in=measured_in, comparator=comparator)
    assert goal_of(target, denominator) == goal
    assert goal_of(None, denominator) is None


@pytest.fixture
def rostered(reform):
    """100 % of team members; four of them on the list of Xã X, one of whom has learnt."""
    indicator = IndicatorFactory(code="BG23-TO", audiences=[reform.member])
    TargetFactory(indicator=indicator, unit=reform.old, value=70, comparator=">=", year=2030)
    learn(reform.x, reform.member, "2025-09-09", valid_from=REFORM)
    for _ in range(3):
        MembershipFactory(unit=reform.x, audience=reform.member, valid_from=REFORM)
    return indicator


def test_official_number_before_the_list_and_nothing_is_not_zero(reform, rostered, trained):
    TargetFactory(indicator=trained, unit=reform.old, value=70, comparator=">=", year=2030)
    Population.objects.create(indicator=trained, unit=reform.old, year=2022, value=10, source="000.txt", quote="10")
    old = read(trained, reform.old, reform.before, 2025)
    assert (old.total.denominator.value, old.total.denominator.is_official) == (10, True)
    assert (old.total.goal, old.total.gap, old.total.percent) == (7, 0, 70)
    assert read(trained, reform.old, reform.before, 2022).total.denominator.value == 10
    ward = read(rostered, reform.x, reform.now, 2025).total
    assert (ward.denominator.value, ward.denominator.source) == (4, f"{denominators.BY_LIST} ngày 31/12/2025")
    empty = UnitFactory(parent=reform.new, name="Xã Trống", valid_from=REFORM)
    structures_rebuild()
    table = read(rostered, empty, reform.now, 2025)
    assert (table.total.denominator.value, table.total.percent, table.total.gap) == (None, None, None)
    assert "danh sách" in table.total.denominator.why


def test_a_merged_unit_has_no_percentage_while_only_a_part_has_its_number(reform, rostered):
    """Bắc Giang's head-count is not Bắc Ninh's, and the list does not replace it: no part exceeds its whole."""
    Population.objects.create(indicator=rostered, unit=reform.old, year=2022, value=5_235, source="000.txt")
    new = read(rostered, reform.new, reform.now, 2025)
    assert (new.total.denominator.value, new.total.percent, new.total.gap) == (None, None, None)
    assert "Tỉnh Bắc Giang trước sắp xếp: 5.235" in new.total.denominator.why
    assert {row.name: row.denominator.value for row in new.rows}["Xã X"] == 4, "a ward's roster is its own"
    place = places.place_of(reform.new, reform.now, places.structures())
    assert figures.dashboard([rostered], place, 2025)[rostered.pk].denominator == new.total.denominator


def test_citizens_are_never_counted_by_list(reform, trained):
    table = read(trained, reform.x, reform.now, 2025)
    assert table.total.count > 0
    assert table.total.denominator.value is None
    assert "số người đăng ký học không thay được" in table.total.denominator.why


@pytest.mark.parametrize(
    ("year", "as_of", "on", "people"),
    [
        (2023, None, "31/12/2023", 1),
        (2024, None, "31/12/2024", 2),
        (2025, None, "31/12/2025", 3),
        (2025, date(2025, 7, 1), "01/07/2025", 2),
        (2026, None, "20/11/2026", 4),
        (2026, date(2026, 12, 24), "20/11/2026", 4),
        (2026, date(2025, 7, 1), "01/07/2025", 2),
    ],
)
def test_a_list_is_that_of_the_years_last_day(reform, monkeypatch, year, as_of, on, people):
    """One came in 2023, one in 2024, one left on the first day of 2026, one came and one left in 2025, two in 2026."""
    monkeypatch.setattr(denominators, "today", lambda: date(2026, 11, 20))
    indicator = IndicatorFactory(audiences=[reform.member])
    for begins, ends in (
        (date(2023, 12, 31), None),
        (date(2024, 5, 1), date(2025, 3, 1)),
        (date(2025, 2, 1), date(2026, 1, 1)),
        (date(2025, 8, 1), None),
        (date(2026, 11, 20), None),
        (date(2026, 2, 2), None),
        (date(2026, 11, 21), None),
    ):
        MembershipFactory(unit=reform.x, audience=reform.member, valid_from=begins, valid_to=ends)
    table = read(indicator, reform.new, reform.now, year, as_of=as_of)
    assert table.total.denominator == denominators.Denominator(people, f"theo danh sách trên hệ thống ngày {on}")
    assert table.rows[0].denominator == table.total.denominator
    if as_of is None:
        place = places.place_of(reform.new, reform.now, places.structures())
        assert figures.dashboard([indicator], place, year)[indicator.pk] == table.total


def test_target_in_people_holds_for_its_unit_and_what_took_it_over_only(reform, trained):
    TargetFactory(indicator=trained, unit=reform.old, value=20, measured_in="người", comparator=">=", year=2030)
    assert read(trained, reform.old, reform.before, 2025).total.gap == 13
    assert read(trained, reform.new, reform.now, 2025).total.gap == 12
    district = read(trained, reform.d1, reform.before, 2025).total
    assert (district.target, district.gap, district.percent) == (None, None, None)


@pytest.mark.parametrize(
    ("day", "needed"),
    [(date(2030, 10, 15), 31), (date(2030, 10, 16), 46), (date(2030, 11, 30), 92), (date(2030, 12, 30), 92)],
)
def test_needed_each_month(reform, trained, monkeypatch, day, needed):
    """A month counts until its middle: on its last day nobody trains a month's people any more."""
    monkeypatch.setattr(figures, "today", lambda: day)
    TargetFactory(indicator=trained, unit=reform.old, value=100, measured_in="người", comparator=">=", year=2030)
    table = read(trained, reform.new, reform.now, 2030)
    assert (table.total.gap, table.deadline, table.per_month) == (92, date(2030, 12, 31), needed)
    monkeypatch.setattr(figures, "today", lambda: date(2031, 1, 1))
    assert read(trained, reform.new, reform.now, 2030).per_month is None


def test_percent_never_rounds_up(reform, trained):
    Population.objects.create(indicator=trained, unit=reform.new, year=2024, value=7999, source="x", quote="x")
    Counted.objects.all().delete()
    table = read(trained, reform.new, reform.now, 2025, exact=True)
    assert (table.total.count, table.total.percent) == (0, 0)
    figure = figures.Figure(Part.TOTAL, reform.new, 7998, table.total.denominator, None, None)
    assert figure.percent == Decimal("99.9")


def test_dashboard_says_what_the_indicator_page_says(reform, trained):
    TargetFactory(indicator=trained, unit=reform.old, value=70, comparator=">=", year=2030)
    other = IndicatorFactory(audiences=[reform.citizen])
    for unit, structure in ((reform.new, reform.now), (reform.old, reform.before), (reform.x, reform.now)):
        place = places.place_of(unit, structure, places.structures())
        shown = figures.dashboard([trained, other], place, 2025)
        for indicator in (trained, other):
            assert shown[indicator.pk] == figures.table(indicator, place, 2025).total


def _queries(indicator, unit, structure):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        read(indicator, unit, structure, 2025)
    return len(captured)


def test_queries_do_not_grow_with_units_or_people(reform, trained, django_capture_on_commit_callbacks):
    # structures, children, people by unit, units of each row, audiences of the indicator, tree of audiences,
    # populations, those of the audience, members, units taken over, targets
    few = _queries(trained, reform.new, reform.now)
    with django_capture_on_commit_callbacks(execute=True):
        for n in range(40):
            unit = UnitFactory(parent=reform.new, name=f"Xã thêm {n}", valid_from=REFORM)
            learn(unit, reform.citizen, "2025-09-09", valid_from=REFORM)
    structures_rebuild()
    assert read(trained, reform.new, reform.now, 2025).total.count == 48
    assert _queries(trained, reform.new, reform.now) == few <= 11
