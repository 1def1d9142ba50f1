"""What waits in lists of people and in the unit tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from common.text import vi_number
from people import access, roster_pages
from people.models import Outcome
from people.units import unmapped
from people.waiting import Waiting, waits_for

LISTS_SHOWN = 5
#: What the page of a list shows first, in its own order: the tab and how a sentence goes on after its number.
_FIRST = (
    ("open_rows", "dòng cần bạn xem lại"),
    ("rejected_rows", "dòng không nhập được"),
    ("new_rows", "người mới chờ bạn bấm nhập"),
    ("changed_rows", "người có thay đổi chờ bạn bấm nhập"),
    ("left_rows", "người không còn trong danh sách"),
)


@waits_for(access.ROSTER_KEEPING, order=20)
def lists_to_go_through(viewer: Any) -> Iterator[Waiting]:
    """Lists that the viewer brought and did not import yet, the newest five; one query."""
    of = {outcome: Q(rows__outcome=outcome) for outcome in Outcome}
    lists = roster_pages.waiting_for(viewer).annotate(
        open_rows=Count("rows", filter=of[Outcome.DOUBTFUL] & Q(rows__decided="")),
        decided_rows=Count("rows", filter=of[Outcome.DOUBTFUL]),
        rejected_rows=Count("rows", filter=of[Outcome.REJECTED]),
        new_rows=Count("rows", filter=of[Outcome.NEW]),
        changed_rows=Count("rows", filter=of[Outcome.CHANGED]),
        left_rows=Count("rows", filter=of[Outcome.LEFT]),
    )
    for roster in lists[:LISTS_SHOWN]:
        told = [(getattr(roster, name), words) for name, words in _FIRST if getattr(roster, name)]
        # Everything was decided and nothing else is in the file: what is left is to press the button.
        (count, words), *more = told or [(roster.decided_rows, "dòng đã quyết định, chờ bạn bấm nhập")]
        beside = "".join(f"; {vi_number(number)} {said}" for number, said in more[:1])
        yield Waiting(
            count,
            words,
            reverse("rosters:roster", args=[roster.uuid]),
            note=f"{roster.unit.name}, tệp {roster.file_name}{beside}",
        )


@waits_for(access.TREE_KEEPING, order=90)
def units_unmapped(viewer: Any) -> Iterator[Waiting]:
    """Communes of earlier structures of which nobody has said what took over from them; one query."""
    count = unmapped.unmapped_units(viewer).count()
    note = "Số liệu cũ của các đơn vị này chưa vào đơn vị nào của cơ cấu mới"
    yield Waiting(count, "đơn vị cũ chưa quy đổi", reverse("units:unmapped"), note=note)
