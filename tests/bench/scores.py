"""Scores from 0 to 100 as Lighthouse gives them, by formulas that stand here; pure.

Performance: each measure is held against a log-normal curve through two points, the value that a tenth of the web is
better than (90 points) and the median of the web (50 points), as Lighthouse 10 sets them for phones; then the weighted
mean. The Speed Index needs a film of the page and is left out: the other weights are taken as they are.
Accessibility: the share of axe-core's rules that apply to the page and hold. Practice: the share of ``PRACTICES`` that
hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import erf, log

#: Measure: weight, value for 90 points, value for 50 points. Milliseconds, but for CLS.
CURVES = {
    "fcp": (10, 1_800, 3_000),
    "lcp": (25, 2_500, 4_000),
    "tbt": (30, 200, 600),
    "cls": (25, 0.1, 0.25),
}
#: Where the curve's error function is 0.8: the tenth of the web.
_TENTH = 0.9061938024368232


def curve(value: float, *, tenth: float, median: float) -> float:
    """From 1 (nothing to wait for) over 0.9 at ``tenth`` and 0.5 at ``median`` towards 0."""
    if value <= 0:
        return 1.0
    place = log(value / median) / log(median / tenth) * _TENTH
    return (1 - erf(place)) / 2


def performance(measures: Mapping[str, float]) -> int:
    """Of first and largest contentful paint, blocking time (all ms) and layout shift of one view."""
    weighted = [
        (weight, curve(measures[name], tenth=tenth, median=median)) for name, (weight, tenth, median) in CURVES.items()
    ]
    return round(100 * sum(weight * score for weight, score in weighted) / sum(weight for weight, _ in weighted))


def share(holding: int, failing: int) -> int:
    """How much of what was looked at holds."""
    return round(100 * holding / (holding + failing)) if holding + failing else 100


def session_shift(shifts: Iterable[tuple[float, float]]) -> float:
    """CLS of shifts (ms, value): the largest sum of a window of at most 5 s without a pause of 1 s."""
    largest = window = 0.0
    begun = last = float("-inf")
    for at, value in sorted(shifts):
        if at - last > 1_000 or at - begun > 5_000:
            begun, window = at, 0.0
        last, window = at, window + value
        largest = max(largest, window)
    return largest


def blocking(tasks: Iterable[tuple[float, float]], *, since: float) -> float:
    """Total blocking time: what long tasks (ms, ms) take beyond 50 ms each, after the first paint."""
    return sum(max(0.0, took - 50) for at, took in tasks if at + took > since)
