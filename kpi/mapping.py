"""A figure on the map: a bubble for each unit with coordinates, as large as its people, marked by where it stands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kpi import charts
from kpi.figures import Figure, Part, Table
from people.models import ADMINISTRATIVE_KINDS


class Mark(StrEnum):
    """Where a unit stands; ``sign`` says the same as the colour, inside the bubble."""

    MET = "dat"
    NEAR = "gan-dat"
    LOW = "chua-dat"
    NOBODY = "chua-hoc"
    UNKNOWN = "chua-ro"


MARKS = {
    Mark.MET: ("✓", _("Đạt chỉ tiêu")),
    Mark.NEAR: ("+", _("Từ chín phần mười chỉ tiêu trở lên")),
    Mark.LOW: ("−", _("Dưới chín phần mười chỉ tiêu")),
    Mark.NOBODY: ("0", _("Chưa có người học")),
    Mark.UNKNOWN: ("?", _("Có người học, chưa có số phải học để so")),
}


@dataclass(frozen=True)
class Spot:
    """A unit of the map with its figure."""

    figure: Figure
    mark: Mark

    @property
    def sign(self) -> str:
        return MARKS[self.mark][0]

    @property
    def meaning(self) -> str:
        return gettext(MARKS[self.mark][1])


@dataclass(frozen=True)
class FigureMap:
    """``spots``: every commune or district, the slowest first, on the map or not. ``unplaced``: how many have no
    coordinates; ``others``: offices, schools and teams right below the place, which are no places on a map."""

    drawn: charts.Map
    spots: list[Spot]
    unplaced: int
    others: int

    @property
    def legend(self) -> list[tuple[Mark, str, str, int]]:
        number = {mark: sum(spot.mark == mark for spot in self.spots) for mark in Mark}
        return [(mark, sign, gettext(said), number[mark]) for mark, (sign, said) in MARKS.items() if number[mark]]


def mark_of(figure: Figure) -> Mark:
    """Where a figure stands. Pure."""
    if not figure.count:
        return Mark.NOBODY
    if figure.is_met is None:
        return Mark.UNKNOWN
    if figure.is_met:
        return Mark.MET
    return Mark.LOW if figure.is_low else Mark.NEAR


def map_of(table: Table) -> FigureMap:
    """The rows of a table on the map; its size is what there is to train, or what is counted where that is unknown."""
    rows = [row for row in table.rows if row.part == Part.UNIT]
    spots = [Spot(row, mark_of(row)) for row in rows if row.unit and row.unit.kind in ADMINISTRATIVE_KINDS]
    points = [
        (spot.figure.unit.lat, spot.figure.unit.lon, spot.figure.denominator.value or int(spot.figure.count), spot)
        for spot in spots
        if spot.figure.unit is not None and spot.figure.unit.lat is not None and spot.figure.unit.lon is not None
    ]
    # What is rare lies on top of what is common, the small on top of the large: nothing that stands out is covered.
    common = Counter(spot.mark for *_place, spot in points)
    points.sort(key=lambda point: (-common[point[3].mark], -point[2]))
    return FigureMap(
        charts.bubble_map(points), sorted(spots, key=_slowest), len(spots) - len(points), len(rows) - len(spots)
    )


def _slowest(spot: Spot) -> tuple[bool, Decimal, int]:
    """The smallest share first, of equal ones the most people; those without a share last."""
    figure = spot.figure
    return figure.percent is None, figure.percent or Decimal(0), -(figure.denominator.value or 0)
