"""What officials fill in about targets."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.errors import Refusal
from common.forms import DayField
from common.text import nfc
from kpi.allocations import share_of
from kpi.models import Indicator
from kpi.target_rules import COMPARATORS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

REQUIRED = {"required": _("Hãy điền ô này.")}
XLSX_ACCEPT = ".xlsx,.csv"


class NumberField(forms.CharField):
    """A number as people write it: ``1.200`` or ``70,5``; nothing is None."""

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if text.strip().startswith("-"):
            raise forms.ValidationError(gettext("Không nhận số âm. Ghi số từ 0 trở lên."))
        try:
            return share_of(text)
        except ValueError as error:
            raise forms.ValidationError(gettext("Đây chưa phải một số. Ví dụ đúng: 1.200 hoặc 70,5.")) from error


def number_field(label: StrOrPromise, **kwargs: Any) -> NumberField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return NumberField(**{"label": label, "max_length": 30, "widget": widget, "error_messages": REQUIRED, **kwargs})


class PapersForm(forms.Form):
    """The decision behind a change, and why."""

    decision_no = forms.CharField(
        label=_("Số quyết định"), max_length=60, help_text=_("Ví dụ: 84/KH-UBND"), error_messages=REQUIRED
    )
    decided_on = DayField(label=_("Ngày quyết định"), help_text=_("Ví dụ: 19/05/2026"))
    reason = forms.CharField(label=_("Lý do"), max_length=300, error_messages=REQUIRED)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean_decision_no(self) -> str:
        return nfc(str(self.cleaned_data["decision_no"]))

    def clean_reason(self) -> str:
        return nfc(str(self.cleaned_data["reason"]))

    def papers(self) -> dict[str, Any]:
        """The words of the services."""
        return {name: self.cleaned_data[name] for name in ("decision_no", "decided_on", "reason")}

    def refused(self, refusal: Refusal) -> None:
        """Show a refusal at the field that it names."""
        field = refusal.detail.get("field", "")
        self.add_error(field if field in self.fields else None, f"{refusal.text} {refusal.fix}".strip())


class TargetForm(PapersForm):
    """What a target says."""

    comparator = forms.ChoiceField(
        label=_("Phép so sánh"), choices=[(sign, _(name)) for sign, name in COMPARATORS.items()]
    )
    value = number_field(_("Con số"), required=False, help_text=_("Để trống nếu chỉ tiêu là «có»"))
    measured_in = forms.CharField(
        label=_("Đơn vị tính"), max_length=40, required=False, help_text=_("Ví dụ: %, người, cuộc, thứ hạng")
    )
    year = forms.IntegerField(
        label=_("Năm phải đạt"), error_messages=REQUIRED | {"invalid": _("Ghi năm bằng bốn chữ số, ví dụ 2030.")}
    )
    field_order = ("comparator", "value", "measured_in", "year", "decision_no", "decided_on", "reason", "seen")

    def __init__(self, *args: Any, indicator: Indicator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.indicator = indicator

    def clean_measured_in(self) -> str:
        return nfc(str(self.cleaned_data["measured_in"]))

    def said(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("comparator", "value", "measured_in", "year")}


class AllocationForm(PapersForm):
    """The papers of an allocation; the shares themselves are rows of a table, one input for each unit."""

    differs = forms.BooleanField(label=_("Vẫn giao dù tổng không khớp"), required=False)
    field_order = ("decision_no", "decided_on", "reason", "differs", "seen")


class SharesFileForm(forms.Form):
    """A workbook of shares."""

    file = forms.FileField(
        label=_("Tệp giao chỉ tiêu"),
        widget=forms.FileInput(attrs={"accept": XLSX_ACCEPT}),
        error_messages=REQUIRED | {"required": _("Hãy chọn tệp."), "empty": _("Tệp này trống. Hãy chọn tệp khác.")},
    )
