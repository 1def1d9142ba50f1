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
#: The width at which a photograph opens by itself.
LARGEST = 1600


@register.simple_tag
def picture(image: Any, alt: str = "", loading: str = "lazy") -> SafeString | str:
    """An ``<img>`` with its size known before it comes. Drawings (SVG) go out as they are: they fit every width."""
    return _tags(image, alt, loading)[0] if image is not None else ""


@register.simple_tag
def zoomable(image: Any, alt: str) -> SafeString | str:
    """The ``<img>`` as a link to the picture alone, where a phone can enlarge it."""
    if image is None:
        return ""
    img, address = _tags(image, alt, "lazy")
    if not img:
        return ""
    return format_html('<a class="zoom" href="{}">{}<span class="zoom-word">Xem hình to</span></a>', address, img)


def _tags(image: Any, alt: str, loading: str) -> tuple[SafeString | str, str]:
    """The ``<img>``, and the address of the picture at its largest."""
    if image.is_svg():
        address = image.file.url
        return format_html(
            '<img src="{}" alt="{}" width="{}" height="{}" loading="{}" decoding="async">',
            address, alt, image.width, image.height, loading,
        ), address  # fmt: skip
    try:
        renditions = image.get_renditions(*(f"width-{width}" for width in (*WIDTHS, LARGEST)))
    except SourceImageIOError:
        return "", ""
    small, large = (renditions[f"width-{width}"] for width in WIDTHS)
    return format_html(
        '<img src="{}" srcset="{} {}w, {} {}w" sizes="(max-width: 52rem) 100vw, 48rem" alt="{}" '
        'width="{}" height="{}" loading="{}" decoding="async">',
        large.url, small.url, small.width, large.url, large.width, alt, large.width, large.height, loading,
    ), renditions[f"width-{LARGEST}"].url  # fmt: skip
