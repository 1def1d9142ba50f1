"""The plain form of a page's words: one field for each run of words, and one pair to write more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.writing.words import RUNS, Words
from common.text import nfc

#: Fields of pages that hold a line about the page, whichever of them a page has.
LINES = ("title", "summary", "intro")
#: Letters in a line of a phone.
LONG = 35
MOST_NEW = 20_000


class WordsForm(forms.Form):
    """``lines`` are (name, label, text, longest) of the page's own fields, ``words`` those of its body in order.

    ``blocks`` gives the fields of one block after the other with the block's name, for the template.
    """

    heading = forms.CharField(label=_("Tiêu đề của mục mới (có thể để trống)"), max_length=120, required=False)
    more = forms.CharField(
        label=_("Viết thêm ở cuối"),
        max_length=MOST_NEW,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "lang": "vi"}),
        help_text=_("Mỗi đoạn cách nhau một dòng trống. Lưu xong có thể viết thêm mục nữa."),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        lines: Sequence[tuple[str, str, str, int | None]],
        words: Sequence[Words],
        names: Sequence[str],
    ) -> None:
        super().__init__(data)
        self.words, self.names = words, names
        for name, label, text, longest in lines:
            self.fields[name] = _field(label, text, longest, needed=name == "title")
        for one in words:
            run = gettext(RUNS[one.run]) if one.run else ""
            label = f"{one.label} ({run})" if run else one.label
            self.fields[f"chu-{one.address}"] = _field(label, one.text, one.longest)
        self.line_names = [name for name, *_rest in lines]

    @property
    def lines(self) -> list[forms.BoundField]:
        return [self[name] for name in self.line_names]

    @property
    def blocks(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        for number, found in groupby(self.words, key=lambda one: one.block):
            yield f"{number + 1}. {self.names[number]}", [self[f"chu-{one.address}"] for one in found]

    @property
    def new(self) -> list[forms.BoundField]:
        return [self["heading"], self["more"]]

    @property
    def said(self) -> dict[str, str]:
        """The words by their addresses."""
        return {one.address: nfc(self.cleaned_data[f"chu-{one.address}"]) for one in self.words}

    @property
    def own(self) -> dict[str, str]:
        """The page's own fields."""
        return {name: nfc(self.cleaned_data[name]) for name in self.line_names}


def _field(label: str, text: str, longest: int | None, *, needed: bool = False) -> forms.CharField:
    spoken = {"lang": "vi"}  # what is written here is Vietnamese, whatever the reader of the page chose
    rows = max(2, len(text) // LONG + 1)
    widget = forms.Textarea(attrs=spoken | {"rows": rows}) if len(text) > LONG else forms.TextInput(attrs=spoken)
    return forms.CharField(label=label, initial=text, max_length=longest, required=needed, widget=widget)


class AnswerForm(forms.Form):
    """What a reviewer says to whoever sent the page."""

    comment = forms.CharField(
        label=_("Lời nhắn cho người viết"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
