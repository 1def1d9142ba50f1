"""What units fill in when they declare, and those who answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.errors import Refusal
from common.forms import DayField
from kpi.forms_targets import REQUIRED, number_field
from kpi.models import CountingKind, Indicator
from people.models import Unit
from people.querysets import today


class DeclarationForm(forms.Form):
    """A value, or an activity, with evidence."""

    unit = forms.ChoiceField(label=_("Số liệu của"))
    year = forms.IntegerField(
        label=_("Năm"), error_messages=REQUIRED | {"invalid": _("Ghi năm bằng bốn chữ số, ví dụ 2026.")}
    )
    until = DayField(label=_("Số liệu tính đến ngày"))
    value = number_field(_("Con số"), required=False)
    note = forms.CharField(
        label=_("Ghi chú"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    evidence = forms.FileField(
        label=_("Tệp minh chứng"),
        required=False,
        help_text=_("PDF, ảnh JPG hoặc PNG, Word, Excel; nhiều nhất 20 MB."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,.docx,.xlsx"}),
        error_messages={"empty": _("Tệp này trống. Hãy chọn tệp khác.")},
    )
    evidence_link = forms.CharField(
        label=_("Hoặc địa chỉ trang có minh chứng"),
        max_length=500,
        required=False,
        help_text=_("Bắt đầu bằng https://"),
    )

    def __init__(self, *args: Any, indicator: Indicator, units: list[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.indicator, self.units = indicator, units
        if len(units) > 1:
            whole, alone = gettext("Toàn %(unit)s"), gettext("Riêng %(unit)s")
            choices = [(str(one.uuid), (alone if one == units[-1] else whole) % {"unit": one}) for one in units]
            self.fields["unit"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["unit"]
        if indicator.counting == CountingKind.ACTIVITY:
            del self.fields["value"]
            self.fields["note"].label = _("Hoạt động đã tổ chức")
            self.fields["note"].help_text = _("Tên hoạt động, ngày, bao nhiêu người tham gia")
            self.fields["note"].required = True
            self.fields["note"].error_messages = {**self.fields["note"].error_messages, **REQUIRED}
            self.fields["until"].label = _("Ngày tổ chức")
        else:
            unit = next((t.measured_in for t in indicator.all_targets if t.measured_in), "")
            self.fields["value"].label = gettext("Con số (%(unit)s)") % {"unit": unit} if unit else _("Con số")

    def chosen(self) -> dict[str, Any]:
        """What was filled in, in the words of the service."""
        wanted = self.cleaned_data.get("unit")
        unit = next((unit for unit in self.units if str(unit.uuid) == wanted), self.units[0])
        return {"value": None} | self.cleaned_data | {"unit": unit}

    def clean_year(self) -> int:
        year = int(self.cleaned_data["year"])
        if year > today().year:
            raise forms.ValidationError(gettext("Ghi năm không quá %(year)s.") % {"year": today().year})
        return year

    def refused(self, refusal: Refusal) -> None:
        """Show a refusal at the field that it names; those about files at the file."""
        about_file = refusal.code.startswith("file_")
        field = "evidence" if about_file else refusal.detail.get("field", "")
        self.add_error(field if field in self.fields else None, f"{refusal.text} {refusal.fix}".strip())


class ReturnForm(forms.Form):
    """Why a declaration goes back."""

    reason = forms.CharField(
        label=_("Lý do trả lại"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}), error_messages=REQUIRED
    )
