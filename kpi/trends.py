"""How a figure grew by month: this year, last year, what is needed; and where the pace leads.

Read from the monthly summary in one query, whatever the number of people and units.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, Sum

from common.text import vi_date
from kpi import charts, forecasting
from kpi.figures import Table
from kpi.forecasting import Forecast, Outlook
from kpi.models import Indicator, Recurrence, UnitMonth
from kpi.places import Place
from people.querysets import today

MONTHS = tuple(f"T{month}" for month in range(1, 13))


@dataclass(frozen=True)
class MonthLine:
    """A line of the table behind the chart. ``now``, ``before``, ``needed``: counted, or to be, by the month's end."""

    month: int
    added: int | None
    now: int | None
    before: int | None
    needed: int | None


@dataclass(frozen=True)
class Trend:
    """The months of a year. ``same_day``: people by the end of the last whole month, this year and last."""

    year: int
    lines: list[MonthLine]
    chart: charts.LineChart
    forecast: Forecast
    outlook: Outlook
    last_month: date | None
    now_then: int | None
    before_then: int | None
    month_before: int
    needed_today: int | None
    has_last_year: bool

    @property
    def difference(self) -> int | None:
        """People more than last year at the end of the same month; negative for fewer."""
        if self.now_then is None or self.before_then is None or not self.has_last_year:
            return None
        return self.now_then - self.before_then

    @property
    def fewer(self) -> int:
        """People fewer than last year at the end of the same month; 0 for more."""
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
        last_month=_end(table.year, last) if last else None,
        now_then=now[last - 1] if last else None,
        before_then=before[last - 1] if last else None,
        month_before=months.get((day.replace(day=1) - timedelta(days=1)).replace(day=1), 0),
        needed_today=needed[last - 1] if last else None,
        has_last_year=has_last_year,
    )


def _before(months: Mapping[date, int], year: int) -> int:
    return sum(people for month, people in months.items() if month.year < year)


def _end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _forecast(table: Table, months: Mapping[date, int], day: date) -> Forecast:
    if table.year < day.year:
        return Forecast(why=f"Năm {table.year} đã hết, không dự báo nữa.")
    if day >= table.deadline:
        return Forecast(why=f"Đã đến hạn {vi_date(table.deadline)}, không dự báo nữa.")
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
            ("Mức cần đạt", "needed", [row.needed for row in rows]),
            (f"Năm {year - 1}", "before", [row.before for row in rows]),
            (f"Năm {year}", "now", [row.now for row in rows]),
        ],
        MONTHS,
    )
