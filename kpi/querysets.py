"""Reads of indicators and counted people, named for the screens that ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, F, Prefetch, Q

from common.text import fold

if TYPE_CHECKING:
    from kpi.models import Indicator
    from people.models import Unit


def within(year: int, *, day: str, until: date | None, through: str = "indicator__") -> Q:
    """Rows that count in a year: yearly indicators that year's own, all others everything up to its end.

    ``day`` names the column that dates a row, ``through`` leads to the indicator, ``until`` cuts off earlier.
    """
    yearly = Q(**{f"{through}recurrence": "yearly"})
    end = min(until or date(year, 12, 31), date(year, 12, 31))
    return (yearly & Q(year=year) | ~yearly & Q(year=F(f"{through}base_year"))) & Q(**{f"{day}__lte": end})


class IndicatorQuerySet(models.QuerySet[Any]):
    def counting(self) -> IndicatorQuerySet:
        """Indicators that completions of this platform feed."""
        return self.filter(counts=True)

    def for_figures(self, unit: Unit | None = None) -> IndicatorQuerySet:
        """With everything that a figure names: decision, targets and their units, audiences.

        For figures of one ``unit`` the shares of all others stay away: there may be hundreds for each indicator. A unit
        that was only renamed keeps its code, and with it what it was given before.
        """
        from kpi.models import Target
        from people.models import Audience

        targets = Target.objects.select_related("unit")
        if unit is not None:
            targets = targets.filter(Q(allocated_from=None) | Q(unit__code=unit.code))
        return (
            self.select_related("decision")
            # Into lists: a queryset for each of two hundred relations would cost more than the reading.
            .prefetch_related(
                Prefetch("targets", targets, to_attr="loaded_targets"),
                Prefetch("audiences", Audience.objects.all(), to_attr="loaded_audiences"),
            )
            .order_by("decision__code", "pk")
        )


class UnitMonthQuerySet(models.QuerySet[Any]):
    def within(self, year: int) -> UnitMonthQuerySet:
        """Cells that count in a year."""
        return self.filter(within(year, day="month", until=None))

    def of(self, indicators: Collection[Indicator], year: int) -> UnitMonthQuerySet:
        """The same cells of these indicators, asked by what the cells say, without the rows of indicators."""
        under: dict[int, set[int]] = defaultdict(set)
        for one in indicators:
            under[one.counted_under(year)].add(one.pk)
        held = Q(pk__in=[])
        for counted_year, some in under.items():
            held |= Q(year=counted_year, indicator__in=some)
        return self.filter(held, month__lte=date(year, 12, 31))


class CountedQuerySet(models.QuerySet[Any]):
    def within(self, year: int, as_of: date | None = None) -> CountedQuerySet:
        """People who count in a year, by a day."""
        return self.filter(within(year, day="counted_on", until=as_of))

    def of(self, indicator: Indicator, year: int) -> CountedQuerySet:
        """People who count for one indicator in a year, asked by what the rows say, without its row."""
        return self.filter(indicator=indicator, year=indicator.counted_under(year), counted_on__lte=date(year, 12, 31))

    def for_people_page(self, indicator: Indicator, year: int, words: str = "") -> CountedQuerySet:
        """Who counts in a year, with everything that a list of them shows, by given name; ``words`` need no accents."""
        found = self.of(indicator, year)
        for word in fold(words).split():
            found = found.filter(user__search_key__contains=word)
        # Of a ward's thousands fifty are shown: what only these need is read for these.
        found = found.select_related("user").prefetch_related("unit", "completion")
        return found.order_by("user__sort_key", "user_id", "year")

    def visible_to(self, viewer: Any) -> CountedQuerySet:
        """People counted under the units whose figures the viewer may read.

        People of unknown unit are shown to those who answer for a whole province.
        """
        from people import access
        from people.models import Membership

        if not viewer.is_authenticated:
            return self.none()
        whole = Membership.objects.in_force().filter(
            user=viewer, role__in=access.KPI_READING, unit__parent__isnull=True
        )
        unknown = Q(unit__isnull=True) & Exists(whole)
        return self.filter(Q(unit__in=access.scope_units(viewer, access.KPI_READING)) | unknown)
