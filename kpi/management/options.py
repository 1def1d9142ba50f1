"""What commands on figures are asked with: codes of units and structures, days. Unknown ones are explained, exit 2."""

from __future__ import annotations

from datetime import date

from django.core.management.base import CommandError

from kpi import places
from people.models import Structure, Unit


def refused(text: str) -> CommandError:
    """What ends a command that was asked for something that is not there."""
    return CommandError(text, returncode=2)


def structure_option(code: str | None, known: list[Structure]) -> Structure:
    """The structure of a code; today's without one."""
    if not known:
        raise refused("Chưa có cơ cấu đơn vị nào; hãy nạp dữ liệu tỉnh trước.")
    if not code:
        return places.structure_now(known)
    for structure in known:
        if structure.code == code:
            return structure
    raise refused(f"Không có cơ cấu đơn vị «{code}». Các cơ cấu hiện có: {', '.join(s.code for s in known)}.")


def day_option(text: str | None) -> date | None:
    """A day as 2026-11-22."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise refused(f"Ngày «{text}» không hợp lệ; viết theo dạng 2026-11-22.") from error


def unit_option(code: str, structure: Structure, known: list[Structure]) -> Unit:
    """The unit of a code: the one that stands in the structure, else the latest that had the code."""
    units = list(Unit.objects.filter(code=code).order_by("-valid_from"))
    if not units:
        raise refused(f"Không có đơn vị mã «{code}».")
    at_start = [u for u in units if u.stands_on(structure.valid_from)]
    standing = [u for u in units if places.stands_in(u, structure, known)]
    return (at_start or standing or units)[0]
