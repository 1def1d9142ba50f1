"""Figures that count teams and schools, and figures that units declare: under every structure, at every size."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from kpi import figures, places, rollup
from kpi.models import Counted, CountingKind, DeclarationState, Indicator, Recurrence
from people.models import Audience, UnitKind, UnitSuccession
from people.services import structures_rebuild
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import DeclarationFactory, IndicatorFactory, TargetFactory
from tests.factories.people import AudienceFactory, MembershipFactory, UnitFactory
from tests.kpi.conftest import at


@pytest.fixture(autouse=True)
def _in_2026(monkeypatch):
    for module in ("kpi.figures", "kpi.denominators", "kpi.boards", "kpi.trends", "kpi.forms", "people.querysets"):
        monkeypatch.setattr(f"{module}.today", lambda: date(2026, 11, 20))


def read(indicator, unit, structure, year=2026, **more):
    place = places.place_of(unit, structure, places.structures())
    found = Indicator.objects.for_figures().get(pk=indicator.pk)
    table = figures.table(found, place, year, **more)
    if year == 2026 and not more:
        shown = figures.dashboard([found], places.place_of(unit, structure, places.structures()), year)[found.pk]
        same = ("count", "is_known", "goal", "is_met", "remark")
        assert [getattr(shown, name) for name in same] == [getattr(table.total, name) for name in same]
        assert shown.denominator == table.total.denominator
    return table


def rows(table):
    return {row.name: row.count for row in table.rows if row.count}


# --- Teams ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def teams(province):
    """A team of two in Xuân Lương and one of one in Yên Thế; every trained team is asked for."""
    one = UnitFactory(name="Tổ CNSCĐ bản Xoan", kind=UnitKind.TEAM, parent=province.north)
    two = UnitFactory(name="Tổ CNSCĐ thôn Đồng", kind=UnitKind.TEAM, parent=province.south)
    structures_rebuild()
    for unit, count in ((one, 2), (two, 1)):
        for _ in range(count):
            MembershipFactory(unit=unit, audience=province.team)
    indicator = IndicatorFactory(
        audiences=[province.team], counting=CountingKind.TEAM, recurrence=Recurrence.CUMULATIVE
    )
    TargetFactory(indicator=indicator, unit=province.root, value=50, comparator=">=")
    return indicator, one, two


def members(unit):
    return [membership.user for membership in unit.memberships.order_by("pk")]


def learn(*people, day="2026-03-01"):
    for person in people:
        complete(person, course_with_steps(1), at(day))


def test_a_team_is_trained_when_the_last_member_is(province, teams):
    indicator, one, _ = teams
    first, second = members(one)
    learn(first)
    assert read(indicator, province.root, province.structure).total.count == 0
    learn(second, day="2026-05-01")
    table = read(indicator, province.root, province.structure)
    assert (table.total.count, table.total.denominator.value, table.total.goal, table.total.is_met) == (1, 2, 1, True)
    assert rows(table) == {"Xã Xuân Lương": 1}
    assert table.total.words.one == "tổ"
    assert Counted.objects.filter(indicator=indicator).count() == 2
    assert read(indicator, province.root, province.structure, as_of=date(2026, 4, 1)).total.count == 0
    assert read(indicator, province.root, province.structure, 2025).total.count == 0


def test_a_new_member_makes_a_team_untrained_until_they_learn(province, teams):
    indicator, _, two = teams
    learn(*members(two))
    new = MembershipFactory(unit=two, audience=province.team, valid_from=date(2026, 6, 1)).user
    assert read(indicator, province.south, province.structure).total.count == 0
    assert read(indicator, province.south, province.structure, as_of=date(2026, 5, 31)).total.count == 1
    learn(new, day="2026-07-01")
    assert read(indicator, province.south, province.structure).total.count == 1


def test_the_pace_of_teams_is_not_reckoned_from_their_people(province, teams):
    """Three people learnt before the year began: an indicator of people starts from them, one of teams does not."""
    indicator, one, two = teams
    people = IndicatorFactory(
        audiences=[province.team], counting=CountingKind.COMPLETED, recurrence=Recurrence.CUMULATIVE
    )
    learn(*members(one), *members(two), day="2025-10-01")
    learn(MembershipFactory(unit=two, audience=province.team).user)
    rollup.cells_repair()
    found = list(Indicator.objects.for_figures())
    place = places.place_of(province.root, province.structure, places.structures())
    shown = figures.dashboard(found, place, 2026)
    told = {pk: (shown[pk].count, shown[pk].before) for pk in (indicator.pk, people.pk)}
    assert told == {indicator.pk: (2, 0), people.pk: (4, 3)}


def test_who_left_and_who_is_no_member_do_not_matter(province, teams):
    indicator, one, _ = teams
    first, second = members(one)
    learn(first)
    second.memberships.update(valid_to=date(2026, 2, 1))
    MembershipFactory(unit=one, audience=province.staff)
    assert rows(read(indicator, province.north, province.structure)) == {one.name: 1}


def test_a_team_without_a_list_is_there_and_not_trained(province, teams):
    indicator, _, _ = teams
    empty = UnitFactory(kind=UnitKind.TEAM, parent=province.south)
    structures_rebuild()
    total = read(indicator, province.south, province.structure).total
    assert (total.count, total.denominator.value) == (0, 2)
    assert "theo danh sách" in total.denominator.source
    nothing = read(indicator, province.department, province.structure).total.denominator
    assert nothing.value is None
    assert "chưa có tổ nào" in nothing.why
    assert read(indicator, empty, province.structure).total.count == 0


# --- Activities -----------------------------------------------------------------------------------------------------
@pytest.fixture
def schools(province):
    audience = AudienceFactory(code="truong_hoc", name="Cơ sở giáo dục")
    found = [UnitFactory(name=f"Trường {n}", kind=UnitKind.SCHOOL, parent=parent) for n, parent in (
        ("Xuân Lương", province.north), ("Đồng Tiến", province.north), ("Yên Thế", province.south),
    )]  # fmt: skip
    structures_rebuild()
    indicator = IndicatorFactory(
        audiences=[audience], counting=CountingKind.ACTIVITY, counts=False, recurrence=Recurrence.SNAPSHOT
    )
    TargetFactory(indicator=indicator, unit=province.root, value=50, comparator=">")
    return indicator, found


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        ([{}], 1),
        ([{"state": DeclarationState.SUBMITTED}], 0),
        ([{"state": DeclarationState.RETURNED}], 0),
        ([{"year": 2025, "until": date(2025, 6, 30)}], 0),
        ([{}, {"value": 0, "until": date(2026, 9, 1)}], 0),
        ([{"value": 0}, {"until": date(2026, 9, 1)}], 1),
    ],
)
def test_a_school_counts_by_its_newest_approved_activity_of_the_year(province, schools, said, counts):
    indicator, (first, *_) = schools
    for fields in said:
        DeclarationFactory(indicator=indicator, unit=first, **fields)
    table = read(indicator, province.root, province.structure)
    assert (table.total.count, table.total.denominator.value) == (counts, 3)
    assert rows(table) == ({"Xã Xuân Lương": 1} if counts else {})


def test_more_than_half_of_three_schools_are_two(province, schools):
    indicator, (first, second, _) = schools
    for school in (first, second):
        DeclarationFactory(indicator=indicator, unit=school)
    total = read(indicator, province.root, province.structure).total
    assert (total.goal, total.count, total.is_met, total.words.one) == (2, 2, True, "trường")


def test_schools_of_merged_communes_are_reckoned_to_the_new_one(reform):
    school = UnitFactory(kind=UnitKind.SCHOOL, name="Trường B", parent=reform.b, valid_from=reform.b.valid_from)
    structures_rebuild()
    audience = AudienceFactory(code="truong_hoc")
    indicator = IndicatorFactory(audiences=[audience], counting=CountingKind.ACTIVITY, counts=False)
    DeclarationFactory(indicator=indicator, unit=school, year=2025, until=date(2025, 5, 5))
    old = read(indicator, reform.old, reform.before, 2025)
    assert (old.total.count, rows(old)) == (1, {"Huyện Yên Thế": 1})
    now = read(indicator, reform.new, reform.now, 2025)
    assert (now.total.count, rows(now)) == (1, {"Xã X": 1})


# --- Declared values ------------------------------------------------------------------------------------------------
def declared(province, **fields):
    asked = {"counting": CountingKind.DECLARED, "counts": False, "metric_kind": "percentage"} | fields
    return IndicatorFactory(**asked)


@pytest.mark.parametrize(
    ("comparator", "asked", "value", "met", "gap"),
    [
        (">", 70, "70", False, 0),
        (">", 70, "70.1", True, 0),
        (">=", 70, "69.99", False, 1),
        (">=", 70, "70", True, 0),
        ("<=", 10, "9", True, None),
        ("<=", 10, "11", False, None),
        ("exists", None, "1", True, None),
        ("exists", None, "0", False, None),
        (">", 70, None, None, None),
    ],
)
def test_a_declared_value_is_compared_as_the_decision_says(province, comparator, asked, value, met, gap):
    indicator = declared(province)
    TargetFactory(indicator=indicator, unit=province.root, value=asked, comparator=comparator)
    if value:
        DeclarationFactory(indicator=indicator, unit=province.root, value=Decimal(value))
    total = read(indicator, province.root, province.structure).total
    assert (total.is_known, total.is_met, total.gap) == (value is not None, met, gap)
    assert total.shown == {None: "chưa báo", "69.99": "69,9\u00a0%"}.get(value, total.shown)


def test_the_newest_approved_value_of_the_unit_itself_holds_and_nothing_rolls_up(province):
    indicator = declared(province, recurrence=Recurrence.CUMULATIVE)
    DeclarationFactory(indicator=indicator, unit=province.north, value=80)
    table = read(indicator, province.root, province.structure)
    assert not table.total.is_known
    assert {row.name: row.shown for row in table.rows if row.is_known} == {"Xã Xuân Lương": "80\u00a0%"}
    DeclarationFactory(indicator=indicator, unit=province.root, value=40, year=2025, until=date(2025, 12, 31))
    DeclarationFactory(indicator=indicator, unit=province.root, value=45, until=date(2026, 3, 1))
    DeclarationFactory(indicator=indicator, unit=province.root, value=50, state=DeclarationState.SUBMITTED)
    total = read(indicator, province.root, province.structure).total
    assert (total.count, total.remark) == (45, "báo đến ngày 01/03/2026")
    assert read(indicator, province.root, province.structure, 2025).total.count == 40
    assert read(indicator, province.root, province.structure, as_of=date(2026, 2, 1)).total.count == 40


def test_a_yearly_value_of_last_year_says_nothing_of_this_one(province):
    indicator = declared(province)
    DeclarationFactory(indicator=indicator, unit=province.root, value=40, year=2025, until=date(2025, 12, 31))
    assert not read(indicator, province.root, province.structure).total.is_known


def test_numbers_are_added_up_from_the_highest_units_that_said_something(province):
    """The team's two are part of its commune's five; the department's three come from itself."""
    team = UnitFactory(kind=UnitKind.TEAM, parent=province.north)
    lone = UnitFactory(kind=UnitKind.TEAM, parent=province.south)
    structures_rebuild()
    indicator = declared(province, metric_kind="count")
    for unit, value in ((team, 2), (province.north, 5), (lone, 4), (province.department, 3)):
        DeclarationFactory(indicator=indicator, unit=unit, value=value)
    table = read(indicator, province.root, province.structure)
    assert (table.total.count, table.total.remark) == (12, "cộng từ 3 đơn vị cấp dưới; đơn vị chưa tự báo")
    assert rows(table) == {"Xã Xuân Lương": 5, "Xã Yên Thế": 4, "Sở Khoa học và Công nghệ": 3}
    DeclarationFactory(indicator=indicator, unit=province.root, value=20)
    assert read(indicator, province.root, province.structure).total.count == 20


def test_what_a_unit_said_under_its_earlier_name_still_holds(province):
    day = date(2026, 3, 1)
    indicator = declared(province)
    DeclarationFactory(indicator=indicator, unit=province.north, value=80, until=date(2026, 2, 1))
    province.north.valid_to = day
    province.north.save()
    renamed = UnitFactory(code=province.north.code, name="Phường Xuân Lương", parent=province.root, valid_from=day)
    UnitSuccession.objects.create(predecessor=province.north, successor=renamed, effective_on=day, principal=True)
    structures_rebuild()
    assert read(indicator, renamed, province.structure).total.count == 80


# --- Pages ----------------------------------------------------------------------------------------------------------
def url(page, unit, code="", **more):
    asked = "&".join(f"{name}={value}" for name, value in more.items())
    tail = {"dashboard": "", "indicator": f"{code}/", "people": f"{code}/nguoi/"}[page]
    return f"/quan-ly/chi-tieu/{tail}?don-vi={unit.uuid}&nam=2026&{asked}"


def test_pages_name_teams_schools_and_declared_values(client, lead, province, teams, schools):
    team, one, two = teams
    learn(*members(one), members(two)[0])
    MembershipFactory(unit=two, audience=province.team)
    school, (first, *_) = schools
    DeclarationFactory(indicator=school, unit=first, evidence_name="ke-hoach-stem.pdf")
    value = declared(province)
    declared(province)
    TargetFactory(indicator=value, unit=province.root, value=70, comparator=">")
    DeclarationFactory(indicator=value, unit=province.root, value=Decimal("64.5"))
    client.force_login(lead)
    page = client.get(url("dashboard", province.root)).content.decode()
    assert "1 tổ" in " ".join(strip_tags(page).split())
    assert "64,5\u00a0%" in page
    assert "1 chỉ tiêu chưa có số" in page
    assert "chưa có số được duyệt" in page.split("kpi-waiting")[1]
    assert "Tổ đã học đủ" in client.get(url("indicator", province.root, team.code)).content.decode()
    assert "báo đến ngày 30/06/2026" in client.get(url("indicator", province.root, value.code)).content.decode()
    listed = client.get(url("people", province.root, team.code)).content.decode()
    assert one.name in listed
    assert "còn thành viên chưa học" in listed.split(two.name)[1]
    assert "ke-hoach-stem.pdf" in client.get(url("people", province.root, school.code)).content.decode()
    by_name = client.get(url("people", province.root, team.code, xem="nguoi")).content.decode()
    assert "3 người" in by_name
    assert client.get(url("people", province.root, value.code)).status_code == 404


@pytest.mark.parametrize("page", ["dashboard", "indicator", "people"])
def test_query_counts_at_two_sizes(client, lead, province, teams, schools, page):
    team, one, _ = teams
    school, (first, *_) = schools
    value = declared(province, metric_kind="count")
    client.force_login(lead)

    def queries():
        counts = []
        for code in {"dashboard": [""], "people": [team.code, school.code]}.get(
            page, [team.code, school.code, value.code]
        ):
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url(page, province.root, code)).status_code == 200
            counts.append(len(captured))
        return counts

    learn(*members(one))
    for indicator, unit in ((school, first), (value, province.north)):
        DeclarationFactory(indicator=indicator, unit=unit)
    queries()
    before = queries()
    more = [UnitFactory(kind=UnitKind.TEAM, parent=province.south) for _ in range(6)]
    others = [UnitFactory(kind=UnitKind.SCHOOL, parent=province.south) for _ in range(6)]
    structures_rebuild()
    for unit in more:
        learn(MembershipFactory(unit=unit, audience=province.team).user)
    for unit in others:
        DeclarationFactory(indicator=school, unit=unit)
        DeclarationFactory(indicator=value, unit=unit)
    if page == "dashboard":
        for kind in (CountingKind.TEAM, CountingKind.ACTIVITY, CountingKind.DECLARED):
            IndicatorFactory(counting=kind, counts=kind == CountingKind.TEAM, audiences=Audience.objects.all()[:1])
    assert queries() == before
