"""Periods that are reported on: their days and names. Pure rules.

Calendar periods. Where an office closes its figures on the 14th, as Nghị định 09/2019/NĐ-CP (Điều 12) lets it, the
period is ``day``: everything up to that day.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from common.wording import day as day_said
from common.wording import is_foreign

MONTH, QUARTER, HALF, YEAR, DAY = "month", "quarter", "half", "year", "day"
_MONTHS = {MONTH: 1, QUARTER: 3, HALF: 6, YEAR: 12}
_ROMAN = ("I", "II", "III", "IV")
MONTH_NAMES = (
    gettext_noop("Tháng 1"), gettext_noop("Tháng 2"), gettext_noop("Tháng 3"), gettext_noop("Tháng 4"),
    gettext_noop("Tháng 5"), gettext_noop("Tháng 6"), gettext_noop("Tháng 7"), gettext_noop("Tháng 8"),
    gettext_noop("Tháng 9"), gettext_noop("Tháng 10"), gettext_noop("Tháng 11"), gettext_noop("Tháng 12"),
)  # fmt: skip


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
    """As read in reports, "Quý III/2026"; on a page in the language of its reader."""
    if period == MONTH:
        return pgettext("tháng", "%(month)s/%(year)s") % {"month": month_name(until.month), "year": until.year}
    if period == QUARTER:
        return _("Quý %(quarter)s/%(year)s") % {"quarter": _ROMAN[(until.month - 1) // 3], "year": until.year}
    if period == HALF:
        said = _("6 tháng đầu năm %(year)s") if until.month <= 6 else _("6 tháng cuối năm %(year)s")
        return said % {"year": until.year}
    if period == YEAR:
        return _("Năm %(year)s") % {"year": until.year}
    day = day_said(until) if is_foreign() else f"{until.day}/{until.month}/{until.year}"
    return _("Đến ngày %(day)s") % {"day": day}


def month_name(month: int) -> str:
    """``Tháng 3``, ``March``."""
    return _(MONTH_NAMES[month - 1])
