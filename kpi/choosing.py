"""Which indicator a board is about: the one asked for, else one whose deadline has not passed."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from kpi.boards import counts_people
from kpi.denominators import by_list
from kpi.forms import Reading
from kpi.models import Indicator


def people_indicators(reading: Reading) -> list[Indicator]:
    """Indicators that count people, with everything that a figure names."""
    return [one for one in Indicator.objects.for_figures(reading.unit) if counts_people(one)]


def chosen_of(request: HttpRequest, indicators: list[Indicator], year: int) -> Indicator | None:
    """None where there is nothing to choose from. Raises Http404 for a code that is none of ``indicators``."""
    if asked := request.GET.get("chi-tieu"):
        found = next((one for one in indicators if one.code == asked), None)
        if found is None:
            raise Http404
        return found
    running = [one for one in indicators if _runs(one, year)]
    # One of which it is known how many there are to train says something of every unit.
    return next((one for one in running if by_list(one)), next(iter(running or indicators), None))


def _runs(indicator: Indicator, year: int) -> bool:
    return any(target.value is not None and (target.year or year) >= year for target in indicator.all_targets)
