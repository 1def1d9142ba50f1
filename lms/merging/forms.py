"""Why two records are those of one person."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from common.text import nfc


class MergeForm(forms.Form):
    """The reason, as the log keeps it."""

    reason = forms.CharField(
        label=_("Vì sao biết là cùng một người?"),
        max_length=300,
        help_text=_("Ví dụ: đã hỏi trực tiếp, cùng số căn cước. Ghi vào nhật ký."),
        error_messages={"required": _("Ghi vì sao biết hai hồ sơ là của cùng một người.")},
    )

    def clean_reason(self) -> str:
        return nfc(self.cleaned_data["reason"])
