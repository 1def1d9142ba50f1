"""Whether a unit can be given anything today, and in words what became of one that cannot."""

from __future__ import annotations

from collections.abc import Collection

from common.errors import Refusal
from common.text import vi_date
from people.models import Unit, UnitSuccession
from people.querysets import today


def require_standing(unit: Unit) -> None:
    """Refuse (``unit_not_standing``) a unit of another time, and say what it became."""
    if unit.stands_on(today()):
        return
    raise Refusal(
        f"{unit.name} (mã {unit.code}) hiện không còn trong cơ cấu đơn vị. {became([unit])[unit.pk]}",
        code="unit_not_standing",
        fix="Chọn đơn vị đang hoạt động hôm nay.",
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
        return f"Đơn vị này bắt đầu từ {vi_date(unit.valid_from)}."
    ended = f"Từ {vi_date(unit.valid_to)}" if unit.valid_to else "Nay"
    if not links:
        return f"{ended} đơn vị này kết thúc, chưa ghi đơn vị kế tiếp."
    names = [f"{link.successor.name} (mã {link.successor.code})" for link in links[:5]]
    if len(links) == 1:
        return f"{ended} là {names[0]}."
    return f"{ended} chia vào {', '.join(names)}."
