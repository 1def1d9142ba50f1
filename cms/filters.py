"""The catalogue's filters: a form that lives in the address."""

from __future__ import annotations

from typing import Any

from django import forms

from cms import readers


class CatalogueForm(forms.Form):
    """Words, audience and topic; whatever does not exist counts as not chosen."""

    q = forms.CharField(
        label="Từ khoá", required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )
    doi_tuong = forms.ChoiceField(label="Dành cho", required=False)
    chu_de = forms.ChoiceField(label="Chủ đề", required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="loc_%s")
        audiences = [(a.code, str(a)) for a in readers.audiences_with_courses()]
        topics = [(t.code, t.name) for t in readers.topics_with_courses()]
        self.fields["doi_tuong"].choices = [("", "Tất cả"), *audiences]  # type: ignore[attr-defined]
        self.fields["chu_de"].choices = [("", "Tất cả"), *topics]  # type: ignore[attr-defined]
        self.is_valid()

    def chosen(self) -> dict[str, str]:
        """What is asked for, for ``readers.catalogue``."""
        values = self.cleaned_data
        return {
            "words": values.get("q", ""),
            "audience": values.get("doi_tuong", ""),
            "topic": values.get("chu_de", ""),
        }
