"""Who carries an indicator out and who watches over it: from names in a document to units that stand today.

The documents name units of their time. A name is matched among the units of the province as they were then; what
became of the unit is who answers today. Districts ended on 1/7/2025 and their work went to the communes, so «UBND cấp
huyện» stands for today's communes and wards. A name that fits no unit stays a name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from common.text import fold
from kpi.loading import Entry
from kpi.models import Indicator
from people.models import COMMUNE_KINDS, Unit, UnitKind, UnitSuccession
from people.querysets import today

#: Beginnings of folded names that stand for all units of some kinds.
_DISTRICTS = ("ubnd cap huyen", "ubnd huyen", "ubnd cac huyen", "uy ban nhan dan cap huyen", "ubnd cap xa", "ubnd xa")
_DEPARTMENTS = ("cac so, ban, nganh", "cac so, nganh", "cac so, co quan", "cac so ban nganh", "so, ban, nganh")
_SHORT = {"ubnd": "uy ban nhan dan"}


def kinds_named(name: str) -> frozenset[UnitKind]:
    """The kinds of units that a collective name stands for; none for the name of one unit."""
    folded = fold(name)
    if folded.startswith(_DISTRICTS):
        return frozenset(COMMUNE_KINDS)
    if folded.startswith(_DEPARTMENTS):
        return frozenset({UnitKind.DEPARTMENT})
    return frozenset()


def bare_name(name: str, province: str) -> str:
    """A folded name without its province: ``Sở Nội vụ tỉnh Bắc Giang`` is ``so noi vu``."""
    folded = f" {fold(name)} ".replace(" ubnd ", f" {_SHORT['ubnd']} ").strip()
    bare = fold(province).removeprefix("tinh ")
    return folded.removesuffix(f" tinh {bare}").removesuffix(f" {bare}").removesuffix(" tinh").strip()


@dataclass(frozen=True)
class Responsibilities:
    """Units of a province by their bare names of then, each with who answers for it today; and today's by kind."""

    province: str
    by_name: dict[str, list[int]]
    by_kind: dict[str, list[int]]

    @classmethod
    def of(cls, province: Unit) -> Self:
        """Read the units once: three queries, and one for each time that units became others."""
        tops = _followed([province.pk])[province.pk]
        standing = list(
            Unit.objects.standing_on().filter(parent__in=tops).exclude(kind=UnitKind.TEAM).values("pk", "name", "kind")
        )
        then = dict(Unit.objects.filter(parent=province, kind=UnitKind.DEPARTMENT).values_list("pk", "name"))
        now = _followed(then)
        by_name: dict[str, list[int]] = {}
        for unit in standing:
            by_name.setdefault(bare_name(unit["name"], province.name), []).append(unit["pk"])
        for pk, name in then.items():  # the name of then says more: today's «Sở Tài chính» is not always that of then
            by_name[bare_name(name, province.name)] = now[pk]
        by_kind: dict[str, list[int]] = {}
        for unit in standing:
            by_kind.setdefault(unit["kind"], []).append(unit["pk"])
        return cls(province.name, by_name, by_kind)

    def units(self, name: str) -> list[int]:
        """The units that a name of a document means today."""
        if kinds := kinds_named(name):
            return [pk for kind in sorted(kinds) for pk in self.by_kind.get(kind, [])]
        return self.by_name.get(bare_name(name, self.province), [])

    def give(self, indicator: Indicator, entry: Entry) -> None:
        """Write the names of an entry and the units that they mean."""
        names = entry.texts("responsible_units", needed=False)
        watching = entry.text("monitoring_unit", needed=False)
        if (indicator.responsible_names, indicator.monitoring_name) != (names, watching):
            indicator.responsible_names, indicator.monitoring_name = names, watching[:250]
            indicator.save(update_fields=["responsible_names", "monitoring_name"])
        indicator.responsible.set({pk for name in names for pk in self.units(name)})
        indicator.monitoring.set(set(self.units(watching)) if watching else set())


def _followed(units: dict[int, str] | list[int]) -> dict[int, list[int]]:
    """Unit → the units that it became and that stand today, by principal succession; itself where it still stands."""
    found: dict[int, list[int]] = {pk: [] for pk in units}
    now = {pk: {pk} for pk in units}
    for _ in range(20):
        reached = {pk for current in now.values() for pk in current}
        if not reached:
            break
        standing = set(Unit.objects.standing_on(today()).filter(pk__in=reached).values_list("pk", flat=True))
        links: dict[int, set[int]] = {}
        gone = UnitSuccession.objects.filter(predecessor__in=reached - standing, principal=True)
        for before, after in gone.values_list("predecessor", "successor"):
            links.setdefault(before, set()).add(after)
        for start, current in now.items():
            found[start] += sorted((current & standing) - set(found[start]))
            now[start] = {after for pk in current - standing for after in links.get(pk, ())}
    return found
