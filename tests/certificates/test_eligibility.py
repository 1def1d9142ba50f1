"""The verdict on a person: a table of cases, and what holds for all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.eligibility import LABELS, Code, Facts, Rule, usable_name, verdict

TODAY = date(2026, 11, 20)
FIT = Facts(
    names=("Nguyễn Thị Hoa", "Nguyễn Thị Hoa"),
    birth_dates=(date(1969, 5, 17), None),
    hours=Decimal("5"),
    score=Decimal("80"),
    on=TODAY,
)
RULE = Rule(min_score=Decimal("80"), min_hours=Decimal("5"), needs_birth_date=True)


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({}, Code.ELIGIBLE, ""),
        ({"has_certificate": True}, Code.ISSUED, "Đã có giấy"),
        ({"is_latest": False}, Code.NOT_LATEST_ROUND, "lượt sau"),
        ({"waiting_in": "Đợt 3"}, Code.WAITING, "«Đợt 3»"),
        ({"missing": ("A", "B", "C", "D")}, Code.COURSES_MISSING, "«A», «B», «C» và 1 khoá khác"),
        ({"valid_until": TODAY - timedelta(days=1)}, Code.EXPIRED, "19/11/2026"),
        ({"valid_until": TODAY}, Code.ELIGIBLE, ""),
        ({"score": Decimal("79.99")}, Code.SCORE_BELOW, "Đạt 79,9/100, cần từ 80/100"),
        ({"score": None}, Code.SCORE_BELOW, "Không có điểm"),
        ({"hours": Decimal("4.5")}, Code.HOURS_BELOW, "Học 4,5 giờ, cần từ 5 giờ"),
        ({"names": ("0912345678", "hoa@example.vn")}, Code.NAME_UNUSABLE, "«0912345678»"),
        ({"names": ("0912345678", "Nguyễn Thị Hoa")}, Code.ELIGIBLE, ""),
        ({"birth_dates": (None, None)}, Code.BIRTH_DATE_MISSING, "ngày sinh"),
        ({"birth_dates": (None, TODAY)}, Code.ELIGIBLE, ""),
        ({"missing": ("A",), "names": ("Hoa",)}, Code.COURSES_MISSING, "«A»"),
        ({"has_certificate": True, "waiting_in": "Đợt 3"}, Code.ISSUED, ""),
    ],
)
def test_cases(change, code, said):
    found = verdict(replace(FIT, **change), RULE)
    assert found.code == code
    assert said in found.text
    assert bool(found.fix) == (code != Code.ELIGIBLE)


@pytest.mark.parametrize("name", ["", "Hoa", "hoa@example.vn", "Nguyễn Hoa 2", "0912 345 678", " Hoa "])
def test_a_log_in_is_no_name(name):
    assert not usable_name(name)


def test_without_a_rule_neither_score_nor_hours_nor_day_are_asked_for():
    bare = replace(FIT, score=None, hours=Decimal(0), birth_dates=(None, None))
    assert verdict(bare, Rule()).code == Code.ELIGIBLE


percent = st.none() | st.decimals(0, 100, places=2)
facts = st.builds(
    Facts,
    names=st.lists(st.sampled_from(["", "Hoa", "a@b.vn", "Lê Văn Ý", "Trần Thị Ánh"]), min_size=1, max_size=2).map(
        tuple
    ),
    birth_dates=st.lists(st.none() | st.just(date(1970, 1, 1)), min_size=1, max_size=2).map(tuple),
    hours=st.decimals(0, 100, places=1),
    score=percent,
    on=st.just(TODAY),
    missing=st.lists(st.sampled_from("ABCDE"), max_size=5, unique=True).map(tuple),
    valid_until=st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    has_certificate=st.booleans(),
    waiting_in=st.sampled_from(["", "Đợt 1"]),
    is_latest=st.booleans(),
)
rules = st.builds(Rule, percent, st.none() | st.decimals(0, 100, places=1), st.booleans())
#: What to change so that the reason said is gone.
MENDED = {
    Code.ISSUED: {"has_certificate": False},
    Code.NOT_LATEST_ROUND: {"is_latest": True},
    Code.WAITING: {"waiting_in": ""},
    Code.COURSES_MISSING: {"missing": ()},
    Code.EXPIRED: {"valid_until": None},
    Code.SCORE_BELOW: {"score": Decimal(100)},
    Code.HOURS_BELOW: {"hours": Decimal(100)},
    Code.NAME_UNUSABLE: {"names": ("Lê Văn Ý",)},
    Code.BIRTH_DATE_MISSING: {"birth_dates": (date(1970, 1, 1),)},
}


@given(facts, rules)
def test_mending_what_is_said_leads_to_eligible_in_the_order_of_the_codes(person, rule):
    """Every reason said is a real one, none is said twice, and once none is left the person is eligible."""
    order, said = list(Code), []
    while (found := verdict(person, rule)).code != Code.ELIGIBLE:
        assert found.text
        assert found.fix
        assert found.label == LABELS[found.code]
        said.append(order.index(found.code))
        person = replace(person, **MENDED[found.code])
    assert said == sorted(set(said))


@given(facts, rules)
def test_eligible_means_that_nothing_is_in_the_way(person, rule):
    fit = (
        not person.has_certificate
        and person.is_latest
        and not person.waiting_in
        and not person.missing
        and not (person.valid_until and person.valid_until < TODAY)
        and (rule.min_score is None or (person.score is not None and person.score >= rule.min_score))
        and (rule.min_hours is None or person.hours >= rule.min_hours)
        and any(usable_name(name) for name in person.names)
        and (not rule.needs_birth_date or any(person.birth_dates))
    )
    assert (verdict(person, rule).code == Code.ELIGIBLE) == fit
