"""What a keeper of figures chooses when a period is closed, and what is compared with what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kpi import periods
from kpi.models import Closing, Period
from people.querysets import today


class ClosingForm(forms.Form):
    """Which period. Offered are the last ones that are over."""

    ky = forms.ChoiceField(label=_("Kỳ"), help_text=_("Chỉ kỳ đã hết mới chốt được."))
    ngay = forms.DateField(
        label=_("Đến hết ngày"),
        required=False,
        input_formats=["%d/%m/%Y", "%Y-%m-%d"],
        help_text=_("Chỉ điền khi chọn «Đến một ngày», ví dụ 14/12/2026"),
        error_messages={"invalid": _("Ghi ngày theo kiểu 14/12/2026.")},
    )
    ghi_chu = forms.CharField(label=_("Ghi chú"), required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["ky"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*_ended(), (Period.DAY.value, Period.DAY.label)]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("ky") == Period.DAY and not found.get("ngay") and "ngay" not in self.errors:
            self.add_error("ngay", _("Hãy ghi ngày cuối cùng được tính."))
        return found

    @property
    def period(self) -> dict[str, Any]:
        """``period`` and ``until`` of what was chosen."""
        chosen = self.cleaned_data["ky"]
        if chosen == Period.DAY:
            return {"period": Period.DAY.value, "until": self.cleaned_data["ngay"]}
        kind, _colon, day = chosen.partition(":")
        return {"period": kind, "until": forms.DateField().to_python(day)}


def _ended() -> list[tuple[str, str]]:
    """The last periods that are over, newest first of each kind."""
    found = []
    for kind, how_many in ((Period.QUARTER, 4), (Period.MONTH, 6), (Period.HALF, 2), (Period.YEAR, 2)):
        until = periods.last_ended(kind, today())
        for _again in range(how_many):
            found.append((f"{kind.value}:{until.isoformat()}", periods.period_name(kind, until)))
            until = periods.first_day(kind, until) - timedelta(days=1)
    return found


class CompareForm(forms.Form):
    """With which other closing."""

    voi = forms.ModelChoiceField(
        label=_("So với"),
        queryset=Closing.objects.none(),
        to_field_name="uuid",
        empty_label=_("Chọn một lần chốt"),
    )

    def __init__(self, *args: Any, others: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["voi"]
        field.queryset = others
        field.label_from_instance = lambda closing: closing.name
