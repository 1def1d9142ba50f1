"""What the pages of figures say beyond the figures: a summary above them, trend and comparison, order of the rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from kpi import progress, siblings
from kpi.figures import Figure, Table
from kpi.forms import Reading
from kpi.missing import why_no_list
from kpi.models import Indicator
from kpi.places import Place
from kpi.progress import Summary
from kpi.trends import trend_of
from kpi.units_counted import UNIT_KINDS
from kpi.wording import counted_in, words_of
from people.models import COMMUNE_KINDS, UnitKind
from people.querysets import today


def dashboard_context(place: Place, reading: Reading, lines: list[tuple[Indicator, Figure]]) -> dict[str, Any]:
    """The summary, the standing of each indicator, communes with nobody."""
    day = today()
    summary: Summary = progress.summary_of(lines, reading.year, day)
    return {
        "summary": summary,
        "standings": {one.indicator.pk: one for one in summary.standings},
        "silent_communes": [
            (unit, reading.query(unit)) for unit in progress.communes_without_learners(place, reading.year, day)
        ],
    }


def counts_people(indicator: Indicator) -> bool:
    """Whether there is a monthly history of people: teams, schools and declared values have none."""
    return indicator.counts and indicator.counting not in UNIT_KINDS


def indicator_context(request: HttpRequest, table: Table, reading: Reading) -> dict[str, Any]:
    """Trend with forecast, comparison where it is asked for, rows in the order that is asked for."""
    order, only = request.GET.get("xep", ""), request.GET.get("loc", "")
    order, only = order if order in siblings.ORDERS else "", only if only in siblings.FILTERS else ""
    asks_comparison = request.GET.get("so-sanh") == "1"
    return {
        "arranged": siblings.arranged(table.rows, order=order, only=only),
        "orders": _choices(siblings.ORDERS, order, "xep", reading, loc=only),
        "filters": _choices(_filters(table.indicator), only, "loc", reading, xep=order),
        "only": only,
        "uncompared": sum(row.unit is not None and row.is_met is None for row in table.rows),
        "names_missing": not why_no_list(table.indicator),
        "trend": trend_of(table) if counts_people(table.indicator) else None,
        "asks_comparison": asks_comparison,
        "compared": siblings.compared_of(table, reading.known) if asks_comparison else None,
    }


def _filters(indicator: Indicator) -> dict[str, str]:
    """The filters by name; of what is no person, that none counts yet is said of that."""
    if not indicator.counts or counts_people(indicator):
        return siblings.FILTERS
    one = counted_in(words_of(indicator).one)
    return siblings.FILTERS | {"chua-hoc": _("Chưa có %(one)s nào được tính") % {"one": one}}


#: So many units of one kind stand open; more are folded, each kind by itself.
OPEN_UNITS = 12


@dataclass(frozen=True)
class Silent:
    """Units of one kind of which nothing is known. ``rows``: their figures, each with where it leads."""

    name: str
    rows: list[tuple[Figure, dict[str, str]]]

    @property
    def is_long(self) -> bool:
        return len(self.rows) > OPEN_UNITS


@dataclass(frozen=True)
class Strays:
    """Teams of communes that ended without a principal successor: they are read right under the province.

    ``count`` and ``due`` are the sums of their figures; ``due`` None where one is not known.
    """

    rows: list[tuple[Figure, dict[str, str]]]

    @property
    def count(self) -> int:
        return sum(int(row.count) for row, _links in self.rows)

    @property
    def due(self) -> int | None:
        whole = [row.whole for row, _links in self.rows]
        return None if None in whole else sum(number or 0 for number in whole)


def strays_of(rows: Sequence[tuple[Figure, dict[str, str]]], place: Place) -> Strays:
    """Those teams among the rows of a place that has communes: a row for each would bury what one looks for."""
    if not any(unit.kind in COMMUNE_KINDS for unit in place.rows):
        return Strays([])
    teams = [one for one in rows if one[0].unit and one[0].unit.kind == UnitKind.TEAM]
    return Strays([(row, links) for row, links in teams if row.unit and row.unit.parent_id != place.unit.pk])


def silent_by_kind(rows: Iterable[tuple[Figure, dict[str, str]]]) -> list[Silent]:
    """Communes first, then the other kinds in the order in which the tree of units names them."""
    kinds = [COMMUNE_KINDS, *({kind} for kind in UnitKind if kind not in COMMUNE_KINDS)]
    found: dict[int, list[tuple[Figure, dict[str, str]]]] = defaultdict(list)
    for row, links in rows:
        place = next((n for n, some in enumerate(kinds) if row.unit and row.unit.kind in some), len(kinds))
        found[place].append((row, links))
    return [Silent(_kinds_named(some), some) for _place, some in sorted(found.items(), key=itemgetter(0))]


def _kinds_named(rows: list[tuple[Figure, dict[str, str]]]) -> str:
    """«Xã, phường»: the kinds that are among them."""
    there = {row.unit.kind for row, _links in rows if row.unit}
    order = [UnitKind.COMMUNE, *UnitKind]
    return ", ".join(dict.fromkeys(UnitKind(kind).label.lower() for kind in order if kind in there)).capitalize()


def _choices(names: dict[str, str], chosen: str, key: str, reading: Reading, **kept: str) -> list[dict[str, Any]]:
    """Links that keep the other choice; ``names`` as they stand in the source."""
    others = {name: value for name, value in kept.items() if value}
    found = []
    for value, name in names.items():
        query = reading.query(None, None, **others, **({key: value} if value else {}))
        found.append({"name": _(name), "query": query, "chosen": value == chosen})
    return found
