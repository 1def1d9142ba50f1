"""Pure rules of community digital teams: no models, no I/O.

A team has 4 to 9 members, one of whom leads it (docs/features/teams.md names the source), and somebody must be able to
call its leader.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

FEWEST, MOST = 4, 9
_SIZE = {"fewest": FEWEST, "most": MOST}
#: A team in which nobody came or learnt for so long is not at work.
INACTIVE_AFTER = timedelta(days=90)


@dataclass(frozen=True)
class Seat:
    """What the rules need to know of a member."""

    leads: bool
    reachable: bool  # has a phone number of their own or one to reach them by


@dataclass(frozen=True)
class Gap:
    """Something wrong with a team: a code for programs, a label for lists, what it is, how to mend it."""

    code: str
    label: str
    text: str
    fix: str


def team_gaps(seats: Iterable[Seat]) -> list[Gap]:
    """What is wrong with a team, gravest first, in the language of the moment; empty when it is complete."""
    seats = list(seats)
    leaders = [seat for seat in seats if seat.leads]
    if not seats:
        fix = _("Kiện toàn tổ để ghi %(fewest)s–%(most)s thành viên.") % _SIZE
        return [Gap("empty", _("Chưa có ai"), _("Tổ chưa có thành viên nào."), fix)]
    gaps = _leader_gaps(leaders) + _size_gaps(len(seats))
    if silent := sum(not seat.reachable for seat in seats if not seat.leads):
        text = ngettext(
            "%(count)s thành viên chưa có số điện thoại.", "%(count)s thành viên chưa có số điện thoại.", silent
        )
        fix = _("Hỏi số rồi bổ sung để liên lạc được.")
        gaps.append(Gap("unreachable", _("Thiếu số điện thoại"), text % {"count": silent}, fix))
    return gaps


def _leader_gaps(leaders: list[Seat]) -> list[Gap]:
    if not leaders:
        fix = _("Kiện toàn tổ và chọn một người làm tổ trưởng.")
        return [Gap("no_leader", _("Chưa có tổ trưởng"), _("Tổ chưa có tổ trưởng."), fix)]
    gaps = []
    if len(leaders) > 1:
        text = _("Tổ có %(count)s tổ trưởng.") % {"count": len(leaders)}
        gaps.append(Gap("many_leaders", _("Nhiều tổ trưởng"), text, _("Kiện toàn tổ và giữ lại một tổ trưởng.")))
    if not any(seat.reachable for seat in leaders):
        text, fix = _("Tổ trưởng chưa có số điện thoại."), _("Bổ sung số điện thoại cho tổ trưởng.")
        gaps.append(Gap("leader_unreachable", _("Tổ trưởng chưa có số"), text, fix))
    return gaps


def _size_gaps(size: int) -> list[Gap]:
    if size < FEWEST:
        said = ngettext(
            "Tổ mới có %(count)s người, cần %(fewest)s–%(most)s người.",
            "Tổ mới có %(count)s người, cần %(fewest)s–%(most)s người.",
            size,
        )
        missing = FEWEST - size
        fix = ngettext(
            "Kiện toàn tổ để thêm ít nhất %(count)s người.", "Kiện toàn tổ để thêm ít nhất %(count)s người.", missing
        )
        return [Gap("too_few", _("Thiếu người"), said % {"count": size, **_SIZE}, fix % {"count": missing})]
    if size > MOST:
        text = _("Tổ có %(count)s người, nhiều hơn mức %(fewest)s–%(most)s người.") % {"count": size, **_SIZE}
        fix = _("Kiện toàn tổ để rút còn %(most)s người, hoặc tách thành hai tổ.") % _SIZE
        return [Gap("too_many", _("Quá đông"), text, fix)]
    return []
