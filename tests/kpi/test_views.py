"""Pages: what they show, to whom, and with how many queries."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.models import AuditEntry
from common.text import vi_number
from courses.models import Completion
from kpi import views
from kpi.models import Indicator, Measure, Population
from people.models import Role, UnitKind
from people.services import structures_rebuild
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import IndicatorFactory, TargetFactory
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory
from tests.kpi.conftest import at
from tests.proof import prove
from tests.tampering import past_the_guard


@pytest.fixture(autouse=True)
def _in_2026(monkeypatch):
    """The pages are read on 20/11/2026."""
    for module in ("kpi.forms", "kpi.boards", "kpi.trends", "kpi.figures", "kpi.denominators"):
        monkeypatch.setattr(f"{module}.today", lambda: date(2026, 11, 20))


@pytest.fixture
def indicator(province, django_capture_on_commit_callbacks):
    """100 % of citizens each year; two trained in Xuân Lương, one in Yên Thế, one of unknown unit."""
    indicator = IndicatorFactory(code="BG23-T", text="100% người dân được đào tạo", audiences=[province.citizen])
    TargetFactory(indicator=indicator, unit=province.root, value=100, comparator="=")
    with django_capture_on_commit_callbacks(execute=True):
        for unit, name in (
            (province.north, "Nguyễn Văn Đạt"),
            (province.north, "Lò Thị Hoà"),
            (province.south, "Giáp Thị Thu"),
            (None, "Trần Không Rõ"),
        ):
            person = UserFactory(full_name=name)
            if unit:
                MembershipFactory(user=person, unit=unit, audience=province.citizen)
            complete(person, course_with_steps(1, title="5 kỹ năng số cơ bản"), at("2026-03-05"))
    return indicator


def url(name, *args, **query):
    return reverse(f"kpi:{name}", args=args) + (f"?{urlencode(query)}" if query else "")


def pages(unit):
    place = {"don-vi": unit.uuid}
    return [
        url("dashboard", **place),
        url("indicator", "BG23-T", **place),
        url("people", "BG23-T", **place),
        url("people", "BG23-T", **place, dang="csv"),
    ]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("coordinator", 200),
        ("lead", 200),
        ("official", 200),
        ("other_coordinator", 403),
        ("learner", 404),
        ("stranger", 404),
        ("editor", 404),
    ],
)
def test_who_may_read_a_commune(client, request, province, indicator, who, status):
    client.force_login(request.getfixturevalue(who))
    prove(client)
    assert [client.get(page).status_code for page in pages(province.north)] == [status] * 4


def test_team_leader_manages_but_reads_no_figures(client, province, indicator):
    leader = MembershipFactory(unit=province.north, audience=province.team, role=Role.TEAM_LEADER).user
    client.force_login(leader)
    assert client.get(url("dashboard")).status_code == 403
    assert client.get(pages(province.north)[1]).status_code == 403


def test_coordinator_may_not_read_the_province(client, province, indicator, coordinator):
    client.force_login(coordinator)
    assert client.get(pages(province.root)[0]).status_code == 403


def test_guest_is_asked_to_sign_in(client, indicator):
    assert client.get(url("dashboard")).status_code == 302


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"nam": "1999"}, 404),
        ({"nam": "abc"}, 404),
        ({"nam": "2027"}, 404),
        ({"co-cau": "1802"}, 404),
        ({"don-vi": "07246"}, 404),
        ({"don-vi": "00000000-0000-0000-0000-000000000000"}, 404),
        ({"nam": "2025"}, 200),
    ],
)
def test_unknown_reading_is_explained(client, lead, indicator, query, status):
    client.force_login(lead)
    assert client.get(url("dashboard", **query)).status_code == status


def test_unknown_indicator_and_part(client, lead, indicator):
    client.force_login(lead)
    assert client.get(url("indicator", "BG99-1")).status_code == 404
    assert client.get(url("people", "BG99-1")).status_code == 404
    assert client.get(url("people", "BG23-T", phan="la")).status_code == 404


def test_default_is_the_readers_own_highest_unit(client, province, indicator, coordinator, lead):
    client.force_login(coordinator)
    assert client.get(url("dashboard")).context["reading"].unit == province.north
    MembershipFactory(user=lead, unit=province.south, audience=province.staff, role=Role.COORDINATOR)
    client.force_login(lead)
    assert client.get(url("dashboard")).context["reading"].unit == province.root


def test_dashboard_shows_figures_and_says_where_there_are_none(client, lead, indicator):
    IndicatorFactory(counts=False, measure=Measure.MANUAL, text="Tỷ lệ hồ sơ trực tuyến")
    IndicatorFactory(counts=False, text="Phân tích dữ liệu", note="Chưa có khoá học phù hợp.")
    client.force_login(lead)
    text = client.get(url("dashboard")).content.decode()
    assert "Nhập tay kèm minh chứng – chưa có số" in text
    assert "Chưa có số. Chưa có khoá học phù hợp." in text
    assert "100% người dân được đào tạo" in text


def test_contradictory_decisions_stand_side_by_side(client, lead, province, indicator):
    for code, value in (("BG22-2025-4", 80), ("BG23-2025-4", 70)):
        TargetFactory(
            indicator=IndicatorFactory(code=code, audiences=[province.citizen]), unit=province.root, value=value
        )
    client.force_login(lead)
    text = client.get(url("dashboard")).content.decode()
    assert "Các văn bản nói khác nhau" in text
    detail = client.get(url("indicator", "BG23-2025-4")).content.decode()
    assert "Văn bản khác nói về cùng việc này" in detail
    assert "80\u00a0%" in detail


def test_indicator_page_adds_up_and_leads_down(client, lead, province, indicator):
    Population.objects.create(
        indicator=indicator, unit=province.root, year=2023, value=400, source="000.txt", quote="là 400 người"
    )
    client.force_login(lead)
    response = client.get(url("indicator", "BG23-T"))
    table = response.context["table"]
    assert table.total.count == 4 == sum(row.count for row in table.rows)
    text = response.content.decode()
    for expected in ("Xã Xuân Lương", "Chưa rõ đơn vị", "là 400 người", "được tham gia đào tạo", "1\u00a0%"):
        assert expected in text, expected
    assert f'<p class="figure">{vi_number(table.per_month)}</p>' in text
    assert f"don-vi={province.north.uuid}" in text
    assert 'width="1%"' in text


def test_crumbs_end_where_the_readers_scope_ends(client, province, indicator, coordinator, lead):
    for who, names in ((lead, ["Tỉnh Bắc Ninh"]), (coordinator, [])):
        client.force_login(who)
        crumbs = client.get(pages(province.north)[1]).context["crumbs"]
        assert [c["unit"].name for c in crumbs] == names


def test_manual_indicator_has_a_page_without_a_figure(client, lead, province):
    IndicatorFactory(code="BG24-M", counts=False, measure=Measure.MANUAL)
    client.force_login(lead)
    text = client.get(url("indicator", "BG24-M")).content.decode()
    assert "Nhập tay kèm minh chứng – chưa có số." in text
    assert 'class="figure' not in text
    assert client.get(url("people", "BG24-M")).status_code == 404


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["Nguyễn Văn Đạt", "Lò Thị Hoà", "Trần Không Rõ", "Giáp Thị Thu"]),
        ({"q": "hoa lo"}, ["Lò Thị Hoà"]),
        ({"q": "ĐẠT"}, ["Nguyễn Văn Đạt"]),
        ({"q": "không có ai"}, []),
        ({"phan": "chua-ro"}, ["Trần Không Rõ"]),
        ({"phan": "chua-quy-doi"}, []),
        ({"phan": "truc-tiep"}, []),
        ({"nam": "2025"}, []),
    ],
)
def test_people_behind_the_province(client, lead, indicator, query, names):
    client.force_login(lead)
    response = client.get(url("people", "BG23-T", **query))
    assert [row.user.full_name for row in response.context["page"]] == names


def test_coordinator_sees_own_people_only(client, province, indicator, coordinator):
    client.force_login(coordinator)
    response = client.get(pages(province.north)[2])
    assert [row.user.full_name for row in response.context["page"]] == ["Nguyễn Văn Đạt", "Lò Thị Hoà"]
    assert "5 kỹ năng số cơ bản" in response.content.decode()
    assert "05/03/2026" in response.content.decode()


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "'=HYPERLINK(1)"])
def test_export_has_the_people_and_leaves_a_trace(client, province, indicator, lead, name):
    person = UserFactory(full_name=name)
    MembershipFactory(user=person, unit=province.south, audience=province.citizen)
    complete(person, course_with_steps(1), at("2026-04-05"))
    client.force_login(lead)
    prove(client)
    response = client.get(url("people", "BG23-T", dang="csv"))
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Họ và tên,Đơn vị,Khoá học,Ngày hoàn thành,Điểm"
    assert len(lines) == 6
    assert any(line.startswith(f"'{name}") for line in lines)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.act, entry.subject_uuid) == (lead, "kpi.people_exported", province.root.uuid)
    assert (entry.detail["people"], entry.detail["indicator"]) == (5, "BG23-T")


def test_scores_are_cut_off_not_rounded_up(client, province, indicator, lead):
    past_the_guard(Completion).filter(user__full_name="Lò Thị Hoà").update(score=Decimal("79.99"))
    past_the_guard(Completion).filter(user__full_name="Nguyễn Văn Đạt").update(score=Decimal("80.00"))
    client.force_login(lead)
    prove(client)
    page, export = (client.get(page).content.decode() for page in pages(province.north)[2:])
    assert '<td data-l="Điểm" class="n">79,9</td>' in page
    assert '<td data-l="Điểm" class="n">80</td>' in page
    scores = {row["Họ và tên"]: row["Điểm"] for row in csv.DictReader(io.StringIO(export.lstrip("\ufeff")))}
    assert scores == {"Lò Thị Hoà": "79,9", "Nguyễn Văn Đạt": "80"}


def test_one_figure_has_one_name(client, province, indicator, lead):
    """ "Đã học" and "Phải học" everywhere; "mẫu số" only where the rule is explained."""
    client.force_login(lead)
    texts = [client.get(page).content.decode() for page in (*pages(province.root)[:3], *pages(province.north)[:3])]
    for text in texts:
        figures_part = text.split('id="cach-tinh"')[0].lower()
        for word in ("được đào tạo trong", "đã được đào tạo", "phải đào tạo", "người được tính", "mẫu số"):
            assert word not in figures_part, word
        assert "đã học" in figures_part
    assert all("phải học" in text.lower() for text in (*texts[:2], *texts[3:5]))


def test_what_every_reader_must_know_stands_beside_the_figure(client, province, indicator, lead):
    Indicator.objects.update(caution="Gồm cả trường tiểu học.", note="Chưa tách cấp học.")
    client.force_login(lead)
    page = client.get(url("indicator", indicator.code)).content.decode()
    figures, rule = page.split('id="cach-tinh"')
    assert 'Gồm cả trường tiểu học. <a href="#vi-sao">' in figures
    assert 'id="vi-sao"' in rule
    listed = client.get(url("dashboard")).content.decode()
    assert "Gồm cả trường tiểu học." in listed
    assert "#vi-sao" in listed


def test_a_list_says_of_which_day_it_is(client, province, indicator, lead):
    IndicatorFactory(code="BG23-TO", audiences=[province.team])
    MembershipFactory(unit=province.north, audience=province.team)
    client.force_login(lead)
    now = client.get(url("indicator", "BG23-TO")).content.decode()
    assert "Theo danh sách trên hệ thống ngày 20/11/2026" in now
    assert "lấy theo danh sách trên hệ thống ngày 20/11/2026" in now
    before = client.get(url("indicator", "BG23-TO", nam=2025)).content.decode()
    assert "theo danh sách trên hệ thống ngày 31/12/2025" in before


def test_people_are_listed_fifty_a_page(client, province, indicator, lead, monkeypatch):
    monkeypatch.setattr(views, "PAGE", 3)
    client.force_login(lead)
    assert len(client.get(url("people", "BG23-T")).context["page"]) == 3
    assert len(client.get(url("people", "BG23-T", trang=2)).context["page"]) == 1


def _queries(client, page):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(page).status_code == 200
    return len(captured)


def test_query_counts_at_two_sizes(client, province, indicator, lead, django_capture_on_commit_callbacks):
    # Everywhere: session, user, roles, structures, unit, scope. Dashboard: indicators, targets, their units, audiences;
    # people, populations, tree of audiences, members, units taken over. Indicator: the same for one, children, rows,
    # crumbs, courses, programmes, document, last month, other decisions. People: indicator, count, page.
    client.force_login(lead)
    TargetFactory(indicator=IndicatorFactory(audiences=[province.team]), unit=province.root)
    asked = pages(province.root)[:3]
    for page in asked:
        client.get(page)
    few = [_queries(client, page) for page in asked]
    for n in range(15):
        IndicatorFactory(audiences=[province.citizen, province.staff][: 1 + n % 2])
        TargetFactory(indicator=IndicatorFactory(audiences=[province.team]), unit=province.root)
    with django_capture_on_commit_callbacks(execute=True):
        for n in range(30):
            unit = UnitFactory(parent=province.root, name=f"Xã thêm {n}")
            person = MembershipFactory(unit=unit, audience=province.citizen).user
            complete(person, course_with_steps(1), at("2026-05-05"))
    structures_rebuild()
    assert [_queries(client, page) for page in asked] == few
    assert max(few) <= 26


def test_silent_units_stand_by_kind_communes_first_and_long_kinds_are_folded(client, lead, province, indicator):
    kinds = {UnitKind.TEAM: "Tổ thôn", UnitKind.SCHOOL: "Trường", UnitKind.WARD: "Phường", UnitKind.COMMUNE: "Xã"}
    for kind, name in kinds.items():
        for n in range(13 if kind == UnitKind.SCHOOL else 2):
            UnitFactory(kind=kind, name=f"{name} {n:02}", parent=province.root)
    structures_rebuild()
    client.force_login(lead)
    response = client.get(reverse("kpi:indicator", args=[indicator.code]))
    groups = response.context["silent_by_kind"]
    told = [(one.name, len(one.rows), one.is_long) for one in groups if one.name != "Sở, ban, ngành"]
    assert told == [("Xã, phường", 4, False), ("Trường học", 13, True), ("Tổ công nghệ số cộng đồng", 2, False)]
    assert sum(len(one.rows) for one in groups) == len(response.context["silent"])
    page = response.content.decode()
    assert "<summary>Trường học (13)</summary>" in page
    assert "<h3>Xã, phường (4)</h3>" in page


def test_a_unit_with_nobody_to_train_is_folded_away_and_stays_reachable(client, lead, province, indicator):
    silent = UnitFactory(name="Xã Vắng Lặng", parent=province.root)
    structures_rebuild()
    client.force_login(lead)
    page = client.get(reverse("kpi:indicator", args=[indicator.code])).content.decode()
    table, folded = page.split('<details class="kpi-silent">')
    assert silent.name not in table
    assert silent.name in folded
