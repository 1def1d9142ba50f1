"""What learners send from a lesson."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django import forms
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from courses import rules
from courses.services.submissions import LONGEST_TEXT


class WorkForm(forms.Form):
    """A practical task as it is handed in: words, a file, or both. The service judges; this only lays it out."""

    viet = forms.CharField(
        label=_("Bạn đã làm thế nào"),
        help_text=_("Kể ngắn gọn các bước bạn đã làm và kết quả."),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={
            "max_length": format_lazy(
                _("Chỉ nhận đến {longest} chữ cái. Hãy viết ngắn hơn, hoặc nộp bằng tệp."), longest=LONGEST_TEXT
            )
        },
    )
    tep = forms.FileField(
        label=_("Ảnh chụp hoặc tệp"),
        help_text=_("Ảnh JPG, PNG; tệp PDF, Word, Excel; video MP4. Nặng nhất 20 MB."),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".jpg,.jpeg,.png,.pdf,.docx,.xlsx,.mp4"}),
    )


@dataclass(frozen=True)
class Told:
    """What a browser tells of a visit, fit to be recorded."""

    seconds: int
    reached_end: bool
    media: dict[str, int]


def told_from(data: QueryDict) -> Told | None:
    """The fields ``giay`` (seconds), ``cuoi`` ("1" at the end) and ``media`` (JSON); None when they make no sense."""
    seconds = data.get("giay", "0")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= len(str(rules.LONGEST_MEDIA))):
        return None
    try:
        media = rules.media_told(json.loads(data.get("media") or "{}"))
    except (ValueError, RecursionError):
        return None
    return None if media is None else Told(int(seconds), data.get("cuoi") == "1", media)
