"""Holds what the ``kpi`` room says against the reckoning that uses nothing of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from kpi import places
from kpi.models import Indicator, Recurrence
from kpi.part import Part
from kpi.tree_figures import tree_figures
from people.models import Unit
from tests.kpi.independent import KINDS, people_by_place


def agree(years: Collection[int]) -> int:
    """Hold every figure against the other reckoning; returns how many were not zero."""
    expected, compared = people_by_place(), 0
    indicators = list(Indicator.objects.for_figures().filter(counts=True, counting__in=KINDS))
    known = places.structures()
    for structure in known:
        for root in Unit.objects.filter(parent=None):
            place = places.place_of(root, structure, known)
            if place.home != structure:
                continue
            for year in years:
                for one in tree_figures(indicators, place, known, year, as_of=date(year, 12, 31)):
                    if one.figure.part != Part.TOTAL or (place.holds_unknown and one.unit == root):
                        continue
                    under = year if one.indicator.recurrence == Recurrence.YEARLY else 0
                    people = expected.get((one.indicator.code, under, structure.pk, one.unit.pk), set())
                    if under or year == max(years):
                        assert one.figure.count == len(people), f"{one.indicator.code} {one.unit} {year} {structure}"
                        compared += bool(people)
    return compared
