"""The forecast: an honest range, or why there is none."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.forecasting import FEWEST_MONTHS, FEWEST_PEOPLE, Outlook, forecast, months_left, quantile

months = st.lists(st.integers(0, 5000), max_size=14)
left = st.fractions(0, 60)


@pytest.mark.parametrize(
    ("day", "deadline", "expected"),
    [
        (date(2026, 11, 30), date(2026, 12, 31), Fraction(1)),
        (date(2026, 12, 31), date(2026, 12, 31), Fraction(0)),
        (date(2027, 1, 5), date(2026, 12, 31), Fraction(0)),
        (date(2026, 11, 15), date(2026, 12, 31), Fraction(3, 2)),
        (date(2025, 12, 31), date(2026, 12, 31), Fraction(12)),
        (date(2024, 2, 29), date(2024, 3, 31), Fraction(1)),
    ],
)
def test_months_left(day, deadline, expected):
    assert months_left(day, deadline) == expected


@pytest.mark.parametrize(
    ("counts", "share", "expected"),
    [([5], Fraction(1, 4), 5), ([0, 10], Fraction(1, 2), 5), ([1, 2, 3, 4, 5], Fraction(3, 4), 4)],
)
def test_quantile(counts, share, expected):
    assert quantile(counts, share) == expected


@pytest.mark.parametrize(
    ("whole_months", "said"),
    [([], "0 tháng trọn vẹn"), ([500, 500], "2 tháng trọn vẹn"), ([1, 2, 3], "chỉ có 6 người")],
)
def test_too_little_is_said(whole_months, said):
    found = forecast(count=0, whole_months=whole_months, left=Fraction(3), at_most=None)
    assert not found.is_known
    assert said in found.why
    assert found.outlook(100) == Outlook.UNKNOWN


def test_a_plain_case():
    found = forecast(count=1000, whole_months=[900, 80, 100, 120, 100, 90, 110], left=Fraction(2), at_most=None)
    assert (found.months, found.usual) == (6, 100)  # the seventh month back is forgotten
    assert (found.low, found.high) == (1180, 1220)
    assert [found.outlook(goal) for goal in (1180, 1200, 1221, None)] == [
        Outlook.LIKELY,
        Outlook.OPEN,
        Outlook.UNLIKELY,
        Outlook.UNKNOWN,
    ]


def test_more_people_than_there_are_is_never_said():
    found = forecast(count=95, whole_months=[30, 30, 30], left=Fraction(5), at_most=100)
    assert (found.low, found.high) == (100, 100)
    assert forecast(count=120, whole_months=[30, 30, 30], left=Fraction(5), at_most=100).high == 120


@given(st.integers(0, 10**6), months, left, st.none() | st.integers(0, 10**6))
def test_a_range_holds_what_is_counted_and_never_turns_round(count, whole_months, left, at_most):
    found = forecast(count=count, whole_months=whole_months, left=left, at_most=at_most)
    recent = whole_months[-6:]
    assert found.is_known == (len(recent) >= FEWEST_MONTHS and sum(recent) >= FEWEST_PEOPLE)
    if found.is_known:
        assert count <= found.low <= found.high
        assert found.slow <= found.usual <= found.fast
        assert at_most is None or found.high <= max(at_most, count)


@given(months, left)
def test_no_more_than_two_digits_are_claimed(whole_months, left):
    found = forecast(count=0, whole_months=whole_months, left=left, at_most=None)
    for number in (found.low, found.high):
        assert not str(number)[2:].strip("0")


@given(st.integers(0, 1000), st.lists(st.integers(10, 5000), min_size=3, max_size=8), left)
def test_at_the_deadline_there_is_no_range(count, whole_months, left):
    now = forecast(count=count, whole_months=whole_months, left=Fraction(0), at_most=None)
    later = forecast(count=count, whole_months=whole_months, left=left, at_most=None)
    assert (now.low, now.high) == (count, count)
    assert later.high >= now.high
