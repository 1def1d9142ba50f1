"""Closings with their frozen figures, duties to report and reports for tests."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import Any

import factory

from kpi.models import ClosedFigure, Closing, Period, Report, ReportDue, ReportDuty
from tests.factories import kpi
from tests.factories.kpi import DecisionFactory, IndicatorFactory


class ReportDutyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ReportDuty

    code = factory.Sequence(lambda n: f"BG22-R{n}")
    decision = factory.SubFactory(DecisionFactory)
    kind = "report"
    subject = "Đánh giá, báo cáo tình hình thực hiện Kế hoạch hằng năm"
    from_names = factory.LazyFunction(lambda: ["UBND huyện, thành phố"])
    to_names = factory.LazyFunction(lambda: ["Sở Thông tin và Truyền thông"])
    frequency = "yearly"
    due_rule = factory.LazyFunction(lambda: {"freq": "yearly", "month": 11, "day": 30, "before": True})
    deadline_text = "trước ngày 30/11"
    section = "V.1"
    source = "001.txt"
    quote = "Định kỳ hằng năm (trước ngày 30/11), đánh giá, báo cáo"
    is_followed = True


class ReportDueFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ReportDue

    duty = factory.SubFactory(ReportDutyFactory)
    period = "Năm 2026"
    begins_on = date(2026, 1, 1)
    until = date(2026, 12, 31)
    due_on = date(2026, 11, 29)


class ClosingFactory(kpi.ClosingFactory):
    """The third quarter of 2026, closed on the next day, with a checksum of its own."""

    period = Period.QUARTER
    until = date(2026, 9, 30)
    closed_at = datetime(2026, 10, 1, 3, tzinfo=UTC)
    checksum = factory.LazyAttribute(lambda o: hashlib.sha256(f"{o.until}".encode()).hexdigest())


class ClosedFigureFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ClosedFigure

    indicator = factory.SubFactory(IndicatorFactory)
    part = "tong"
    count = 0
    denominator = None
    goal = None
    target_value = None


class ReportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Report

    title = "Kết quả đào tạo nhân lực chuyển đổi số đến ngày 30/9/2026"


def closed_percent(closing: Closing, indicator: Any, unit: Any, count: int, of: int | None, **more: Any) -> Any:
    """A frozen total against 100 % of ``of`` people; without ``of``, of a head-count that nobody gave."""
    target = more.pop("target", 100)
    goal = None if of is None else -(-of * target // 100)
    return ClosedFigureFactory(
        closing=closing, indicator=indicator, unit=unit, count=count, denominator=of, goal=goal,
        denominator_source="001.txt" if of else "", target_value=target, measured_in="%", comparator=">=", **more,
    )  # fmt: skip
