"""Programmes in force become what people are asked to learn."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from courses.models import Assignment
from kpi.assigning import assignments_carry, period_of
from kpi.models import Programme, Target
from kpi.tasks import carry_assignments
from people.models import UnitKind
from tests.factories.courses import CourseFactory
from tests.factories.courses_paths import path_over
from tests.factories.kpi import DecisionFactory, IndicatorFactory
from tests.factories.people import AudienceFactory, UnitFactory


def programme(code="BG23-10", *, audiences=(), courses=(), paths=(), **fields):
    values = {"year_from": 2024, "year_to": 2030, "recurrence": "yearly", "title": "Đào tạo Tổ", "quote": "…"}
    values["detail"] = {"section": "Phần III.3"}
    made = Programme.objects.create(code=code, decision=DecisionFactory(), **{**values, **fields})
    made.audiences.set(audiences)
    made.courses.set(courses)
    made.paths.set(paths)
    return made


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ("2026", date(2026, 1, 1), date(2026, 12, 31))),
        ({"recurrence": "quarterly"}, ("2026", date(2026, 1, 1), date(2026, 12, 31))),
        ({"detail": {"learning": {"due": "11-30"}}}, ("2026", date(2026, 1, 1), date(2026, 11, 30))),
        ({"year_to": 2025}, None),
        ({"year_from": 2027}, None),
        ({"year_from": None}, None),
        ({"recurrence": "once", "year_to": 2027}, ("period", date(2024, 1, 1), date(2027, 12, 31))),
        ({"recurrence": "once", "year_to": 2025}, ("period", date(2024, 1, 1), date(2025, 12, 31))),
    ],
)
def test_when_a_programme_asks(fields, expected):
    values = {"year_from": 2024, "year_to": 2030, "recurrence": "yearly", "detail": {}}
    assert period_of(Programme(**{**values, **fields}), 2026) == expected


@pytest.fixture
def team(db):
    return AudienceFactory(code="to_cnscd")


def test_a_programme_asks_its_audiences_for_its_courses_and_paths_in_its_unit(team):
    unit = UnitFactory(code="24", kind=UnitKind.PROVINCE)
    Target.objects.create(indicator=IndicatorFactory(), unit=unit, comparator=">=")
    course, first = CourseFactory(), CourseFactory()
    path = path_over(first)
    programme(audiences=[team], courses=[course], paths=[path])
    assert assignments_carry(year=2026).created == 2
    by_course = Assignment.objects.get(course=course)
    assert (by_course.source, by_course.code, by_course.unit) == ("kpi:2026:BG23-10", "BG23-10", unit)
    assert by_course.reference == "Đề án đào tạo nhân lực chuyển đổi số (12/2023), Phần III.3"
    assert (by_course.begins_on, by_course.due_on) == (date(2026, 1, 1), date(2026, 12, 31))
    assert Assignment.objects.get(learning_path=path).audience == team


def test_carrying_again_changes_nothing_and_what_is_unlinked_goes(team):
    made = programme(audiences=[team], courses=[CourseFactory()])
    assignments_carry(year=2026)
    assert vars(assignments_carry(year=2026)) == {"created": 0, "updated": 0, "removed": 0, "unchanged": 1}
    assignments_carry(year=2027)
    assert Assignment.objects.count() == 2, "another year's stay"
    made.courses.clear()
    assert assignments_carry(year=2027).removed == 1
    assert [a.source for a in Assignment.objects.all()] == ["kpi:2026:BG23-10"]


def test_a_span_is_asked_for_once_whatever_the_year(team):
    programme(audiences=[team], courses=[CourseFactory()], recurrence="once", year_from=2024, year_to=2027)
    for year in (2025, 2026):
        assignments_carry(year=year)
    assert [a.due_on for a in Assignment.objects.all()] == [date(2027, 12, 31)]


def test_only_the_audiences_that_the_data_name_are_asked(team):
    staff = AudienceFactory(code="cccvc")
    detail = {"learning": {"audiences": ["to_cnscd"]}}
    programme(audiences=[team, staff], courses=[CourseFactory()], detail=detail)
    assignments_carry(year=2026)
    assert Assignment.objects.get().audience == team


def test_a_programme_without_courses_asks_nothing(team):
    programme(audiences=[team])
    assert assignments_carry(year=2026).created == 0


def test_the_command_counts_and_a_dry_run_writes_nothing(team):
    programme(audiences=[team], courses=[CourseFactory()])
    out = StringIO()
    call_command("carry_assignments", "--year", "2026", "--dry-run", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {
        "year": 2026, "dry_run": True, "created": 1, "updated": 0, "removed": 0, "unchanged": 0,
    }  # fmt: skip
    assert not Assignment.objects.exists()
    call_command("carry_assignments", "--year", "2026", stdout=(out := StringIO()))
    assert "Năm 2026: 1 việc mới" in out.getvalue()
    with pytest.raises(CommandError) as error:
        call_command("carry_assignments", "--year", "26")
    assert error.value.returncode == 2


def test_the_daily_task_carries_this_year(team, monkeypatch):
    monkeypatch.setattr("kpi.tasks.today", lambda: date(2028, 2, 1))
    programme(audiences=[team], courses=[CourseFactory()])
    assert carry_assignments() == 1
    assert Assignment.objects.get().source == "kpi:2028:BG23-10"
