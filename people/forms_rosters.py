"""What people send with a list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import DayField
from people.querysets import today
from people.rosters.bounds import day_refusal

WHOLE_UNIT = _("Tệp này gồm tất cả người của đơn vị")


class UploadForm(forms.Form):
    """A file with people, and what it stands for."""

    tep = forms.FileField(
        label=_("Tệp danh sách"),
        help_text=_("Excel (.xlsx) hoặc CSV. Tệp đang có của bạn cũng được, miễn có cột Họ và tên."),
        error_messages={
            "required": _("Hãy chọn tệp danh sách."),
            "empty": _("Tệp này trống. Hãy chọn tệp khác."),
        },
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.txt,.xls"}),
    )
    tu_ngay = DayField(
        label=_("Thuộc đơn vị từ ngày"),
        help_text=_("Dùng cho dòng không ghi ngày. Viết ngày/tháng/năm."),
        initial=today,
    )
    ca_don_vi = forms.BooleanField(label=WHOLE_UNIT, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tu_ngay"].error_messages["required"] = _("Hãy ghi ngày, ví dụ 22/11/2026.")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        day = data.get("tu_ngay")
        if day and (refused := day_refusal(day, whole_unit=bool(data.get("ca_don_vi")))):
            self.add_error("tu_ngay", f"{refused.text} {refused.fix}")
        return data
