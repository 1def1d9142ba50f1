"""Forms beside a lesson. What is wrong is said beside the field; what was typed stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.errors import Refusal


class BesideForm(forms.Form):
    """One text, saved by a service; its refusal becomes the field's error. ``argument``: what the service calls it."""

    argument = "text"
    text = forms.CharField(strip=False, widget=forms.Textarea(attrs={"rows": 6}))

    def __init__(self, *args: Any, label: str, hint: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["text"]
        field.label, field.help_text = label, hint
        field.error_messages["required"] = _("Chưa có chữ nào. Viết rồi lưu lại.")

    def save(self, service: Callable[..., Any], **kwargs: Any) -> bool:
        """Let the service have the text; return whether it took it."""
        if not self.is_valid():
            return False
        try:
            service(**kwargs, **{self.argument: self.cleaned_data["text"]})
        except Refusal as refusal:
            self.add_error("text", f"{refusal.text} {refusal.fix}")
            return False
        return True


class CommentForm(BesideForm):
    """Where a lesson was not clear; who says nothing has said enough."""

    argument = "comment"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = False
