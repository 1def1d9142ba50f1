"""``manage.py kpi``: figures for programs and spreadsheets."""

from __future__ import annotations

import csv
import json
from argparse import ArgumentParser
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

from django.core.management.base import BaseCommand

from kpi import figures, places
from kpi.figures import Figure
from kpi.management.options import day_option, refused, structure_option, unit_option
from kpi.models import Indicator
from kpi.places import Place
from people.models import Structure

COLUMNS = [
    "indicator", "year", "structure", "as_of", "level", "unit_code", "unit", "count", "denominator",
    "denominator_source", "comparator", "target", "measured_in", "target_year", "goal", "gap", "percent",
]  # fmt: skip


class Command(BaseCommand):
    help = "In số liệu chỉ tiêu theo năm, đơn vị và cơ cấu, đếm thẳng từ những người đã được tính."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--year", required=True, type=int, help="năm")
        parser.add_argument("--indicator", help="mã chỉ tiêu; bỏ trống là mọi chỉ tiêu được tính")
        parser.add_argument("--unit", help="mã đơn vị; bỏ trống là cấp cao nhất của cơ cấu")
        parser.add_argument("--structure", help="mã cơ cấu đơn vị; bỏ trống là cơ cấu hôm nay")
        parser.add_argument("--as-of", help="chỉ tính đến hết ngày này, dạng 2026-11-22")
        parser.add_argument("--format", choices=["json", "csv"], default="json")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 2000 <= options["year"] <= 2100:
            raise refused(f"Năm «{options['year']}» không hợp lệ.")
        known = places.structures()
        structure = structure_option(options["structure"], known)
        as_of = day_option(options["as_of"])
        indicators = _indicators(options["indicator"])
        if options["unit"]:
            found = [places.place_of(unit_option(options["unit"], structure, known), structure, known)]
        else:
            found = places.highest(structure, known)
        reading = Reading(options["year"], structure, as_of, whole=not options["unit"])
        figures_of_all = [figure for indicator in indicators for figure in _figures(reading, indicator, found)]
        if options["format"] == "json":
            self.stdout.write(json.dumps(reading.named() | {"figures": figures_of_all}, ensure_ascii=False))
            return
        writer = csv.DictWriter(self.stdout, COLUMNS, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        for figure in figures_of_all:
            writer.writerows([figure, *figure["rows"]])


@dataclass(frozen=True)
class Reading:
    """What was asked; ``whole``: everybody, not one unit."""

    year: int
    structure: Structure
    as_of: date | None
    whole: bool

    def named(self) -> dict[str, Any]:
        as_of = self.as_of.isoformat() if self.as_of else None
        return {"year": self.year, "structure": self.structure.code, "as_of": as_of}


def _indicators(code: str | None) -> list[Indicator]:
    found = Indicator.objects.for_figures()
    if not code:
        return list(found.counting())
    one = list(found.filter(code=code))
    if not one:
        near = get_close_matches(code, Indicator.objects.values_list("code", flat=True), 3)
        raise refused(f"Không có chỉ tiêu mã «{code}».{' Có phải: ' + ', '.join(near) + '?' if near else ''}")
    if not one[0].has_figure:
        raise refused(f"Chỉ tiêu {code} nhập tay kèm minh chứng, chưa có số. {one[0].note}".strip())
    return one


def _figures(reading: Reading, indicator: Indicator, found: list[Place]) -> list[dict[str, Any]]:
    """The figures of one indicator: of each place with its rows, and of whoever is in none of them."""
    tables = [figures.table(indicator, place, reading.year, as_of=reading.as_of, exact=True) for place in found]
    totals: list[tuple[Figure, list[Figure]]] = [(table.total, table.rows) for table in tables]
    if reading.whole:
        totals += [(row, []) for row in figures.beside(indicator, found, reading.year, as_of=reading.as_of)]
    return [
        {"text": indicator.text, "decision": indicator.decision.title}
        | _line(reading, indicator, total)
        | {"rows": [_line(reading, indicator, row) for row in rows]}
        for total, rows in totals
    ]


def _line(reading: Reading, indicator: Indicator, row: Figure) -> dict[str, Any]:
    target = row.target
    return {
        "indicator": indicator.code,
        **reading.named(),
        "level": row.part.value,
        "unit_code": row.unit.code if row.unit else None,
        "unit": row.name,
        "count": (float(row.count) if row.is_declared else row.count) if row.is_known else None,
        "denominator": row.denominator.value,
        "denominator_source": row.denominator.source or None,
        "comparator": target.comparator if target else None,
        "target": float(target.value) if target and target.value is not None else None,
        "measured_in": target.measured_in if target else None,
        "target_year": target.year if target else None,
        "goal": row.goal,
        "gap": row.gap,
        "percent": float(row.percent) if row.percent is not None else None,
    }
