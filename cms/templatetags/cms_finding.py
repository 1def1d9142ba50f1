"""What was looked for, marked in what was found; and addresses to hand on."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from courses import highlights

register = template.Library()


@register.filter
def pieces(found: Iterable[highlights.Piece]) -> SafeString:
    """Pieces of a text, those that were looked for in ``<mark>``; everything escaped."""
    shown = (format_html("<mark>{}</mark>", piece.text) if piece.is_hit else piece.text for piece in found)
    return format_html_join("", "{}", ((text,) for text in shown))


@register.filter
def marked(text: str, words: str) -> str:
    """A short text with the words marked."""
    return pieces(highlights.marked(text, words)) if words else text


@register.filter
def full_address(path: str) -> str:
    """``https://hocso.example/khoa-hoc/…/``: what can be sent to somebody else."""
    return f"{settings.BASE_URL.rstrip('/')}{path}"
