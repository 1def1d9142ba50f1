"""Who ought to be trained and is not: the list, its file, reminders."""

from __future__ import annotations

import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from common.errors import Forbidden, Refusal
from common.models import AuditEntry
from kpi import figures, views_missing
from kpi.missing import Missing, listed_memberships, why_no_list
from kpi.models import Counted, CountingKind
from kpi.places import place_of, structures
from kpi.services import missing_leaders_remind, missing_remind
from kpi.services import reminding as service
from people.models import Notice, Role
from people.services import structures_rebuild
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import IndicatorFactory
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory
from tests.kpi.conftest import at
from tests.proof import prove

DAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _in_2026(monkeypatch):
    for module in ("kpi.forms", "kpi.denominators"):
        monkeypatch.setattr(f"{module}.today", lambda: DAY)


def member(province, unit, name, role=Role.LEARNER, **fields):
    person = UserFactory(full_name=name, claimed_at=at("2026-01-01"), **fields)
    MembershipFactory(user=person, unit=unit, audience=province.team, role=role)
    return person


@pytest.fixture
def indicator(province, django_capture_on_commit_callbacks):
    """Teams: Đạt of Xuân Lương is trained; Hoà and Lan of Xuân Lương and Thu of Yên Thế are not."""
    indicator = IndicatorFactory(code="BG23-T", text="100% thành viên tổ được đào tạo", audiences=[province.team])
    done = member(province, province.north, "Nguyễn Văn Đạt")
    for unit, name in (
        (province.north, "Lò Thị Hoà"),
        (province.north, "Vi Thị Lan"),
        (province.south, "Giáp Thị Thu"),
    ):
        member(province, unit, name)
    with django_capture_on_commit_callbacks(execute=True):
        complete(done, course_with_steps(1), at("2026-03-05"))
    return indicator


def asked(indicator, unit, viewer, below=None):
    known = structures()
    return Missing(indicator, place_of(unit, known[-1], known), 2026, viewer, below)


def url(unit, name="missing", **query):
    pairs = "&".join(f"{key}={value}" for key, value in query.items())
    return reverse(f"kpi:{name}", args=["BG23-T"]) + f"?don-vi={unit.uuid}&{pairs}"


def names(response):
    return [row["person"].full_name for row in response.context["rows"]]


def test_list_and_counted_together_are_the_denominator(indicator, province, lead):
    found = asked(indicator, province.root, lead)
    listed = set(listed_memberships(indicator, found.place.units, DAY).values_list("user", flat=True))
    missing = set(found.people().values_list("pk", flat=True))
    counted = set(Counted.objects.values_list("user", flat=True))
    assert missing | (counted & listed) == listed
    assert not missing & counted
    total = figures.table(indicator, found.place, 2026).total
    assert (total.denominator.value, total.gap, len(missing)) == (4, None, 3)


@pytest.mark.parametrize(
    ("who", "unit", "status"),
    [("coordinator", "north", 200), ("other_coordinator", "north", 403), ("stranger", "north", 404),
     ("coordinator", "root", 403), ("official", "root", 200)],
)  # fmt: skip
def test_who_may_read(client, request, indicator, province, who, unit, status):
    client.force_login(request.getfixturevalue(who))
    prove(client)
    place = getattr(province, unit)
    assert client.get(url(place)).status_code == status
    assert client.get(url(place, dang="csv")).status_code == status


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["Lò Thị Hoà", "Vi Thị Lan", "Giáp Thị Thu"]),
        ({"q": "hoa lo"}, ["Lò Thị Hoà"]),
        ({"q": "không có"}, []),
        ({"nam": 2025}, ["Nguyễn Văn Đạt", "Lò Thị Hoà", "Vi Thị Lan", "Giáp Thị Thu"]),
    ],
)
def test_search_and_year(client, lead, indicator, province, query, expected):
    client.force_login(lead)
    assert names(client.get(url(province.root, **query))) == expected


def test_by_unit_below(client, lead, indicator, province):
    client.force_login(lead)
    assert names(client.get(url(province.root, **{"cap-duoi": province.south.uuid}))) == ["Giáp Thị Thu"]
    assert client.get(url(province.north, **{"cap-duoi": province.south.uuid})).status_code == 404


def test_fifty_a_page(client, lead, indicator, province, monkeypatch):
    monkeypatch.setattr(views_missing, "PAGE", 2)
    client.force_login(lead)
    assert [len(names(client.get(url(province.root, trang=n)))) for n in (1, 2)] == [2, 1]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_file_names_each_once_and_is_recorded(client, lead, indicator, province, form):
    person = member(province, province.north, "=Bẫy()")
    MembershipFactory(user=person, unit=province.south, audience=province.team, is_main=False)
    client.force_login(lead)
    prove(client)
    content = client.get(url(province.root, dang=form)).content
    if form == "csv":
        text = content.decode("utf-8-sig")
        assert '"\'=Bẫy()"' in text
        rows = text.splitlines()
    else:
        rows = list(load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
        assert ("Giáp Thị Thu", "Xã Yên Thế", None, "Thành viên Tổ CNSCĐ") in rows
    assert len(rows) == 5
    entry = AuditEntry.objects.get(act="kpi.missing_exported")
    assert (entry.actor, entry.detail["people"], entry.detail["format"]) == (lead, 4, form)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"counting": CountingKind.DECLARED, "counts": False}, "không theo từng người"),
        ({"counting": CountingKind.NONE, "counts": False}, "chưa tính được"),
        ({}, "toàn bộ người dân"),
    ],
)
def test_where_no_list_names_anybody_the_page_says_why(client, lead, province, fields, said):
    one = IndicatorFactory(code="BG23-T", audiences=[province.citizen], **fields)
    client.force_login(lead)
    prove(client)
    assert said in why_no_list(one)
    assert said in client.get(url(province.root)).content.decode()
    assert client.get(url(province.root, dang="csv")).status_code == 409
    assert not AuditEntry.objects.filter(act="kpi.missing_exported").exists()


def test_people_are_reminded_once_in_a_week(client, lead, indicator, province):
    unclaimed = UserFactory(full_name="Chưa Nhận", claimed_at=None, password="")
    MembershipFactory(user=unclaimed, unit=province.south, audience=province.team)
    client.force_login(lead)
    answer = client.post(url(province.root, "missing_reminders"), {"toi": "nguoi-hoc"}, follow=True)
    assert answer.status_code == 200
    assert Notice.objects.count() == 3
    again = client.post(url(province.root, "missing_reminders"), {"toi": "nguoi-hoc"}, follow=True)
    assert "3 người đã được nhắc" in again.content.decode()
    assert Notice.objects.count() == 3
    entry = AuditEntry.objects.get(act="kpi.missing_reminded")
    assert (entry.actor, entry.detail["people"], entry.detail["indicator"]) == (lead, 3, "BG23-T")


def test_leaders_and_coordinators_are_reminded_instead(indicator, province, lead, coordinator):
    team = UnitFactory(parent=province.south, name="Tổ 1")
    structures_rebuild()
    leader = member(province, team, "Tổ Trưởng", role=Role.TEAM_LEADER)
    member(province, province.department, "Tổ Khác", role=Role.TEAM_LEADER)
    done = missing_leaders_remind(actor=lead, missing=asked(indicator, province.south, lead))
    assert {notice.user for notice in done.notices} == {leader}
    assert missing_leaders_remind(actor=lead, missing=asked(indicator, province.south, lead)).lately == 1
    done = missing_leaders_remind(actor=lead, missing=asked(indicator, province.north, lead))
    assert {notice.user for notice in done.notices} == {coordinator}
    assert done.notices[0].path == reverse("kpi:missing", args=["BG23-T"]) + "?nam=2026"


def test_what_is_refused(indicator, province, lead, official, other_coordinator, monkeypatch):
    for actor in (official, other_coordinator):
        with pytest.raises(Forbidden):
            missing_remind(actor=actor, missing=asked(indicator, province.north, actor))
    monkeypatch.setattr(service, "MOST_AT_ONCE", 2)
    with pytest.raises(Refusal) as refused:
        missing_remind(actor=lead, missing=asked(indicator, province.root, lead))
    assert refused.value.code == "too_many"
    with pytest.raises(Refusal) as refused:
        missing_leaders_remind(actor=lead, missing=asked(indicator, province.department, lead))
    assert refused.value.code == "nobody"
    assert not Notice.objects.exists()


def test_queries_at_two_sizes(client, lead, indicator, province):
    client.force_login(lead)

    def count():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url(province.root)).status_code == 200
        return sum(not query["sql"].startswith("SET LOCAL") for query in captured)  # PostgreSQL is told how to plan

    count()
    few = count()
    for n in range(20):
        member(province, UnitFactory(parent=province.root), f"Người {n}")
    structures_rebuild()
    assert count() == few <= 24
