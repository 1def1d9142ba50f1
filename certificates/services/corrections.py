"""What of a certificate can be corrected, and what it may be corrected to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from certificates.models import Certificate
from certificates.services.register import claims_of
from common.errors import Refusal
from common.text import nfc
from common.wording import day as day_said

#: What a certificate says of its holder and of what was learnt.
CORRECTABLE = ("holder_name", "holder_birth_date", "course_title", "course_hours", "score", "completed_on")
OLDEST_BIRTH = date(1900, 1, 1)
#: One word, a digit or an @ is a log-in, not a name.
_NO_NAME = re.compile(r"[0-9@]|^\S*$")


def checked_changes(certificate: Certificate, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What really changes, in the form in which it is kept. ``changes`` may also hold what stays as it is.

    Raises Refusal ``nothing_changes``, or the one of the first field that cannot be so.
    """
    if unknown := changes.keys() - set(CORRECTABLE):
        raise ValueError(f"These cannot be corrected: {sorted(unknown)}")
    text = {name: nfc(value) for name, value in changes.items() if isinstance(value, str)}
    wanted = dict(changes) | text
    changed = {name: value for name, value in wanted.items() if value != getattr(certificate, name)}
    if not changed:
        raise Refusal(
            _("Nội dung mới giống hệt nội dung trên giấy."),
            code="nothing_changes",
            fix=_("Sửa ít nhất một mục rồi gửi lại. Nếu chỉ mất hoặc hỏng bản giấy, hãy dùng «Cấp lại»."),
        )
    for name, value in changed.items():
        _CHECKS[name](certificate, value)
    return changed


def said_of(certificate: Certificate, names: Mapping[str, Any]) -> dict[str, str]:
    """Those of its claims, as the register writes them."""
    claims = claims_of(certificate)
    return {name: claims[name] for name in names}


def checked_name(value: str) -> str:
    """A name that a paper can be made out to. Raises Refusal ``name_unusable``."""
    name = nfc(value)
    if _NO_NAME.search(name) or len(name) > 150:
        raise Refusal(
            _("«%(name)s» không dùng làm họ tên trên giấy được.") % {"name": name or _("trống")},
            code="name_unusable",
            fix=_("Ghi đủ họ và tên (ít nhất hai chữ, không có chữ số hay @, không quá 150 ký tự)."),
        )
    return name


def checked_birth_date(day: date | None, *, before: date) -> date | None:
    """A day of birth before ``before``, or none. Raises Refusal ``birth_date_wrong``."""
    if day is not None and not OLDEST_BIRTH <= day < before:
        raise Refusal(
            _("Ngày sinh %(day)s chưa đúng.") % {"day": day_said(day)},
            code="birth_date_wrong",
            fix=_("Ghi một ngày từ %(first)s và trước ngày cấp giấy (%(day)s).")
            % {"first": day_said(OLDEST_BIRTH), "day": day_said(before)},
        )
    return day


def checked_hours(value: Decimal | None) -> Decimal | None:
    """Hours of learning above 0, with one place at most. Raises Refusal ``hours_wrong``."""
    if value is not None and (not 0 < value < 10000 or value != round(value, 1)):
        raise Refusal(_("Số giờ chưa đúng."), code="hours_wrong", fix=_("Ghi số giờ lớn hơn 0, ví dụ 1,5."))
    return value


def _birth(certificate: Certificate, value: date | None) -> None:
    checked_birth_date(value, before=certificate.issued_on)


def _title(certificate: Certificate, value: str) -> None:
    if not value or len(value) > 200:
        raise Refusal(
            _("Chưa ghi tên khoá học."), code="title_missing", fix=_("Ghi tên khoá học, không quá 200 ký tự.")
        )


def _hours(certificate: Certificate, value: Decimal | None) -> None:
    if value is None:
        raise Refusal(_("Chưa ghi số giờ."), code="hours_wrong", fix=_("Ghi số giờ lớn hơn 0, ví dụ 1,5."))
    checked_hours(value)


def _score(certificate: Certificate, value: Decimal | None) -> None:
    if value is not None and (not 0 <= value <= 100 or value != round(value, 2)):
        raise Refusal(_("Kết quả chưa đúng."), code="score_wrong", fix=_("Ghi điểm từ 0 đến 100, hoặc để trống."))


def _completed(certificate: Certificate, value: date | None) -> None:
    if value is None or not OLDEST_BIRTH < value <= certificate.issued_on:
        raise Refusal(
            _("Ngày hoàn thành chưa đúng."),
            code="completed_on_wrong",
            fix=_("Ghi một ngày không sau ngày cấp giấy (%(day)s).") % {"day": day_said(certificate.issued_on)},
        )


_CHECKS: dict[str, Callable[[Certificate, Any], object]] = {
    "holder_name": lambda certificate, value: checked_name(value),
    "holder_birth_date": _birth,
    "course_title": _title,
    "course_hours": _hours,
    "score": _score,
    "completed_on": _completed,
}
