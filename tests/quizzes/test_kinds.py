"""Every kind of question: what it accepts of an author, what it reads of a form, what it earns."""

from __future__ import annotations

import copy
from fractions import Fraction
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.grading import answer_problem, digest, frozen, points_of, response_read, tidy
from quizzes.kinds import KINDS
from quizzes.kinds.numbers import readings
from quizzes.kinds.written import rubric_points
from quizzes.questions import content_normal, content_problems, fingerprint
from tests.factories.samples import SAMPLES

BY_RULE = sorted(set(SAMPLES) - {"essay"})


def item_of(content, seed=3):
    question = SimpleNamespace(pk=1, version=1, content=content_normal(content))
    return frozen(question, rng=Random(seed))


def changed(kind, **settings):
    sample = copy.deepcopy(SAMPLES[kind])
    sample["settings"] = {**sample.get("settings", {}), **settings}
    return sample


def test_there_is_a_sample_of_every_kind():
    assert set(SAMPLES) == set(KINDS)


# --- What an author gives -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", SAMPLES)
def test_a_sample_is_usable_and_its_stored_form_stays_as_it_is(kind):
    assert content_problems(SAMPLES[kind]) == []
    once = content_normal(SAMPLES[kind])
    assert content_problems(once) == []
    assert content_normal(once) == once


@pytest.mark.parametrize(
    ("content", "field", "words"),
    [
        ({"kind": "puzzle", "text": "?"}, "kind", "phải là một trong"),
        (SAMPLES["single"] | {"text": " "}, "text", "chưa có nội dung"),
        (SAMPLES["single"] | {"text": "a" * 9000}, "text", "dài quá"),
        (SAMPLES["single"] | {"source": {"url": "javascript:alert(1)"}}, "source", "https://"),
        (SAMPLES["single"] | {"source": {"url": "https://["}}, "source", "https://"),
        (SAMPLES["single"] | {"media": [{"file": "x", "alt": ""}]}, "media", "lời mô tả"),
        (SAMPLES["single"] | {"settings": "x"}, "settings", "tên và giá trị"),
        (SAMPLES["single"] | {"options": SAMPLES["multiple"]["options"]}, "options", "đúng một đáp án đúng"),
        (SAMPLES["multiple"] | {"options": SAMPLES["single"]["options"]}, "options", "ít nhất hai đáp án đúng"),
        (changed("multiple", credit="much"), "settings", "credit"),
        (changed("short_text", accepted=[]), "settings", "chưa có đáp án"),
        (changed("short_text", accepted=[{"text": "a", "weight": "0"}]), "settings", "chưa có đáp án nào được điểm"),
        (changed("short_text", accepted=[{"text": "a", "weight": "1000"}]), "settings", "-100 đến 100"),
        (changed("short_text", accepted=[{"text": "a", "weight": "1E-9999999"}]), "settings", "-100 đến 100"),
        (changed("numeric", accepted=[{"value": "bốn"}]), "settings", "phải là một số"),
        (changed("numeric", accepted=[{"value": "4", "tolerance": "-1"}]), "settings", "sai số"),
        (changed("numeric", accepted=[{"value": "NaN"}]), "settings", "phải là một số"),
        (changed("matching", pairs=[{"left": "a", "right": "r1"}]), "settings", "từ 2 đến"),
        (changed("matching", choices=[{"key": "r1", "text": "x"}]), "settings", "vế phải của mình"),
        (SAMPLES["ordering"] | {"options": [{"text": "một"}]}, "options", "từ 2 đến"),
        (SAMPLES["blanks"] | {"text": "không có chỗ trống"}, "text", "không khớp"),
        (SAMPLES["blanks"] | {"text": "[[1]] [[2]] [[3]] [[3]]"}, "text", "không khớp"),
        (changed("blanks", gaps=[]), "settings", "[[1]]"),
        (SAMPLES["hotspot"] | {"media": []}, "media", "cần một hình"),
        (SAMPLES["hotspot"] | {"options": SAMPLES["single"]["options"]}, "options", "phần trăm"),
        (changed("scenario", parts=[{"kind": "essay", "text": "x"}]), "settings", "loại câu"),
        (changed("scenario", parts=[SAMPLES["single"] | {"options": []}]), "settings", "câu 1: chưa có đáp án"),
        (changed("essay", rubric=[]), "settings", "tiêu chí"),
        (changed("essay", rubric=[{"title": "x", "levels": [{"points": 1}]}]), "settings", "hai mức"),
        (changed("essay", rubric=[{"title": "x", "levels": [{"points": 0}, {"points": 0}]}]), "settings", "được điểm"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(content, field, words):
    problems = content_problems(content)
    assert any(where == field and words in what for where, what in problems), problems


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
                        ["text", "key", "correct", "pairs", "choices", "gaps", "parts", "accepted", "rubric", "levels",
                         "kind", "weight", "left", "right", "value", "points", "title"]), inner, max_size=4),
                    max_leaves=25),
       st.sampled_from(sorted(KINDS)), st.text(max_size=30))  # fmt: skip
def test_whatever_an_author_sends_is_judged_and_never_breaks(value, kind, text):
    for content in (
        {"kind": kind, "text": text, "options": value},
        {"kind": kind, "text": text, "settings": value},
        {**SAMPLES[kind], "settings": value},
        {**SAMPLES[kind], "options": value},
    ):
        if not content_problems(content):
            assert content_problems(content_normal(content)) == []


def test_the_same_question_has_the_same_fingerprint_whatever_its_dress():
    sample = content_normal(SAMPLES["single"])
    dressed = {**sample, "text": sample["text"].upper() + "  ", "options": list(reversed(sample["options"]))}
    other = {**sample, "options": sample["options"][:2]}
    assert fingerprint(dressed) == fingerprint(sample) != fingerprint(other)
    assert len({fingerprint(content_normal(one)) for one in SAMPLES.values()}) == len(SAMPLES)


# --- What earns what ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", BY_RULE)
@pytest.mark.parametrize("seed", range(4))
def test_the_right_answer_earns_the_point_and_none_earns_nothing(kind, seed):
    item = item_of(SAMPLES[kind], seed)
    right = KINDS[kind].right(item)
    assert answer_problem([item], {1: right}) == ""
    assert points_of(item, tidy(item, right)) == 1
    assert points_of(item, KINDS[kind].blank) == points_of(item, None) == 0


def test_an_essay_waits_for_a_person_unless_it_is_empty():
    item = item_of(SAMPLES["essay"])
    assert points_of(item, "Cháu chào bác.") is None
    assert points_of(item, "") == 0
    settings = item["settings"]
    assert rubric_points(settings, {"t1": "m2", "t2": "m1"}) == Fraction(3, 4)
    assert rubric_points(settings, {"t1": "m2"}) is None
    assert rubric_points(settings, {"t1": "m2", "t2": "m9"}) is None


@pytest.mark.parametrize(
    ("kind", "settings", "response", "points"),
    [
        ("multiple", {}, ["a"], Fraction(1, 2)),
        ("multiple", {}, ["a", "c"], 0),
        ("multiple", {}, ["a", "b", "c"], Fraction(1, 2)),
        ("multiple", {}, ["a", "b", "c", "d"], 0),
        ("multiple", {"credit": "all"}, ["a"], 0),
        ("short_text", {}, "  vneid ", 1),
        ("short_text", {}, "thẻ ĐỊNH DANH điện tử", Fraction(1, 2)),
        ("short_text", {}, "the dinh danh", Fraction(1, 2)),
        ("short_text", {}, "VNelD", 0),
        ("short_text", {"fold_case": False, "fold_accents": False}, "vneid", 0),
        ("short_text", {"fold_accents": False}, "thẻ dinh danh", 0),
        ("short_text", {"accepted": [{"text": "5\\*"}]}, "5*", 1),
        ("short_text", {"accepted": [{"text": "5\\*"}]}, "55", 0),
        ("short_text", {"accepted": [{"text": "mã * số"}]}, "mã định danh số", 1),
        ("short_text", {"accepted": [{"text": "a.c"}]}, "abc", 0),
        ("numeric", {}, "45", 1),
        ("numeric", {}, "45,5", 1),
        ("numeric", {}, "45.5 nghìn đồng", 1),
        ("numeric", {}, "45,51", 0),
        ("numeric", {}, "bốn mươi lăm", 0),
        ("numeric", {"accepted": [{"value": "1234"}]}, "1.234", 1),
        ("numeric", {"accepted": [{"value": "1.234"}]}, "1.234", 1),
        ("numeric", {"accepted": [{"value": "-2"}]}, "−2", 1),
        ("matching", {}, {"a": "r1", "b": "r3"}, Fraction(1, 3)),
        ("matching", {"credit": "all"}, {"a": "r1", "b": "r2"}, 0),
        ("ordering", {}, {"a": "1", "b": "3", "c": "2"}, Fraction(1, 3)),
        ("ordering", {}, {"a": "1", "b": "1", "c": "1"}, 0),
        ("ordering", {}, {"a": "1"}, Fraction(1, 3)),
        ("ordering", {"credit": "all"}, {"a": "1", "b": "2"}, 0),
        ("blanks", {}, {"1": "114", "2": "MƯỜI HAI"}, Fraction(2, 3)),
        ("blanks", {"credit": "all"}, {"1": "114", "2": "12"}, 0),
        ("hotspot", {}, ["b"], 0),
        ("scenario", {}, {"p1": ["b"], "p3": "Giả mạo"}, Fraction(2, 3)),
    ],
)
def test_points_of_a_partly_right_answer(kind, settings, response, points):
    item = item_of(changed(kind, **settings))
    assert answer_problem([item], {1: response}) == ""
    assert points_of(item, tidy(item, response)) == points


def test_weights_of_options_count_where_an_author_gives_them():
    content = copy.deepcopy(SAMPLES["multiple"])
    for option, weight in zip(content["options"], ("75", "25", "-50", 0), strict=True):
        option["weight"] = weight
    item = item_of(content)
    assert [points_of(item, keys) for keys in (["a", "b"], ["a", "c"], ["c"], ["a", "d"])] == [
        1, Fraction(1, 4), 0, Fraction(3, 4)
    ]  # fmt: skip


RESPONSES = {
    "single": st.sampled_from(["a", "b", "c"]).map(lambda key: [key]),
    "true_false": st.sampled_from(["a", "b"]).map(lambda key: [key]),
    "multiple": st.lists(st.sampled_from("abcd"), unique=True),
    "hotspot": st.sampled_from(["a", "b"]).map(lambda key: [key]),
    "short_text": st.text(max_size=20) | st.sampled_from(["VNeID", "dinh danh"]),
    "numeric": st.text(max_size=12) | st.decimals(-1000, 1000, places=2).map(str),
    "matching": st.dictionaries(st.sampled_from("abc"), st.sampled_from(["r1", "r2", "r3", "r4"])),
    "ordering": st.dictionaries(st.sampled_from("abc"), st.sampled_from("123")),
    "blanks": st.fixed_dictionaries(
        {}, optional={"1": st.sampled_from(["114", "x"]), "2": st.text(), "3": st.sampled_from("ab")}
    ),
}
RESPONSES["scenario"] = st.fixed_dictionaries(
    {}, optional={"p1": RESPONSES["true_false"], "p2": st.lists(st.sampled_from("abc"), unique=True), "p3": st.text()}
)


@pytest.mark.parametrize("kind", BY_RULE)
@given(data=st.data(), seeds=st.tuples(st.integers(0, 99), st.integers(0, 99)))
def test_points_stay_in_bounds_and_do_not_care_how_options_are_arranged(kind, data, seeds):
    response = data.draw(RESPONSES[kind])
    first, second = (item_of(SAMPLES[kind], seed) for seed in seeds)
    assert answer_problem([first], {1: response}) == ""
    points = points_of(first, tidy(first, response))
    assert 0 <= points <= 1
    assert points_of(second, tidy(second, response)) == points


@pytest.mark.parametrize("kind", ["multiple", "matching", "ordering", "blanks", "scenario"])
@given(data=st.data())
def test_one_more_right_part_never_costs_points(kind, data):
    item = item_of(SAMPLES[kind])
    response, right = data.draw(RESPONSES[kind]), KINDS[kind].right(item)
    if kind == "multiple":
        better = [*response, data.draw(st.sampled_from(right))]
    else:
        key = data.draw(st.sampled_from(sorted(right)))
        # In an order, taking a place away from whoever has it is part of putting one right.
        kept = {k: v for k, v in response.items() if kind != "ordering" or v != right[key]}
        better = {**kept, key: right[key]}
    assert points_of(item, tidy(item, better)) >= points_of(item, tidy(item, response))


# --- What a form sends ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "fields", "response"),
    [
        ("single", {"c3": ["b"]}, ["b"]),
        ("single", {}, None),
        ("multiple", {}, []),
        ("multiple", {"c3": ["a", "b"]}, ["a", "b"]),
        ("short_text", {"c3": [" VNeID "]}, " VNeID "),
        ("short_text", {}, None),
        ("matching", {"c3.a": ["r1"], "c3.b": [""], "c4.a": ["r2"]}, {"a": "r1"}),
        ("ordering", {"c3.b": ["1"]}, {"b": "1"}),
        ("blanks", {"c3.1": ["114 "]}, {"1": "114"}),
        ("scenario", {"c3.p1": ["b"], "c3.p3": ["giả mạo"]}, {"p1": ["b"], "p2": [], "p3": "giả mạo"}),
    ],
)
def test_a_form_is_read_by_the_names_of_its_question(kind, fields, response):
    assert response_read(item_of(SAMPLES[kind]), fields, "c3") == response


@pytest.mark.parametrize(
    ("kind", "response", "code"),
    [
        ("single", ["z"], "unknown_option"),
        ("single", "a", "wrong_shape"),
        ("single", [["a"]], "wrong_shape"),
        ("single", ["a", "b"], "too_many_options"),
        ("hotspot", ["a", "b"], "too_many_options"),
        ("short_text", ["x"], "wrong_shape"),
        ("short_text", "x" * 10_001, "wrong_shape"),
        ("numeric", None, "wrong_shape"),
        ("essay", {"x": 1}, "wrong_shape"),
        ("matching", {"z": "r1"}, "unknown_option"),
        ("matching", {"a": "r9"}, "unknown_option"),
        ("matching", {"a": ["r1"]}, "unknown_option"),
        ("matching", ["r1"], "unknown_option"),
        ("ordering", {"a": "4"}, "unknown_option"),
        ("blanks", {"9": "x"}, "unknown_option"),
        ("blanks", {"3": "z"}, "unknown_option"),
        ("blanks", {"1": ["114"]}, "wrong_shape"),
        ("scenario", {"p9": ["a"]}, "unknown_option"),
        ("scenario", {"p1": ["z"]}, "unknown_option"),
    ],
)
def test_a_response_that_the_question_cannot_have_is_told_by_a_code(kind, response, code):
    assert answer_problem([item_of(SAMPLES[kind])], {1: response}) == code


def test_the_digest_of_a_page_knows_an_unchanged_answer():
    assert digest({"a": "1", "b": "2"}) == digest({"b": "2", "a": "1"}) != digest({"a": "1"})
    assert digest([]) == digest("") == digest({}) == digest(None)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1.234,5", {"1234.5"}), ("1,5", {"1.5"}), ("3.14", {"3.14"}), ("1.234", {"1234", "1.234"}),
        ("0.125", {"0.125"}), ("1 200", {"1200"}), ("1,234,567", {"1234567"}), ("−2,5", {"-2.5"}), ("+7", {"7"}),
        ("12 triệu", {"12"}), ("1.2.3", set()), ("", set()), ("abc", set()), ("1,5,5", set()), ("٣", set()),
        ("1.23,45,6", set()), ("9" * 400, set()),
    ],
)  # fmt: skip
def test_numbers_as_people_type_them(text, numbers):
    assert {str(number) for number in readings(text, "triệu")} == numbers
