"""Days on which reports are due, from rules of documents."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi import calendar_rules as rules

BEFORE_30_11 = {"freq": "yearly", "month": 11, "day": 30, "before": True}
QUARTER = {"freq": "quarterly", "day": 20, "month": "last_of_quarter", "before": True}


@pytest.mark.parametrize(
    ("rule", "year", "days"),
    [
        (BEFORE_30_11, 2026, [date(2026, 11, 29)]),  # a Sunday: nothing moves
        ({"freq": "yearly", "month": 12, "day": 10, "before": True}, 2026, [date(2026, 12, 9)]),
        ({"freq": "yearly", "month": 12, "day": 15, "before": True}, 2026, [date(2026, 12, 14)]),
        ({"freq": "yearly", "month": 12, "day": 15}, 2026, [date(2026, 12, 15)]),
        ({"freq": "yearly", "month": 1, "day": 1, "before": True}, 2026, [date(2025, 12, 31)]),
        ({"freq": "yearly", "month": 3, "day": 1, "before": True}, 2024, [date(2024, 2, 29)]),
        ({"freq": "yearly", "month": 3, "day": 1, "before": True}, 2026, [date(2026, 2, 28)]),
        ({"freq": "yearly", "month": 2, "day": 29}, 2024, [date(2024, 2, 29)]),
        ({"freq": "yearly", "month": 2, "day": 29}, 2026, [date(2026, 2, 28)]),
        (QUARTER, 2026, [date(2026, 3, 19), date(2026, 6, 19), date(2026, 9, 19), date(2026, 12, 19)]),
        ({"freq": "quarterly", "day": 31}, 2026, [date(2026, m, d) for m, d in ((3, 31), (6, 30), (9, 30), (12, 31))]),
        ({"date": "2022-05-10", "before": True}, 2022, [date(2022, 5, 9)]),
        ({"date": "2022-05-10", "before": True}, 2023, []),
        ({"date": "2023-12", "month_only": True}, 2023, [date(2023, 12, 31)]),
        ({"date": "2024-02", "month_only": True}, 2024, [date(2024, 2, 29)]),
        ({"freq": "quarterly"}, 2026, []),
        ({"rule": "deadline set in commitment"}, 2026, []),
        (None, 2026, []),
        ({"own": {"freq": "yearly", "month": 12, "day": 5}} | BEFORE_30_11, 2026, [date(2026, 12, 5)]),
        ({"own": {"freq": "quarterly", "day": 25}, "freq": "quarterly"}, 2026,
         [date(2026, m, 25) for m in (3, 6, 9, 12)]),
    ],
)  # fmt: skip
def test_last_day_on_time(rule, year, days):
    assert [due.due_on for due in rules.dues_of(rule, year)] == days
    assert rules.problem_of(rule) == ""


def test_periods_are_named_and_cover_the_year():
    assert [due.name for due in rules.dues_of(QUARTER, 2026)] == [f"Quý {q}/2026" for q in ("I", "II", "III", "IV")]
    assert rules.dues_of(BEFORE_30_11, 2026)[0].name == "Năm 2026"
    months = rules.dues_of({"freq": "monthly", "day": 5}, 2026)
    assert (months[8].name, months[8].begins_on, months[8].until) == (
        "Tháng 9/2026", date(2026, 9, 1), date(2026, 9, 30),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (BEFORE_30_11, "chậm nhất 29/11 hằng năm"),
        (QUARTER, "chậm nhất ngày 19 tháng cuối quý"),
        ({"freq": "monthly", "day": 5}, "chậm nhất ngày 5 hằng tháng"),
        ({"freq": "monthly", "day": 1, "before": True}, "chậm nhất ngày cuối tháng trước tháng cuối kỳ"),
        ({"date": "2023-12", "month_only": True}, "chậm nhất 31/12/2023"),
        ({"freq": "quarterly"}, ""),
    ],
)
def test_a_rule_in_words(rule, said):
    assert rules.said(rule) == said


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("30/11", "phải là một mục"),
        ({"freq": "weekly"}, "freq phải là"),
        ({"freq": "yearly", "month": 13, "day": 1}, "month phải là số từ 1 đến 12"),
        ({"freq": "yearly", "day": 3}, "month phải là số từ 1 đến 12"),
        ({"freq": "yearly", "month": 11, "day": 31}, "tháng 11 không có ngày 31"),
        ({"freq": "quarterly", "day": 0}, "day phải là số từ 1 đến 31"),
        ({"freq": "quarterly", "day": True}, "day phải là số từ 1 đến 31"),
        ({"freq": "quarterly", "day": 20, "month": 9}, "month phải là last_of_quarter"),
        ({"date": "2022-13-01"}, "date phải là ngày"),
        ({"date": "2023-12"}, "date phải là ngày"),
        ({"freq": "yearly", "month": 1, "day": 1, "before": "true"}, "before phải là"),
        ({"frq": "yearly"}, "không có trường «frq»"),
    ],
)
def test_a_wrong_rule_is_named(rule, problem):
    assert problem in rules.problem_of(rule)
    assert not isinstance(rule, dict) or not rules.is_readable(rule)


@st.composite
def recurring(draw):
    freq = draw(st.sampled_from(rules.RECURRING))
    rule = {"freq": freq, "day": draw(st.integers(1, 31)), "before": draw(st.booleans())}
    if freq == "yearly":
        rule["month"] = draw(st.integers(1, 12))
        rule["day"] = min(rule["day"], monthrange(2024, rule["month"])[1])
    return rule


@given(rule=recurring(), year=st.integers(2000, 2100))
def test_laws_of_every_rule(rule, year):
    """Periods follow each other without a gap; «trước» is one day less than «chậm nhất»; every day exists."""
    dues = rules.dues_of(rule, year)
    assert len(dues) == {"yearly": 1, "quarterly": 4, "monthly": 12}[rule["freq"]]
    assert (dues[0].begins_on, dues[-1].until) == (date(year, 1, 1), date(year, 12, 31))
    assert all(b.begins_on == a.until + timedelta(days=1) for a, b in zip(dues, dues[1:], strict=False))
    assert len({due.due_on for due in dues}) == len({due.name for due in dues}) == len(dues)
    on_the_day = rules.dues_of(rule | {"before": False}, year)
    less = timedelta(days=1 if rule["before"] else 0)
    assert [due.due_on for due in dues] == [due.due_on - less for due in on_the_day]
    for due in on_the_day:
        assert due.due_on.day == min(rule["day"], monthrange(due.due_on.year, due.due_on.month)[1])
    assert rules.said(rule)


@given(day=st.integers(-5, 40), month=st.one_of(st.none(), st.integers(-3, 15)), freq=st.sampled_from(rules.RECURRING))
def test_an_own_day_is_either_refused_or_makes_days(day, month, freq):
    own = rules.own_rule(freq, day=day, month=month)
    assert bool(rules.problem_of(own)) != rules.is_readable({"own": own})
