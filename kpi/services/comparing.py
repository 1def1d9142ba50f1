"""Two closings beside each other leave the platform as a sheet; who took it is kept in the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common import audit, jobs
from common.language import on_record
from common.sheets_out import write_sheet
from common.text import slug
from kpi.closings_compared import compared_below, indicators_compared, units_compared
from kpi.models import Closing, Indicator
from people import access
from people.models import Unit, User

NAMED = ("Số đã chốt", "Phải học", "Chỉ tiêu giao")


@transaction.atomic
def closings_export(
    *, actor: User, first: Closing, second: Closing, unit: Unit, form: str, progress: jobs.Progress | None = None
) -> bytes:
    """Every indicator of a unit and of all units below it in both closings, the older one first, as ``xlsx`` or
    ``csv``.

    Two queries for each indicator, whatever the number of units. Forbidden where the actor does not read the unit.
    """
    access.require(access.can_read_kpi(actor, unit), actor, what=_("số liệu của %(unit)s") % {"unit": unit})
    indicators = indicators_compared(first, second)
    if progress:
        progress.begin(len(indicators), _("Đọc hai lần chốt, từng chỉ tiêu"))
    with on_record():
        headings = ["Chỉ tiêu", "Mã đơn vị", "Đơn vị"]
        headings += [f"{what}, {closing.name}" for closing in (first, second) for what in NAMED]
        headings.append("Tăng, giảm")
        written = _Counter(_rows(first, second, unit, indicators, progress))
        content = write_sheet(form, headings, written, sheet="So sánh")
        audit.record(
            actor=actor,
            act="kpi.closings_compared",
            subject=second,
            unit=unit,
            earlier=first.name,
            later=second.name,
            rows=written.count,
        )
    return content


@on_record()
def export_name(first: Closing, second: Closing, form: str) -> str:
    """The name of the file."""
    return f"so-sanh-{slug(first.name)}-{slug(second.name)}.{form}"


class _Counter:
    """Hands lines on and counts them: none is kept."""

    def __init__(self, lines: Iterator[list[Any]]) -> None:
        self.lines, self.count = lines, 0

    def __iter__(self) -> Iterator[list[Any]]:
        for line in self.lines:
            self.count += 1
            yield line


def _rows(
    first: Closing, second: Closing, unit: Unit, indicators: list[Indicator], progress: jobs.Progress | None
) -> Iterator[list[Any]]:
    units = units_compared(first, second, unit).in_bulk()
    for indicator in indicators:
        for line in compared_below(first, second, indicator, units):
            row: list[Any] = [indicator.code, line.unit.code, line.name]
            for said in (line.before, line.after):
                row += [said.count, said.denominator, said.target]
            yield [*row, line.difference]
        if progress:
            progress.advance()
