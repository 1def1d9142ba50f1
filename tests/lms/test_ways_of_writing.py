"""Days, figures and names as people here write and sort them, on pages and in forms."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.template import Context, Template
from django.urls import reverse

from people.models import Role
from tests.factories.people import MembershipFactory, UserFactory
from tests.proof import prove

#: As a dictionary and a class list have them: by given name, then family name; đ after d, tones in their order.
IN_ORDER = [
    "Trần Thị An", "Bùi Văn Ánh", "Vi Thị Ân", "Lê Bình", "Phạm Văn Dũng", "Hà Thị Đào", "Ngô Đức", "Lò Thị Ổn",
    "Đinh Thị Ước", "Nguyễn Thị Ước",
]  # fmt: skip


@pytest.fixture
def neighbours(province):
    for name in sorted(IN_ORDER, key=lambda name: name[::-1]):
        MembershipFactory(
            user=UserFactory(full_name=name), unit=province.north, audience=province.citizen, role=Role.LEARNER
        )
    return province.north


def shown(page: str) -> list[str]:
    places = {name: page.find(name) for name in IN_ORDER}
    assert all(place >= 0 for place in places.values()), places
    return sorted(places, key=lambda name: places[name])


@pytest.mark.parametrize("name", ["unit_learning:people", "slips:unit", "rosters:export"])
def test_people_stand_by_given_name(client, neighbours, coordinator, name):
    client.force_login(coordinator)
    prove(client)
    tail = "?dang=csv" if name == "rosters:export" else ""
    response = client.get(reverse(name, args=[neighbours.uuid]) + tail)
    assert shown(response.getvalue().decode()) == IN_ORDER


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234567, "1.234.567"),
        (Decimal("1234.5"), "1.234,5"),
        (0.25, "0,25"),
        (date(2026, 8, 1), "01/08/2026"),
        (datetime(2026, 8, 1, 23, 5, tzinfo=ZoneInfo("UTC")), "06:05 02/08/2026"),
    ],
)
def test_values_on_a_page_that_nobody_formats(value, text):
    assert Template("{{ value }}").render(Context({"value": value})) == text


@pytest.mark.parametrize("typed", ["1/8/2026", "01/08/2026", "01-08-2026", "1.8.2026", "2026-08-01"])
def test_days_are_read_day_first(typed):
    assert forms.DateField().clean(typed) == date(2026, 8, 1)


@pytest.mark.parametrize(("typed", "value"), [("1.234,5", "1234.5"), ("7,5", "7.5"), ("80", "80")])
def test_figures_are_read_as_they_are_written(typed, value):
    assert forms.DecimalField(localize=True).clean(typed) == Decimal(value)


def test_a_day_in_a_form_comes_back_as_it_was_typed():
    class Form(forms.Form):
        day = forms.DateField()

    assert 'value="01/08/2026"' in str(Form(initial={"day": date(2026, 8, 1)})["day"])
