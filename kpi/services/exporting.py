"""Lists of people that leave the platform: who took them is kept in the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common import audit
from common.errors import Refusal
from common.language import on_record
from common.sheets_out import write_sheet
from kpi.closing_people import moved_since, why_named
from kpi.missing import Missing, why_no_list
from kpi.models import Closing, Indicator
from people import access
from people.models import Unit, User

HEADINGS = ("Họ và tên", "Đơn vị", "Chức danh", "Đối tượng")
MOVED = ("Thay đổi", "Họ và tên", "Đơn vị", "Khoá học", "Ngày hoàn thành", "Vì sao")
CAME, WENT = "Được tính thêm", "Không còn được tính"


@transaction.atomic
def missing_export(*, actor: User, missing: Missing, words: str, form: str) -> bytes:
    """The people of a list who are not counted, as ``xlsx`` or ``csv``; each once, with every place they stand in.

    Raises Forbidden out of scope, and Refusal ``no_list`` where no list names anybody.
    """
    unit = missing.place.unit
    access.require(access.can_read_kpi(actor, unit), actor, what=_("chỉ tiêu của %(unit)s") % {"unit": unit})
    if why := why_no_list(missing.indicator):
        raise Refusal(why, code="no_list", fix=_("Xem các đơn vị còn thiếu ở trang chỉ tiêu."))
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
    return write_sheet(form, HEADINGS, rows, sheet="Chưa học", width=28)


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


@transaction.atomic
def moved_export(*, actor: User, closing: Closing, unit: Unit, indicator: Indicator, form: str) -> bytes:
    """Who came into the figure of a unit since a closing and who went out of it, as ``xlsx`` or ``csv``.

    Raises Forbidden out of scope; people of units outside the actor's scope stay out of the file as off the page.
    """
    access.require(access.can_read_kpi(actor, unit), actor, what=_("số liệu của %(unit)s") % {"unit": unit})
    with on_record():
        rows = list(_moved_rows(closing, unit, indicator, actor))
    audit.record(
        actor=actor,
        act="kpi.moved_exported",
        subject=closing,
        unit=unit,
        indicator=indicator.code,
        people=len(rows),
        format=form,
    )
    return write_sheet(form, MOVED, rows, sheet="Ai thêm, ai bớt", width=28)


def _moved_rows(closing: Closing, unit: Unit, indicator: Indicator, viewer: User) -> Iterator[list[Any]]:
    moved = moved_since(closing, unit, indicator, viewer)
    for row in moved.came.iterator(chunk_size=2000):
        course = row.completion.course_title
        yield [CAME, row.user.full_name, _unit_name(row.unit), course, row.counted_on, why_named(row.why)]
    for row in moved.went.iterator(chunk_size=2000):
        course = row.before_completion.course_title if row.before_completion else ""
        yield [WENT, row.user.full_name, _unit_name(row.before_unit), course, row.before_on, why_named(row.why)]


def _unit_name(unit: Unit | None) -> str:
    return unit.name if unit else "Chưa rõ đơn vị"
