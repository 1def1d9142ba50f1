"""Drawing and grading are pure: whatever the paper and the answers, some things always hold."""

from __future__ import annotations

import copy
from decimal import Decimal
from fractions import Fraction
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.grading import answer_problem, frozen, grade, mastered_at, mastery_grade, tidied
from quizzes.kinds import KINDS as ALL_KINDS

MULTIPLE, TRUE_FALSE = "multiple", "true_false"
KINDS = st.sampled_from(["single", "multiple", "true_false"])


def item(kind, right="a", count=4):
    return {
        "kind": kind,
        "options": [{"key": k, "text": k.upper(), "correct": k in right} for k in "abcdefgh"[:count]],
    }


def right_of(one):
    return ALL_KINDS[one["kind"]].right(one)


@st.composite
def items(draw):
    kind = draw(KINDS)
    if kind == MULTIPLE:
        count = draw(st.integers(3, 6))
        right = draw(st.sets(st.sampled_from("abcdef"[:count]), min_size=2, max_size=count - 1))
        return item(kind, right, count)
    count = 2 if kind == TRUE_FALSE else draw(st.integers(2, 6))
    return item(kind, draw(st.sampled_from("abcdef"[:count])), count)


@st.composite
def papers_and_answers(draw):
    paper = draw(st.lists(items(), min_size=1, max_size=12))
    answers = {}
    for position, one in enumerate(paper, start=1):
        keys = [o["key"] for o in one["options"]]
        if draw(st.booleans()):
            answers[position] = draw(st.lists(st.sampled_from(keys), max_size=4))
    return paper, answers


@pytest.mark.parametrize(
    ("kind", "right", "chosen", "points"),
    [
        ("single", "b", ["b"], 1),
        ("single", "b", ["a"], 0),
        ("single", "b", [], 0),
        ("true_false", "a", ["a"], 1),
        ("true_false", "a", ["b"], 0),
        ("multiple", "ac", ["c", "a"], 1),
        ("multiple", "ac", ["a"], 0),
        ("multiple", "ac", ["a", "b", "c"], 0),
        ("multiple", "ac", ["b", "d"], 0),
        ("multiple", "ac", [], 0),
        ("multiple", "ac", ["a", "a", "c"], 1),
    ],
)
def test_points_of_one_question(kind, right, chosen, points):
    assert grade([item(kind, right)], {1: chosen}, pass_percent=80).points == (points,)


@pytest.mark.parametrize(
    ("right", "total", "pass_percent", "score", "passed"),
    [
        (8, 10, 80, "80.00", True),
        (7, 10, 80, "70.00", False),
        (2, 3, 67, "66.66", False),
        (2, 3, 66, "66.66", True),
        (0, 3, 0, "0.00", True),
        (3, 3, 100, "100.00", True),
        (0, 0, 0, "0.00", False),
    ],
)
def test_score_and_pass_mark(right, total, pass_percent, score, passed):
    paper = [item("single")] * total
    result = grade(paper, {n: ["a"] for n in range(1, right + 1)}, pass_percent=pass_percent)
    assert (result.score, result.passed, result.right) == (Decimal(score), passed, right)


@given(papers_and_answers(), st.integers(0, 100))
def test_grade_stays_in_bounds_and_score_agrees_with_the_verdict(made, pass_percent):
    paper, answers = made
    result = grade(paper, answers, pass_percent=pass_percent)
    assert len(result.points) == len(paper)
    assert all(0 <= p <= 1 for p in result.points)
    assert 0 <= result.score <= 100
    assert result.passed == (result.score >= pass_percent)


@given(papers_and_answers())
def test_grade_cares_for_neither_order_nor_repetition_of_choices(made):
    paper, answers = made
    turned = {position: list(reversed(chosen)) + chosen for position, chosen in answers.items()}
    assert grade(paper, answers, pass_percent=50) == grade(paper, tidied(paper, turned), pass_percent=50)


@given(papers_and_answers(), st.integers(0, 99))
def test_correcting_one_answer_never_lowers_the_score(made, place):
    paper, answers = made
    position = place % len(paper) + 1
    better = {**answers, position: right_of(paper[position - 1])}
    assert grade(paper, better, pass_percent=80).score >= grade(paper, answers, pass_percent=80).score


@given(papers_and_answers())
def test_all_right_is_a_hundred_and_nothing_is_zero(made):
    paper, _ = made
    full = {position: right_of(one) for position, one in enumerate(paper, start=1)}
    assert grade(paper, full, pass_percent=100).score == 100
    assert grade(paper, {}, pass_percent=1).score == 0


def question(pk, kind="single"):
    texts = ["Sai", "Đúng"] if kind == TRUE_FALSE else ["Một", "Hai", "Ba", "Bốn"]
    options = [{"key": k, "text": t, "correct": k == "a"} for k, t in zip("abcd", texts, strict=False)]
    content = {"kind": kind, "text": f"Câu {pk}?", "options": options, "settings": {}, "explanation": "Vì."}
    return SimpleNamespace(pk=pk, version=3, content=content)


@given(KINDS, st.integers(), st.booleans())
def test_a_frozen_question_keeps_what_keys_mean_and_is_a_copy(kind, seed, shuffle):
    source = question(7, kind)
    before = copy.deepcopy(source)
    one = frozen(source, rng=Random(seed), shuffle=shuffle, section=2)
    assert sorted(one["options"], key=lambda o: o["key"]) == source.content["options"]
    assert (one["question"], one["version"], one["section"]) == (7, 3, 2)
    assert (one["text"], one["explanation"]) == (source.content["text"], "Vì.")
    if kind == TRUE_FALSE:
        assert [o["text"] for o in one["options"]] == ["Đúng", "Sai"]
    elif not shuffle:
        assert one["options"] == source.content["options"]
    one["options"][0]["text"] = "đổi"
    assert source == before, "a paper is a copy"


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({}, ""),
        ({1: ["a"], 2: ["a", "b"]}, ""),
        ({1: []}, ""),
        ({0: ["a"]}, "unknown_question"),
        ({3: ["a"]}, "unknown_question"),
        ({-1: ["a"]}, "unknown_question"),
        ({1: ["z"]}, "unknown_option"),
        ({2: ["a", "z"]}, "unknown_option"),
        ({1: ["a", "b"]}, "too_many_options"),
        ({1: ["a", "a"]}, ""),
    ],
)
def test_answers_that_do_not_fit_the_paper(answers, problem):
    assert answer_problem([item("single"), item("multiple", "ab")], answers) == problem


# --- Sections, points by hand, mastery ------------------------------------------------------------------------------


def test_every_section_with_a_mark_of_its_own_must_reach_it():
    paper = [item("single") | {"section": n // 2} for n in range(6)]
    answers = {n: ["a"] for n in (1, 2, 3, 5)}
    sections = [{"title": "Một", "pass_percent": 100}, {"title": "Hai", "pass_percent": 60}, {"title": "Ba"}]
    result = grade(paper, answers, pass_percent=60, sections=sections)
    assert [(part.title, part.score, part.passed) for part in result.sections] == [
        ("Một", 100, True), ("Hai", 50, False), ("Ba", 50, True)
    ]  # fmt: skip
    assert (result.score, result.passed) == (Decimal("66.66"), False)
    sections[1]["pass_percent"] = 50
    assert grade(paper, answers, pass_percent=60, sections=sections).passed


def test_a_paper_waits_until_a_person_has_graded_what_only_a_person_can():
    paper = [item("single"), {"kind": "essay", "settings": {"rubric": []}}]
    answers = {1: ["a"], 2: "Bài viết."}
    waiting = grade(paper, answers, pass_percent=60)
    assert (waiting.points, waiting.score, waiting.passed, waiting.waits) == ((1, None), None, None, True)
    graded = grade(paper, answers, pass_percent=60, marks={2: Fraction(1, 4)})
    assert (graded.score, graded.passed, graded.waits) == (Decimal("62.50"), True, False)


@pytest.mark.parametrize(
    ("marks", "needed", "of", "end", "score", "passed"),
    [
        ("1111", 4, 5, 4, "100.00", True),
        ("10111", 4, 5, 5, "100.00", True),
        ("100111", 4, 5, None, "75.00", False),
        ("0000011110", 4, 5, 9, "100.00", True),
        ("1", 1, 1, 1, "100.00", True),
        ("", 1, 1, None, "0.00", False),
        ("110", 3, 3, None, "66.66", False),
    ],
)
def test_mastery_is_so_many_right_among_the_last_so_many(marks, needed, of, end, score, passed):
    points = [Fraction(int(mark)) for mark in marks]
    assert mastered_at(points, needed, of) == end
    assert mastery_grade(points, needed, of) == (Decimal(score), passed)


@given(st.lists(st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(1)]), max_size=20), st.integers(1, 6), st.data())
def test_mastery_agrees_with_itself_and_more_right_answers_never_undo_it(points, needed, data):
    of = data.draw(st.integers(needed, 8))
    score, passed = mastery_grade(points, needed, of)
    assert passed == (score == 100) == (mastered_at(points, needed, of) is not None)
    assert mastery_grade([*points, Fraction(1)], needed, of)[0] >= score
