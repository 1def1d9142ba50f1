"""What the outline view is asked: an arrangement, a page to add, a course to copy."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.outline.reading import KIND_WORDS, OutlineState
from cms.outline.rules import Arrangement, Line
from cms.pages.base import LONGEST_TITLE

#: Where something goes that stands before every module.
START = "start"


def arrangement_from(data: QueryDict, state: OutlineState) -> Arrangement:
    """The arrangement that a form sends: the pages in their order, the ticks, and the rules.

    Of what is no lesson nothing but its place is read. Pages that the course lacks are kept, for the service to refuse.
    """
    ticked = set(data.getlist("required"))
    lines = []
    for text in data.getlist("page"):
        if not text.isdecimal():
            continue
        page = int(text)
        row = state.by_page.get(page)
        if row is not None and row.kind == "lesson":
            lines.append(Line(page, text in ticked, data.get(f"rule-{page}", row.line.rule)))
        else:
            lines.append(Line(page))
    return tuple(lines)


class AddForm(forms.Form):
    """A module, a lesson or a quiz with only a title."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Thêm"),
        choices=[(kind, gettext_lazy(words)) for kind, words in KIND_WORDS.items()],
        initial="lesson",
    )
    title = forms.CharField(
        label=gettext_lazy("Tên"),
        max_length=LONGEST_TITLE,
        error_messages={
            "required": gettext_lazy("Hãy nhập tên."),
            "max_length": gettext_lazy("Tên cần không quá %(limit_value)d chữ cái."),
        },
    )
    module = forms.ChoiceField(label=gettext_lazy("Vào cuối"))

    def __init__(self, *args: Any, state: OutlineState, at: str = "", **kwargs: Any) -> None:
        """``at`` is the module where the last one went, which is chosen again; otherwise the last module is."""
        super().__init__(*args, **kwargs)
        modules = [(str(row.page.pk), f"«{row.title}»") for row in state.rows if row.kind == "module"]
        start = _("Đầu đề cương, trước phần đầu tiên") if modules else _("Cuối đề cương")
        field = self.fields["module"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(START, start), *modules]
        places = [value for value, _words in field.choices]
        field.initial = at if at in places else places[-1]
        if at:
            self.fields["title"].widget.attrs["autofocus"] = True  # the next name can be typed at once

    @property
    def module_id(self) -> int | None:
        chosen = self.cleaned_data["module"]
        return None if chosen == START else int(chosen)


class CopyForm(forms.Form):
    """What the copy of a course is called."""

    title = forms.CharField(
        label=gettext_lazy("Tên khoá học mới"),
        max_length=LONGEST_TITLE,
        error_messages={
            "required": gettext_lazy("Hãy nhập tên khoá học mới."),
            "max_length": gettext_lazy("Tên cần không quá %(limit_value)d chữ cái."),
        },
    )
    code = forms.CharField(
        label=gettext_lazy("Mã khoá học mới"),
        max_length=30,
        help_text=gettext_lazy("Ví dụ: KNS-02. Không trùng khoá khác."),
        error_messages={
            "required": gettext_lazy("Hãy nhập mã khoá học mới."),
            "max_length": gettext_lazy("Mã cần không quá %(limit_value)d chữ cái."),
        },
    )
