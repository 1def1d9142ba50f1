"""What officials choose on the page of a register."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from certificates.models import Act


class BookSearchForm(forms.Form):
    """Which rows of a book are shown."""

    nam = forms.TypedChoiceField(label=_("Sổ năm"), coerce=int, required=False)
    viec = forms.ChoiceField(
        label=pgettext_lazy("sổ gốc", "Việc"), choices=[("", _("Mọi việc")), *Act.choices], required=False
    )
    tim = forms.CharField(label=_("Số giấy hoặc họ tên"), max_length=100, required=False)

    def __init__(self, *args: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["nam"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(str(year), str(year)) for year in years]


class CloseForm(forms.Form):
    """The word of who closes a book that they looked at it."""

    confirmed = forms.BooleanField(error_messages={"required": _("Hãy đánh dấu ô này sau khi đã kiểm tra.")})

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "khoa-so_%s", **kwargs})
        confirm = gettext("Tôi đã kiểm tra sổ năm %(year)s và chịu trách nhiệm về việc khoá sổ")
        self.fields["confirmed"].label = confirm % {"year": year}
