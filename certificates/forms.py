"""What people type about certificates."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.utils import timezone

from certificates.models import Series
from common.text import nfc
from courses.models import Completion, Course
from people import access
from people.models import Unit, UnitKind

REQUIRED = {"required": "Hãy điền ô này."}


class LookupForm(forms.Form):
    """Look a certificate up without its QR code."""

    number = forms.CharField(
        label="Số giấy", max_length=60, help_text="Ví dụ 00042/2026/CN-SKHCN", error_messages=REQUIRED
    )
    name = forms.CharField(
        label="Họ và tên người được cấp",
        max_length=150,
        help_text="Viết không dấu cũng được.",
        error_messages=REQUIRED,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class DecisionForm(forms.Form):
    """The written decision behind an official act."""

    decision_number = forms.CharField(
        label="Số quyết định", max_length=60, help_text="Ví dụ 412/QĐ-SKHCN", error_messages=REQUIRED
    )
    decision_date = forms.DateField(
        label="Ngày quyết định",
        help_text="Ngày/tháng/năm, ví dụ 18/11/2026",
        input_formats=["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y"],
        error_messages={**REQUIRED, "invalid": "Ngày chưa đúng. Viết ngày/tháng/năm, ví dụ 18/11/2026."},
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_decision_date(self) -> Any:
        day = self.cleaned_data["decision_date"]
        if day > timezone.localdate():
            raise forms.ValidationError("Ngày quyết định ở sau ngày hôm nay.")
        return day


class ReasonForm(forms.Form):
    """Why a person is taken off a list, or a list is turned down."""

    reason = forms.CharField(label="Lý do", max_length=200, error_messages=REQUIRED)

    def clean_reason(self) -> str:
        return nfc(self.cleaned_data["reason"])


class RevokeForm(DecisionForm):
    """Why, and by which decision, a certificate is revoked."""

    reason = forms.CharField(
        label="Lý do thu hồi",
        max_length=300,
        help_text="Lý do này hiện trên trang kiểm tra công khai: không ghi thông tin riêng tư.",
        error_messages=REQUIRED,
    )
    field_order = ["reason", "decision_number", "decision_date"]


class ProposalForm(forms.Form):
    """For whom a list is put together."""

    course = forms.ModelChoiceField(
        label="Khoá học", queryset=Course.objects.none(), empty_label="Chọn khoá học", error_messages=REQUIRED
    )
    unit = forms.ModelChoiceField(
        label="Đơn vị",
        queryset=Unit.objects.none(),
        empty_label="Chọn đơn vị",
        help_text="Tính cả các đơn vị trực thuộc.",
        error_messages=REQUIRED,
    )
    series = forms.ModelChoiceField(
        label="Loại giấy", queryset=Series.objects.none(), empty_label="Chọn loại giấy", error_messages=REQUIRED
    )

    def __init__(self, *args: Any, viewer: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope = access.scope_units(viewer, access.PROPOSING)
        finished = Completion.objects.filter(course=OuterRef("pk"))
        # Public addresses carry uuids. Teams are reached through their commune; alone they would drown the others.
        units = Unit.objects.standing_on().filter(pk__in=scope).exclude(kind=UnitKind.TEAM).order_by("search_key")
        choices = {
            "course": Course.objects.filter(Exists(finished)).order_by("title"),
            "unit": units,
            "series": Series.objects.filter(is_automatic=False).order_by("name"),
        }
        for name, queryset in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset, field.to_field_name = queryset, "uuid"


class TitleForm(forms.Form):
    """What a list is called."""

    title = forms.CharField(label="Tên đợt cấp", max_length=200, error_messages=REQUIRED)
