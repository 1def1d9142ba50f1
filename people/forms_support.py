"""How the people of a coordinator's units reach them."""

from __future__ import annotations

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy

from common.text import nfc

_NUMBER = RegexValidator(r"^\+?[\d .()-]{8,24}$", gettext_lazy("Ghi số điện thoại bằng chữ số, ví dụ 0204 385 6123."))


class OfficeContactForm(forms.Form):
    """Office phone and e-mail; a fixed line is welcome."""

    phone = forms.CharField(
        label=gettext_lazy("Điện thoại nơi làm việc"), max_length=24, required=False, validators=[_NUMBER]
    )
    email = forms.EmailField(label=gettext_lazy("Email nơi làm việc"), max_length=254, required=False)

    def clean_phone(self) -> str:
        return nfc(self.cleaned_data["phone"])
