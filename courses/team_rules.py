"""Pure rules of community digital teams: no models, no I/O.

A team has 4 to 9 members, one of whom leads it (docs/features/teams.md names the source), and somebody must be able to
call its leader.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

FEWEST, MOST = 4, 9
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


NO_LEADER = Gap(
    "no_leader", "Chưa có tổ trưởng", "Tổ chưa có tổ trưởng.", "Kiện toàn tổ và chọn một người làm tổ trưởng."
)
LEADER_UNREACHABLE = Gap(
    "leader_unreachable",
    "Tổ trưởng chưa có số",
    "Tổ trưởng chưa có số điện thoại.",
    "Bổ sung số điện thoại cho tổ trưởng.",
)


def team_gaps(seats: Iterable[Seat]) -> list[Gap]:
    """What is wrong with a team, gravest first; empty when it is complete."""
    seats = list(seats)
    leaders = [seat for seat in seats if seat.leads]
    if not seats:
        fix = f"Kiện toàn tổ để ghi {FEWEST}–{MOST} thành viên."
        return [Gap("empty", "Chưa có ai", "Tổ chưa có thành viên nào.", fix)]
    gaps = [] if leaders else [NO_LEADER]
    if len(leaders) > 1:
        text = f"Tổ có {len(leaders)} tổ trưởng."
        gaps.append(Gap("many_leaders", "Nhiều tổ trưởng", text, "Kiện toàn tổ và giữ lại một tổ trưởng."))
    if leaders and not any(seat.reachable for seat in leaders):
        gaps.append(LEADER_UNREACHABLE)
    gaps += _size_gaps(len(seats))
    if silent := sum(not seat.reachable for seat in seats if not seat.leads):
        text = f"{silent} thành viên chưa có số điện thoại."
        gaps.append(Gap("unreachable", "Thiếu số điện thoại", text, "Hỏi số rồi bổ sung để liên lạc được."))
    return gaps


def _size_gaps(size: int) -> list[Gap]:
    if size < FEWEST:
        text = f"Tổ mới có {size} người, cần {FEWEST}–{MOST} người."
        return [Gap("too_few", "Thiếu người", text, f"Kiện toàn tổ để thêm ít nhất {FEWEST - size} người.")]
    if size > MOST:
        text = f"Tổ có {size} người, nhiều hơn mức {FEWEST}–{MOST} người."
        return [Gap("too_many", "Quá đông", text, f"Kiện toàn tổ để rút còn {MOST} người, hoặc tách thành hai tổ.")]
    return []
