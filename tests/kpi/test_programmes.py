"""Programmes: planned beside enrolled and finished; money as planned, and whether it adds up."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from courses.models import Enrolment
from kpi import loading, programmes
from kpi.findings import findings
from kpi.models import Programme
from people.services import structures_rebuild
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import ProgrammeFactory
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory
from tests.kpi.conftest import at


@pytest.fixture(autouse=True)
def _in_2026(monkeypatch):
    for module in ("kpi.forms", "kpi.denominators"):
        monkeypatch.setattr(f"{module}.today", lambda: date(2026, 11, 20))


@pytest.fixture
def running(province):
    """Two courses for teams. Đạt finished both, Hoà one of them; Thu began in Yên Thế; a citizen finished both."""
    courses = [course_with_steps(1), course_with_steps(1)]
    programme = ProgrammeFactory(
        code="BG23-10", audiences=[province.team], courses=courses, headcount=31, detail={"budget_vnd": 300_000_000}
    )
    for name, unit, audience, done in (
        ("Nguyễn Văn Đạt", province.north, province.team, 2),
        ("Lò Thị Hoà", province.north, province.team, 1),
        ("Giáp Thị Thu", province.south, province.team, 0),
        ("Vi Văn Dân", province.north, province.citizen, 2),
    ):
        person = UserFactory(full_name=name)
        MembershipFactory(user=person, unit=unit, audience=audience)
        for course in courses[:done]:
            complete(person, course, at("2026-03-05"))
        if not done:
            Enrolment.objects.create(
                user=person, course=courses[0], started_at=at("2026-04-01"), last_seen_at=at("2026-04-01")
            )
    return programme


def page(client, name="programmes", *args, **query):
    return client.get(reverse(f"kpi:{name}", args=args), query)


@pytest.mark.parametrize(
    ("unit", "year", "expected"),
    [("root", 2026, (3, 1)), ("north", 2026, (2, 1)), ("south", 2026, (1, 0)), ("root", 2025, (0, 0))],
)
def test_enrolled_and_finished(client, lead, province, running, unit, year, expected):
    client.force_login(lead)
    response = page(client, **{"don-vi": getattr(province, unit).uuid, "nam": year})
    [line] = response.context["groups"][0]["lines"]
    assert (line.planned, line.budget) == ("31", 300_000_000)
    assert (line.enrolled, line.completed) == expected


@pytest.mark.parametrize(
    ("years", "recurrence", "expected"),
    [
        ((2024, 2030), "yearly", (date(2026, 1, 1), date(2026, 12, 31))),
        ((2024, 2030), "once", (date(2024, 1, 1), date(2026, 12, 31))),
        ((2022, 2025), "once", (date(2022, 1, 1), date(2025, 12, 31))),
        ((2022, 2025), "yearly", None),
        ((2027, 2030), "once", None),
        ((None, None), "once", (date(2026, 1, 1), date(2026, 12, 31))),
    ],
)
def test_span(years, recurrence, expected):
    one = Programme(year_from=years[0], year_to=years[1], recurrence=recurrence)
    assert programmes.span_of(one, 2026) == expected


@pytest.mark.parametrize(
    ("headcount", "detail", "said"),
    [(5000, {}, "5.000"), (None, {"headcount_min": 40, "headcount_max": 50}, "40–50"), (None, {}, "")],
)
def test_planned(headcount, detail, said):
    assert programmes.planned(Programme(headcount=headcount, detail=detail)) == said


def test_the_sum_of_the_documents_own_table():
    """Of the data as they are: the lines do not add up to what the document states, and the finding says why."""
    source = loading.read(loading.DATA, "Bắc Giang")
    entries = [entry for entry in source.programmes if entry.decision == "BG23"]
    rows = [Programme(code=one.code, detail=dict(one.data)) for one in entries]
    lines = [programmes.Line(one, programmes.planned(one), programmes.budget_of(one)) for one in rows]
    check = programmes.sum_check(lines, str(entries[0].data["source"]))
    assert check is not None
    assert (check.lines, check.total, check.stated, check.missing) == (
        14,
        17_150_000_000,
        23_950_000_000,
        6_800_000_000,
    )
    assert check.without == 2
    assert check.finding is not None
    assert check.finding.code == "F02"
    assert programmes.stated_total("another.txt", findings()) == (None, None)


@pytest.mark.parametrize(("who", "status"), [("lead", 200), ("coordinator", 200), ("stranger", 404)])
def test_who_may_read(client, request, province, running, who, status):
    client.force_login(request.getfixturevalue(who))
    assert page(client).status_code == status
    assert page(client, "programme", "BG23-10").status_code == status


def test_people_of_a_programme_are_those_of_the_scope(client, coordinator, lead, province, running):
    client.force_login(coordinator)
    shown = page(client, "programme", "BG23-10")
    assert [(row["person"].full_name, row["done"]) for row in shown.context["rows"]] == [
        ("Nguyễn Văn Đạt", 2),
        ("Lò Thị Hoà", 1),
    ]
    assert page(client, "programme", "BG23-10", **{"don-vi": province.south.uuid}).status_code == 403
    client.force_login(lead)
    found = page(client, "programme", "BG23-10", q="thu giap").context["rows"]
    assert [row["person"].full_name for row in found] == ["Giáp Thị Thu"]
    assert page(client, "programme", "BG99").status_code == 404


def test_queries_at_two_sizes(client, lead, province, running):
    client.force_login(lead)
    addresses = [reverse("kpi:programmes"), reverse("kpi:programme", args=["BG23-10"])]

    def count(address):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    for address in addresses:
        count(address)
    few = [count(address) for address in addresses]
    course = running.courses.first()
    for _ in range(15):
        person = MembershipFactory(unit=UnitFactory(parent=province.root), audience=province.team).user
        complete(person, course, at("2026-05-05"))
    structures_rebuild()
    assert [count(address) for address in addresses] == few
    assert max(few) <= 30
