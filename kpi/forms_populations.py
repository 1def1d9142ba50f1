"""What officials fill in about head-counts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.errors import Refusal
from common.forms import DayField
from kpi.forms_targets import REQUIRED, XLSX_ACCEPT
from kpi.population_cells import people_of
from people.models import Audience


class PeopleField(forms.CharField):
    """A number of people; nothing is None, which is not zero."""

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text.strip():
            return None
        try:
            return people_of(text)
        except ValueError as error:
            fix = gettext("Ghi số nguyên, ví dụ 12.500.")
            raise forms.ValidationError(f"{error} {fix}") from error


class PopulationForm(forms.Form):
    """One head-count of one audience in one unit."""

    audience = forms.ModelChoiceField(
        label=_("Đối tượng"),
        queryset=Audience.objects.order_by("name"),
        empty_label=_("Chọn một đối tượng"),
        error_messages=REQUIRED,
    )
    year = forms.IntegerField(
        label=_("Năm"), error_messages=REQUIRED | {"invalid": _("Ghi năm bằng bốn chữ số, ví dụ 2026.")}
    )
    value = PeopleField(
        label=_("Số người"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("Chưa có số thì để trống. Số 0 nghĩa là không có ai."),
    )
    source = forms.CharField(
        label=_("Văn bản nguồn"),
        max_length=200,
        help_text=_("Số và tên văn bản nêu con số này"),
        error_messages=REQUIRED,
    )
    source_date = DayField(label=_("Ngày văn bản"), required=False)
    confirmed = forms.BooleanField(
        label=_("Tôi đã xem lại: con số nhỏ hơn số người đã học là đúng theo văn bản"), required=False
    )

    def refused(self, refusal: Refusal) -> None:
        """Show a refusal at the field that it names."""
        field = refusal.detail.get("field", "")
        self.add_error(field if field in self.fields else None, f"{refusal.text} {refusal.fix}".strip())


class PopulationFileForm(forms.Form):
    """A table of head-counts."""

    file = forms.FileField(
        label=_("Tệp số người phải học"),
        help_text=_("Excel (.xlsx) hoặc CSV, mỗi đơn vị và đối tượng một dòng, nhiều nhất 20.000 dòng."),
        widget=forms.FileInput(attrs={"accept": XLSX_ACCEPT}),
        error_messages=REQUIRED | {"required": _("Hãy chọn tệp."), "empty": _("Tệp này trống. Hãy chọn tệp khác.")},
    )
