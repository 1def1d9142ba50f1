"""Phone numbers as people write them, and the one form (E.164) in which they are kept. Pure: no models, no I/O."""

from __future__ import annotations

import phonenumbers
from django.utils.translation import gettext as _
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

HOME = "VN"
# Numbers that can get a text message; some countries do not tell mobile from fixed.
_TEXTABLE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


class PhoneError(ValueError):
    """The text is not a phone number that can get a text message; says why, to the person."""


def parse_phone(text: str) -> str:
    """Return ``text`` as E.164, whatever its spacing: ``0912 345 678``, ``+84 912345678`` and ``84912345678`` are one.

    Raises PhoneError for what is no number, and for a fixed line.
    """
    try:
        number = phonenumbers.parse(text, HOME)
    except NumberParseException as error:
        raise PhoneError(_("Số điện thoại chưa đúng. Ví dụ đúng: 0912 345 678.")) from error
    if not phonenumbers.is_valid_number(number):
        raise PhoneError(_("Số điện thoại chưa đúng, có thể thừa hoặc thiếu chữ số. Ví dụ đúng: 0912 345 678."))
    if phonenumbers.number_type(number) not in _TEXTABLE:
        raise PhoneError(_("Số máy bàn không nhận được tin nhắn. Hãy nhập số di động, ví dụ 0912 345 678."))
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def show_phone(phone: str) -> str:
    """Return an E.164 number as people read it: ``0912 345 678``, or ``+1 202-555-0143`` for another country."""
    try:
        number = phonenumbers.parse(phone)
    except NumberParseException:
        return phone
    at_home = phonenumbers.region_code_for_number(number) == HOME
    return phonenumbers.format_number(
        number, PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    )
