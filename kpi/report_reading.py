"""Reads the facts of a report from its closing: a number of queries that does not depend on units or people."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from django.db.models import Count, Min, Q

from common.text import vi_date
from kpi.figures import Part
from kpi.models import DECLARED_KINDS, ClosedFigure, Closing, CountingKind, Indicator, Recurrence, Report, ReportDue
from kpi.report_facts import Cite, Facts, Line
from people.models import Unit, UnitAncestor
from people.querysets import today

#: Units with late reports that a briefing names.
MOST_LATE = 15


def cite_of(closing: Closing) -> Cite:
    return Cite(closing.until, closing.checksum)


def holds(closing: Closing, unit: Unit) -> bool:
    """Whether a closing has figures of a unit."""
    return ClosedFigure.objects.filter(closing=closing, unit=unit, part=Part.TOTAL).exists()


def facts_of(report: Report) -> Facts:
    """What the closing of a report says of its unit and the units right below it."""
    closing, unit = report.closing, report.unit
    below = UnitAncestor.objects.filter(structure=closing.structure_id, ancestor=unit, depth=1).values("descendant")
    found = list(
        ClosedFigure.objects.filter(Q(unit=unit) | Q(unit__in=below), closing=closing, part=Part.TOTAL)
        .select_related("indicator__decision", "unit")
        .order_by("indicator__decision__code", "indicator__pk", "unit__name")
    )
    before = _before(report)
    deadlines = _deadlines(closing, {row.indicator_id for row in found})
    lines, under = [], defaultdict(list)
    for row in found:
        line = _line(row, deadlines, before if row.unit_id == unit.pk else {})
        if row.unit_id == unit.pk:
            lines.append(line)
        else:
            under[line.code].append(line)
    return Facts(
        unit=unit.name,
        cite=cite_of(closing),
        lines=lines,
        below=dict(under),
        missing=_missing({line.code for line in lines}, {row.indicator.decision_id for row in found}),
        compared=cite_of(report.compared_with) if report.compared_with else None,
        late=_late(unit),
        units_below=Unit.objects.standing_on(closing.until).filter(pk__in=below).count(),
    )


def _line(row: ClosedFigure, deadlines: dict[int, date], before: dict[int, Decimal]) -> Line:
    return Line(
        code=row.indicator.code, text=row.indicator.text, decision=row.indicator.decision.title, unit=row.unit.name,
        count=row.count, denominator=row.denominator, goal=row.goal, target_value=row.target_value,
        measured_in=row.measured_in, comparator=row.comparator, source=row.denominator_source,
        deadline=deadlines.get(row.indicator_id), before=before.get(row.indicator_id),
        is_declared=row.indicator.counting == CountingKind.DECLARED,
    )  # fmt: skip


def _before(report: Report) -> dict[int, Decimal]:
    if report.compared_with is None:
        return {}
    rows = ClosedFigure.objects.filter(closing=report.compared_with, unit=report.unit, part=Part.TOTAL)
    return dict(rows.values_list("indicator_id", "count"))


def _deadlines(closing: Closing, indicators: set[int]) -> dict[int, date]:
    """Until when a gap can be closed: the year itself for yearly indicators, the target's year for the others."""
    found: dict[int, date] = {}
    for indicator in Indicator.objects.filter(pk__in=indicators).prefetch_related("targets"):
        years = [target.year for target in indicator.all_targets if target.year]
        if indicator.recurrence == Recurrence.YEARLY:
            found[indicator.pk] = date(closing.year, 12, 31)
        elif years:
            found[indicator.pk] = date(max(years), 12, 31)
    return found


def _missing(known: set[str], decisions: set[int]) -> list[tuple[str, str]]:
    """Indicators of the same decisions of which the closing says nothing about the unit, and why."""
    others = Indicator.objects.filter(decision__in=decisions).exclude(code__in=known).order_by("decision__code", "pk")
    return [(indicator.code, _why(indicator)) for indicator in others]


def _why(indicator: Indicator) -> str:
    if indicator.counts:
        return "chưa ghi nhận kết quả nào đến ngày chốt."
    if indicator.counting in DECLARED_KINDS:
        return "chưa có số liệu đơn vị báo được duyệt đến ngày chốt."
    return indicator.note or "hệ thống chưa tính được."


def _late(unit: Unit) -> list[str]:
    """Units at or below ``unit`` that owe reports past their day, those that owe most first."""
    below = UnitAncestor.objects.filter(ancestor=unit).values("descendant")
    late = ReportDue.objects.filter(unit__in=below, handed_in_at=None, due_on__lt=today()).order_by()
    owing = list(
        late.values("unit__name").annotate(number=Count("pk"), oldest=Min("due_on")).order_by("-number", "unit__name")
    )
    told = [
        f"{row['unit__name']}: {row['number']} báo cáo, lâu nhất từ hạn {vi_date(row['oldest'])}."
        for row in owing[:MOST_LATE]
    ]
    return [*told, f"Và {len(owing) - MOST_LATE} đơn vị khác."] if len(owing) > MOST_LATE else told
