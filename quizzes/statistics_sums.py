"""Exact sums behind the figures of questions and quizzes: of pairs, and of scores. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

#: A full score in hundredths of a percent, and into how many bands scores fall.
FULL_SCORE, BANDS = 10_000, 10


# --- Sums -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Pairs:
    """Whole sums over pairs (x, y): their number, sums, squares, products."""

    n: int
    x: int
    y: int
    xx: int
    yy: int
    xy: int

    @classmethod
    def of(cls, counted: Mapping[tuple[int, int], int]) -> Pairs:
        n = x = y = xx = yy = xy = 0
        for (a, b), times in counted.items():
            n += times
            x, y = x + times * a, y + times * b
            xx, yy, xy = xx + times * a * a, yy + times * b * b, xy + times * a * b
        return cls(n, x, y, xx, yy, xy)

    def _over(self, whole: int) -> Fraction:
        return Fraction(whole, self.n * (self.n - 1)) if self.n > 1 else Fraction(0)

    @property
    def var_x(self) -> Fraction:
        """With n−1 below."""
        return self._over(self.n * self.xx - self.x * self.x)

    @property
    def var_y(self) -> Fraction:
        return self._over(self.n * self.yy - self.y * self.y)

    @property
    def cov(self) -> Fraction:
        return self._over(self.n * self.xy - self.x * self.y)


def root(value: Fraction) -> float:
    """The square root of something that is not negative."""
    return math.sqrt(value)


def correlation(pairs: Pairs) -> float | None:
    """−1 to 1; None where one side never differs."""
    product = pairs.var_x * pairs.var_y
    return max(-1.0, min(1.0, float(pairs.cov) / math.sqrt(product))) if product else None


def greatest_cov(counted: Mapping[tuple[int, int], int]) -> Fraction:
    """The covariance if the same x and y had met in the best order: the least with the least."""
    xs, ys = Counter[int](), Counter[int]()
    for (x, y), times in counted.items():
        xs[x] += times
        ys[y] += times
    met: dict[tuple[int, int], int] = {}
    low, high = sorted(xs.items()), sorted(ys.items())
    i = j = 0
    left_x, left_y = (low[0][1], high[0][1]) if low else (0, 0)
    while i < len(low) and j < len(high):
        times = min(left_x, left_y)
        met[low[i][0], high[j][0]] = times
        left_x, left_y = left_x - times, left_y - times
        if not left_x:
            i += 1
            left_x = low[i][1] if i < len(low) else 0
        if not left_y:
            j += 1
            left_y = high[j][1] if j < len(high) else 0
    return Pairs.of(met).cov


# --- Scores ---------------------------------------------------------------------------------------------------------
def bands(scores: Mapping[int, int]) -> list[int]:
    """How many scores stand in each ten of a hundred; 100 belongs to the last."""
    found = [0] * BANDS
    for score, times in scores.items():
        found[min(BANDS - 1, score * BANDS // FULL_SCORE)] += times
    return found


def spread(scores: Mapping[int, int]) -> dict[str, float | None]:
    """Mean, median, SD (n−1), skewness and kurtosis (k-statistics) of counted scores, as points of a hundred."""
    n = sum(scores.values())
    if not n:
        return dict.fromkeys(("mean", "median", "sd", "skewness", "kurtosis"))
    first = sum(score * times for score, times in scores.items())
    # Sums of powers of n·(x − mean): whole numbers, so nothing is lost however alike the scores are.
    second, third, fourth = (
        sum(times * (n * score - first) ** power for score, times in scores.items()) for power in (2, 3, 4)
    )
    m2, m3, m4 = (Fraction(whole, n ** (power + 1)) for power, whole in ((2, second), (3, third), (4, fourth)))
    k2 = m2 * n / (n - 1) if n > 1 else Fraction(0)
    skewness = kurtosis = None
    if n > 2 and k2:
        skewness = float(m3 * n * n / ((n - 1) * (n - 2))) / float(k2) ** 1.5
    if n > 3 and k2:
        k4 = Fraction(n * n) * ((n + 1) * m4 - 3 * (n - 1) * m2 * m2) / ((n - 1) * (n - 2) * (n - 3))
        kurtosis = float(k4 / (k2 * k2))
    return {
        "mean": float(Fraction(first, n * 100)),
        "median": _median(scores, n),
        "sd": root(k2) / 100 if n > 1 else None,
        "skewness": skewness,
        "kurtosis": kurtosis,
    }


def _median(scores: Mapping[int, int], n: int) -> float:
    """The middle score, or the mean of the two in the middle."""
    seen, low = 0, None
    for score, times in sorted(scores.items()):
        seen += times
        if low is None and seen * 2 >= n:
            low = score
            if seen * 2 > n:
                return score / 100
        elif low is not None:
            return (low + score) / 200
    return (low or 0) / 100
