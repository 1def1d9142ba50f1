"""What was looked for, marked in what was found; and addresses to hand on."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.conf import settings
from django.forms import BoundField
from django.utils.html import escape
from django.utils.safestring import SafeString

from cms.filters import CONTENT_FIELDS
from courses import highlights

register = template.Library()


@register.filter
def pieces(found: Iterable[highlights.Piece]) -> SafeString:
    """Pieces of a text, those that were looked for in ``<mark>``; everything escaped."""
    # By hand: a page shows hundreds of pieces.
    return SafeString(
        "".join(f"<mark>{escape(piece.text)}</mark>" if piece.is_hit else escape(piece.text) for piece in found)
    )


@register.filter
def marked(text: str, words: str) -> str:
    """A short text with the words marked."""
    return pieces(highlights.marked(text, words)) if words else text


@register.filter
def options(field: BoundField) -> SafeString:
    """The choices of a field that has one value, as ``<option>``; by hand, because there may be a hundred topics."""
    chosen = str(field.value() or "")
    content = ' lang="vi"' if field.name in CONTENT_FIELDS else ""
    rows = (
        f'<option value="{escape(value)}"{content if value else ""}{" selected" if str(value) == chosen else ""}>'
        f"{escape(str(label))}</option>"
        for value, label in field.field.choices  # type: ignore[attr-defined]
    )
    return SafeString("".join(rows))


@register.filter
def full_address(path: str) -> str:
    """``https://hocso.example/khoa-hoc/…/``: what can be sent to somebody else."""
    return f"{settings.BASE_URL.rstrip('/')}{path}"
