"""Fields that forms of every room share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

#: How people write a day; the last is what browsers and other programs send.
DAY_FORMATS = ["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %m %Y", "%Y-%m-%d"]


class DayField(forms.DateField):
    """A day as people write it: 22/11/2026."""

    default_error_messages = {
        "invalid": _("Ngày chưa đúng. Ví dụ đúng: 22/11/2026."),
        "required": _("Hãy ghi ngày, ví dụ 22/11/2026."),
    }

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%d/%m/%Y", attrs={"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(**{"input_formats": DAY_FORMATS, "widget": widget, "localize": False, **kwargs})
