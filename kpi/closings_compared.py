"""One closing beside another: of a unit, or of every unit below it, indicator by indicator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from kpi.closed import Line, Said
from kpi.models import ClosedFigure, Closing, Indicator
from kpi.part import Part
from people.models import Unit, UnitAncestor

#: Up to so many units a sheet is made while one waits; of more by a job. Each unit has a line for every indicator.
DIRECT_UNITS = 200


def closings_compared(first: Closing, second: Closing, unit: Unit) -> list[Line]:
    """Each indicator of a unit in both closings; two queries."""
    where = Q(unit=unit)
    before, after = (
        {(row.indicator_id, row.part): row for row in closing.figures.filter(where).select_related("indicator")}
        for closing in (first, second)
    )
    rows = before | after
    return [
        Line(rows[key].indicator, unit, Part(key[1]), Said.of_closed(before.get(key)), Said.of_closed(after.get(key)))
        for key in sorted(rows, key=lambda key: (rows[key].indicator.code, key))
    ]


def units_compared(first: Closing, second: Closing, unit: Unit) -> QuerySet[Any]:
    """The unit and those below it in either closing."""
    both = UnitAncestor.objects.filter(structure__in=[first.structure_id, second.structure_id], ancestor=unit)
    return Unit.objects.filter(pk__in=both.values("descendant"))


def indicators_compared(first: Closing, second: Closing) -> list[Indicator]:
    """Indicators of which either closing says something, by code; one query."""
    said = ClosedFigure.objects.filter(closing__in=[first.pk, second.pk])
    return list(Indicator.objects.filter(pk__in=said.values("indicator")).only("code", "text").order_by("code"))


def compared_below(first: Closing, second: Closing, indicator: Indicator, units: Mapping[int, Unit]) -> Iterator[Line]:
    """One indicator in each of some units, by name; two queries, and the rows of one indicator in memory."""
    # A few are looked for by themselves; of many it is quicker to read all.
    where = Q(unit__in=list(units)) if len(units) <= DIRECT_UNITS else Q()
    before, after = (
        {
            (row.unit_id, row.part): row
            for row in closing.figures.filter(where, indicator=indicator)
            if row.unit_id in units
        }
        for closing in (first, second)
    )
    for key in sorted(before | after, key=lambda key: (units[key[0]].search_key, key)):
        said, then = Said.of_closed(before.get(key)), Said.of_closed(after.get(key))
        yield Line(indicator, units[key[0]], Part(key[1]), said, then)
