"""One row each, and the settings of each kind, as an editor fills them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from cms.questions.fields import PercentField, ViNumberField, hidden, line, weight
from cms.questions.media import ACCEPT
from cms.questions.rows import PlainForm, RowForm
from quizzes.kinds.base import ALL, PARTIAL
from quizzes.kinds.choice import SIDES, TRUE_FALSE_TEXTS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LEVELS = 5
WRONG_ALT = gettext_noop("Hình cần lời mô tả cho người không nhìn được.")


def _file(label: StrOrPromise) -> forms.FileField:
    return forms.FileField(label=label, required=False, widget=forms.FileInput(attrs={"accept": ACCEPT}))


# --- Rows -----------------------------------------------------------------------------------------------------------
class PlainOptionRow(RowForm):
    """An option of words, perhaps with a share of the point."""

    main = ("text", "correct", "feedback")
    more: tuple[str, ...] = ("weight",)
    missing = gettext_lazy("Đáp án này chưa có chữ.")

    key = hidden()
    text = line(gettext_lazy("Nội dung đáp án"))
    correct = forms.BooleanField(label=gettext_lazy("Là đáp án đúng"), required=False)
    feedback = line(
        gettext_lazy("Phản hồi khi chọn"), help_text=gettext_lazy("Một câu: vì sao đúng, hoặc vì sao chưa đúng.")
    )
    weight = weight()


class OptionRow(PlainOptionRow):
    """An option, perhaps with a picture."""

    more = ("weight", "upload", "alt", "remove")

    file = hidden()
    upload = _file(gettext_lazy("Hình của đáp án"))
    alt = line(gettext_lazy("Mô tả hình"), longest=400)
    remove = forms.BooleanField(label=gettext_lazy("Bỏ hình này"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("file") and not cleaned.get("remove") and not cleaned.get("alt"):
            self.add_error("alt", _(WRONG_ALT))
        return cleaned


def option_initial(option: Mapping[str, Any]) -> dict[str, Any]:
    media = option.get("media") or {}
    return {**option, "file": media.get("file", ""), "alt": media.get("alt", "")}


def option_value(given: Mapping[str, Any]) -> dict[str, Any]:
    """An option as it is stored, out of a row of either form."""
    option = {name: given[name] for name in ("key", "text", "correct", "feedback")}
    option["weight"] = given.get("weight", "")
    if given.get("file") and not given.get("remove"):
        option["media"] = {"file": given["file"], "alt": given["alt"]}
    return option


class AcceptedTextRow(RowForm):
    main = ("text",)
    more = ("weight", "feedback")

    text = line(gettext_lazy("Câu trả lời"), longest=300)
    weight = weight()
    feedback = line(gettext_lazy("Phản hồi"))


class AcceptedNumberRow(RowForm):
    main = ("value", "tolerance")
    more = ("weight", "feedback")
    missing = gettext_lazy("Chưa có số.")

    value = ViNumberField(label=gettext_lazy("Số đúng"))
    tolerance = ViNumberField(label=gettext_lazy("Sai số cho phép"), help_text=gettext_lazy("Để trống: phải đúng hẳn."))
    weight = weight()
    feedback = line(gettext_lazy("Phản hồi"))


def accepted_initial(one: Mapping[str, Any]) -> dict[str, Any]:
    """Full weight and no tolerance are what holds when nothing is said: they are left out."""
    shown = dict(one)
    if str(shown.get("weight")) == "100":
        shown["weight"] = ""
    if str(shown.get("tolerance")) == "0":
        shown["tolerance"] = ""
    return shown


class PairRow(RowForm):
    main = ("left", "right")
    missing = gettext_lazy("Vế trái chưa có chữ.")

    key = hidden()
    right_key = hidden()
    left = line(gettext_lazy("Vế trái"))
    right = line(gettext_lazy("Vế phải"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("left") and not cleaned.get("right"):
            self.add_error("right", _("Vế phải chưa có chữ."))
        return cleaned


class ExtraRow(RowForm):
    main = ("text",)

    key = hidden()
    text = line(gettext_lazy("Vế phải thừa"))


class OrderRow(RowForm):
    main = ("text", "place")
    does_not_count = ("place",)

    key = hidden()
    text = line(gettext_lazy("Nội dung"))
    place = forms.IntegerField(label=gettext_lazy("Thứ tự"), required=False, min_value=1, max_value=40)


class AreaRow(RowForm):
    main = ("text", "correct", "x", "y", "width", "height", "feedback")
    missing = gettext_lazy("Vị trí này chưa có tên.")

    key = hidden()
    text = line(gettext_lazy("Tên vị trí"), longest=200)
    correct = forms.BooleanField(label=gettext_lazy("Là vị trí đúng"), required=False)
    x = PercentField(label=gettext_lazy("Cách lề trái (%)"))
    y = PercentField(label=gettext_lazy("Cách mép trên (%)"))
    width = PercentField(label=gettext_lazy("Rộng (%)"))
    height = PercentField(label="Cao (%)")
    feedback = line(gettext_lazy("Phản hồi khi chọn"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("text"):
            return cleaned
        for side in SIDES:
            if not cleaned.get(side) and side not in self.errors:
                self.add_error(side, _("Chưa có số."))
        for start, length in (("x", "width"), ("y", "height")):
            if not self.errors and float(cleaned[start]) + float(cleaned[length]) > 100:
                self.add_error(length, _("Khung vượt ra ngoài hình."))
        return cleaned


def _level_fields() -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = {}
    for number in range(1, LEVELS + 1):
        fields[f"level_{number}_key"] = hidden()
        fields[f"level_{number}_points"] = forms.IntegerField(
            label=format_lazy(gettext_lazy("Mức {number}: điểm"), number=number),
            required=False,
            min_value=0,
            max_value=100,
        )
        fields[f"level_{number}_text"] = line(
            format_lazy(gettext_lazy("Mức {number}: thế nào"), number=number), longest=300
        )
    return fields


class _CriterionBase(RowForm):
    main = ("title", *(f"level_{n}_{part}" for n in range(1, LEVELS + 1) for part in ("points", "text")))
    missing = gettext_lazy("Tiêu chí này chưa có tên.")

    key = hidden()
    title = line(gettext_lazy("Tên tiêu chí"), longest=200)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for number in range(1, LEVELS + 1):
            points = f"level_{number}_points"
            if cleaned.get(f"level_{number}_text") and cleaned.get(points) is None and points not in self.errors:
                self.add_error(points, _("Mức này chưa ghi điểm."))
        return cleaned


CriterionRow = type("CriterionRow", (_CriterionBase,), _level_fields())


def criterion_initial(one: Mapping[str, Any]) -> dict[str, Any]:
    shown = {"key": one.get("key", ""), "title": one.get("title", "")}
    for number, level in enumerate(one.get("levels") or (), start=1):
        shown |= {f"level_{number}_{part}": level.get(part, "") for part in ("key", "points", "text")}
    return shown


def criterion_value(given: Mapping[str, Any]) -> dict[str, Any]:
    """A criterion as it is stored; a level keeps its key, a new one gets a number that none has."""
    numbers = [n for n in range(1, LEVELS + 1) if given.get(f"level_{n}_points") is not None]
    taken = {given[f"level_{n}_key"] for n in numbers}
    free = (f"m{n}" for n in range(1, 40) if f"m{n}" not in taken)
    levels = [
        {
            "key": given[f"level_{n}_key"] or next(free),
            "points": given[f"level_{n}_points"],
            "text": given[f"level_{n}_text"],
        }
        for n in numbers
    ]
    return {"key": given["key"], "title": given["title"], "levels": levels}


class MediaRow(RowForm):
    """A picture or sound that stands with the question."""

    main = ("upload", "alt", "remove")

    file = hidden()
    upload = _file(gettext_lazy("Tệp hình hoặc tiếng"))
    alt = line(
        gettext_lazy("Mô tả"),
        longest=400,
        help_text=gettext_lazy(
            "Cho người không xem hoặc nghe được: hình cho thấy gì, tiếng nói gì. Đừng để lộ đáp án."
        ),
    )
    remove = forms.BooleanField(label=gettext_lazy("Bỏ tệp này"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = PlainForm.clean(self) or {}
        if cleaned.get("remove"):
            return cleaned
        if cleaned.get("file") and not cleaned.get("alt"):
            self.add_error("alt", _("Tệp cần lời mô tả cho người không xem hoặc nghe được."))
        if cleaned.get("alt") and not cleaned.get("file"):
            self.add_error("upload", _("Chưa chọn tệp."))
        return cleaned

    @property
    def is_filled(self) -> bool:
        return bool(self.cleaned_data.get("file")) and not self.cleaned_data.get("remove")


# --- Settings -------------------------------------------------------------------------------------------------------
class SettingsForm(PlainForm):
    """How a kind is asked and counted."""


def _credit(words: Mapping[str, StrOrPromise]) -> forms.ChoiceField:
    return forms.ChoiceField(label=gettext_lazy("Cách tính điểm"), choices=list(words.items()), required=False)


class _CreditForm(SettingsForm):
    first = ALL

    def clean_credit(self) -> str:
        return str(self.cleaned_data.get("credit") or self.first)


class AllOrPartForm(_CreditForm):
    credit = _credit(
        {
            ALL: gettext_lazy("Chọn đúng tất cả mới được điểm"),
            PARTIAL: gettext_lazy("Được một phần: số đáp án đúng trừ số đáp án sai"),
        }
    )


class AllOrPlacesForm(_CreditForm):
    credit = _credit(
        {
            ALL: gettext_lazy("Đúng cả thứ tự mới được điểm"),
            PARTIAL: gettext_lazy("Được một phần: số dòng đứng đúng chỗ"),
        }
    )


class PartOrAllForm(_CreditForm):
    first = PARTIAL
    credit = _credit(
        {
            PARTIAL: gettext_lazy("Được một phần: mỗi chỗ đúng được chia điểm"),
            ALL: gettext_lazy("Đúng tất cả mới được điểm"),
        }
    )


class HotspotForm(_CreditForm):
    several = forms.BooleanField(label=gettext_lazy("Được chọn nhiều vị trí"), required=False)
    credit = _credit(
        {
            ALL: gettext_lazy("Chọn đúng tất cả mới được điểm"),
            PARTIAL: gettext_lazy("Được một phần: số chỗ đúng trừ số chỗ sai"),
        }
    )


class TrueFalseForm(SettingsForm):
    right = forms.ChoiceField(
        label=gettext_lazy("Câu này"), choices=[(text, text) for text in TRUE_FALSE_TEXTS], widget=forms.RadioSelect
    )
    feedback_true = line(gettext_lazy("Phản hồi khi chọn Đúng"))
    feedback_false = line(gettext_lazy("Phản hồi khi chọn Sai"))


class ShortTextForm(SettingsForm):
    fold_case = forms.BooleanField(label=gettext_lazy("Không phân biệt chữ hoa, chữ thường"), required=False)
    fold_accents = forms.BooleanField(
        label=gettext_lazy("Không phân biệt dấu"),
        required=False,
        help_text=gettext_lazy("«dich vu cong» cũng được tính như «dịch vụ công»."),
    )
    fallback = line(gettext_lazy("Phản hồi khi không khớp đáp án nào"))


class NumericForm(SettingsForm):
    unit = line(
        gettext_lazy("Đơn vị"),
        longest=20,
        help_text=gettext_lazy("Ví dụ: kg, %. Người học viết kèm hay không đều được."),
    )
    fallback = line(gettext_lazy("Phản hồi khi không khớp đáp án nào"))


class EssayForm(SettingsForm):
    least_words = forms.IntegerField(
        label=gettext_lazy("Ít nhất (số tiếng)"),
        required=False,
        min_value=0,
        max_value=5000,
        help_text=gettext_lazy("Để trống: không giới hạn."),
    )
    most_words = forms.IntegerField(
        label=gettext_lazy("Nhiều nhất (số tiếng)"),
        required=False,
        min_value=0,
        max_value=5000,
        help_text=gettext_lazy("Để trống: không giới hạn."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        least, most = cleaned.get("least_words") or 0, cleaned.get("most_words") or 0
        if most and least > most:
            self.add_error("most_words", _("Số tiếng nhiều nhất phải từ số tiếng ít nhất trở lên."))
        return cleaned
