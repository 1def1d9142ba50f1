"""When a report is due: a rule of a decision and a year give periods, each with the last day on time.

«Trước ngày 30/11» means that the thirtieth is too late: the last day on time is 29/11. «Chậm nhất ngày 30/11», and a
month without a day, include their last day. A day that a month does not have (31 in June, 29/2) is the last that it
has. Weekends and holidays move nothing: none of the documents says so, and an official who relies on it would be late.
Pure: no models, no clock.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from common.text import lower_first
from common.wording import day as day_said
from common.wording import is_foreign
from kpi import periods

QUARTERS = ("I", "II", "III", "IV")
LAST_OF_QUARTER = "last_of_quarter"
YEARLY, QUARTERLY, MONTHLY = "yearly", "quarterly", "monthly"
#: Frequencies whose periods are known, so that a day of one's own makes dues.
RECURRING = (YEARLY, QUARTERLY, MONTHLY)
KEYS = {"freq", "month", "day", "before", "date", "month_only", "rule", "own"}


@dataclass(frozen=True)
class DuePeriod:
    """What a report is about, and its last day on time."""

    name: str
    begins_on: date
    until: date
    due_on: date


def problem_of(rule: Any) -> str:
    """What is wrong with a rule as a file gives it, in words; empty when nothing is."""
    if rule is None:
        return ""
    if not isinstance(rule, Mapping):
        return "phải là một mục có các trường"
    if unknown := [str(key) for key in rule if key not in KEYS]:
        return f"không có trường «{unknown[0]}»"
    if "freq" in rule and rule["freq"] not in RECURRING:
        return f"freq phải là một trong: {', '.join(RECURRING)}"
    if not isinstance(rule.get("before", False), bool):
        return "before phải là true hoặc false"
    if "date" in rule:
        return "" if _once(rule) else "date phải là ngày (2022-05-10), hoặc tháng (2023-12) kèm month_only"
    return _problem_of_day(rule)


def _problem_of_day(rule: Mapping[str, Any]) -> str:
    day: Any = rule.get("day")
    month: Any = rule.get("month")
    if day is not None and (not _is_whole(day) or not 1 <= day <= 31):
        return _("day phải là số từ 1 đến 31")
    if rule.get("freq") == YEARLY and day is not None:
        if not _is_whole(month) or not 1 <= month <= 12:
            return _("month phải là số từ 1 đến 12")
        # A leap year: 29/2 is a day of some years.
        if day > monthrange(2024, month)[1]:
            return _("tháng %(month)s không có ngày %(day)s") % {"month": month, "day": day}
        return ""
    if month is not None and month != LAST_OF_QUARTER:
        return f"month phải là {LAST_OF_QUARTER}"
    return ""


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def effective(rule: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The rule that holds: the province's own day where it set one, else the document's."""
    return (rule or {}).get("own") or rule


def is_readable(rule: Mapping[str, Any] | None) -> bool:
    """Whether days follow from the rule: a recurring one with a day, or one that names a day or month once."""
    held = effective(rule)
    if held is None or problem_of(held):
        return False
    return "date" in held or (held.get("freq") in RECURRING and held.get("day") is not None)


def dues_of(rule: Mapping[str, Any] | None, year: int) -> list[DuePeriod]:
    """The periods of a year, each with its last day on time; none where the rule names no day. In order of time."""
    held = effective(rule)
    if held is None or not is_readable(held):
        return []
    if "date" in held:
        return _once_in(held, year)
    return [_due(held, year, last, length) for last, length in _months(str(held["freq"]))]


def holds(period: DuePeriod, valid_from: date | None, valid_until: date | None) -> bool:
    """Whether any day of a period lies in the span of its decision; an end that is not known leaves nothing out."""
    return (valid_from is None or period.until >= valid_from) and (
        valid_until is None or period.begins_on <= valid_until
    )


def _months(freq: str) -> list[tuple[int, int]]:
    """The last month of each period in a year, and how many months it has."""
    if freq == YEARLY:
        return [(12, 12)]
    return [(m, 3) for m in (3, 6, 9, 12)] if freq == QUARTERLY else [(m, 1) for m in range(1, 13)]


def _due(rule: Mapping[str, Any], year: int, last: int, length: int) -> DuePeriod:
    month = rule["month"] if rule["freq"] == YEARLY else last
    day = date(year, month, min(rule["day"], monthrange(year, month)[1]))
    begins, until = date(year, last - length + 1, 1), date(year, last, monthrange(year, last)[1])
    return DuePeriod(_name(rule["freq"], year, last), begins, until, _last_on_time(day, rule))


#: How periods are written down, whoever has them made.
_WRITTEN = re.compile(
    r"(?:Quý (?P<quarter>IV|I{1,3})/|Tháng (?P<month>\d+)/|(?P<once>Một lần, năm )|Năm )(?P<year>\d{4})"
)


def period_read(written: str) -> str:
    """A period as it was written down ("Quý III/2026"), in the language of the page."""
    found = _WRITTEN.fullmatch(written) if is_foreign() else None
    if found is None:
        return written
    year = int(found["year"])
    if found["once"]:
        return _("Một lần, năm %(year)s") % {"year": year}
    if found["quarter"]:
        return periods.period_name(periods.QUARTER, date(year, 3 * QUARTERS.index(found["quarter"]) + 1, 1))
    if found["month"]:
        return periods.period_name(periods.MONTH, date(year, int(found["month"]), 1))
    return periods.period_name(periods.YEAR, date(year, 1, 1))


def period_within(written: str) -> str:
    """The same within a sentence: Vietnamese begins it with a small letter."""
    return period_read(written) if is_foreign() else lower_first(written)


def _name(freq: str, year: int, last: int) -> str:
    """What is written down with a due, and looked for again: Vietnamese always."""
    if freq == YEARLY:
        return f"Năm {year}"
    return f"Quý {QUARTERS[last // 3 - 1]}/{year}" if freq == QUARTERLY else f"Tháng {last}/{year}"


def _last_on_time(day: date, rule: Mapping[str, Any]) -> date:
    return day - timedelta(days=1) if rule.get("before") else day


def _once(rule: Mapping[str, Any]) -> date | None:
    """The day of a rule that names one; the last of the month where it names a month."""
    text = str(rule["date"])
    try:
        if rule.get("month_only"):
            first = date.fromisoformat(f"{text}-01")
            return first.replace(day=monthrange(first.year, first.month)[1])
        return date.fromisoformat(text)
    except ValueError:
        return None


def _once_in(rule: Mapping[str, Any], year: int) -> list[DuePeriod]:
    day = _once(rule)
    if day is None or day.year != year:
        return []
    return [DuePeriod(f"Một lần, năm {year}", date(year, 1, 1), day, _last_on_time(day, rule))]


def own_rule(frequency: str, *, day: int, month: int | None) -> dict[str, Any]:
    """A province's own day, the last on time, as a rule. For a quarterly or monthly report the month is given."""
    rule: dict[str, Any] = {"freq": frequency, "day": day}
    return rule | {"month": month} if frequency == YEARLY else rule


def said(rule: Mapping[str, Any] | None) -> str:
    """The day in words, with what «trước» comes to; empty where there is none."""
    held = effective(rule)
    if held is None or not is_readable(held):
        return ""
    if "date" in held:
        day = _once(held)
        return _("chậm nhất %(day)s") % {"day": day_said(_last_on_time(day, held))} if day else ""
    if held["freq"] == YEARLY:
        # Reckoned in a year that is no leap year: 1/3 before gives 28/2.
        last = dues_of(held, 2023)[0].due_on
        return _("chậm nhất %(day)s/%(month)s hằng năm") % {"day": last.day, "month": last.month}
    if held.get("before") and held["day"] == 1:
        return _("chậm nhất ngày cuối tháng trước tháng cuối kỳ")
    day_of_month = held["day"] - 1 if held.get("before") else held["day"]
    if held["freq"] == QUARTERLY:
        return _("chậm nhất ngày %(day)s tháng cuối quý") % {"day": day_of_month}
    return _("chậm nhất ngày %(day)s hằng tháng") % {"day": day_of_month}
