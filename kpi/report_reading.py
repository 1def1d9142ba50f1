"""Reads the facts of a report from its closing: a number of queries that does not depend on units or people."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from certificates.drawing import issuer_lines
from certificates.services.issuing import issuer_name
from common.text import vi_date
from kpi.figures import Part
from kpi.models import DECLARED_KINDS, ClosedFigure, Closing, CountingKind, Indicator, Recurrence, Report, ReportDue
from kpi.report_facts import Cite, Facts, Line, Missing
from people.models import ADMINISTRATIVE_KINDS, Unit, UnitAncestor
from people.querysets import today

#: Units with late reports that a briefing names.
MOST_LATE = 15


def cite_of(closing: Closing) -> Cite:
    return Cite(closing.until, closing.checksum)


def issuer_of(unit: Unit) -> list[str]:
    """The head of the paper: a people's committee by its full name, a department under its people's committee."""
    if unit.kind in ADMINISTRATIVE_KINDS:
        return [f"Uỷ ban nhân dân {unit.name[:1].lower()}{unit.name[1:]}"]
    lines = issuer_lines(issuer_name(unit))
    if len(lines) == 1 and unit.parent:
        return [*issuer_of(unit.parent), *lines]
    return lines


def holds(closing: Closing, unit: Unit) -> bool:
    """Whether a closing has figures of a unit."""
    return ClosedFigure.objects.filter(closing=closing, unit=unit, part=Part.TOTAL).exists()


@dataclass(frozen=True)
class Told:
    """What is said of an indicator beside its figure. ``deadline``: until when a gap can be closed.

    ``caution``: what every reader of the figure must know; empty in reports that were issued before it was kept.
    """

    text: str
    decision: str
    deadline: date | None
    is_declared: bool
    caution: str = ""


@dataclass(frozen=True)
class Words:
    """Everything that stands in a report beside the frozen figures and the text that people wrote.

    It is read from what holds today until the report is issued, and then kept with it: neither a mended indicator nor a
    renamed unit changes a paper that was signed. ``indicators`` and ``below`` (units right below) go by their ids.
    """

    unit: str
    issuer: list[str]
    indicators: dict[int, Told]
    below: dict[int, str]
    missing: list[Missing]
    late: list[str]
    units_below: int

    def as_json(self) -> dict[str, Any]:
        told = {
            str(pk): [
                one.text,
                one.decision,
                one.deadline.isoformat() if one.deadline else "",
                one.is_declared,
                one.caution,
            ]
            for pk, one in self.indicators.items()
        }
        below = {str(pk): name for pk, name in self.below.items()}
        return {**vars(self), "indicators": told, "below": below}

    @classmethod
    def from_json(cls, held: dict[str, Any]) -> Words:
        told = {
            int(pk): Told(text, decision, date.fromisoformat(deadline) if deadline else None, *more)
            for pk, (text, decision, deadline, *more) in held["indicators"].items()
        }
        return cls(
            unit=held["unit"], issuer=held["issuer"], indicators=told,
            below={int(pk): name for pk, name in held["below"].items()},
            missing=[Missing(*one) for one in held["missing"]], late=held["late"], units_below=held["units_below"],
        )  # fmt: skip


def words_of(report: Report) -> Words:
    """The words of a report: those it keeps, or those that hold today."""
    if report.frozen:
        return Words.from_json(report.frozen)
    closing, unit = report.closing, report.unit
    below = UnitAncestor.objects.filter(structure=closing.structure_id, ancestor=unit, depth=1).values("descendant")
    found = _figures(closing, Q(unit=unit) | Q(unit__in=below)).select_related("indicator__decision", "unit")
    indicators = {row.indicator_id: row.indicator for row in found}
    own = {row.indicator.code for row in found if row.unit_id == unit.pk}
    deadlines = _deadlines(closing, set(indicators))
    return Words(
        unit=unit.name,
        issuer=issuer_of(unit),
        indicators={
            pk: Told(
                one.text, one.decision.title, deadlines.get(pk), one.counting == CountingKind.DECLARED, one.caution
            )
            for pk, one in indicators.items()
        },
        below={row.unit_id: row.unit.name for row in found if row.unit_id != unit.pk},
        missing=_missing(own, unit, closing),
        late=_late(unit),
        units_below=Unit.objects.standing_on(closing.until).filter(pk__in=below).count(),
    )


def _figures(closing: Closing, where: Q) -> QuerySet[ClosedFigure]:
    return ClosedFigure.objects.filter(where, closing=closing, part=Part.TOTAL).order_by(
        "indicator__decision__code", "indicator__pk", "unit__name"
    )


def facts_of(report: Report) -> Facts:
    """What the closing of a report says of its unit and the units right below it, in the words of the report."""
    words, unit = words_of(report), report.unit_id
    before = _before(report)
    lines: list[Line] = []
    under: dict[str, list[Line]] = defaultdict(list)
    where = Q(unit=unit) | Q(unit__in=words.below)
    for row in _figures(report.closing, where).select_related("indicator"):
        told = words.indicators[row.indicator_id]
        line = _line(row, told, words.below.get(row.unit_id, words.unit), before if row.unit_id == unit else {})
        (lines if row.unit_id == unit else under[line.code]).append(line)
    return Facts(
        unit=words.unit,
        issuer=words.issuer,
        cite=cite_of(report.closing),
        lines=lines,
        below=dict(under),
        missing=words.missing,
        compared=cite_of(report.compared_with) if report.compared_with else None,
        late=words.late,
        units_below=words.units_below,
    )


def _line(row: ClosedFigure, told: Told, unit: str, before: dict[int, Decimal]) -> Line:
    return Line(
        code=row.indicator.code, text=told.text, decision=told.decision, unit=unit,
        count=row.count, denominator=row.denominator, goal=row.goal, target_value=row.target_value,
        measured_in=row.measured_in, comparator=row.comparator, source=row.denominator_source,
        deadline=told.deadline, before=before.get(row.indicator_id), is_declared=told.is_declared,
        caution=told.caution,
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


def _missing(known: set[str], unit: Unit, closing: Closing) -> list[Missing]:
    """All other indicators: of these the closing says nothing about the unit; and why. Three queries."""
    others = Indicator.objects.exclude(code__in=known).prefetch_related("responsible").order_by("decision__code", "pk")
    named = {indicator.pk: {one.pk for one in indicator.responsible.all()} for indicator in others}
    every = set().union(*named.values())
    near = Q(descendant=unit, ancestor__in=every) | Q(ancestor=unit, descendant__in=every)
    links = UnitAncestor.objects.filter(near, structure=closing.structure_id).values_list("ancestor", "descendant")
    around = {pk for link in links for pk in link} & every

    def is_asked(indicator: Indicator) -> bool:
        """As ``kpi.declarations.Declarer.concerns``; a unit is asked as well where one below it declares."""
        return bool(named[indicator.pk] & around) if named[indicator.pk] else unit.parent_id is None

    return [Missing(one.code, _why(one, is_asked=is_asked(one)), one.text) for one in others]


def _why(indicator: Indicator, *, is_asked: bool) -> str:
    if indicator.counts:
        return "chưa ghi nhận kết quả nào đến ngày chốt."
    if indicator.counting == CountingKind.DECLARED and not is_asked:
        return "không do đơn vị này báo số liệu."
    if indicator.counting in DECLARED_KINDS:
        return "chưa có số liệu đơn vị báo được duyệt đến ngày chốt."
    return indicator.note or "hệ thống chưa tính được."


def _late(unit: Unit) -> list[str]:
    """Units at or below ``unit`` that owe reports past their day, those that owe most first."""
    below = UnitAncestor.objects.filter(ancestor=unit).values("descendant")
    late = ReportDue.objects.late(today()).filter(unit__in=below).order_by()
    owing = list(
        late.values("unit__name").annotate(number=Count("pk"), oldest=Min("due_on")).order_by("-number", "unit__name")
    )
    told = [
        f"{row['unit__name']}: {row['number']} báo cáo, lâu nhất từ hạn {vi_date(row['oldest'])}."
        for row in owing[:MOST_LATE]
    ]
    return [*told, f"Và {len(owing) - MOST_LATE} đơn vị khác."] if len(owing) > MOST_LATE else told
