"""What an indicator counts, in one word, and what its columns are called. One name for each wherever people read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpi.models.targets import CountingKind

if TYPE_CHECKING:
    from kpi.models import Indicator

SCHOOLS = "truong_hoc"


@dataclass(frozen=True)
class Words:
    """``one``: what is counted (người, tổ, trường, %); ``done`` and ``due``: the two columns; ``none``: nothing yet."""

    one: str
    done: str
    due: str
    none: str


PEOPLE = Words("người", "Đã học", "Phải học", "Chưa có ai đã học ở đây.")
HOLDERS = Words("người", "Được cấp giấy", "Phải học", "Chưa có ai được cấp giấy ở đây.")
TEAMS = Words("tổ", "Tổ đã học đủ", "Số tổ", "Chưa có tổ nào mà mọi thành viên đều đã học.")
SCHOOL_ACTIVITIES = Words("trường", "Trường có hoạt động", "Số trường", "Chưa có trường nào có hoạt động được duyệt.")
ACTIVITIES = Words("đơn vị", "Đơn vị có hoạt động", "Số đơn vị", "Chưa có đơn vị nào có hoạt động được duyệt.")


def words_of(indicator: Indicator) -> Words:
    """The words for an indicator; its audiences and targets should be there already (``for_figures``)."""
    match indicator.counting:
        case CountingKind.TEAM:
            return TEAMS
        case CountingKind.ACTIVITY:
            return SCHOOL_ACTIVITIES if of_schools(indicator) else ACTIVITIES
        case CountingKind.CERTIFICATE:
            return HOLDERS
        case CountingKind.DECLARED:
            return Words(_declared_in(indicator), "Đơn vị báo", "Phải đạt", "Chưa có số được duyệt.")
        case _:
            return PEOPLE


def of_schools(indicator: Indicator) -> bool:
    """Whether the units that an indicator counts are schools."""
    return {audience.code for audience in indicator.all_audiences} == {SCHOOLS}


def _declared_in(indicator: Indicator) -> str:
    """What a declared value is a number of: per cent, or what the targets are set in."""
    if indicator.metric_kind in ("percentage", "maintain"):
        return "%"
    return next((target.measured_in for target in indicator.all_targets if target.measured_in), "")
