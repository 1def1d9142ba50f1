"""How far back a list may reach: figures of years that are over were reported, and nobody moves them any more."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property

from django.db.models import Max
from django.utils.translation import gettext as _

from common import wording
from common.errors import Refusal
from people.models import RosterVersion
from people.querysets import today

#: So many days late somebody may be said to have left.
LEAVERS_BACK = timedelta(days=30)
_AHEAD = timedelta(days=366)


def open_from(now: date | None = None) -> date:
    """The first day that no reported year holds: 1 January of the year that runs."""
    return date((now or today()).year, 1, 1)


def leaving_from(now: date | None = None) -> date:
    """The first day on which somebody may be said to have left."""
    return max(open_from(now), (now or today()) - LEAVERS_BACK)


def day_refusal(on: date, *, whole_unit: bool) -> Refusal | None:
    """Why a list cannot hold from a day (``day_far``, ``day_closed``, ``day_leaving``); None where it can."""
    if on > today() + _AHEAD:
        return Refusal(_("Ngày bắt đầu quá xa."), code="day_far", fix=_("Chọn một ngày trong vòng một năm tới."))
    if on < open_from():
        return Refusal(
            _("Không ghi được từ ngày %(day)s, vì số liệu năm trước đã báo cáo.") % {"day": wording.day(on)},
            code="day_closed",
            fix=_("Chọn ngày từ %(day)s trở đi.") % {"day": wording.day(open_from())},
        )
    if whole_unit and on < leaving_from():
        return Refusal(
            _(
                "Tệp gồm tất cả người của đơn vị chỉ ghi được ai thôi thuộc đơn vị trong "
                "%(days)s ngày gần đây của năm nay."
            )
            % {"days": LEAVERS_BACK.days},
            code="day_leaving",
            fix=_("Chọn ngày từ %(day)s trở đi. Ai vào sớm hơn thì ghi ở cột «Từ ngày».")
            % {"day": wording.day(leaving_from())},
        )
    return None


class Bounds:
    """The same for each membership of a list: what was decided of a team on a day stays as it was decided."""

    def __init__(self, now: date) -> None:
        self.now, self.opens, self.leaving = now, open_from(now), leaving_from(now)

    @cached_property
    def _decided(self) -> dict[int, date]:
        """Unit → day of its newest composition that a decision named."""
        held = RosterVersion.objects.filter(effective_on__lte=self.now).order_by()
        return dict(held.values_list("unit").annotate(newest=Max("effective_on")))

    def ends_from(self, unit_id: int) -> date:
        """The first day from which a membership of the unit may no longer hold."""
        decided = self._decided.get(unit_id)
        return max(self.opens, decided + timedelta(days=1)) if decided else self.opens
