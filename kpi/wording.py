"""What an indicator counts, in one word, and what its columns are called. One name for each wherever people read it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _
from django.utils.translation import npgettext

from common.wording import is_foreign, score
from kpi.models.targets import CountingKind

if TYPE_CHECKING:
    from kpi.models import Indicator

SCHOOLS = "truong_hoc"


@dataclass(frozen=True)
class Words:
    """``one``: what is counted (người, tổ, trường, %); ``done`` and ``due``: the two columns; ``none``: nothing yet.

    As decisions and files say it. Pages translate the columns, and say ``one`` by ``counted_in`` or ``so_many``.
    """

    one: str
    done: str
    due: str
    none: str


PEOPLE = Words("người", _("Đã học"), _("Phải học"), _("Chưa có ai đã học ở đây."))
HOLDERS = Words("người", _("Được cấp giấy"), _("Phải học"), _("Chưa có ai được cấp giấy ở đây."))
TEAMS = Words("tổ", _("Tổ đã học đủ"), _("Số tổ"), _("Chưa có tổ nào mà mọi thành viên đều đã học."))
SCHOOL_ACTIVITIES = Words(
    "trường", _("Trường có hoạt động"), _("Số trường"), _("Chưa có trường nào có hoạt động được duyệt.")
)
ACTIVITIES = Words("đơn vị", _("Đơn vị có hoạt động"), _("Số đơn vị"), _("Chưa có đơn vị nào có hoạt động được duyệt."))


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
            return Words(_declared_in(indicator), _("Đơn vị báo"), _("Phải đạt"), _("Chưa có số được duyệt."))
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


def counted_in(one: str, number: int | Decimal = 2) -> str:
    """``tổ``, in English ``teams``: the word for so many of what is counted. What else a decision counts stays."""
    if not is_foreign():
        return one
    n = 1 if number == 1 else 2
    known = {
        "người": npgettext("số đếm", "người", "người", n),
        "tổ": npgettext("số đếm", "tổ", "tổ", n),
        "trường": npgettext("số đếm", "trường", "trường", n),
        "đơn vị": npgettext("số đếm", "đơn vị", "đơn vị", n),
        "cơ sở": npgettext("số đếm", "cơ sở", "cơ sở", n),
        "cuộc": npgettext("số đếm", "cuộc", "cuộc", n),
        "mạng lưới": npgettext("số đếm", "mạng lưới", "mạng lưới", n),
        "nền tảng": npgettext("số đếm", "nền tảng", "nền tảng", n),
        "sự kiện": npgettext("số đếm", "sự kiện", "sự kiện", n),
        "thứ hạng": npgettext("số đếm", "thứ hạng", "thứ hạng", n),
        "khóa": npgettext("số đếm", "khóa", "khóa", n),
    }
    return known.get(one, one)


def so_many(number: int | Decimal, one: str) -> str:
    """``426 người``, ``426 people``."""
    if one == "%" and is_foreign():
        return f"{score(number)}%"
    return f"{score(number)} {counted_in(one, number)}"
