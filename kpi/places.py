"""Where figures are read: a unit under a structure, the units below it, and whose people belong to which row."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from common.wording import day
from people.models import COMMUNE_KINDS, Structure, Unit, UnitAncestor, UnitKind
from people.querysets import today

FAR = date(9999, 1, 1)
_DISTRICTS = (UnitKind.CITY, UnitKind.TOWN, UnitKind.DISTRICT)
KIND_RANK: dict[str, int] = {
    kind.value: 1 if kind in _DISTRICTS else 2 if kind in COMMUNE_KINDS else 3 + position
    for position, kind in enumerate(UnitKind)
} | {UnitKind.PROVINCE.value: 0}


@dataclass(frozen=True)
class Place:
    """A unit read under a structure.

    ``home`` is the structure under which the unit's people are gathered: the one asked for when the unit stands in it,
    else the unit's own (a province of today, read by the districts of 2022). ``rows`` are the units it is broken down
    by, under ``structure``; they never overlap. ``holds_unknown``: people of unknown unit belong to its total.
    """

    unit: Unit
    structure: Structure
    home: Structure
    rows: list[Unit] = field(default_factory=list)
    holds_unknown: bool = False

    def subtree(self) -> QuerySet[Any]:
        """Ids of all units reckoned to the place, as a subquery."""
        return UnitAncestor.objects.filter(structure=self.home, ancestor=self.unit).values("descendant")

    @cached_property
    def units(self) -> list[int]:
        """The same ids, read once. For lists of people: of ids PostgreSQL knows how many rows they hold, of a subquery
        it believes half of all, and then reads a province to show a page."""
        return list(self.subtree().values_list("descendant", flat=True))

    def inside(self, *, named: bool = False) -> Q:
        """Facts that belong to the place's total, by their ``unit``; ``named``: by the ids themselves."""
        found = Q(unit_id__any_of=self.units) if named else Q(unit__in=self.subtree())
        return found | Q(unit__isnull=True) if self.holds_unknown else found

    def row_of(self) -> dict[int, int]:
        """Unit of a fact → the row that it belongs to; units without an entry belong to no row."""
        below = UnitAncestor.objects.filter(structure=self.structure, ancestor__in=[u.pk for u in self.rows])
        return dict(below.values_list("descendant_id", "ancestor_id"))


def structures() -> list[Structure]:
    """All structures, the oldest first."""
    return list(Structure.objects.order_by("valid_from"))


def structure_now(known: list[Structure]) -> Structure:
    """The structure of today."""
    started = [s for s in known if s.valid_from <= today()]
    return (started or known)[-1]


def offered(known: list[Structure], chosen: Structure) -> list[tuple[str, str]]:
    """What is offered to choose from, as code and name: the reforms, today's, and the one that is being read.

    Between reforms every day on which units moved has a version of its own; their figures stay, they need no choice.
    Only the one in force today is offered of these, under the name that says so.
    """
    now = structure_now(known)
    current = now.name if now.is_reform else _("Cơ cấu hiện nay (từ %(day)s)") % {"day": day(now.valid_from)}
    names = {now.pk: current}
    return [(s.code, names.get(s.pk, s.name)) for s in known if s.is_reform or s in (now, chosen)]


def _end(structure: Structure, known: list[Structure]) -> date:
    return min((s.valid_from for s in known if s.valid_from > structure.valid_from), default=FAR)


def stands_in(unit: Unit, structure: Structure, known: list[Structure]) -> bool:
    """Whether the unit stood at some time while the structure was in force."""
    return unit.valid_from < _end(structure, known) and (unit.valid_to or FAR) > structure.valid_from


def home_of(unit: Unit, structure: Structure, known: list[Structure]) -> Structure:
    """The structure asked for when the unit stands in it, else the latest in which it does."""
    if stands_in(unit, structure, known):
        return structure
    return next((s for s in reversed(known) if stands_in(unit, s, known)), structure)


def place_of(unit: Unit, structure: Structure, known: list[Structure], *, with_rows: bool = True) -> Place:
    """Find how ``unit`` is read under ``structure``; at most two queries."""
    home = home_of(unit, structure, known)
    rows: list[Unit] = []
    if with_rows:
        rows = _children(unit, structure, known) if home == structure else _roots_within(unit, home, structure, known)
    whole = unit.parent_id is None and unit.stands_on(today())
    return Place(unit, structure, home, rows, holds_unknown=whole)


def highest(structure: Structure, known: list[Structure]) -> list[Place]:
    """The topmost units of a structure, with their rows. People of unknown unit are in the total of one at most."""
    below = UnitAncestor.objects.filter(structure=structure, depth__gt=0).values("descendant")
    roots = Unit.objects.filter(parent=None).exclude(pk__in=below).order_by("code", "valid_from")
    found = [place_of(unit, structure, known) for unit in roots if stands_in(unit, structure, known)]
    if sum(place.holds_unknown for place in found) > 1:
        return [replace(place, holds_unknown=False) for place in found]
    return found


def _standing(structure: Structure, known: list[Structure]) -> QuerySet[Unit]:
    return Unit.objects.annotate(end=Coalesce("valid_to", FAR)).filter(
        valid_from__lt=_end(structure, known), end__gt=structure.valid_from
    )


def units_within(place: Place, known: list[Structure]) -> list[Unit]:
    """The place's unit and every unit below it that stands in its structure."""
    return list(_standing(place.home, known).filter(pk__in=place.subtree()).order_by("pk"))


def _children(unit: Unit, structure: Structure, known: list[Structure]) -> list[Unit]:
    below = UnitAncestor.objects.filter(structure=structure, ancestor=unit, depth=1).values("descendant")
    return sorted(_standing(structure, known).filter(pk__in=below), key=_by_kind_and_name)


def _by_kind_and_name(unit: Unit) -> tuple[int, str, int]:
    """Districts, then communes, then offices, schools and teams; by name within each."""
    return (KIND_RANK[unit.kind], unit.search_key, unit.pk)


def _roots_within(unit: Unit, home: Structure, structure: Structure, known: list[Structure]) -> list[Unit]:
    """The topmost units of ``structure`` among those reckoned to ``unit`` at its own time."""
    mine = UnitAncestor.objects.filter(structure=home, ancestor=unit).values("descendant")
    candidates = _standing(structure, known).filter(pk__in=mine).exclude(pk=unit.pk)
    covered = UnitAncestor.objects.filter(
        structure=structure, ancestor__in=candidates.values("pk"), depth__gt=0
    ).values("descendant")
    return sorted(candidates.exclude(pk__in=covered), key=_by_kind_and_name)
