"""How far the pace of the last months leads until the deadline: a range, or why nothing can be said. Pure.

The pace of a month is the number of people whose counting fell in it. Of the last whole months the lower quartile, the
median and the upper quartile are carried on; the current month is not over and says nothing about the pace. The range
is widened to two significant digits, for more would pretend to know. It is no probability.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from django.utils.translation import gettext as _

#: Whole months looked at, and how few of them are too few.
MOST_MONTHS = 6
FEWEST_MONTHS = 3
#: With fewer people in those months one training day more or less would turn the forecast over.
FEWEST_PEOPLE = 10


class Outlook(StrEnum):
    """What the range means for the goal."""

    LIKELY = "du-kip"
    OPEN = "chua-chac"
    UNLIKELY = "khong-kip"
    UNKNOWN = "chua-ro"


@dataclass(frozen=True)
class Forecast:
    """People counted by the deadline if the pace stays within that of the last ``months`` whole months.

    ``slow``, ``usual`` and ``fast``: people a month at the quartiles and the median. Without a range ``why`` says what
    is missing.
    """

    low: int = 0
    high: int = 0
    slow: Fraction = Fraction(0)
    usual: Fraction = Fraction(0)
    fast: Fraction = Fraction(0)
    months: int = 0
    why: str = ""

    @property
    def is_known(self) -> bool:
        return not self.why

    def outlook(self, goal: int | None) -> Outlook:
        """Whether the goal lies below, within or above the range."""
        if goal is None or not self.is_known:
            return Outlook.UNKNOWN
        if self.low >= goal:
            return Outlook.LIKELY
        return Outlook.UNLIKELY if self.high < goal else Outlook.OPEN


def months_left(day: date, deadline: date) -> Fraction:
    """Months from the end of ``day`` to the end of ``deadline``; days of a month are parts of that month's length."""
    if day >= deadline:
        return Fraction(0)
    whole = (deadline.year - day.year) * 12 + deadline.month - day.month
    return whole + _part(deadline) - _part(day)


def _part(day: date) -> Fraction:
    return Fraction(day.day, monthrange(day.year, day.month)[1])


def quantile(sorted_counts: Sequence[int], share: Fraction) -> Fraction:
    """The value below which ``share`` of the counts lie, between two of them in proportion."""
    at = share * (len(sorted_counts) - 1)
    below = int(at)
    above = min(below + 1, len(sorted_counts) - 1)
    return sorted_counts[below] + (at - below) * (sorted_counts[above] - sorted_counts[below])


def forecast(*, count: int, whole_months: Sequence[int], left: Fraction, at_most: int | None) -> Forecast:
    """The range of people counted by the deadline.

    ``whole_months``: people in each month that is over, the oldest first, from the first month that belongs to the
    figure. ``left``: months until the deadline. ``at_most``: how many people there are; nobody is counted twice.
    """
    recent = sorted(whole_months[-MOST_MONTHS:])
    if len(recent) < FEWEST_MONTHS:
        said = _("Mới có %(months)s tháng trọn vẹn; cần ít nhất %(fewest)s tháng mới dự báo được.")
        return Forecast(why=said % {"months": len(recent), "fewest": FEWEST_MONTHS})
    if sum(recent) < FEWEST_PEOPLE:
        said = _("%(months)s tháng gần nhất chỉ có %(people)s người; cần ít nhất %(fewest)s người mới dự báo được.")
        return Forecast(why=said % {"months": len(recent), "people": sum(recent), "fewest": FEWEST_PEOPLE})
    slow, usual, fast = (quantile(recent, Fraction(n, 4)) for n in (1, 2, 3))
    low = count + _rough(int(slow * left), up=False)
    high = count + _rough(-int(-fast * left // 1), up=True)
    if at_most is not None:
        # More may be counted already than the official number holds: what is counted stays.
        low, high = min(low, max(at_most, count)), min(high, max(at_most, count))
    return Forecast(low, high, slow, usual, fast, len(recent))


def _rough(number: int, *, up: bool) -> int:
    """With two significant digits, downwards or upwards."""
    unit: int = 10 ** max(0, len(str(number)) - 2)
    return -(-number // unit) * unit if up else number // unit * unit
