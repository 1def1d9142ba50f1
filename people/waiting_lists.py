"""What waits in lists of people and in the unit tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import wording
from people import access, roster_pages
from people.models import Outcome
from people.units import unmapped
from people.waiting import Waiting, waits_for

LISTS_SHOWN = 5


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
        (count, words), *more = _told(roster)
        said = {"unit": roster.unit.name, "file": roster.file_name}
        beside = "".join(f"; {wording.number(number)} {further}" for number, further in more[:1])
        yield Waiting(
            count,
            words,
            reverse("rosters:roster", args=[roster.uuid]),
            note=_("%(unit)s, tệp %(file)s") % said + beside,
        )


def _told(roster: Any) -> list[tuple[int, str]]:
    """What the page of a list shows first, in its own order: how many, and how a sentence goes on after the number."""
    doubtful, rejected, new = roster.open_rows, roster.rejected_rows, roster.new_rows
    changed, left, decided = roster.changed_rows, roster.left_rows, roster.decided_rows
    first = [
        (doubtful, ngettext("dòng cần bạn xem lại", "dòng cần bạn xem lại", doubtful)),
        (rejected, ngettext("dòng không nhập được", "dòng không nhập được", rejected)),
        (new, ngettext("người mới chờ bạn bấm nhập", "người mới chờ bạn bấm nhập", new)),
        (changed, ngettext("người có thay đổi chờ bạn bấm nhập", "người có thay đổi chờ bạn bấm nhập", changed)),
        (left, ngettext("người không còn trong danh sách", "người không còn trong danh sách", left)),
    ]
    # Everything was decided and nothing else is in the file: what is left is to press the button.
    done = ngettext("dòng đã quyết định, chờ bạn bấm nhập", "dòng đã quyết định, chờ bạn bấm nhập", decided)
    return [(count, words) for count, words in first if count] or [(decided, done)]


@waits_for(access.TREE_KEEPING, order=90)
def units_unmapped(viewer: Any) -> Iterator[Waiting]:
    """Communes of earlier structures of which nobody has said what took over from them; one query."""
    count = unmapped.unmapped_units(viewer).count()
    note = _("Số liệu cũ của các đơn vị này chưa vào đơn vị nào của cơ cấu mới")
    words = ngettext("đơn vị cũ chưa quy đổi", "đơn vị cũ chưa quy đổi", count)
    yield Waiting(count, words, reverse("units:unmapped"), note=note)
