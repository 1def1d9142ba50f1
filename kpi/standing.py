"""Whether a unit can be given anything today, and in words what became of one that cannot."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from common.errors import Refusal
from common.wording import day
from people.models import Unit, UnitSuccession
from people.querysets import today


def require_standing(unit: Unit) -> None:
    """Refuse (``unit_not_standing``) a unit of another time, and say what it became."""
    if unit.stands_on(today()):
        return
    raise Refusal(
        _("%(unit)s (mã %(code)s) hiện không còn trong cơ cấu đơn vị. %(became)s")
        % {"unit": unit.name, "code": unit.code, "became": became([unit])[unit.pk]},
        code="unit_not_standing",
        fix=_("Chọn đơn vị đang hoạt động hôm nay."),
    )


def became(units: Collection[Unit]) -> dict[int, str]:
    """Unit → a sentence on what became of it; one query."""
    links = UnitSuccession.objects.filter(predecessor__in=units).select_related("successor")
    followed: dict[int, list[UnitSuccession]] = {}
    for link in links.order_by("-principal", "successor__search_key"):
        followed.setdefault(link.predecessor_id, []).append(link)
    return {unit.pk: _said(unit, followed.get(unit.pk, [])) for unit in units}


def _said(unit: Unit, links: list[UnitSuccession]) -> str:
    if unit.valid_from > today():
        return _("Đơn vị này bắt đầu từ %(day)s.") % {"day": day(unit.valid_from)}
    ended = (
        pgettext("kế tiếp", "Từ %(day)s") % {"day": day(unit.valid_to)} if unit.valid_to else pgettext("kế tiếp", "Nay")
    )
    if not links:
        return _("%(ended)s đơn vị này kết thúc, chưa ghi đơn vị kế tiếp.") % {"ended": ended}
    names = [_("%(unit)s (mã %(code)s)") % {"unit": x.successor.name, "code": x.successor.code} for x in links[:5]]
    if len(links) == 1:
        return _("%(ended)s là %(unit)s.") % {"ended": ended, "unit": names[0]}
    return _("%(ended)s chia vào %(units)s.") % {"ended": ended, "units": ", ".join(names)}
