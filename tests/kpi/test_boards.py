"""Summary, trend, comparison, order of the rows, and the map."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from kpi import figures, progress, siblings, trends
from kpi.boards import strays_of
from kpi.denominators import Denominator
from kpi.figure import Figure
from kpi.mapping import Mark, mark_of
from kpi.models import CountingKind, Indicator, Population, Recurrence, Target
from kpi.part import Part
from kpi.places import place_of, structures
from kpi.progress import State
from kpi.report_reading import facts_of
from kpi.services import closing_make, report_draft
from people.models import Unit, UnitKind
from people.services import structures_rebuild
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import IndicatorFactory, TargetFactory
from tests.factories.people import AudienceFactory, MembershipFactory, UnitFactory, UserFactory
from tests.kpi.conftest import at

DAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _in_2026(monkeypatch):
    for module in ("kpi.forms", "kpi.boards", "kpi.trends", "kpi.figures", "kpi.denominators"):
        monkeypatch.setattr(f"{module}.today", lambda: DAY)


# --- Pure -----------------------------------------------------------------------------------------------------------
def figure(count, goal, *, whole=None, unit=None, part=Part.UNIT, comparator=">=", before=0):
    target = None if goal is None else Target(value=goal, measured_in="người", comparator=comparator, year=2026)
    return Figure(part, unit, count, Denominator(whole or goal), target, goal, before=before)


@pytest.mark.parametrize(
    ("count", "goal", "day", "state"),
    [
        (100, 100, DAY, State.MET),
        (0, 100, date(2025, 12, 31), State.ON_PACE),
        (45, 100, date(2026, 6, 30), State.ON_PACE),
        (44, 100, date(2026, 6, 30), State.BEHIND),
        (99, 100, date(2026, 12, 31), State.ON_PACE),
        (99, 100, date(2027, 1, 1), State.OVERDUE),
        (5, None, DAY, State.UNKNOWN),
    ],
)
def test_state(count, goal, day, state):
    one = Indicator(recurrence=Recurrence.YEARLY)
    assert progress.standing_of(one, figure(count, goal), year=2026, day=day).state == state


def test_what_was_reached_before_the_year_is_no_merit_of_it():
    lasting = Indicator(recurrence=Recurrence.CUMULATIVE)
    standing = progress.standing_of(lasting, figure(55, 100, before=50), year=2026, day=date(2026, 6, 30))
    assert (standing.needed, standing.state) == (Fraction(75), State.BEHIND)
    assert standing.behind_by == 20


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_the_pace_goes_from_the_start_to_the_goal(start, goal, day):
    needed = progress.needed_by(day, goal=goal, start=start, year=2026, deadline=date(2026, 12, 31))
    end = progress.needed_by(date(2026, 12, 31), goal=goal, start=start, year=2026, deadline=date(2026, 12, 31))
    assert end == goal
    assert min(start, goal) <= needed <= max(start, goal)


@given(st.dictionaries(st.integers(1, 12), st.integers(0, 1000)), st.integers(0, 12), st.integers(0, 100))
def test_months_add_up(by_month, until, start):
    months = {date(2026, month, 1): people for month, people in by_month.items()}
    line = trends.cumulative(months, 2026, start=start, until=until)
    assert [value is None for value in line] == [month > until for month in range(1, 13)]
    if until:
        assert line[until - 1] == start + sum(people for month, people in by_month.items() if month <= until)


def test_needed_line_ends_at_the_goal():
    assert trends.needed_line(start=0, goal=100, year=2026, deadline=date(2026, 12, 31))[-1] == 100
    assert trends.needed_line(start=0, goal=100, year=2026, deadline=date(2027, 12, 31))[-1] == 50
    assert trends.needed_line(start=0, goal=None, year=2026, deadline=date(2026, 12, 31)) == [None] * 12
    assert trends.needed_line(start=0, goal=9, year=2026, deadline=date(2025, 12, 31)) == [None] * 12


def test_whole_months_hold_the_empty_ones_and_not_this_one():
    months = {date(2026, 8, 1): 3, date(2026, 11, 1): 9}
    assert trends.whole_months(months, DAY, first=None) == [3, 0, 0]
    assert len(trends.whole_months(months, DAY, first=date(2026, 1, 1))) == 10
    assert trends.whole_months({}, DAY, first=None) == []


def _unit(pk, kind="commune"):
    return Unit(pk=pk, name=f"Xã {pk}", kind=kind)


def test_rank_and_median():
    rows = [figure(count, 10, unit=_unit(pk)) for pk, count in enumerate((9, 5, 5, 1), start=1)]
    rows.append(figure(10, 10, unit=_unit(9, "department")))
    found = siblings.compared(rows, rows[1].unit, _unit(100))
    assert found is not None
    assert (found.units, found.rank, found.percent, found.middle) == (4, 2, Decimal(50), Decimal(50))
    assert siblings.compared(rows[:3], rows[1].unit, _unit(100)) is None


@pytest.mark.parametrize(
    ("order", "only", "expected"),
    [
        ("", "", [1, 2, 3, 4, None]),
        ("cham", "", [3, 2, 1, 4, None]),
        ("thieu", "", [2, 3, 1, 4, None]),
        ("cham", "chua-hoc", [3]),
        ("", "chua-dat", [2, 3]),
    ],
)
def test_rows_as_asked(order, only, expected):
    rows = [
        figure(10, 10, unit=_unit(1)),
        figure(10, 100, unit=_unit(2)),
        figure(0, 50, unit=_unit(3)),
        figure(4, None, unit=_unit(4)),
        Figure(Part.UNKNOWN, None, 2, Denominator(), None, None),
    ]
    found = siblings.arranged(rows, order=order, only=only)
    assert [row.unit.pk if row.unit else None for row in found] == expected


@pytest.mark.parametrize(
    ("count", "goal", "mark"),
    [(0, 10, Mark.NOBODY), (10, 10, Mark.MET), (9, 10, Mark.NEAR), (8, 10, Mark.LOW), (3, None, Mark.UNKNOWN)],
)
def test_marks(count, goal, mark):
    assert mark_of(figure(count, goal)) == mark


# --- Pages ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def indicator(province, django_capture_on_commit_callbacks):
    """Half of 40 citizens by the end of 2026; 12 trained in Xuân Lương from March on, one in 2025."""
    indicator = IndicatorFactory(code="BG23-T", text="50% người dân", audiences=[province.citizen])
    TargetFactory(indicator=indicator, unit=province.root, value=50)
    for unit, value in ((province.root, 40), (province.north, 20), (province.south, 20)):
        Population.objects.create(indicator=indicator, unit=unit, year=2023, value=value, source="000.txt", quote="40")
    Unit.objects.filter(pk=province.north.pk).update(lat=21.5, lon=106.1)
    course = course_with_steps(1)
    with django_capture_on_commit_callbacks(execute=True):
        for n in range(13):
            person = UserFactory()
            MembershipFactory(user=person, unit=province.north, audience=province.citizen)
            complete(person, course, at("2025-09-05" if n == 12 else f"2026-{3 + n // 2:02d}-05"))
    return indicator


def url(name, *args, **query):
    pairs = "&".join(f"{key}={value}" for key, value in query.items())
    return reverse(f"kpi:{name}", args=args) + f"?{pairs}"


def test_summary_of_the_dashboard(client, lead, province, indicator):
    IndicatorFactory(code="BG23-U", audiences=[province.citizen])
    client.force_login(lead)
    response = client.get(url("dashboard"))
    summary = response.context["summary"]
    assert {state: number for state, _, number in summary.counts if number} == {State.BEHIND: 1}
    assert summary.compared == 1
    assert [one.indicator.code for one in summary.slowest] == ["BG23-T"]
    text = response.content.decode()
    assert "1 chỉ tiêu so được" in text
    assert [unit.name for unit, _ in response.context["silent_communes"]] == ["Xã Yên Thế"]
    only = client.get(url("dashboard", **{"tinh-trang": "cham"}))
    assert [row["line"].indicator.code for group in only.context["decisions"] for row in group["counting"]] == [
        "BG23-T"
    ]
    assert client.get(url("dashboard", **{"tinh-trang": "la"})).context["state"] == ""


def test_the_dashboard_and_a_report_of_the_same_day_tell_of_the_same_indicators(
    client, lead, province, indicator, monkeypatch
):
    """Who was asked for 50 people and has none lacks 50, in both; what cannot have a figure is counted in both."""
    experts, other = AudienceFactory(), {"counts": False, "counting": CountingKind.DECLARED}
    TargetFactory(indicator=IndicatorFactory(code="BG23-V", audiences=[experts]), unit=province.root, value=50,
                  measured_in="người")  # fmt: skip
    IndicatorFactory(code="BG23-W", audiences=[experts])
    IndicatorFactory(code="BG23-X", **other)
    client.force_login(lead)
    page = client.get(url("dashboard"))
    summary, said = page.context["summary"], " ".join(page.content.decode().split())
    assert (
        "Trong 4 chỉ tiêu của các văn bản: 2 có số liệu (2 so được với mục tiêu, 0 chưa so được), "
        "1 chưa ghi nhận kết quả nào và chưa có số phải học, 1 chưa có số." in said
    )
    monkeypatch.setattr("kpi.services.closings.today", lambda: DAY)
    closing = closing_make(
        actor=lead, unit=province.root, structure=province.structure, period="month", until=date(2026, 10, 31)
    )
    report = report_draft(actor=lead, unit=province.root, closing=closing)
    facts = facts_of(report)
    assert [line.code for line in facts.lines] == ["BG23-T", "BG23-V"]
    assert (len(facts.lines), len(facts.missing)) == (summary.telling, 2)
    assert sum(line.reached is not None for line in facts.lines) == summary.compared
    assert facts.lines[1].gap == 50
    told = " ".join(client.get(reverse("kpi:report", args=[report.uuid])).content.decode().split())
    assert "Báo cáo kể 2 trong 4 chỉ tiêu" in told
    assert reverse("kpi:dashboard") + f"?don-vi={province.root.uuid}" in told


def test_trend_beside_last_year_and_forecast(client, lead, province, indicator):
    client.force_login(lead)
    response = client.get(url("indicator", "BG23-T"))
    trend = response.context["trend"]
    assert [line.now for line in trend.lines] == [0, 0, 2, 4, 6, 8, 10, 12, 12, 12, 12, None]
    assert trend.lines[8].before == 1
    assert (trend.now_then, trend.before_then, trend.difference) == (12, 1, 11)
    assert (trend.last_month, trend.by_last_month, trend.needed_by_last_month) == (date(2026, 10, 31), 12, 17)
    assert not trend.forecast.is_known  # the last six months hold eight people
    text = response.content.decode()
    assert "Chưa dự báo: 6 tháng gần nhất chỉ có 8 người" in text
    assert "Bảng số của biểu đồ" in text
    assert "cùng đến hết ngày 20 tháng 11" in text
    past = client.get(url("indicator", "BG23-T", nam=2025)).context["trend"]
    assert past.forecast.why == "Năm 2025 đã hết, không dự báo nữa."


@pytest.mark.parametrize(
    ("day", "then"),
    [
        (date(2026, 11, 20), date(2025, 11, 20)),
        (date(2028, 2, 29), date(2027, 2, 28)),
        (date(2029, 2, 28), date(2028, 2, 28)),
        (date(2026, 1, 1), date(2025, 1, 1)),
    ],
)
def test_the_same_day_of_last_year(day, then):
    assert trends.same_day(day) == then


@pytest.mark.parametrize("recurrence", [Recurrence.YEARLY, Recurrence.CUMULATIVE])
def test_last_year_is_read_up_to_the_same_day(province, recurrence, monkeypatch, django_capture_on_commit_callbacks):
    """Whoever learnt last year after the day is no reason to look slow today. Held against the people, one by one."""
    one = IndicatorFactory(audiences=[province.citizen], recurrence=recurrence, base_year=2023)
    course = course_with_steps(1)
    days = ["2024-12-31", "2025-01-02", "2025-01-04", "2025-09-04", "2025-09-05", "2025-09-30", "2025-10-01"]
    with django_capture_on_commit_callbacks(execute=True):
        for then in [*days, "2026-01-02"]:
            complete(MembershipFactory(unit=province.north, audience=province.citizen).user, course, at(then))
    place = place_of(province.root, province.structure, structures())
    table = figures.table(Indicator.objects.for_figures().get(pk=one.pk), place, 2026)
    last = [date.fromisoformat(then) for then in days]
    begins = date(2025, 1, 1) if recurrence == Recurrence.YEARLY else date(2023, 1, 1)
    for day in (date(2026, 9, 4), date(2026, 9, 5), date(2026, 9, 30), date(2026, 1, 3)):
        monkeypatch.setattr("kpi.trends.today", lambda day=day: day)
        expected = sum(begins <= then <= trends.same_day(day) for then in last)
        assert trends.trend_of(table).before_then == expected, day


def test_rows_by_address(client, lead, indicator):
    client.force_login(lead)
    none = client.get(url("indicator", "BG23-T", loc="chua-hoc")).context
    assert [row.name for row, _ in none["rows"]] == ["Xã Yên Thế"]
    slow = client.get(url("indicator", "BG23-T", xep="cham")).context
    assert [row.name for row, _ in slow["rows"]] == ["Xã Yên Thế", "Xã Xuân Lương"]
    assert client.get(url("indicator", "BG23-T", xep="la", loc="la")).status_code == 200


def test_a_filter_says_what_cannot_be_compared(client, lead, province, indicator):
    """Without head-counts below nobody is known to be behind: that is not the same as nobody being behind."""
    client.force_login(lead)
    asked = url("indicator", "BG23-T", loc="chua-dat")
    text = client.get(asked).content.decode()
    assert "Xã Yên Thế" in text
    assert "1 đơn vị chưa so được" in text, "the office, beside two communes"
    Population.objects.exclude(unit=province.root).delete()
    text = client.get(asked).content.decode()
    assert "Không có đơn vị nào so được mà chưa đạt." in text
    assert "3 đơn vị chưa so được" in text
    assert 'class="kpi-total"' not in text, "a sum of all beside some of the rows"


def test_only_lists_that_exist_are_offered(client, lead, province, indicator):
    """Nobody keeps a list of citizens; of officials there is one."""
    IndicatorFactory(code="BG23-S", audiences=[province.staff])
    client.force_login(lead)
    for code, offered in (("BG23-T", False), ("BG23-S", True)):
        page = client.get(url("indicator", code)).content.decode()
        assert (reverse("kpi:missing", args=[code]) in page) is offered, code


def test_a_target_in_people_says_itself_how_many(client, lead, province):
    """Five are asked for; that a list holds one says how far the list is, not how many had to learn."""
    one = IndicatorFactory(code="BG23-P", audiences=[province.staff])
    TargetFactory(indicator=one, unit=province.root, value=5, measured_in="người")
    MembershipFactory(unit=province.north, audience=province.staff)
    client.force_login(lead)
    assert "<span>5 <small>theo mục tiêu</small></span>" in client.get(url("dashboard")).content.decode()
    page = client.get(url("indicator", "BG23-P")).content.decode()
    assert '<p class="figure">5</p>' in page
    assert "Danh sách trên hệ thống mới có" in page


def test_comparison_names_no_other_unit(client, coordinator, province, indicator):
    for n in range(3):
        unit = UnitFactory(parent=province.root, name=f"Xã Bên Cạnh {n}")
        Population.objects.create(indicator=indicator, unit=unit, year=2023, value=10, source="000.txt", quote="10")
    structures_rebuild()
    client.force_login(coordinator)
    assert "So với đơn vị cùng cấp</a>" in client.get(url("indicator", "BG23-T")).content.decode(), "beside the share"
    page = url("indicator", "BG23-T", **{"so-sanh": "1"})
    response = client.get(page)
    assert (response.context["compared"].rank, response.context["compared"].units) == (1, 5)
    text = response.content.decode()
    assert "Đứng thứ <strong>1</strong> trên 5 xã" in text
    assert "Bên Cạnh" not in text


@pytest.mark.parametrize(("who", "status"), [("lead", 200), ("coordinator", 403), ("stranger", 404)])
def test_map(client, request, province, indicator, who, status):
    client.force_login(request.getfixturevalue(who))
    response = client.get(url("map", **{"don-vi": province.root.uuid}))
    assert response.status_code == status
    if status == 200:
        shown = response.context["map"]
        assert (len(shown.drawn.bubbles), shown.unplaced, len(shown.spots), shown.others) == (1, 1, 2, 1)
        assert [spot.figure.name for spot, _ in response.context["rows"]][0] == "Xã Yên Thế"
        assert "style=" not in response.content.decode().split("<main")[1]


def test_boards_without_any_indicator(client, lead):
    client.force_login(lead)
    for name in ("dashboard", "map", "equity", "programmes"):
        assert client.get(url(name)).status_code == 200


def test_queries_at_two_sizes(client, lead, province, indicator, django_capture_on_commit_callbacks):
    client.force_login(lead)
    addresses = [url("map"), url("equity"), url("indicator", "BG23-T", xep="cham"), url("dashboard")]

    def count(address):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    for address in addresses:
        count(address)
    few = [count(address) for address in addresses]
    course = course_with_steps(1)
    with django_capture_on_commit_callbacks(execute=True):
        for n in range(12):
            unit = UnitFactory(parent=province.root, name=f"Xã thêm {n}", lat=21.0 + n / 10, lon=106.0)
            complete(MembershipFactory(unit=unit, audience=province.citizen).user, course, at("2026-05-05"))
            IndicatorFactory(audiences=[province.citizen])
    structures_rebuild()
    assert [count(address) for address in addresses] == few
    assert max(few) <= 26


def test_trend_and_total_agree(province, indicator):
    known = structures()
    table = figures.table(indicator, place_of(province.root, known[-1], known), 2026)
    trend = trends.trend_of(table)
    assert trend.lines[DAY.month - 1].now == table.total.count


def _row(kind, count, whole, part=Part.UNIT):
    return Figure(part, Unit(kind=kind), count, Denominator(whole), None, None)


def test_teams_whose_commune_is_gone_are_one_row_among_communes():
    told = [(_row(kind, *numbers), {}) for kind, numbers in (
        (UnitKind.COMMUNE, (3, 9)), (UnitKind.TEAM, (1, 1)), (UnitKind.TEAM, (0, 1)),
    )]  # fmt: skip
    province = SimpleNamespace(rows=[Unit(kind=UnitKind.COMMUNE)], unit=Unit(pk=1))
    strays = strays_of(told, province)
    assert (len(strays.rows), strays.count, strays.due) == (2, 1, 2)
    assert len(strays_of(told[1:], province).rows) == 2, "under a filter as well"
    commune = SimpleNamespace(rows=[Unit(kind=UnitKind.TEAM)], unit=Unit(pk=2))
    assert strays_of(told[1:], commune).rows == [], "of a commune they are what one looks for"
    told[1][0].unit.parent_id = 1
    assert len(strays_of(told, province).rows) == 1, "a team of the province itself is no stray"


def test_what_is_missing_most_comes_first_with_a_target_or_without():
    rows = [_row(UnitKind.COMMUNE, count, whole) for count, whole in ((8, 9), (0, 7), (5, None))]
    assert [row.count for row in siblings.arranged(rows, order="thieu", only="")] == [0, 8, 5]
