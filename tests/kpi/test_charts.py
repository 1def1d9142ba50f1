"""Geometry of charts: everything inside the canvas, nothing invented."""

from __future__ import annotations

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi import charts

values = st.lists(st.none() | st.integers(0, 10**7), min_size=12, max_size=12)


@pytest.mark.parametrize(("highest", "top"), [(0, 4), (4, 4), (5, 8), (9, 12), (13, 20), (21, 40), (999, 1200)])
def test_scale(highest, top):
    assert charts.top_of_scale(highest) == top


@given(st.integers(0, 10**9))
def test_a_scale_holds_its_values_and_has_whole_quarters(highest):
    top = charts.top_of_scale(highest)
    assert highest <= top
    assert top % 4 == 0
    assert top <= max(4, 2 * highest)


@given(values, values)
def test_lines_stay_inside_and_skip_what_is_not_known(one, other):
    chart = charts.line_chart([("a", "now", one), ("b", "before", other)], [f"T{n}" for n in range(1, 13)])
    for line, row in zip(chart.lines, (one, other), strict=True):
        points = [point for piece in line.pieces for point in piece.split()]
        assert len(points) == sum(value is not None for value in row)
        for point in points:
            x, y = map(float, point.split(","))
            assert chart.left <= x <= chart.right
            assert 0 <= y <= chart.bottom
        assert (line.end is None) == (not points)


def test_a_gap_breaks_a_line():
    chart = charts.line_chart([("a", "now", [1, None, 2])], ["1", "2", "3"])
    assert len(chart.lines[0].pieces) == 2


def test_numbers_are_written_with_a_point():
    assert [charts.at(value) for value in (1, 1.25, 0.0)] == ["1", "1.2", "0"]


places = st.lists(st.tuples(st.floats(8, 23), st.floats(102, 110), st.integers(0, 10**6), st.just("x")), max_size=40)


@given(places)
def test_bubbles_stay_on_the_map(points):
    drawn = charts.bubble_map(points)
    assert len(drawn.bubbles) == len(points)
    for bubble in drawn.bubbles:
        assert -0.1 <= float(bubble.x) <= drawn.width + 0.1
        assert -0.1 <= float(bubble.y) <= drawn.height + 0.1
        assert charts.SMALLEST <= float(bubble.r) <= charts.LARGEST


def test_north_is_up_and_the_area_follows_the_size():
    north, south = (21.5, 106.0, 400, "north"), (21.0, 106.4, 100, "south")
    first, second = charts.bubble_map([north, south]).bubbles
    assert (first.item, second.item) == ("north", "south"), "in the order given: what comes later lies on top"
    assert float(first.y) < float(second.y)
    assert float(first.x) < float(second.x)
    assert isclose(float(first.r) / float(second.r), 2)


@pytest.mark.parametrize(("part", "whole", "said"), [(1, 4, "25%"), (5, 4, "100%"), (0, 0, "0%"), (1, 3, "33.3%")])
def test_share(part, whole, said):
    assert charts.share(part, whole) == said
