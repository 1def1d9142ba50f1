"""Fields that questions need: numbers as they are written here, uploads, words that become tags."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.text import nfc
from quizzes.kinds.numbers import vi_plain
from quizzes.kinds.written import decimal_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: One to three digits, then groups of three: with a point, nobody can tell a thousand from a fraction.
DOUBTFUL = re.compile(r"[+-]?\d{1,3}(\.\d{3})+")
WHOLE = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)")
LONGEST_TAG = 60
MOST_TAGS = 12


class ViNumberField(forms.CharField):
    """A number with a comma, or with a point where that can mean nothing else. Its value is text with a point."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{"required": False, "max_length": 40, "widget": forms.TextInput(attrs={"inputmode": "decimal"}), **kwargs}
        )

    def prepare_value(self, value: Any) -> Any:
        number = decimal_of(value) if value not in (None, "") else None
        return vi_plain(number) if number is not None and "," not in str(value) else value

    def to_python(self, value: Any) -> str:
        text = re.sub(r"\s", "", str(super().to_python(value) or "")).replace("\u2212", "-")
        if not text:
            return ""
        whole, comma, fraction = text.partition(",")
        if not comma and DOUBTFUL.fullmatch(text):
            plain, small = text.replace(".", ""), text.replace(".", ",", 1)
            raise ValidationError(
                _("Số này đọc được theo hai cách. Hãy viết %(plain)s hoặc %(small)s.")
                % {"plain": plain, "small": small}
            )
        plain = f"{whole.replace('.', '')}.{fraction}" if comma and WHOLE.fullmatch(whole) else text
        number = decimal_of(plain)
        if number is None or (comma and not fraction.isdecimal()):
            raise ValidationError(_("Hãy viết một số, ví dụ 12 hoặc 1,5."))
        return format(number, "f")


class WeightField(ViNumberField):
    """A share of the point in percent, from -100 to 100."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if text and abs(Decimal(text)) > 100:
            raise ValidationError(_("Tỉ lệ điểm phải từ -100 đến 100."))
        return text


class PercentField(ViNumberField):
    """A percentage of a picture."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if text and not 0 <= Decimal(text) <= 100:
            raise ValidationError(_("Phải từ 0 đến 100."))
        return text


class TagsField(forms.CharField):
    """Tags as words between commas; its value is the list of them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "max_length": 800, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        words = [nfc(word) for word in str(super().to_python(value) or "").split(",")]
        kept = list(dict.fromkeys(word for word in words if word))
        if len(kept) > MOST_TAGS:
            raise ValidationError(_("Mỗi câu có nhiều nhất %(most_tags)s nhãn.") % {"most_tags": MOST_TAGS})
        if too_long := next((word for word in kept if len(word) > LONGEST_TAG), None):
            raise ValidationError(
                _("Nhãn «%(tag)s…» dài quá %(longest_tag)s ký tự.") % {"tag": too_long[:30], "longest_tag": LONGEST_TAG}
            )
        return kept


def line(label: StrOrPromise, *, longest: int = 500, **kwargs: Any) -> forms.CharField:
    """A line of text that may be left out."""
    return forms.CharField(label=label, required=False, max_length=longest, widget=forms.TextInput, **kwargs)


def hidden() -> forms.CharField:
    """What the editor does not see: a key, the name of a kept file."""
    return forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


def weight() -> WeightField:
    return WeightField(
        label=gettext_lazy("Tỉ lệ điểm (%)"),
        help_text=gettext_lazy("Để trống: đáp án đúng được trọn điểm. Số âm trừ điểm, ví dụ -50."),
    )
