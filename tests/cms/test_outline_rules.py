"""Arranging an outline, without pages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.outline.rules import Line, block_of, displaced, moved, token_of

# 1 stands before all modules; 10 and 20 are headings.
ORDER, HEADINGS = [1, 10, 2, 3, 20, 4], {10, 20}


@pytest.mark.parametrize(
    ("page", "direction", "expected"),
    [
        (3, "up", [1, 10, 3, 2, 20, 4]),
        (3, "down", [1, 10, 2, 20, 3, 4]),  # past a heading: into the next module
        (2, "up", [1, 2, 10, 3, 20, 4]),
        (1, "up", ORDER),
        (4, "down", ORDER),
        (20, "up", [1, 20, 4, 10, 2, 3]),  # a module goes with what it holds, past a whole module
        (10, "down", [1, 20, 4, 10, 2, 3]),
        (10, "up", [10, 2, 3, 1, 20, 4]),
        (20, "down", ORDER),
        (2, "sideways", ORDER),
    ],
)
def test_one_place_up_or_down(page, direction, expected):
    assert moved(ORDER, page, direction, HEADINGS) == expected


orders = st.lists(st.integers(1, 40), unique=True, min_size=1, max_size=25)


@given(orders, st.data())
def test_no_move_loses_a_page_and_the_way_back_is_open(order, data):
    headings = data.draw(st.sets(st.sampled_from(order)))
    page = data.draw(st.sampled_from(order))
    up = moved(order, page, "up", headings)
    assert sorted(up) == sorted(order)
    if up != order and page not in headings:
        assert moved(up, page, "down", headings) == order


@given(orders, st.data())
def test_a_module_keeps_its_lessons_wherever_it_goes(order, data):
    headings = data.draw(st.sets(st.sampled_from(order), min_size=1))
    page = data.draw(st.sampled_from(sorted(headings)))
    after = moved(order, page, data.draw(st.sampled_from(["up", "down"])), headings)
    block = order[block_of(order, page, headings)]
    at = after.index(page)
    assert after[at : at + len(block)] == block


@given(orders, st.randoms(use_true_random=False))
def test_the_fewest_moves_lead_from_one_order_to_the_other(before, random):
    after = random.sample(before, len(before))
    went = displaced(before, after)
    assert [page for page in after if page not in went] == [page for page in before if page not in went]
    assert bool(went) == (before != after)


def test_one_lesson_to_the_end_is_one_move():
    assert displaced(list(range(200)), [*range(1, 200), 0]) == [0]


@pytest.mark.parametrize(
    "other",
    [
        ([Line(2, True, "marked"), Line(1)], {2}),
        ([Line(1), Line(2, False, "marked")], {2}),
        ([Line(1), Line(2, True, "opened")], {2}),
        ([Line(1), Line(2, True, "marked")], {1, 2}),
        ([Line(2, True, "marked")], {2}),
    ],
)
def test_the_token_tells_every_state_from_another(other):
    state = [Line(1), Line(2, True, "marked")]
    assert token_of(state, {2}) == token_of(tuple(state), frozenset({2}))
    assert token_of(state, {2}) != token_of(*other)
