"""What a target may say, and how it is shared out: rules without a database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Refusal
from kpi.allocations import share_of
from kpi.population_sheet import day_of, people_of
from kpi.target_rules import Said, allot, require_sound, summed

TODAY, DECIDED = date(2026, 11, 20), date(2026, 5, 19)


def said(value="70", measured_in="%", comparator=">=", year=2030):
    return Said(None if value is None else Decimal(value), measured_in, comparator, year)


@pytest.mark.parametrize(
    ("target", "decided_on", "code", "field"),
    [
        (said("110"), DECIDED, "over_hundred", "value"),
        (said("-1"), DECIDED, "negative", "value"),
        (said("-1", "người"), DECIDED, "negative", "value"),
        (said(None), DECIDED, "value_missing", "value"),
        (said("100", comparator=">"), DECIDED, "above_hundred", "comparator"),
        (said("12.5", "người"), DECIDED, "not_whole", "value"),
        (said("1" * 13, "người"), DECIDED, "too_high", "value"),
        (said("5", comparator="exists"), DECIDED, "value_unasked", "value"),
        (said(comparator="<="), DECIDED, "comparator_needs_rank", "comparator"),
        (said("10", "người", "<="), DECIDED, "comparator_needs_rank", "comparator"),
        (said(comparator="~"), DECIDED, "unknown_comparator", "comparator"),
        (said(comparator=""), DECIDED, "unknown_comparator", "comparator"),
        (said(year=None), DECIDED, "year_missing", "year"),
        (said(year=2025), DECIDED, "year_before_decision", "year"),
        (said(year=2025), date(2025, 5, 19), "year_past", "year"),
        (said(year=2200), DECIDED, "year_far", "year"),
        (said(), date(2027, 1, 1), "decided_in_future", "decided_on"),
    ],
)
def test_what_no_target_may_say(target, decided_on, code, field):
    with pytest.raises(Refusal) as refused:
        require_sound(target, decided_on=decided_on, today=TODAY)
    assert (refused.value.code, refused.value.detail["field"]) == (code, field)
    assert refused.value.fix


@pytest.mark.parametrize(
    "target",
    [
        said(),
        said("100", comparator="="),
        said("0"),
        said("90", comparator=">"),
        said("50", "người"),
        said("10", "thứ hạng", "<="),
        said(None, "", "exists"),
        said("1.5", "cuộc"),
        said(year=2026),
    ],
)
def test_what_a_target_may_say(target):
    require_sound(target, decided_on=DECIDED, today=TODAY)


# --- Sharing out ----------------------------------------------------------------------------------------------------
weights = st.dictionaries(st.integers(1, 300), st.integers(0, 10**6), max_size=60)


@given(st.integers(0, 10**7), weights)
def test_shares_add_up_exactly_and_follow_the_weights(total, weights):
    shares = allot(total, weights)
    whole = sum(weights.values())
    if not whole:
        assert shares == {}
        return
    assert sum(shares.values()) == total
    for key, share in shares.items():
        exact = Decimal(total) * weights[key] / whole
        assert abs(share - exact) < 1
        assert weights[key] or not share


def test_the_greater_weight_comes_first_where_remainders_are_equal():
    assert allot(1, {1: 5, 2: 5}) == {1: 1, 2: 0}
    assert allot(5, {1: 1, 2: 3}) == {1: 1, 2: 4}


def test_percentages_are_added_up_as_people():
    total = summed(said("50"), [(Decimal(40), 100), (Decimal(60), 300), (Decimal(50), None), (None, 50)])
    assert (total.given, total.asked, total.without_headcount) == (220, 225, 1)
    assert total.words == "thiếu 5"


def test_numbers_are_added_up_as_they_are():
    total = summed(said("10", "người"), [(Decimal(4), None), (Decimal(7), 5), (None, 9)])
    assert (total.given, total.difference, total.words) == (11, 1, "thừa 1")


# --- What people write ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cell", "share"),
    [
        (None, None), ("", None), ("  ", None), (0, "0"), (1200, "1200"), ("1.200", "1200"), ("1.234.567", "1234567"),
        ("70,5", "70.5"), ("70.5", "70.5"), ("1.200,5", "1200.5"), (70.5, "70.5"), ("70 %", "70"), ("0,125", None),
    ],
)  # fmt: skip
def test_shares_as_people_write_them(cell, share):
    if cell == "0,125":
        with pytest.raises(ValueError, match="0,125"):
            share_of(cell)
    else:
        assert share_of(cell) == (None if share is None else Decimal(share))


@pytest.mark.parametrize("cell", ["abc", "-5", -1, True, "1,2,3", float("nan"), float("inf"), date(2026, 1, 1), 1e15])
def test_what_is_no_share(cell):
    with pytest.raises(ValueError, match=r".*"):
        share_of(cell)


@pytest.mark.parametrize(
    ("cell", "people"), [(0, 0), (12500, 12500), (12500.0, 12500), ("12.500", 12500), ("12 500", 12500), ("0", 0)]
)
def test_people_as_offices_write_them(cell, people):
    assert people_of(cell) == people


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (12.5, "phần lẻ"), ("12,5", "phần lẻ"), ("12.5", "phần lẻ"), (-3, "âm"), ("-3", "âm"), ("khoảng 300", "một số"),
        (True, "một số"), (10**9, "lớn quá"), (float("nan"), "âm"),
    ],
)  # fmt: skip
def test_what_is_no_number_of_people(cell, said):
    with pytest.raises(ValueError, match=said):
        people_of(cell)


def test_days_of_cells():
    assert day_of("19/05/2026") == day_of("2026-05-19") == date(2026, 5, 19)
    assert day_of("hôm qua") is None
