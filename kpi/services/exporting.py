"""Lists of people that leave the platform: who took them is kept in the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction

from common import audit
from common.errors import Refusal
from common.sheets_out import write_csv, write_xlsx
from kpi.missing import Missing, why_no_list
from people import access
from people.models import User

HEADINGS = ("Họ và tên", "Đơn vị", "Chức danh", "Đối tượng")


@transaction.atomic
def missing_export(*, actor: User, missing: Missing, words: str, form: str) -> bytes:
    """The people of a list who are not counted, as ``xlsx`` or ``csv``; each once, with every place they stand in.

    Raises Forbidden out of scope, and Refusal ``no_list`` where no list names anybody.
    """
    unit = missing.place.unit
    access.require(access.can_read_kpi(actor, unit), actor, what=f"chỉ tiêu của {unit}")
    if why := why_no_list(missing.indicator):
        raise Refusal(why, code="no_list", fix="Xem các đơn vị còn thiếu ở trang chỉ tiêu.")
    rows = list(_rows(missing, words))
    audit.record(
        actor=actor,
        act="kpi.missing_exported",
        subject=unit,
        unit=unit,
        indicator=missing.indicator.code,
        year=missing.year,
        structure=missing.place.structure.code,
        people=len(rows),
        format=form,
    )
    return write_csv(HEADINGS, rows) if form == "csv" else write_xlsx(HEADINGS, rows, sheet="Chưa học", width=28)


def _rows(missing: Missing, words: str) -> Iterator[list[Any]]:
    person: int | None = None
    cells: list[list[str]] = []
    name = ""
    for row in missing.rows(words).iterator(chunk_size=2000):
        if row.user_id != person and person is not None:
            yield _line(name, cells)
            cells = []
        person, name = row.user_id, row.user.full_name
        cells.append([row.unit.name, row.title, str(row.audience)])
    if person is not None:
        yield _line(name, cells)


def _line(name: str, cells: list[list[str]]) -> list[str]:
    return [name, *("; ".join(dict.fromkeys(filter(None, column))) for column in zip(*cells, strict=True))]
