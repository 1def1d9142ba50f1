"""How a figure grew by month: this year, last year, what is needed; and where the pace leads.

Read from the monthly summary in one query, whatever the number of people and units; the days of last year's month that
is not over here are read from the people counted in it, in one more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from common.wording import day as day_said
from kpi import charts, forecasting, periods
from kpi.figures import Table
from kpi.forecasting import Forecast, Outlook
from kpi.models import Counted, Indicator, Recurrence, UnitMonth
from kpi.places import Place
from people.querysets import today

MONTHS = (
    gettext_noop("T1"), gettext_noop("T2"), gettext_noop("T3"), gettext_noop("T4"), gettext_noop("T5"),
    gettext_noop("T6"), gettext_noop("T7"), gettext_noop("T8"), gettext_noop("T9"), gettext_noop("T10"),
    gettext_noop("T11"), gettext_noop("T12"),
)  # fmt: skip


@dataclass(frozen=True)
class MonthLine:
    """A line of the table behind the chart. ``now``, ``before``, ``needed``: counted, or to be, by the month's end."""

    month: int
    added: int | None
    now: int | None
    before: int | None
    needed: int | None

    @property
    def name(self) -> str:
        return periods.month_name(self.month)


@dataclass(frozen=True)
class Trend:
    """The months of a year, and the year before up to the same day.

    ``until`` and ``before_until``: the days up to which the two years are compared, ``now_then`` and ``before_then``
    the people by then. ``last_month``: the end of the last whole month, with what was counted and needed by then.
    """

    year: int
    lines: list[MonthLine]
    chart: charts.LineChart
    forecast: Forecast
    outlook: Outlook
    until: date
    before_until: date
    now_then: int
    before_then: int
    last_month: date | None
    by_last_month: int | None
    needed_by_last_month: int | None
    month_before: int
    has_last_year: bool

    @property
    def difference(self) -> int | None:
        """People more than last year by the same day; negative for fewer."""
        return self.now_then - self.before_then if self.has_last_year else None

    @property
    def fewer(self) -> int:
        """People fewer than last year by the same day; 0 for more."""
        return max(0, -(self.difference or 0))


def months_of(indicator: Indicator, place: Place, year: int) -> dict[date, int]:
    """First day of a month → people counted in it, for the year and all that it is compared with; one query."""
    cells = UnitMonth.objects.filter(place.inside(), indicator=indicator)
    if indicator.recurrence == Recurrence.YEARLY:
        cells = cells.filter(year__in=(year - 1, year))
    else:
        cells = cells.filter(Q(year=indicator.base_year), month__lte=date(year, 12, 31))
    return dict(cells.order_by().values_list("month").annotate(people=Sum("count")))


def cumulative(months: Mapping[date, int], year: int, *, start: int, until: int) -> list[int | None]:
    """People counted by the end of each month of the year; None after month ``until``. Pure."""
    total, found = start, list[int | None]()
    for month in range(1, 13):
        total += months.get(date(year, month, 1), 0)
        found.append(total if month <= until else None)
    return found


def needed_line(*, start: int, goal: int | None, year: int, deadline: date) -> list[int | None]:
    """People needed by the end of each month so that equal steps lead from the year's start to the goal. Pure."""
    months = (deadline.year - year) * 12 + deadline.month
    if goal is None or months <= 0:
        return [None] * 12
    return [start + -(-max(0, goal - start) * month // months) for month in range(1, 13)]


def same_day(day: date) -> date:
    """The day a year before; of 29 February the 28th. Pure."""
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 2, 28)
    return day.replace(year=day.year - 1)


def _by_day(table: Table, months: Mapping[date, int], day: date, *, start: int) -> int:
    """People counted by the end of a day of last year; one query, none where the day ends a month."""
    first = day.replace(day=1)
    whole = start + sum(people for month, people in months.items() if month.year == day.year and month < first)
    if day == _end(day.year, day.month):
        return whole + months.get(first, 0)
    facts = Counted.objects.filter(
        table.place.inside(),
        indicator=table.indicator,
        year=day.year if table.indicator.recurrence == Recurrence.YEARLY else table.indicator.base_year,
        counted_on__range=(first, day),
    )
    return whole + facts.count()


def trend_of(table: Table) -> Trend:
    """The trend and the forecast of a figure that counts people."""
    day = table.as_of or today()
    months = months_of(table.indicator, table.place, table.year)
    yearly = table.indicator.recurrence == Recurrence.YEARLY
    starts = {year: 0 if yearly else _before(months, year) for year in (table.year - 1, table.year)}
    until = 12 if table.year < day.year else day.month
    now = cumulative(months, table.year, start=starts[table.year], until=until)
    before = cumulative(months, table.year - 1, start=starts[table.year - 1], until=12)
    needed = needed_line(start=starts[table.year], goal=table.total.goal, year=table.year, deadline=table.deadline)
    has_last_year = any(before)
    last = until if table.year < day.year else until - 1
    ends = day if table.year == day.year else date(table.year, 12, 31)
    then = same_day(ends)
    found = _forecast(table, months, day)
    rows = [
        MonthLine(
            month,
            months.get(date(table.year, month, 1), 0) if now[month - 1] is not None else None,
            now[month - 1],
            before[month - 1] if has_last_year else None,
            needed[month - 1],
        )
        for month in range(1, 13)
    ]
    return Trend(
        year=table.year,
        lines=rows,
        chart=_chart(table.year, rows),
        forecast=found,
        outlook=found.outlook(table.total.goal),
        until=ends,
        before_until=then,
        now_then=int(table.total.count),
        before_then=_by_day(table, months, then, start=starts[table.year - 1]) if has_last_year else 0,
        last_month=_end(table.year, last) if last else None,
        by_last_month=now[last - 1] if last else None,
        needed_by_last_month=needed[last - 1] if last else None,
        month_before=months.get((day.replace(day=1) - timedelta(days=1)).replace(day=1), 0),
        has_last_year=has_last_year,
    )


def _before(months: Mapping[date, int], year: int) -> int:
    return sum(people for month, people in months.items() if month.year < year)


def _end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _forecast(table: Table, months: Mapping[date, int], day: date) -> Forecast:
    if table.year < day.year:
        return Forecast(why=_("Năm %(year)s đã hết, không dự báo nữa.") % {"year": table.year})
    if day >= table.deadline:
        said = _("Đã đến hạn %(day)s, không dự báo nữa.")
        return Forecast(why=said % {"day": day_said(table.deadline)})
    yearly = table.indicator.recurrence == Recurrence.YEARLY
    mine = Counter({month: people for month, people in months.items() if not yearly or month.year == table.year})
    return forecasting.forecast(
        count=int(table.total.count),
        whole_months=whole_months(mine, day, first=date(table.year, 1, 1) if yearly else None),
        left=forecasting.months_left(day, table.deadline),
        at_most=table.total.denominator.value,
    )


def whole_months(months: Mapping[date, int], day: date, *, first: date | None) -> Sequence[int]:
    """People in each month that is over, the oldest first; from ``first``, or from the month of the first person."""
    month = first or min(months, default=day.replace(day=1))
    found = []
    while month < day.replace(day=1):
        found.append(months.get(month, 0))
        month = (month + timedelta(days=31)).replace(day=1)
    return found


def _chart(year: int, rows: Sequence[MonthLine]) -> charts.LineChart:
    return charts.line_chart(
        [
            (_("Mức cần đạt"), "needed", [row.needed for row in rows]),
            (_("Năm %(year)s") % {"year": year - 1}, "before", [row.before for row in rows]),
            (_("Năm %(year)s") % {"year": year}, "now", [row.now for row in rows]),
        ],
        [_(name) for name in MONTHS],
    )
