"""Pictures of editors in our pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail.images.models import SourceImageIOError

register = template.Library()

#: Widths a photograph is offered in; the browser takes the smallest that will do.
WIDTHS = (400, 800)


@register.simple_tag
def picture(image: Any, alt: str = "", loading: str = "lazy") -> SafeString | str:
    """An ``<img>`` with its size known before it comes. Drawings (SVG) go out as they are: they fit every width."""
    if image is None:
        return ""
    if image.is_svg():
        return format_html(
            '<img src="{}" alt="{}" width="{}" height="{}" loading="{}" decoding="async">',
            image.file.url, alt, image.width, image.height, loading,
        )  # fmt: skip
    try:
        renditions = image.get_renditions(*(f"width-{width}" for width in WIDTHS))
    except SourceImageIOError:
        return ""
    small, large = (renditions[f"width-{width}"] for width in WIDTHS)
    return format_html(
        '<img src="{}" srcset="{} {}w, {} {}w" sizes="(max-width: 52rem) 100vw, 48rem" alt="{}" '
        'width="{}" height="{}" loading="{}" decoding="async">',
        large.url, small.url, small.width, large.url, large.width, alt, large.width, large.height, loading,
    )  # fmt: skip
