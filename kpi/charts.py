"""Geometry of charts: numbers in, places on an SVG canvas out. Pure; templates only draw.

Every coordinate is a string with a point, so that no locale writes it with a comma.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import cos, radians, sqrt

from common.text import vi_number


def at(value: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def top_of_scale(highest: float) -> int:
    """The end of an axis: the first of 4, 8, 12 and 20 × 10^n that holds the highest value; its quarters are whole."""
    power = 1
    while True:
        for step in (4, 8, 12, 20):
            if step * power >= highest:
                return step * power
        power *= 10


@dataclass(frozen=True)
class Tick:
    """A line of the scale with its number."""

    y: str
    label: str


@dataclass(frozen=True)
class Label:
    """A word on the horizontal axis."""

    x: str
    text: str


@dataclass(frozen=True)
class Line:
    """A series as unbroken pieces; ``end`` is its last point, empty without any value. ``kind`` names its look."""

    name: str
    kind: str
    pieces: list[str]
    end: tuple[str, str] | None = None
    last: float | None = None


@dataclass(frozen=True)
class LineChart:
    """A chart of lines over the months of a year."""

    width: int
    height: int
    left: int
    right: int
    bottom: int
    ticks: list[Tick]
    labels: list[Label]
    lines: list[Line] = field(default_factory=list)


#: Room for the scale on the left, half the name of a month on the right, names below, and half a number above.
LEFT, RIGHT, BELOW, ABOVE = 56, 24, 26, 12
#: Width of a digit where letters are largest, on a phone: long numbers of the scale take more room.
DIGIT = 12


def line_chart(
    series: Sequence[tuple[str, str, Sequence[float | None]]],
    labels: Sequence[str],
    *,
    width: int = 640,
    height: int = 280,
) -> LineChart:
    """``series``: name, look and a value for each label; None leaves a gap and is never drawn as zero."""
    values = [value for _, _, row in series for value in row if value is not None]
    top = top_of_scale(max(values, default=0))
    left = max(LEFT, DIGIT * len(vi_number(top)) + 12)
    right, bottom = width - RIGHT, height - BELOW
    step = (right - left) / max(1, len(labels) - 1)

    def place(index: int, value: float) -> tuple[str, str]:
        return at(left + index * step), at(bottom - (bottom - ABOVE) * min(value, top) / top)

    lines = []
    for name, kind, row in series:
        spots = [None if value is None else place(index, value) for index, value in enumerate(row)]
        pieces = [" ".join(",".join(spot) for spot in run if spot) for there, run in groupby(spots, bool) if there]
        held = [value for value in row if value is not None]
        end = next((spot for spot in reversed(spots) if spot), None)
        lines.append(Line(name, kind, pieces, end, held[-1] if held else None))
    ticks = [Tick(place(0, top * n / 4)[1], vi_number(top * n // 4)) for n in range(5)]
    named = [Label(place(index, 0)[0], text) for index, text in enumerate(labels)]
    return LineChart(width, height, left, right, bottom, ticks, named, lines)


@dataclass(frozen=True)
class Bubble:
    """A place on the map. ``x``, ``y``, ``r`` as drawn; ``item`` is what the caller gave."""

    x: str
    y: str
    r: str
    item: object


@dataclass(frozen=True)
class Map:
    """A map of bubbles without tiles: only the places to each other."""

    width: int
    height: int
    bubbles: list[Bubble]


SMALLEST, LARGEST, EDGE = 12.0, 28.0, 34.0


def bubble_map(points: Sequence[tuple[float, float, int, object]], *, width: int = 640) -> Map:
    """``points``: latitude, longitude, size and whatever belongs to it. The area of a bubble follows its size.

    Degrees of longitude are shortened by the cosine of the middle latitude, so that a province keeps its shape. Drawn
    in the order given: what comes later lies on top.
    """
    if not points:
        return Map(width, width // 2, [])
    lats, lons = [p[0] for p in points], [p[1] for p in points]
    narrow = cos(radians((min(lats) + max(lats)) / 2))
    wide, high = (max(lons) - min(lons)) * narrow, max(lats) - min(lats)
    scale = (width - 2 * EDGE) / wide if wide else 0.0
    if not wide or high * scale > width * 1.2:
        scale = (width * 1.2) / high if high else 0.0
    height = round(high * scale + 2 * EDGE)
    indent = (width - wide * scale) / 2
    largest = max((p[2] for p in points), default=0)
    bubbles = [
        Bubble(
            at(indent + (lon - min(lons)) * narrow * scale),
            at(EDGE + (max(lats) - lat) * scale),
            _r(size, largest),
            item,
        )
        for lat, lon, size, item in points
    ]
    return Map(width, height, bubbles)


def _r(size: int, largest: int) -> str:
    return at(max(SMALLEST, LARGEST * sqrt(size / largest)) if largest else SMALLEST)


def share(part: float, whole: float) -> str:
    """A length as an SVG percentage, between 0 and 100."""
    return f"{at(min(100.0, max(0.0, part * 100 / whole)) if whole else 0.0)}%"
