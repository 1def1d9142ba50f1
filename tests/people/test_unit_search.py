"""One meaning of "find a unit", wherever somebody types a name or a code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people import audit_log, roster_pages, slips, views_signup
from people.models import Unit
from people.units import reads
from tests.factories.people import MembershipFactory

XUAN_LUONG, YEN_THE = "Xã Xuân Lương", "Xã Yên Thế"


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("xuân lương", {XUAN_LUONG}),
        ("luong xuan", {XUAN_LUONG}),
        ("LUONG", {XUAN_LUONG}),
        ("xa", {XUAN_LUONG, YEN_THE}),
        ("xuan the", set()),
        ("07246", {XUAN_LUONG}),
        (" 0724 ", {XUAN_LUONG}),
        ("072", {XUAN_LUONG, YEN_THE}),
        ("7246", set()),
        ("khong co", set()),
    ],
)
def test_every_page_finds_the_same(province, lead, words, names):
    for unit in (province.north, province.south):
        MembershipFactory(unit=unit, audience=province.citizen)
    communes = {XUAN_LUONG, YEN_THE}
    found = {
        "structure": reads.units_found(lead, words=words),
        "lists": roster_pages.units_found(lead, words),
        "log": audit_log._units(words),
        "slips": slips.units_with_waiting(by=lead, words=words),
        "residence": views_signup._communes(words),
    }
    assert {page: {unit.name for unit in units} & communes for page, units in found.items()} == dict.fromkeys(
        found, names
    )


@given(st.text(max_size=20))
def test_whatever_is_typed_is_an_answer(words):
    assert str(Unit.objects.search(words).query)
