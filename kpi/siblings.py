"""A unit beside the others of its kind under the same parent: rank and median; and rows in the order that is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from django.utils.translation import gettext_noop as _

from kpi import figures, places
from kpi.figures import Figure, Part, Table
from kpi.places import Place
from people.models import Structure, Unit, UnitAncestor

#: Fewer than so many others are no field to be ranked in, and would be told one by one.
FEWEST = 3


@dataclass(frozen=True)
class Compared:
    """Rank 1 is the best; units with the same share have the same rank. ``middle``: the median share of all."""

    parent: Unit
    kind: str
    units: int
    rank: int
    percent: Decimal
    middle: Decimal


def compared(rows: Sequence[Figure], unit: Unit, parent: Unit) -> Compared | None:
    """The unit among ``rows``; None where it has no share itself or there are too few to compare it with. Pure."""
    units = [(row.unit, row.percent) for row in rows if row.unit and row.part == Part.UNIT]
    same = {one.pk: percent for one, percent in units if one.kind == unit.kind}
    shares = [share for share in same.values() if share is not None]
    own = same.get(unit.pk)
    if own is None or len(shares) <= FEWEST:
        return None
    better = sum(share > own for share in shares)
    return Compared(parent, unit.get_kind_display(), len(shares), better + 1, own, Decimal(median(shares)))


def compared_of(table: Table, known: list[Structure]) -> Compared | None:
    """The place of a table among its siblings: the figures of its parent, in the same number of queries."""
    above = UnitAncestor.objects.filter(structure=table.place.home, descendant=table.place.unit, depth=1)
    found = above.select_related("ancestor").first()
    if found is None:
        return None
    around: Place = places.place_of(found.ancestor, table.place.home, known)
    rows = figures.table(table.indicator, around, table.year, as_of=table.as_of).rows
    return compared(rows, table.place.unit, found.ancestor)


#: Orders of the rows of a place, by the word in the address.
ORDERS = {"": _("Theo loại và tên"), "cham": _("Chậm nhất trước"), "thieu": _("Còn thiếu nhiều nhất trước")}
#: Which rows are shown.
FILTERS = {"": _("Mọi đơn vị"), "chua-dat": _("Chưa đạt chỉ tiêu"), "chua-hoc": _("Chưa có người học")}


def _missing(row: Figure) -> int | None:
    """What is missing to the target of a row; where it has none of its own, to all there are."""
    if row.gap is not None or row.is_declared or row.whole is None:
        return row.gap
    return max(0, row.whole - int(row.count))


_KEYS: dict[str, Callable[[Figure], tuple[bool, Decimal]]] = {
    "cham": lambda row: (row.percent is None, row.percent or Decimal(0)),
    "thieu": lambda row: (_missing(row) is None, -Decimal(_missing(row) or 0)),
}
_KEPT: dict[str, Callable[[Figure], bool]] = {
    "chua-dat": lambda row: row.is_met is False,
    "chua-hoc": lambda row: not row.is_declared and not row.count,
}


def arranged(rows: Sequence[Figure], *, order: str, only: str) -> list[Figure]:
    """Rows of units as asked; the special rows, which are no units, stay last and fall away under a filter. Pure."""
    units = [row for row in rows if row.part == Part.UNIT and (not only or _KEPT[only](row))]
    if order:
        units.sort(key=_KEYS[order])
    return units + [row for row in rows if row.part != Part.UNIT and not only]
