"""Forms of those who mend, grade and grant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

MARK = "muc-"


class RegradeForm(forms.Form):
    """Why a question is scored anew; ``version`` is the one that the page showed."""

    reason = forms.CharField(
        label=_("Lý do chấm lại"),
        help_text=_("Người học đọc được dòng này trên trang kết quả. Ví dụ: đáp án đúng là B, không phải C."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Ghi lý do chấm lại; người học sẽ đọc dòng này.")},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class AccommodationForm(forms.Form):
    """More minutes or attempts for one person."""

    extra_minutes = forms.IntegerField(
        label=_("Thêm số phút mỗi lần làm"), min_value=0, max_value=600, initial=0,
        error_messages={"required": _("Ghi số phút, hoặc 0."), "invalid": _("Ghi số phút bằng chữ số, ví dụ 15.")},
    )  # fmt: skip
    extra_attempts = forms.IntegerField(
        label=_("Thêm số lần làm bài"), min_value=0, max_value=20, initial=0,
        error_messages={"required": _("Ghi số lần, hoặc 0."), "invalid": _("Ghi số lần bằng chữ số, ví dụ 1.")},
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Lý do"),
        help_text=_("Ví dụ: mất mạng lúc đang làm bài; người khuyết tật nhìn."),
        max_length=300,
        error_messages={"required": _("Ghi lý do cho thêm.")},
    )


def _level_words(level: Mapping[str, Any]) -> str:
    said = ngettext("%(text)s (%(points)s điểm)", "%(text)s (%(points)s điểm)", level["points"])
    return (said % {"text": level["text"], "points": level["points"]}).strip()


class EssayForm(forms.Form):
    """A level per criterion of the rubric, a word to the learner, and why where the mark is changed."""

    comment = forms.CharField(
        label=_("Nhận xét cho người học"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    reason = forms.CharField(
        label=_("Lý do sửa điểm"), max_length=300, error_messages={"required": _("Ghi lý do sửa điểm đã cho.")}
    )

    def __init__(self, *args: Any, item: Mapping[str, Any], again: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rubric = item["settings"]["rubric"]
        if not again:
            del self.fields["reason"]
        for row in self.rubric:
            levels = [(level["key"], _level_words(level)) for level in row["levels"]]
            self.fields[f"{MARK}{row['key']}"] = forms.ChoiceField(
                label=row["title"],
                choices=[("", gettext("Chọn mức")), *levels],
                error_messages={"required": gettext("Chọn mức cho tiêu chí «%(title)s».") % {"title": row["title"]}},
            )
        self.order_fields([f"{MARK}{row['key']}" for row in self.rubric])

    @property
    def marks(self) -> dict[str, str]:
        return {row["key"]: self.cleaned_data[f"{MARK}{row['key']}"] for row in self.rubric}
