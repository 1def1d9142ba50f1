"""The written decision behind an official act: how its number reads, and on which days it can have been made."""

from __future__ import annotations

import re
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.services.register import Decision
from common.errors import Refusal
from common.text import nfc
from common.wording import day as day_said

# Number (some offices add a letter: 26A), perhaps the year, then the kind of document and the office.
_NUMBER = re.compile(r"\d{1,6}[A-Z]?(/\d{4})?/[^\W\d_]{1,10}([-.][^\W_]{1,15}){0,4}")
_AROUND_SIGNS = re.compile(r"\s*([/.-])\s*")


def decision_number(typed: str) -> str:
    """The number as a document carries it: "413/qđ - skhcn" gives "413/QĐ-SKHCN". Raises Refusal ``decision_missing``
    or ``decision_number_unclear``."""
    number = _AROUND_SIGNS.sub(r"\1", nfc(typed).upper().replace("–", "-"))
    if not number:
        fix = _("Ghi đủ số, ví dụ 412/QĐ-SKHCN hoặc 15/2026/QĐ-UBND.")
        raise Refusal(_("Chưa ghi số quyết định."), code="decision_missing", fix=fix)
    if not _NUMBER.fullmatch(number) or len(number) > 60:
        raise Refusal(
            _("Số quyết định chưa đúng dạng số văn bản, ví dụ 412/QĐ-SKHCN hoặc 15/2026/QĐ-UBND."),
            code="decision_number_unclear",
            fix=_("Ghi đủ số và ký hiệu như trên văn bản."),
        )
    return number


def decision_day(day: date, *, earliest: date | None, because: str) -> date:
    """A day from ``earliest`` to today. ``because`` names the earliest day, marked: "ngày cấp giấy". Raises Refusal
    ``decision_in_future`` or ``decision_too_early``."""
    today = timezone.localdate()
    if day > today:
        raise Refusal(
            _("Ngày quyết định ở sau ngày hôm nay (%(day)s).") % {"day": day_said(today)},
            code="decision_in_future",
            fix=_("Kiểm tra lại ngày quyết định."),
        )
    if earliest and day < earliest:
        raise Refusal(
            _("Ngày quyết định ở trước ngày %(day)s, là %(because)s.")
            % {"day": day_said(earliest), "because": _(because)},
            code="decision_too_early",
            fix=_("Ghi một ngày từ %(day)s đến hôm nay.") % {"day": day_said(earliest)},
        )
    return day


def checked_decision(number: str, day: date, *, earliest: date | None, because: str) -> Decision:
    """The decision of an act that cannot be undone, in the form in which it is kept; refused when it cannot be."""
    return Decision(decision_number(number), decision_day(day, earliest=earliest, because=because))
