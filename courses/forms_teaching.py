"""What an instructor writes about work that was handed in."""

from __future__ import annotations

from django import forms


class SignOffForm(forms.Form):
    """A word to the learner; asked for when work is returned, welcome when it is accepted."""

    comment = forms.CharField(
        label="Nhận xét cho người học",
        help_text="Cần có khi trả lại bài: còn thiếu gì, làm thế nào cho đúng.",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
