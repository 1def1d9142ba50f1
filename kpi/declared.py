"""Figures that units declare: the newest approved value of a unit, as of a day.

A value is the unit's own word: nothing is added up over it. Only numbers of something (``metric_kind`` count) are
added up where the unit itself said nothing, from the highest units below that did, and the figure says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.wording import day, number
from kpi.models import CountingKind, Declaration, DeclarationState, Indicator, Recurrence
from kpi.places import Place
from people.models import UnitAncestor

#: Recurrences whose value is asked for anew each year; any other one holds until a newer one comes.
EACH_YEAR = (Recurrence.YEARLY, Recurrence.QUARTERLY)
COUNT = "count"


@dataclass(frozen=True)
class Value:
    """What was declared, and how the figure came about."""

    value: Decimal
    remark: str


@dataclass
class Declared:
    """Approved values of some indicators, and which of the declaring units stand below which."""

    rows: dict[int, dict[int, Declaration]] = field(default_factory=dict)
    below: dict[int, set[int]] = field(default_factory=dict)

    def of(self, indicator: Indicator, unit: int, selves: Iterable[int] = ()) -> Value | None:
        """The value of a unit: its own, or that of an earlier row of it; else a sum where one is possible."""
        said = self.rows.get(indicator.pk, {})
        own = next((said[pk] for pk in (unit, *selves) if pk in said), None)
        if own is not None:
            return Value(own.value, _("báo đến ngày %(day)s") % {"day": day(own.until)})
        if indicator.metric_kind != COUNT or not (parts := self._highest(said, unit)):
            return None
        remark = ngettext(
            "cộng từ %(n)s đơn vị cấp dưới; đơn vị chưa tự báo",
            "cộng từ %(n)s đơn vị cấp dưới; đơn vị chưa tự báo",
            len(parts),
        )
        return Value(sum((said[pk].value for pk in parts), Decimal(0)), remark % {"n": number(len(parts))})

    def _highest(self, said: Mapping[int, Declaration], unit: int) -> set[int]:
        """Of the units below that declared, those with no other such unit above them."""
        inside = self.below.get(unit, set()) & said.keys() - {unit}
        covered = {pk for above in inside for pk in self.below.get(above, set()) if pk != above}
        return inside - covered


def approved(indicators: Iterable[Indicator], year: int, as_of: date | None = None) -> list[Declaration]:
    """Approved declarations that may hold in a year, the oldest first: what comes later takes the place."""
    end = min(as_of or date(year, 12, 31), date(year, 12, 31))
    anew = {one.pk: one.recurrence in EACH_YEAR or one.counting == CountingKind.ACTIVITY for one in indicators}
    this_year = Q(indicator__in=[pk for pk, asked in anew.items() if asked], year=year)
    lasting = Q(indicator__in=[pk for pk, asked in anew.items() if not asked], year__lte=year)
    rows = Declaration.objects.filter(this_year | lasting)
    rows = rows.filter(state=DeclarationState.APPROVED, until__lte=end)
    return list(rows.order_by("until", "decided_at", "pk"))


def declared_of(
    indicators: Collection[Indicator],
    place: Place,
    year: int,
    as_of: date | None = None,
    *,
    selves: Mapping[int, Collection[int]] | None = None,
) -> Declared:
    """What was declared in a place, its rows and below: two queries, none where no indicator is declared.

    ``selves``: earlier rows of units, which speak for them.
    """
    asked = [one for one in indicators if one.counting == CountingKind.DECLARED]
    if not asked:
        return Declared()
    found = Declared()
    earlier = {pk for some in (selves or {}).values() for pk in some}
    units = {place.unit.pk, *(unit.pk for unit in place.rows), *earlier}
    for row in approved(asked, year, as_of):
        found.rows.setdefault(row.indicator_id, {})[row.unit_id] = row
    counted = {one.pk for one in asked if one.metric_kind == COUNT}
    saying = {pk for indicator in counted for pk in found.rows.get(indicator, {})}
    where = Q(structure=place.home, ancestor__in={place.unit.pk, *saying})
    where |= Q(structure=place.structure, ancestor__in=units | saying) & ~Q(ancestor=place.unit.pk)
    for above, under in UnitAncestor.objects.filter(where, descendant__in=saying).values_list("ancestor", "descendant"):
        found.below.setdefault(above, set()).add(under)
    return found
