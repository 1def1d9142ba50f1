"""The catalogue's filters: a form that lives in the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from cms import readers
from cms.narration import LANGUAGES
from courses.models import Level
from courses.querysets import Wanted

#: What is chosen for ``Wanted.length``.
LENGTHS = [("30", _("Đến 30 phút")), ("60", _("Đến 1 giờ")), ("180", _("Đến 3 giờ")), ("dai", _("Trên 3 giờ"))]
#: What is chosen for ``Wanted.helps``: the value in the address, the field of a course, and its words.
HELPS = [
    ("phu_de", "is_captioned", _("Video có phụ đề")),
    ("nghe", "is_narrated", _("Có bản nghe")),
    ("nhe", "is_light", _("Đọc được bằng chữ, nhẹ mạng")),
]
_EVERYTHING = ("", _("Tất cả"))
#: Fields whose choices are written by editors and the province.
CONTENT_FIELDS = frozenset({"doi_tuong", "chu_de"})


@dataclass(frozen=True)
class Chip:
    """Something chosen, under its field's name, and the address of the same page without it.

    ``is_content``: see ``CONTENT_FIELDS``.
    """

    heading: str
    value: str
    without: str
    is_content: bool = False

    @property
    def label(self) -> str:
        return f"{self.heading}: {self.value}" if self.heading else self.value


class CatalogueForm(forms.Form):
    """Words and what narrows the courses; whatever does not exist counts as not chosen."""

    q = forms.CharField(
        label=_("Từ khoá"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )
    doi_tuong = forms.ChoiceField(label=_("Dành cho"), required=False)
    chu_de = forms.ChoiceField(label=_("Chủ đề"), required=False)
    muc = forms.ChoiceField(label=_("Mức"), required=False, choices=[_EVERYTHING, *Level.choices])
    thoi_luong = forms.ChoiceField(label=_("Thời lượng"), required=False, choices=[_EVERYTHING, *LENGTHS])
    ngon_ngu = forms.ChoiceField(label=_("Ngôn ngữ"), required=False)
    tro_giup = forms.MultipleChoiceField(
        label=_("Dễ tiếp cận"),
        required=False,
        choices=[(value, words) for value, _field, words in HELPS],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data, auto_id="loc_%s")
        audiences = [(a.code, str(a)) for a in readers.audiences_with_courses()]
        topics = [(t.code, t.name) for t in readers.topics_with_courses()]
        used = readers.languages_with_courses()
        languages = [(tag, name) for tag, name in LANGUAGES if tag in used]
        for name, choices in (("doi_tuong", audiences), ("chu_de", topics), ("ngon_ngu", languages)):
            self.fields[name].choices = [_EVERYTHING, *choices]  # type: ignore[attr-defined]
        if len(languages) < 2:
            del self.fields["ngon_ngu"]
        self.is_valid()

    def wanted(self) -> Wanted:
        """What is asked for."""
        values = self.cleaned_data
        return Wanted(
            words=values.get("q", ""),
            audience=values.get("doi_tuong", ""),
            topic=values.get("chu_de", ""),
            level=values.get("muc", ""),
            length=values.get("thoi_luong", ""),
            language=values.get("ngon_ngu", ""),
            helps=[field for value, field, _words in HELPS if value in values.get("tro_giup", [])],
        )

    def narrowing(self) -> list[Any]:
        """The fields besides the words."""
        return [field for field in self if field.name != "q"]

    def chips(self) -> list[Chip]:
        """What is chosen besides the words, in the order of the fields."""
        found = []
        for name in self.fields:
            if name == "q" or not (values := self.cleaned_data.get(name)):
                continue
            words = {str(value): str(label) for value, label in self.fields[name].choices}  # type: ignore[attr-defined]
            if isinstance(values, list):
                found += [Chip("", words[value], self._without(name, value)) for value in values]
            else:
                heading, is_content = str(self.fields[name].label), name in CONTENT_FIELDS
                found.append(Chip(heading, words[values], self._without(name, values), is_content))
        return found

    def _without(self, name: str, value: str) -> str:
        """The query of the address with everything that is chosen but this."""
        rest = QueryDict(mutable=True)
        for key in self.fields:
            values = self.cleaned_data.get(key) or []
            kept = [v for v in (values if isinstance(values, list) else [values]) if (key, v) != (name, value)]
            if kept:
                rest.setlist(key, kept)
        return f"?{rest.urlencode()}"

    def words_only(self) -> str:
        """The query of the address with the words alone."""
        rest = QueryDict(mutable=True)
        rest["q"] = self.cleaned_data.get("q", "")
        return f"?{rest.urlencode()}"
