"""The head-count of one unit for one indicator, outside a table of figures."""

from __future__ import annotations

from kpi import places
from kpi.denominators import by_list, heads, list_day, official_of
from kpi.models import Indicator
from people.audiences import audience_parents, with_descendants
from people.models import Unit


def headcount_of(indicator: Indicator, unit: Unit, year: int) -> int | None:
    """How many ought to be trained in the unit: the official number, else the members on the list; None for neither."""
    if said := official_of([indicator], [unit.pk], (), year).of(indicator, unit):
        return said.value
    if not by_list(indicator):
        return None
    known = places.structures()
    place = places.place_of(unit, places.structure_now(known), known, with_rows=False)
    audiences = with_descendants({a.pk for a in indicator.all_audiences}, audience_parents())
    return heads(place, audiences, list_day(year), total=True, rows=()).get(unit.pk) or None
