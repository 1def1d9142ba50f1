"""What a cell means: names, days, phones as people type them and spreadsheets spoil them. Pure: no models, no I/O."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_noop

from common.language import on_record
from common.sheets_out import day_text
from common.text import fold, nfc, tidy_name
from people.phones import PhoneError, parse_phone

_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad\x00-\x08\x0b\x0c\x0e-\x1f]")
_DAY = re.compile(r"^(\d{1,2})\s*[/.\-\s]\s*(\d{1,2})\s*[/.\-\s]\s*(\d{2}|\d{4})$")
_ISO = re.compile(r"^(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})(?:[T ]\d{1,2}:\d{2}(?::\d{2})?.*)?$")
#: Mobile numbers about which the library has nothing to add: asking it is a seventh of the whole check.
_MOBILE = re.compile(r"^0(?:3[2-9]|7[06-9]|8[1-8]|9[0-8])[0-9]{7}$")
_E164 = re.compile(r"^\+[1-9]\d{7,14}$")
_SERIAL_ZERO = date(1899, 12, 30)
_NAME = re.compile(r"^[^\W\d_]['’.\-\w\s]*$")
#: Letters that only text in the fonts of the nineties (.VnTime, VNI-Times) holds, once it is read as Unicode.
_OLD_FONT = re.compile(r"[¨©®µ¶·¸¹»¼½¾÷§¬ª«]|[a-zà-ỹ][ÔÊÐÓÒÕ]")
_NOT_PEOPLE = re.compile(r"^(tong (cong|so|hop)|cong:|nguoi lap|thu truong|ky ten|ghi chu|danh sach|noi nhan)\b")
_NATIONAL_ID = re.compile(r"^0\d{11}$")
#: The parts of what is said of a number that is no phone, so that a page can say each.
_OF_PHONES = (
    gettext_noop("Số điện thoại chưa đúng."),
    gettext_noop("Số điện thoại chưa đúng, có thể thừa hoặc thiếu chữ số."),
    gettext_noop("Ví dụ đúng: 0912 345 678."),
    gettext_noop("Số máy bàn không nhận được tin nhắn."),
    gettext_noop("Hãy nhập số di động, ví dụ 0912 345 678."),
)
_MOBILE_NUMBER = gettext_noop("Ghi số di động 10 chữ số, hoặc để trống.")
GENDERS = {"nam": "male", "nu": "female", "khac": "other", "male": "male", "female": "female", "other": "other"}
GENDERS |= {"m": "male", "f": "female", "trai": "male", "gai": "female", "ong": "male", "ba": "female"}


@dataclass(eq=False)
class Fault(Exception):
    """What is wrong with a cell, and how to mend it. A ``note`` is only told: the line goes in without the cell.

    It is kept in Vietnamese. A page says it in its reader's language (``telling``), for which the ``words`` with places
    for their ``values`` (days as dd/mm/yyyy) are kept beside it.
    """

    code: str
    text: str
    fix: str
    note: bool = False
    meant: date | None = None
    values: dict[str, str] | None = None

    def __post_init__(self) -> None:
        self.words = (self.text, self.fix)
        if self.values:
            self.text, self.fix = (words % self.values for words in self.words)


@lru_cache(maxsize=4096)
def _clean(text: str) -> str:
    """Remembered, because what a cell says is asked for several times in a row."""
    return nfc(text if text.isprintable() else _INVISIBLE.sub("", text))


def text_of(cell: Any) -> str:
    """A cell as people see it: whole numbers without a decimal point, days as dd/mm/yyyy, hidden characters gone."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _clean(cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return day_text(cell)
    return str(getattr(cell, "shown", cell))


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """``common.text.fold``, remembered: the same words stand on every line."""
    return fold(text)


@lru_cache(maxsize=4096)
def spelling_key(name: str) -> str:
    """Equal for two spellings of one name: case, and where the tone mark stands ("Hoà", "Hòa"); tones still count."""
    words = []
    for word in unicodedata.normalize("NFD", nfc(name).casefold()).split():
        tones = "".join(sorted(letter for letter in word if letter in _TONES))
        words.append("".join(letter for letter in word if letter not in _TONES) + tones)
    return unicodedata.normalize("NFC", " ".join(words))


def name_of(text: str) -> str:
    """A person's name in the stored form. Raises Fault for what is no name."""
    if len(text) > 150:
        raise Fault("name_long", gettext_noop("Họ và tên dài quá 150 chữ."), gettext_noop("Chỉ ghi họ và tên."))
    if _OLD_FONT.search(text):
        raise Fault(
            "old_font",
            gettext_noop("Họ và tên gõ bằng phông chữ cũ (.VnTime, VNI)."),
            gettext_noop(
                "Chuyển tệp sang Unicode (ví dụ bằng Unikey: Ctrl+Shift+F6, nguồn TCVN3 hoặc VNI) rồi tải lên lại."
            ),
        )
    if _NOT_PEOPLE.match(fold(text)):
        raise Fault(
            "not_a_person",
            gettext_noop("Dòng này có vẻ không phải một người."),
            gettext_noop("Xoá dòng này khỏi danh sách."),
        )
    if not _NAME.match(text) or "_" in text or any(letter.isdigit() for letter in text):
        raise Fault(
            "name_odd",
            gettext_noop("Họ và tên có chữ số hoặc ký hiệu lạ."),
            gettext_noop("Chỉ ghi họ và tên, ví dụ Nguyễn Thị Lan."),
        )
    return tidy_name(text)


def day_of(cell: Any, *, birth: bool, today: date) -> date | None:
    """The day that a cell means; None for an empty one. Raises Fault (a note where only the year is there)."""
    text = text_of(cell)
    if not text:
        return None
    day = _day(cell, text, today if birth else None)
    if birth and not (today - timedelta(days=120 * 366) <= day <= today - timedelta(days=3 * 365)):
        fix = gettext_noop("Kiểm tra năm sinh, ghi dạng ngày/tháng/năm.")
        raise Fault("birth_far", gettext_noop("Ngày sinh không thể đúng."), fix, meant=day)
    if not birth and not (date(1945, 1, 1) <= day <= today + timedelta(days=366)):
        raise Fault(
            "day_far",
            gettext_noop("Ngày này quá xa."),
            gettext_noop("Kiểm tra năm, ghi dạng ngày/tháng/năm."),
            meant=day,
        )
    return day


def _day(cell: Any, text: str, before: date | None) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if text.isdigit() and 1900 <= int(text) <= 2100:
        raise Fault(
            "year_only",
            gettext_noop("Chỉ có năm, thiếu ngày và tháng."),
            gettext_noop("Ghi đủ ngày/tháng/năm, ví dụ 17/05/1969. Dòng này vẫn nhập được, chưa có ngày."),
            note=True,
        )
    if text.isdigit() and len(text) == 5:
        return _SERIAL_ZERO + timedelta(days=int(text))
    if text.isdigit() and len(text) == 8:
        text = f"{text[:2]}/{text[2:4]}/{text[4:]}"
    try:
        if found := _ISO.match(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _DAY.match(text):
            return date(_year(found[3], before), int(found[2]), int(found[1]))
    except ValueError:
        pass
    raise Fault(
        "day_bad", gettext_noop("Không phải ngày có thật."), gettext_noop("Ghi dạng ngày/tháng/năm, ví dụ 17/05/1969.")
    )


def _year(text: str, before: date | None) -> int:
    """Two digits mean the last such year before a day of birth's limit, or this century."""
    if len(text) == 4:
        return int(text)
    year = 2000 + int(text)
    return year - 100 if before and year > before.year - 3 else year


@lru_cache(maxsize=4096)
def phone_of(text: str) -> str:
    """A phone in E.164, also one whose first 0 a spreadsheet took for nothing. Raises Fault."""
    digits = re.sub(r"[\s.\-()']", "", text)
    if _E164.match(digits) and not digits.startswith("+84"):
        number = digits
    elif digits.isdigit() and len(digits) == 9 and digits[0] in "35789":
        number = f"0{digits}"
    else:
        number = digits.replace("+840", "+84")
    if _MOBILE.match(number):
        return f"+84{number[1:]}"
    try:
        with on_record():
            return parse_phone(number)
    except PhoneError as error:
        problem, _, example = str(error).partition(". ")
        raise Fault("phone_bad", f"{problem}.", example or _MOBILE_NUMBER) from error


def as_stored(text: str) -> str:
    """A number that is no phone, in the form in which accounts keep numbers: it may be what somebody has already."""
    digits = re.sub(r"\D", "", text)
    if text.lstrip().startswith("+"):
        return f"+{digits}"
    if digits.startswith("84") and len(digits) == 11:
        return f"+{digits}"
    return f"+84{digits.removeprefix('0')}" if len(digits) in (9, 10) else text


def email_of(text: str) -> str:
    email = text.replace(" ", "").lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Fault(
            "email_bad",
            gettext_noop("Địa chỉ email chưa đúng."),
            gettext_noop("Kiểm tra dấu @ và phần sau nó, hoặc để trống."),
        ) from error
    if len(email) > 254:
        raise Fault("email_bad", gettext_noop("Địa chỉ email dài quá."), gettext_noop("Kiểm tra lại, hoặc để trống."))
    return email


def gender_of(text: str) -> str:
    try:
        return GENDERS[folded(text)]
    except KeyError as error:
        raise Fault(
            "gender_bad", gettext_noop("Không hiểu giới tính này."), gettext_noop("Ghi Nam, Nữ, Khác, hoặc để trống.")
        ) from error


def staff_code_of(text: str) -> str:
    if _NATIONAL_ID.match(text):
        raise Fault(
            "national_id",
            gettext_noop("Đây có vẻ là số căn cước, hệ thống không giữ số này."),
            gettext_noop("Ghi mã cán bộ do cơ quan cấp, hoặc để trống."),
        )
    if len(text) > 40:
        raise Fault("too_long", gettext_noop("Mã cán bộ dài quá 40 chữ."), gettext_noop("Chỉ ghi mã, hoặc để trống."))
    return text


def title_of(text: str) -> str:
    if len(text) > 120:
        raise Fault("too_long", gettext_noop("Chức danh dài quá 120 chữ."), gettext_noop("Ghi ngắn lại."))
    return text
