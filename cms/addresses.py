"""Addresses of pages: Vietnamese titles without accents, in the editor's browser as well as here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.widgets import SlugInput

from common.text import fold

#: The longest part of an address that is made from a title; course and lesson together stay far below 300.
LONGEST = 100

_LATIN = [*range(0xC0, 0x180), 0x1A0, 0x1A1, 0x1AF, 0x1B0, *range(0x1EA0, 0x1EFA)]


def plain_slug(text: str) -> str:
    """``plain_slug("Khoá thử: Đổi mới") == "khoa-thu-doi-moi"``; empty when nothing is left."""
    slug = slugify(fold(text))
    return slug if len(slug) <= LONGEST else slug[: LONGEST + 1].rpartition("-")[0] or slug[:LONGEST]


def browser_rules() -> list[tuple[str, str]]:
    """What ``fold`` does to letters, as pairs of pattern and replacement for Wagtail's ``SlugInput``."""
    letters: dict[str, str] = {}
    for code in _LATIN:
        plain = fold(chr(code))
        if len(plain) == 1 and plain.isascii():
            letters[plain] = letters.get(plain, "") + chr(code)
    # Text from a Mac may come with its accents apart.
    return [("[\\u0300-\\u036f]", ""), *((f"[{accented}]", plain) for plain, accented in sorted(letters.items()))]


class PlainSlugField(forms.SlugField):
    """An address as it was typed or pasted, folded before anything is asked of it."""

    def to_python(self, value: Any) -> str:
        return plain_slug(super().to_python(value) or "")


class OpenPageForm(WagtailAdminPageForm):
    """The editors' form of every page: a draft, too, gets a plain address, and hears of one that is taken."""

    slug = PlainSlugField(
        label=gettext_lazy("Địa chỉ"),
        max_length=255,
        widget=SlugInput(formatters=browser_rules()),
        help_text=gettext_lazy("Phần cuối của địa chỉ trang: chữ không dấu, chữ số và dấu gạch nối."),
    )

    def clean(self) -> dict[str, Any]:
        """An address that the title made and that is taken is told beside the title: there it can be mended."""
        cleaned: dict[str, Any] = super().clean()
        slug, title = self.data.get("slug", ""), cleaned.get("title", "")
        if "slug" in self.errors and "title" not in self.errors and title and plain_slug(slug) == plain_slug(title):
            self.add_error(
                "title",
                _("Cạnh trang này đã có trang mang tên đó. Hãy đặt tên khác, hoặc sửa «Địa chỉ» ở thẻ «Quảng bá»."),
            )
        return cleaned
