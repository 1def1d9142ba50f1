"""Figures as a certificate words them: the paper, the public page and the officials' pages say the very same."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from common.text import vi_score
from common.wording import day, number

#: What the register calls the claims that can be corrected.
CLAIMS = {
    "holder_name": _("Họ và tên"),
    "holder_birth_date": _("Ngày sinh"),
    "course_title": pgettext_lazy("giấy", "Khoá học"),
    "course_hours": _("Số giờ"),
    "score": _("Kết quả"),
    "completed_on": _("Hoàn thành ngày"),
}
_DAYS = frozenset({"holder_birth_date", "completed_on"})
_NUMBERS = {"course_hours": 1, "score": 2}


def score_text(score: Decimal | None) -> str:
    """``90/100``, ``87,5/100`` or ``79,9/100`` for 79,99; empty where the course had no test."""
    return "" if score is None else f"{vi_score(score)}/100"


class Status(StrEnum):
    """What becomes of a certificate, as the public page tells it."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    CANCELLED = "cancelled"
    REPLACED = "replaced"


#: What is said of a file that is the issued one, although its certificate no longer holds.
NO_LONGER = {
    Status.EXPIRED: _("đã hết hiệu lực"),
    Status.REVOKED: _("đã bị thu hồi"),
    Status.CANCELLED: _("đã bị huỷ bỏ"),
    Status.REPLACED: _("đã được thay thế bằng giấy khác"),
}


def status_of(state: str, *, expires_on: date | None, today: date) -> Status:
    """``expires_on`` is the last day on which a certificate holds. One that ended before says how it ended."""
    expired = expires_on is not None and expires_on < today
    return Status.EXPIRED if state == Status.VALID and expired else Status(state)


def claim_said(name: str, value: str) -> str:
    """A claim as the register keeps it, in the words of the page: "2026-11-20" is 20/11/2026. Papers ask for it
    ``on_record``."""
    if not value:
        return gettext("(trống)")
    if name in _DAYS:
        return day(date.fromisoformat(value))
    return _figure(Decimal(value), _NUMBERS[name]) if name in _NUMBERS else value


def _figure(value: Decimal, places: int) -> str:
    """``90``, ``87,5`` or ``79,99``: everything that is kept, without the noughts that say nothing."""
    kept = round(value, places).normalize()
    return number(kept, max(0, -int(kept.as_tuple().exponent)))


def changes_said(content: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What a correction changed: label, before, after; empty for every other act."""
    before, after = content.get("before", {}), content.get("after", {})
    return [
        (str(CLAIMS[name]), claim_said(name, before[name]), claim_said(name, after[name]))
        for name in CLAIMS
        if name in before
    ]
