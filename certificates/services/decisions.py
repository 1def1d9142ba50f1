"""The written decision behind an official act: how its number reads, and on which days it can have been made."""

from __future__ import annotations

import re
from datetime import date

from django.utils import timezone

from certificates.services.register import Decision
from common.errors import Refusal
from common.text import nfc, vi_date

EXAMPLE = "412/QĐ-SKHCN hoặc 15/2026/QĐ-UBND"

# Number (some offices add a letter: 26A), perhaps the year, then the kind of document and the office.
_NUMBER = re.compile(r"\d{1,6}[A-Z]?(/\d{4})?/[^\W\d_]{1,10}([-.][^\W_]{1,15}){0,4}")
_AROUND_SIGNS = re.compile(r"\s*([/.-])\s*")


def decision_number(typed: str) -> str:
    """The number as a document carries it: "413/qđ - skhcn" gives "413/QĐ-SKHCN". Raises Refusal ``decision_missing``
    or ``decision_number_unclear``."""
    number = _AROUND_SIGNS.sub(r"\1", nfc(typed).upper().replace("–", "-"))
    if not number:
        raise Refusal("Chưa ghi số quyết định.", code="decision_missing", fix=f"Ghi đủ số, ví dụ {EXAMPLE}.")
    if not _NUMBER.fullmatch(number) or len(number) > 60:
        raise Refusal(
            f"Số quyết định chưa đúng dạng số văn bản, ví dụ {EXAMPLE}.",
            code="decision_number_unclear",
            fix="Ghi đủ số và ký hiệu như trên văn bản.",
        )
    return number


def decision_day(day: date, *, earliest: date | None, because: str) -> date:
    """A day from ``earliest`` to today. ``because`` names the earliest day: "ngày cấp giấy". Raises Refusal
    ``decision_in_future`` or ``decision_too_early``."""
    today = timezone.localdate()
    if day > today:
        raise Refusal(
            f"Ngày quyết định ở sau ngày hôm nay ({vi_date(today)}).",
            code="decision_in_future",
            fix="Kiểm tra lại ngày quyết định.",
        )
    if earliest and day < earliest:
        raise Refusal(
            f"Ngày quyết định ở trước ngày {vi_date(earliest)}, là {because}.",
            code="decision_too_early",
            fix=f"Ghi một ngày từ {vi_date(earliest)} đến hôm nay.",
        )
    return day


def checked_decision(number: str, day: date, *, earliest: date | None, because: str) -> Decision:
    """The decision of an act that cannot be undone, in the form in which it is kept; refused when it cannot be."""
    return Decision(decision_number(number), decision_day(day, earliest=earliest, because=because))
