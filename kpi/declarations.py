"""Who may declare what, who may approve it, and what a unit still owes: reads and rights of declarations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from kpi import periods
from kpi.models import DECLARED_KINDS, CountingKind, Declaration, DeclarationState, Indicator, Recurrence
from kpi.responsibility import kinds_named
from people import access
from people.models import Unit, UnitAncestor, UnitKind
from people.querysets import today

#: Audiences that are units: who has an activity is a unit of this kind.
UNIT_AUDIENCES = {"truong_hoc": UnitKind.SCHOOL}
#: Units that work for the unit above them.
OFFICES = frozenset({UnitKind.DEPARTMENT, UnitKind.AGENCY})
#: States that settle what a unit owes: it waits for an answer, or is approved.
SETTLED = (DeclarationState.SUBMITTED, DeclarationState.APPROVED)


def declared_indicators() -> QuerySet[Any]:
    """Indicators whose figure comes from declarations, with everything that the rights ask about."""
    return (
        Indicator.objects.filter(counting__in=DECLARED_KINDS)
        .select_related("decision")
        .prefetch_related("audiences", "responsible", "monitoring", "targets")
    )


def unit_kinds(indicator: Indicator) -> frozenset[UnitKind]:
    """The kinds of units that can have the activity; empty: any."""
    if indicator.counting != CountingKind.ACTIVITY:
        return frozenset()
    return frozenset(UNIT_AUDIENCES[a.code] for a in indicator.all_audiences if a.code in UNIT_AUDIENCES)


@dataclass(frozen=True)
class Declarer:
    """What a person may declare for one unit. Three queries, whatever the number of indicators."""

    unit: Unit
    reads: bool
    keeps: bool
    above: frozenset[int]

    @classmethod
    def of(cls, viewer: Any, unit: Unit) -> Declarer:
        above = UnitAncestor.objects.filter(structure=access.current_structure(), descendant=unit)
        return cls(
            unit,
            access.can_read_kpi(viewer, unit),
            access.can_keep_kpi(viewer, unit),
            frozenset(above.values_list("ancestor_id", flat=True)),
        )

    def concerns(self, indicator: Indicator) -> bool:
        """Whether the unit is one of those that carry the indicator out, or lies below one.

        An activity concerns every unit of its kind. Where no unit is named, the highest unit answers.
        """
        if kinds := unit_kinds(indicator):
            return self.unit.kind in kinds
        responsible = {unit.pk for unit in indicator.responsible.all()}
        return bool(responsible & self.above) if responsible else self.unit.parent_id is None

    def speaks_for(self, indicator: Indicator) -> Unit | None:
        """The unit above, where the document names this office as the one that carries the indicator out for it all.

        Not where all offices are named together: then each answers for itself.
        """
        if indicator.counting != CountingKind.DECLARED or self.unit.kind not in OFFICES or not self.reads:
            return None
        together = any(UnitKind.DEPARTMENT in kinds_named(name) for name in indicator.responsible_names)
        named = self.unit.pk in {unit.pk for unit in indicator.responsible.all()}
        return self.unit.parent if named and not together else None

    def units(self, indicator: Indicator) -> list[Unit]:
        """The units for which the person may declare from this one: the unit above first, where it speaks for it."""
        above = self.speaks_for(indicator)
        return ([above] if above else []) + ([self.unit] if self.may(indicator) else [])

    def may(self, indicator: Indicator) -> bool:
        """Whether the person may declare for the unit: whoever reads its figures, where it carries the indicator out;
        who keeps its targets may in any case."""
        if indicator.counting not in DECLARED_KINDS or not self.unit.stands_on(today()):
            return False
        return self.reads and (self.concerns(indicator) or (self.keeps and not unit_kinds(indicator)))


def may_declare(viewer: Any, indicator: Indicator, unit: Unit) -> bool:
    """Whether ``viewer`` may declare for the unit: from the unit itself, or from an office that speaks for it."""
    if Declarer.of(viewer, unit).may(indicator):
        return True
    scope = access.scope_units(viewer, access.KPI_READING)
    offices = indicator.responsible.filter(parent=unit, kind__in=OFFICES, pk__in=scope).select_related("parent")
    return any(Declarer.of(viewer, office).speaks_for(indicator) for office in offices)


def watched(viewer: Any) -> QuerySet[Any]:
    """Ids of the indicators that a unit of the person watches over, where the person reads its figures."""
    scope = access.scope_units(viewer, access.KPI_READING)
    found: QuerySet[Any] = Indicator.monitoring.through.objects.filter(unit__in=scope).values("indicator_id")
    return found


def can_approve(viewer: Any, indicator: Indicator, unit: Unit) -> bool:
    """Whether ``viewer`` may approve or return what ``unit`` declares: who keeps the unit's targets, or reads figures
    in a unit that watches over the indicator. Never what they declared themselves; the services see to that."""
    return access.can_keep_kpi(viewer, unit) or watched(viewer).filter(indicator_id=indicator.pk).exists()


def can_withdraw(viewer: Any, declaration: Declaration) -> bool:
    """Whether ``viewer`` may take back what waits: who declared it, or answers for the unit beside them. Whoever may
    approve it for others sends it back instead, with a reason."""
    if not may_declare(viewer, declaration.indicator, declaration.unit):
        return False
    return declaration.declared_by_id == viewer.pk or not access.can_keep_kpi(viewer, declaration.unit)


def can_see(viewer: Any, declaration: Declaration) -> bool:
    """Whether ``viewer`` may read a declaration and its evidence."""
    if access.can_read_kpi(viewer, declaration.unit):
        return True
    if can_approve(viewer, declaration.indicator, declaration.unit):
        return True
    return may_declare(viewer, declaration.indicator, declaration.unit)


def visible_to(viewer: Any) -> QuerySet[Any]:
    """The declarations that ``viewer`` may read, those that wait first."""
    scope = access.scope_units(viewer, access.KPI_READING)
    carried = Indicator.responsible.through.objects.filter(unit__in=scope).values("indicator_id")
    own = Q(declared_by=viewer, indicator__in=carried)
    return Declaration.objects.filter(Q(unit__in=scope) | Q(indicator__in=watched(viewer)) | own)


def to_approve(viewer: Any) -> QuerySet[Any]:
    """What waits for the person's answer: not what they declared themselves."""
    scope = access.scope_units(viewer, access.KPI_KEEPING)
    mine = Q(unit__in=scope) | Q(indicator__in=watched(viewer))
    waiting = Declaration.objects.filter(mine, state=DeclarationState.SUBMITTED).exclude(declared_by=viewer)
    return waiting.select_related("indicator", "unit", "declared_by").order_by("declared_at")


@dataclass(frozen=True)
class Owed:
    """A value that a unit has still to declare. ``until``: the last day of the period that it is asked for.

    ``waits``: one of another period still waits for its answer; only then can this one be sent.
    """

    indicator: Indicator
    period: str
    until: date
    is_over: bool
    waits: bool = False


def asked_periods(indicator: Indicator, year: int, day: date) -> list[tuple[str, date, date]]:
    """Name, first and last day of the periods of a year that had begun by a day: quarters where each quarter is asked
    for, else the year. Pure."""
    kind = periods.QUARTER if indicator.recurrence == Recurrence.QUARTERLY else periods.YEAR
    found, first = [], date(year, 1, 1)
    while first.year == year and first <= day:
        last = periods.last_day(kind, first)
        found.append((periods.period_name(kind, last), first, last))
        first = last + timedelta(days=1)
    return found


def owed(declarer: Declarer, year: int) -> list[Owed]:
    """What the unit has still to declare for a year, period by period: neither waiting nor approved, for it or for
    whom it speaks. Two queries more than the rights ask, whatever the numbers."""
    units = [declarer.unit.pk, *([declarer.unit.parent_id] if declarer.unit.parent_id else [])]
    said: dict[tuple[int, int], list[Declaration]] = {}
    for row in Declaration.objects.filter(unit__in=units, year=year, state__in=SETTLED).order_by():
        said.setdefault((row.indicator_id, row.unit_id), []).append(row)
    found = []
    for indicator in declared_indicators().order_by("decision__code", "pk"):
        if not (declarer.concerns(indicator) and declarer.units(indicator)):
            continue
        rows = said.get((indicator.pk, declarer.unit.pk), [])
        if declarer.speaks_for(indicator) and declarer.unit.parent_id:
            rows = rows + said.get((indicator.pk, declarer.unit.parent_id), [])
        found += _periods_owed(indicator, rows, year)
    return found


def _periods_owed(indicator: Indicator, rows: list[Declaration], year: int) -> list[Owed]:
    quarterly = indicator.recurrence == Recurrence.QUARTERLY
    waits = any(row.state == DeclarationState.SUBMITTED for row in rows)
    return [
        Owed(indicator, name, last, is_over=last < today(), waits=waits)
        for name, first, last in asked_periods(indicator, year, today())
        if not any(first <= row.until <= last for row in rows) and (quarterly or not rows)
    ]


def holding(indicator: Indicator, unit: Unit, year: int) -> Declaration | None:
    """The declaration that holds: the newest approved one."""
    approved = Declaration.objects.filter(indicator=indicator, unit=unit, year=year, state=DeclarationState.APPROVED)
    return approved.order_by("-until", "-decided_at").first()
