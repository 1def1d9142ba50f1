"""Pure rules of an instructor's figures: how long people take, and how many were lost on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import ngettext

from common import wording

#: Times are counted in steps of so many seconds; the database adds them up, and no single visit is read.
GRAIN_SECONDS = 15
#: Longer visits count as this long: somebody left the page open.
LONGEST_SECONDS = 3600
#: From here on seconds are not said.
WHOLE_MINUTES_FROM = 120
#: Of fewer people no times and no comments are shown: one could tell whose they are.
FEWEST_PEOPLE = 5
#: Where the bars of the distribution end, in minutes; what is longer goes into a last one.
EDGES = (1, 2, 3, 5, 8, 12, 20, 30)


@dataclass(frozen=True)
class Spread:
    """How long people spent on a step, in seconds, each to the nearest quarter of a minute."""

    people: int
    lower: int
    median: int
    upper: int

    @property
    def middle(self) -> str:
        return spoken(self.median)

    @property
    def half(self) -> str:
        """Between what and what the middle half of everybody lies."""
        low, high = spoken(self.lower), spoken(self.upper)
        if low == high:
            return low
        if _is_whole(self.lower) and _is_whole(self.upper):
            return _between_minutes(_minutes(self.lower), _minutes(self.upper))
        return f"{low} – {high}"


@dataclass(frozen=True)
class Bar:
    """A bar of the distribution: from ``low`` minutes to under ``high`` (None: and longer).

    ``length`` is in percent of the longest bar.
    """

    low: int
    high: int | None
    people: int
    length: int

    @property
    def name(self) -> str:
        if self.high is None:
            return ngettext("từ %(n)s phút", "từ %(n)s phút", self.low) % {"n": self.low}
        if self.low:
            return _between_minutes(self.low, self.high)
        return ngettext("dưới %(n)s phút", "dưới %(n)s phút", self.high) % {"n": self.high}


def spoken(seconds: int) -> str:
    """``45 giây``, ``1 phút 30 giây``; from two minutes on the nearest whole minute, as people say it."""
    return wording.seconds(_minutes(seconds) * 60 if _is_whole(seconds) else seconds)


def _is_whole(seconds: int) -> bool:
    """Whether a time is said in minutes alone."""
    return seconds >= WHOLE_MINUTES_FROM or (seconds > 0 and not seconds % 60)


def _minutes(seconds: int) -> int:
    return (seconds + 30) // 60


def _between_minutes(low: int, high: int) -> str:
    return ngettext("%(low)s–%(high)s phút", "%(low)s–%(high)s phút", high) % {"low": low, "high": high}


def quantile(counts: Sequence[tuple[int, int]], share: float) -> int:
    """The value below which a share of everybody lies; ``counts`` are (value, how many), in order and not empty."""
    wanted = share * sum(number for _, number in counts)
    passed = 0
    for value, number in counts:
        passed += number
        if passed >= wanted:
            return value
    return counts[-1][0]


def spread(times: Mapping[int, int]) -> Spread | None:
    """Quartiles of ``times`` (grain → people); None for fewer than ``FEWEST_PEOPLE``."""
    counts = [((grain + 1) * GRAIN_SECONDS, number) for grain, number in sorted(times.items()) if number]
    people = sum(number for _, number in counts)
    if people < FEWEST_PEOPLE:
        return None
    return Spread(people, quantile(counts, 0.25), quantile(counts, 0.5), quantile(counts, 0.75))


def distribution(times: Mapping[int, int]) -> list[Bar]:
    """The bars of ``times`` (grain → people); empty for too few people."""
    if sum(times.values()) < FEWEST_PEOPLE:
        return []
    lows, highs = (0, *EDGES), (*EDGES, None)
    inside = {
        (low, high): sum(number for grain, number in times.items() if _between(grain * GRAIN_SECONDS, low, high))
        for low, high in zip(lows, highs, strict=True)
    }
    longest = max(inside.values())
    return [Bar(low, high, people, people * 100 // longest) for (low, high), people in inside.items()]


def _between(seconds: int, low: int, high: int | None) -> bool:
    return low * 60 <= seconds and (high is None or seconds < high * 60)
