"""Equity: small groups stay hidden, also from whoever can subtract."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from kpi.equity import FEWEST, UNKNOWN, band_of, breakdown, breakdowns_of, hidden
from kpi.places import place_of, structures
from people.models import Gender
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import IndicatorFactory
from tests.factories.people import MembershipFactory, UserFactory
from tests.kpi.conftest import at

counts = st.lists(st.integers(0, 40), max_size=7)


@given(counts)
def test_nothing_small_can_be_told_or_reckoned(numbers):
    secret = hidden(numbers)
    assert {index for index, number in enumerate(numbers) if 0 < number < FEWEST} <= secret
    others = [number for index, number in enumerate(numbers) if index not in secret and number]
    if secret and others:  # where nothing else is told there is nothing to subtract from but the total
        assert len(secret) >= 2
        assert sum(numbers[index] for index in secret) >= FEWEST


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([10, 20], set()),
        ([3, 10, 20], {0, 1}),
        ([2, 2, 30], {0, 1, 2}),
        ([0, 10], set()),
        ([4], {0}),
        ([], set()),
        ([3, 0, 0], {0, 1, 2}),
        ([2, 2, 0], {0, 1, 2}),
    ],
)
def test_hidden(numbers, expected):
    assert hidden(numbers) == expected


@pytest.mark.parametrize(
    ("age", "band"),
    [(None, UNKNOWN), (-1, UNKNOWN), (0, "Dưới 18"), (17, "Dưới 18"), (18, "18–29"), (59, "45–59"), (60, "Từ 60"),
     (130, "Từ 60")],
)  # fmt: skip
def test_bands(age, band):
    assert band_of(age) == band


def test_few_who_are_missing_are_hidden_too():
    shown = breakdown("", "", ["a", "b", "c"], {"a": 18, "b": 20, "c": 30}, {"a": 20, "b": 40, "c": 60})
    assert [row.is_hidden for row in shown.rows] == [True, True, False]
    assert shown.rows[2].bar_text == "50\u00a0%"


@pytest.fixture
def trained(province, django_capture_on_commit_callbacks):
    """Six women and five men of teams trained, two of them under 30; seven women more on the list."""
    indicator = IndicatorFactory(code="BG23-T", audiences=[province.team])
    course = course_with_steps(1)
    with django_capture_on_commit_callbacks(execute=True):
        for n in range(18):
            person = UserFactory(
                gender=Gender.MALE if n < 5 else Gender.FEMALE, birth_date=date(2000 if n < 2 else 1980, 1, 1)
            )
            MembershipFactory(user=person, unit=province.north, audience=province.team)
            if n < 11:
                complete(person, course, at("2026-03-05"))
    return indicator


def test_rates_of_those_on_the_list(trained, province):
    known = structures()
    place = place_of(province.root, known[-1], known, with_rows=False)
    age, gender = breakdowns_of(trained, place, 2026)
    assert {row.name: (row.counted, row.listed, row.is_hidden) for row in gender.rows} == {
        "Nam": (5, 5, False),
        "Nữ": (6, 13, False),
    }
    assert [(row.name, row.is_hidden) for row in age.rows] == [("18–29", True), ("45–59", True)]


@pytest.mark.parametrize(("who", "status"), [("lead", 200), ("coordinator", 403), ("stranger", 404)])
def test_page(client, request, trained, province, who, status):
    client.force_login(request.getfixturevalue(who))
    response = client.get(reverse("kpi:equity"), {"don-vi": province.root.uuid})
    assert response.status_code == status
    if status == 200:
        text = response.content.decode()
        assert "được ẩn" in text
        assert "không lưu dân tộc" in text
        assert client.get(reverse("kpi:equity"), {"chi-tieu": "BG99"}).status_code == 404
