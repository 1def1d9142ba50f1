"""Forms of the team pages."""

from __future__ import annotations

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.forms import DayField
from people.forms import BIRTH_DATE_ERRORS, PhoneField, clean_name
from people.querysets import today
from people.teams import NewPerson

OLDEST = date(1900, 1, 1)


class DecisionForm(forms.Form):
    """From when the new composition holds, and by which decision."""

    effective_on = DayField(label=_("Thành phần mới áp dụng từ ngày"), help_text=_("Ngày/tháng/năm, ví dụ 22/11/2026."))
    decision_number = forms.CharField(
        label=_("Số quyết định kiện toàn"), max_length=60, required=False, help_text=_("Ví dụ 15/QĐ-UBND.")
    )
    decision_date = DayField(label=_("Ngày quyết định"), required=False)

    def clean_decision_date(self) -> date | None:
        day: date | None = self.cleaned_data["decision_date"]
        if day and not OLDEST <= day <= today():
            raise ValidationError(_("Ngày quyết định chưa đúng: phải là hôm nay hoặc trước đó."))
        return day


class NewMemberForm(forms.Form):
    """Somebody who has no account yet."""

    full_name = forms.CharField(
        label=_("Họ và tên"),
        max_length=150,
        help_text=_("Viết đầy đủ, có dấu."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Hãy nhập họ và tên.")},
    )
    birth_date = DayField(
        label=_("Ngày sinh"), help_text=_("Ngày/tháng/năm, ví dụ 17/05/1969."), error_messages=BIRTH_DATE_ERRORS
    )
    phone = PhoneField(required=False, help_text=_("Để tổ trưởng gọi, và để nhận tài khoản bằng mã gửi tới máy."))

    def clean_full_name(self) -> str:
        return clean_name(self.cleaned_data["full_name"])

    def clean_birth_date(self) -> date:
        day: date = self.cleaned_data["birth_date"]
        if not OLDEST <= day <= today():
            raise ValidationError(_("Ngày sinh chưa đúng: năm sinh phải từ 1900 đến nay."))
        return day

    def person(self) -> NewPerson:
        data = self.cleaned_data
        return NewPerson(full_name=data["full_name"], birth_date=data["birth_date"], phone=data["phone"])
