"""What an instructor writes about work that was handed in."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class SignOffForm(forms.Form):
    """A word to the learner; asked for when work is returned, welcome when it is accepted."""

    comment = forms.CharField(
        label=_("Nhận xét cho người học"),
        help_text=_("Cần có khi trả lại bài: còn thiếu gì, làm thế nào cho đúng."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
