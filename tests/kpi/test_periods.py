"""Periods: their first and last days, and their names."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi import periods

KINDS = (periods.MONTH, periods.QUARTER, periods.HALF, periods.YEAR)
days = st.dates(date(2000, 1, 1), date(2100, 12, 30))


@given(kind=st.sampled_from(KINDS), day=days)
def test_a_day_lies_in_its_period_and_the_next_day_after_its_end_in_another(kind, day):
    first, last = periods.first_day(kind, day), periods.last_day(kind, day)
    assert first <= day <= last
    assert periods.is_end_of(kind, last)
    assert periods.first_day(kind, last) == first
    assert periods.first_day(kind, last + timedelta(days=1)) == last + timedelta(days=1)


@given(kind=st.sampled_from((*KINDS, periods.DAY)), day=days)
def test_the_last_that_ended_is_over(kind, day):
    ended = periods.last_ended(kind, day)
    assert ended < day
    assert periods.is_end_of(kind, ended)


@pytest.mark.parametrize(
    ("kind", "until", "name"),
    [
        ("month", date(2024, 2, 29), "Tháng 2/2024"),
        ("quarter", date(2026, 9, 30), "Quý III/2026"),
        ("half", date(2026, 6, 30), "6 tháng đầu năm 2026"),
        ("half", date(2026, 12, 31), "6 tháng cuối năm 2026"),
        ("year", date(2025, 12, 31), "Năm 2025"),
        ("day", date(2026, 12, 14), "Đến ngày 14/12/2026"),
    ],
)
def test_names(kind, until, name):
    assert periods.is_end_of(kind, until)
    assert periods.period_name(kind, until) == name
