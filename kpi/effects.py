"""What a change of the unit tree would do to figures: people counted, by indicator and unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.db.models import Sum
from django.utils.translation import gettext as _

from kpi.models import Indicator, Recurrence, UnitMonth
from people.models import Structure, Unit, UnitAncestor
from people.querysets import today
from people.units.previews import Reading, effect_reader


@effect_reader
def counted_people(structure: Structure, units: Sequence[Unit]) -> list[Reading]:
    """People who count in this year under each of the units, for every indicator that has any: three queries.

    A yearly indicator counts this year's people, all others everybody up to now; the title says which.
    """
    below = UnitAncestor.objects.filter(structure=structure, ancestor__in=[unit.pk for unit in units])
    above: dict[int, list[int]] = {}
    for descendant, ancestor in below.values_list("descendant_id", "ancestor_id"):
        above.setdefault(descendant, []).append(ancestor)
    facts = (
        UnitMonth.objects.within(today().year)
        .filter(unit__in=below.values("descendant"))
        .order_by()
        .values_list("indicator_id", "unit_id")
        .annotate(people=Sum("count"))
    )
    found: dict[int, Counter[int]] = {}
    for indicator, unit, people in facts:
        figures = found.setdefault(indicator, Counter())
        for ancestor in above[unit]:
            figures[ancestor] += people
    titles = Indicator.objects.in_bulk(found)
    return [
        Reading(titles[pk].code, _title(titles[pk]), dict(figures))
        for pk, figures in sorted(found.items(), key=lambda item: titles[item[0]].code)
        if any(figures.values())
    ]


def _title(indicator: Indicator) -> str:
    basis = _("trong năm nay") if indicator.recurrence == Recurrence.YEARLY else _("luỹ kế đến nay")
    return f"{indicator.code}: {indicator.text} ({basis})"
