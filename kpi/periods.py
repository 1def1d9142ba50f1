"""Periods that are reported on: their days and names. Pure rules.

Calendar periods. Where an office closes its figures on the 14th, as Nghị định 09/2019/NĐ-CP (Điều 12) lets it, the
period is ``day``: everything up to that day.
"""

from __future__ import annotations

from datetime import date, timedelta

MONTH, QUARTER, HALF, YEAR, DAY = "month", "quarter", "half", "year", "day"
_MONTHS = {MONTH: 1, QUARTER: 3, HALF: 6, YEAR: 12}
_ROMAN = ("I", "II", "III", "IV")


def first_day(period: str, until: date) -> date:
    """The first day of the period that holds ``until``; of ``day`` the first of its year."""
    months = _MONTHS.get(period, 12)
    return date(until.year, (until.month - 1) // months * months + 1, 1)


def last_day(period: str, day: date) -> date:
    """The last day of the period that holds ``day``."""
    if period == DAY:
        return day
    months = _MONTHS[period]
    begins = first_day(period, day)
    after = begins.month + months
    return date(begins.year + (after - 1) // 12, (after - 1) % 12 + 1, 1) - timedelta(days=1)


def is_end_of(period: str, day: date) -> bool:
    """Whether a period of that kind ends with the day."""
    return last_day(period, day) == day


def last_ended(period: str, today: date) -> date:
    """The end of the last period that was over before ``today``."""
    if period == DAY:
        return today - timedelta(days=1)
    return first_day(period, today) - timedelta(days=1)


def period_name(period: str, until: date) -> str:
    """As read in reports: "Quý III/2026"."""
    if period == MONTH:
        return f"Tháng {until.month}/{until.year}"
    if period == QUARTER:
        return f"Quý {_ROMAN[(until.month - 1) // 3]}/{until.year}"
    if period == HALF:
        return f"6 tháng {'đầu' if until.month <= 6 else 'cuối'} năm {until.year}"
    if period == YEAR:
        return f"Năm {until.year}"
    return f"Đến ngày {until.day}/{until.month}/{until.year}"
