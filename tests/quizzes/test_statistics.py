"""Figures of questions and quizzes: by hand, against exact fractions, and against what must always hold."""

from __future__ import annotations

import json
import math
import random
from fractions import Fraction
from statistics import mean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes import statistics, statistics_sums
from quizzes.statistics import MASTERY, RANDOM, SURE, TOO_FEW, UNIT, Asked, Row, measure, told

EXACT = pytest.approx


def rows_of(papers, *, questions=None, answers=None):
    """Rows of papers given as points 0–1 per item; answers are ``right``/``wrong`` unless named."""
    for number, points in enumerate(papers, start=1):
        named = questions[number - 1] if questions else range(1, len(points) + 1)
        units = [round(Fraction(one) * UNIT) for one in points]
        score = sum(units) * 10_000 // (len(units) * UNIT)
        for place, (question, one) in enumerate(zip(named, units, strict=True)):
            answer = answers[number - 1][place] if answers else ["right" if one == UNIT else "wrong"]
            yield Row(number, question, one, json.dumps(answer), score)


def figures_of(papers, **asked):
    asked.setdefault("pass_percent", 80)
    names = {name: asked.pop(name) for name in ("questions", "answers") if name in asked}
    return measure(rows_of(papers, **names), **asked)


# --- By hand --------------------------------------------------------------------------------------------------------
#            x1 x2 x3   T    R1 R2 R3  (the rest of the paper)
BY_HAND = [
    (1, 1, 1),  # 3    2  2  2
    (1, 1, 0),  # 2    1  1  2
    (1, 0, 0),  # 1    0  1  1
    (0, 0, 0),  # 0    0  0  0
]


def test_the_example_worked_out_by_hand():
    found = figures_of(BY_HAND)
    first, second, third = found.items
    # Facility: 3, 2 and 1 of 4.
    assert [one.facility for one in found.items] == [0.75, 0.5, 0.25]
    # var x1 = (3 − 4·¾²)/3 = ¼; var x2 = (2 − 4·½²)/3 = ⅓; var x3 = ¼.
    assert [one.sd for one in found.items] == EXACT([0.5, math.sqrt(1 / 3), 0.5], abs=1e-9)
    # cov(x1, R1) = (1·2 + 1·1 + 1·0 − 4·¾·¾)/3 = 0.75/3 = ¼; var R1 = (5 − 4·¾²)/3 = 11/12
    #   → ¼ / √(¼ · 11/12) = √(3/11).
    assert first.discrimination == EXACT(math.sqrt(3 / 11), abs=1e-9)
    # cov(x2, R2) = (1·2 + 1·1 − 4·½·1)/3 = ⅓; var R2 = (6 − 4)/3 = ⅔ → ⅓ / √(2/9) = 1/√2.
    assert second.discrimination == EXACT(1 / math.sqrt(2), abs=1e-9)
    # cov(x3, R3) = (2 − 4·¼·1¼)/3 = ¼; var R3 = (9 − 4·1¼²)/3 = 11/12 → √(3/11).
    assert third.discrimination == EXACT(math.sqrt(3 / 11), abs=1e-9)
    # The strong ones were right and the weak ones wrong wherever that could be: nothing more was possible.
    assert [one.efficiency for one in found.items] == EXACT([1, 1, 1], abs=1e-9)
    # cov(x, T) = cov(x, R) + var x = ½, ⅔, ½; the share of each root in their sum.
    roots = [math.sqrt(1 / 2), math.sqrt(2 / 3), math.sqrt(1 / 2)]
    assert [one.weight for one in found.items] == EXACT([one / sum(roots) for one in roots], abs=1e-9)
    # Σ var x = ¼ + ⅓ + ¼ = 5/6; var T = (14 − 4·1½²)/3 = 5/3; α = 3/2 · (1 − ½) = ¾.
    [form] = found.forms
    assert (form.alpha, form.is_kr20, found.alpha) == (EXACT(0.75, abs=1e-9), True, EXACT(0.75, abs=1e-9))
    # Error ratio √(1 − ¾) = ½; SD of the score = √(5/3)/3 · 100; half of it is the standard error.
    assert form.error_ratio == EXACT(0.5, abs=1e-9)
    assert form.standard_error == EXACT(math.sqrt(5 / 3) / 3 * 50, abs=1e-9)
    # 80 ± 21.5 reaches from 58.5 to 101.5: the scores of 66.66 and 100.
    assert found.unsure == 2
    # Scores 100, 66.66, 33.33, 0 (cut off, as they are stored).
    assert found.mean == EXACT((100 + 66.66 + 33.33) / 4, abs=1e-9)
    assert found.median == EXACT((66.66 + 33.33) / 2, abs=1e-9)
    assert found.bands == [1, 0, 0, 1, 0, 0, 1, 0, 0, 1]


def test_kr20_is_what_alpha_gives_for_right_or_wrong():
    """k/(k−1) · (1 − Σpq/σ²) with the variance of the population: ¾·¼ + ½·½ + ¼·¾ = 5/8 of 5/4."""
    assert figures_of(BY_HAND).alpha == EXACT(float(Fraction(3, 2) * (1 - Fraction(5, 8) / Fraction(5, 4))), abs=1e-9)
    assert not figures_of([(Fraction(1, 2), 1), (1, 1), (0, 0)]).forms[0].is_kr20


def test_skewness_and_kurtosis_are_the_k_statistics():
    """Of 1, 2, 3, 4, 10 by hand: mean 4, Σd² = 50, Σd³ = 180, Σd⁴ = 1394 → G1 = 1.6971, G2 = 3.152."""
    found = statistics_sums.spread({100: 1, 200: 1, 300: 1, 400: 1, 1000: 1})
    k2, k3 = Fraction(50, 4), Fraction(5 * 180, 4 * 3)
    k4 = Fraction(5 * (5 + 1) * 1394 - 3 * (5 - 1) * 50 * 50, (5 - 1) * (5 - 2) * (5 - 3))
    assert found["sd"] == EXACT(math.sqrt(k2), abs=1e-9)
    assert found["skewness"] == EXACT(float(k3) / float(k2) ** 1.5, abs=1e-9)
    assert found["kurtosis"] == EXACT(float(k4 / k2**2), abs=1e-9)
    assert statistics_sums.spread({})["mean"] is None
    assert statistics_sums.spread({500: 4})["skewness"] is None


# --- Against exact fractions ----------------------------------------------------------------------------------------
def covariance(xs, ys):
    n = len(xs)
    return (sum(x * y for x, y in zip(xs, ys, strict=True)) - Fraction(sum(xs) * sum(ys), n)) / (n - 1)


def by_the_book(papers):
    """The same figures from the definitions, item by item, with fractions and no shortcut."""
    papers = [[Fraction(round(Fraction(one) * UNIT), UNIT) for one in paper] for paper in papers]
    totals = [sum(paper) for paper in papers]
    items = [list(column) for column in zip(*papers, strict=True)]
    made = []
    for column in items:
        rest = [total - x for total, x in zip(totals, column, strict=True)]
        spread = covariance(column, column) * covariance(rest, rest)
        best = covariance(sorted(column), sorted(rest))
        made.append(
            {
                "facility": float(sum(column) / len(column)),
                "discrimination": float(covariance(column, rest)) / math.sqrt(spread) if spread else None,
                "efficiency": float(covariance(column, rest) / best) if best > 0 else None,
            }
        )
    k, whole = len(items), covariance(totals, totals)
    alpha = Fraction(k, k - 1) * (1 - sum(covariance(one, one) for one in items) / whole) if whole else None
    return made, None if alpha is None else float(alpha)


POINTS = st.sampled_from([0, 0, 1, 1, Fraction(1, 2), Fraction(1, 3)])
PAPERS = st.integers(2, 6).flatmap(lambda k: st.lists(st.tuples(*[POINTS] * k), min_size=3, max_size=25))


@given(PAPERS)
def test_every_figure_is_that_of_its_definition(papers):
    wanted, alpha = by_the_book(papers)
    found = figures_of(papers)
    for one, book in zip(found.items, wanted, strict=True):
        for name, value in book.items():
            got = getattr(one, name)
            assert (got is None) == (value is None), name
            assert value is None or got == EXACT(value, abs=1e-9), name
    assert (found.alpha is None) == (alpha is None)
    assert alpha is None or found.alpha == EXACT(alpha, abs=1e-9)


# --- What must always hold ------------------------------------------------------------------------------------------
@given(PAPERS)
def test_bounds(papers):
    found = figures_of(papers)
    for one in found.items:
        assert 0 <= one.facility <= 1
        assert one.discrimination is None or -1 <= one.discrimination <= 1
        assert one.efficiency is None or one.efficiency <= 1 + 1e-12
        assert one.weight is None or 0 <= one.weight <= 1
        assert sum(option.attempts for option in one.options) == len(papers)
    weights = [one.weight for one in found.items if one.weight is not None]
    assert not weights or sum(weights) == EXACT(1)
    assert found.alpha is None or found.alpha <= 1
    assert sum(found.bands) == len(papers) == found.attempts
    assert min(0, found.mean) == 0
    assert found.mean <= 100


@given(PAPERS, st.randoms())
def test_the_order_of_attempts_changes_nothing(papers, rng):
    groups = [list(rows) for rows in _grouped(papers)]
    rng.shuffle(groups)
    shuffled = measure((row for group in groups for row in group), pass_percent=80)
    assert _plain(shuffled) == _plain(figures_of(papers))


@given(PAPERS)
def test_counting_everybody_twice_keeps_what_are_shares(papers):
    once, twice = figures_of(papers), figures_of(papers * 2)
    for one, two in zip(once.items, twice.items, strict=True):
        assert two.facility == one.facility
        assert two.attempts == 2 * one.attempts
        for name in ("discrimination", "efficiency", "weight"):
            a, b = getattr(one, name), getattr(two, name)
            assert (a is None) == (b is None)
            assert a is None or a == EXACT(b, abs=1e-9)
    assert (twice.mean, twice.median) == (once.mean, once.median)
    assert once.alpha is None or twice.alpha == EXACT(once.alpha, abs=1e-9)


@given(PAPERS)
def test_mean_and_median_are_those_of_the_scores(papers):
    scores = [row.score / 100 for number, row in enumerate(rows_of(papers)) if number % len(papers[0]) == 0]
    found = figures_of(papers)
    assert found.mean == EXACT(mean(scores), abs=1e-9)
    assert found.median == EXACT(median(scores), abs=1e-9)


def _grouped(papers):
    found = {}
    for row in rows_of(papers):
        found.setdefault(row.attempt, []).append(row)
    return found.values()


def _plain(figures):
    """Without the order in which answers were met."""
    return (
        figures.bands,
        figures.forms,
        figures.mean,
        figures.skewness,
        [(i.question, i.discrimination, i.weight, sorted(i.options, key=lambda o: o.answer)) for i in figures.items],
    )


# --- Papers that differ, papers that end early ----------------------------------------------------------------------
def test_random_papers_have_figures_per_question_and_no_alpha():
    rng = random.Random(3)
    questions = [rng.sample(range(1, 40), 3) for _ in range(60)]
    papers = [[rng.randint(0, 1) for _ in range(3)] for _ in range(60)]
    found = figures_of(papers, questions=questions)
    assert (found.no_alpha, found.alpha, found.unsure) == (RANDOM, None, None)
    for one in found.items:
        points = [p for names, paper in zip(questions, papers, strict=True)
                  for q, p in zip(names, paper, strict=True) if q == one.question]  # fmt: skip
        assert (one.attempts, one.facility) == (len(points), EXACT(mean(points)))


def test_two_fixed_forms_each_have_their_own_alpha():
    rng = random.Random(5)
    papers = [tuple(rng.randint(0, 1) for _ in range(3)) for _ in range(80)]
    questions = [(1, 2, 3) if n < 40 else (3, 4, 5) for n in range(80)]
    found = figures_of(papers, questions=questions)
    alone = [figures_of(papers[:40]).alpha, figures_of(papers[40:]).alpha]
    assert [form.alpha for form in found.forms] == EXACT(alone)
    assert (found.no_alpha, found.alpha) == (RANDOM, None)


def test_the_same_questions_in_another_order_are_the_same_form():
    found = figures_of([(1, 0), (0, 1), (1, 1), (0, 0)], questions=[(1, 2), (2, 1), (1, 2), (2, 1)])
    assert found.no_alpha == ""
    assert found.forms[0].attempts == 4


def test_what_was_not_reached_counts_for_nothing_where_attempts_end_early():
    found = figures_of([(1, 0), (1, 1)], answers=[[["a"], []], [["a"], ["b"]]], skip_blank=True)
    assert [(one.attempts, one.facility) for one in found.items] == [(2, 1.0), (1, 1.0)]
    assert found.no_alpha == MASTERY


def test_too_few_and_a_question_that_is_gone():
    assert figures_of([(1, 0)]).no_alpha == TOO_FEW
    assert measure([], pass_percent=80).items == []
    found = figures_of([(1, 0), (0, 1), (1, 1)], questions=[(None, 2)] * 3)
    assert [one.question for one in found.items] == [2]
    assert found.items[0].discrimination == figures_of([(1, 0), (0, 1), (1, 1)]).items[1].discrimination


# --- Answers and alerts ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("response", "answers"),
    [
        (["a"], ["a"]),
        (["a", "c"], ["a", "c"]),
        ("Hà Nội", ["Hà Nội"]),
        ({"x": "2"}, ["x=2"]),
        ({"p1": ["a", "b"], "p2": {"x": "1"}}, ["p1=a", "p1=b", "p2=x=1"]),
        ([], []),
        ("", []),
        ({}, []),
    ],
)
def test_a_response_told_in_single_answers(response, answers):
    assert told(response) == answers


def hundred(first, *, rest):
    """A hundred papers of two items: who answers the first with what, and how well those do in the other."""
    papers, answers = [], []
    for answer, times in first.items():
        for n in range(times):
            papers.append((int(answer == "a"), int(n < times * rest[answer])))
            answers.append([[answer], ["a"]])
    return papers, answers


FOUR = {1: Asked(("a", "b", "c", "d"), frozenset("a"))}


@pytest.mark.parametrize(
    ("first", "rest", "codes"),
    [
        ({"a": 60, "b": 25, "c": 15}, {"a": 0.9, "b": 0.2, "c": 0.2}, ["dead_option"]),
        (
            {"a": 20, "b": 60, "c": 20},
            {"a": 0.2, "b": 0.9, "c": 0.2},
            ["wrong_key", "strong_distractor", "too_hard", "dead_option"],
        ),
        ({"a": 95, "b": 5}, {"a": 0.9, "b": 0.0}, ["too_easy"]),
        ({"a": 60, "b": 20, "c": 14, "d": 6}, {"a": 0.6, "b": 0.5, "c": 0.5, "d": 0.5}, ["weak"]),
        ({"a": 60, "b": 20, "c": 14, "d": 6}, {"a": 0.9, "b": 0.3, "c": 0.3, "d": 0.3}, []),
    ],
)
def test_alerts_of_a_question(first, rest, codes):
    papers, answers = hundred(first, rest=rest)
    item = figures_of(papers, answers=answers, asked=FOUR).items[0]
    assert [alert.code for alert in item.alerts] == codes
    assert [one.answer for one in item.options] == list("abcd")
    assert {one.answer: one.attempts for one in item.options if one.attempts} == first
    for one in item.options:
        if one.attempts:
            good = math.ceil(one.attempts * rest[one.answer])
            assert one.mean_rest == EXACT(100 * good / one.attempts)


def test_no_alert_below_a_hundred_attempts():
    papers, answers = hundred({"a": 20, "b": 60, "c": 20}, rest={"a": 0.2, "b": 0.9, "c": 0.2})
    assert len(papers) == SURE
    assert figures_of(papers[:-1], answers=answers[:-1], asked=FOUR).items[0].alerts == []


def test_written_answers_are_counted_by_what_they_say():
    answers = [["Hà Nội"], ["hà  nội "], ["Huế"], [""]]
    found = figures_of([(1,), (1,), (0,), (0,)], answers=answers, asked={1: Asked(written=True)})
    options = [(one.answer, one.attempts, one.is_right) for one in found.items[0].options]
    assert options == [("hà nội", 2, True), ("", 1, False), ("huế", 1, False)]


def test_memory_does_not_grow_with_attempts(monkeypatch):
    """Of a thousand different written answers a few hundred are told apart; the rest is counted."""
    monkeypatch.setattr(statistics, "MOST_ANSWERS", 200)
    measuring = statistics.Measuring({1: Asked(written=True)}, pass_percent=80)
    for number in range(1000):
        measuring.add([Row(number, 1, 0, json.dumps(f"câu {number}"), 0), Row(number, 2, UNIT, '["a"]', 0)])
    item = measuring.figures().items[0]
    assert (item.attempts, item.other_answers, len(item.options)) == (1000, 800, statistics.WRITTEN_SHOWN)
    assert len(measuring._items[1].pairs) == 1
