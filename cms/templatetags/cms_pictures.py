"""Pictures of editors in our pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cms import pictures
from cms.pictures import CARD, FORMATS, LARGEST, POSTER, WHOLE, Shape, in_format
from cms.templatetags.cms_language import page_lang

register = template.Library()


@register.simple_tag(takes_context=True)
def picture(context: Any, image: Any, alt: str = "", loading: str = "lazy") -> SafeString | str:
    """A whole picture with its size known before it comes. Drawings (SVG) go out as they are: they fit every width.

    Who saves data is offered what says something, and does without what only adorns.
    """
    if image is None or (_saves_data(context) and not alt):
        return ""
    shown = _shown(context, image, alt, loading, WHOLE)
    return _on_request(context, image, alt, shown) if shown and _saves_data(context) else shown


@register.simple_tag(takes_context=True)
def cropped(context: Any, image: Any, alt: str = "", is_first: bool = False) -> SafeString | str:
    """A picture cut to 16:9 around its focal point, for cards, which say everything in words too.

    ``is_first``: it is seen as soon as the page is, and must not wait until the page is laid out.
    """
    if image is None or _saves_data(context):
        return ""
    return _shown(context, image, alt, "eager" if is_first else "lazy", CARD)


@register.simple_tag(takes_context=True)
def zoomable(context: Any, image: Any, alt: str) -> SafeString | str:
    """A whole picture as a link to itself alone, where a phone can enlarge it."""
    if image is None or not (shown := _shown(context, image, alt, "lazy", WHOLE)):
        return ""
    whole = image if image.is_svg() else pictures.fallbacks(image, [LARGEST])[LARGEST]
    address = whole.file.url
    link = format_html(
        '<a class="zoom" href="{}">{}<span class="zoom-word"{}>{}</span></a>',
        address, shown, page_lang(context), _("Xem hình to"),
    )  # fmt: skip
    return _on_request(context, image, alt, link) if _saves_data(context) else link


@register.simple_tag
def poster_url(image: Any) -> str:
    """The address of a still of 16:9, cut around the focal point; empty without one."""
    if image is None:
        return ""
    if image.is_svg():
        return str(_drawing(image, CARD.sizes[-1]).file.url)
    pictures.images_ready([image])
    made = pictures.fallbacks(image, [POSTER])
    return str(made[POSTER].url) if made else ""


@register.simple_tag
def card_address(image: Any) -> str:
    """The address of a picture for the card that messengers show; empty without one. They show no drawings (SVG)."""
    if image is None or image.is_svg():
        return ""
    pictures.images_ready([image])
    made = pictures.fallbacks(image, CARD.sizes)
    return str(made[CARD.sizes[-1]].url) if made else ""


def _saves_data(context: Any) -> bool:
    """Whether the reader asked for pages without pictures."""
    return bool(getattr(context.get("display"), "saver", False))


def _shown(context: Any, image: Any, alt: str, loading: str, shape: Shape) -> SafeString | str:
    pictures.images_ready([image])
    if image.is_svg():
        drawn = _drawing(image, shape.sizes[-1]) if shape is CARD else image
        return format_html(
            '<img src="{}" alt="{}" width="{}" height="{}" loading="{}" decoding="async">',
            drawn.file.url, alt, drawn.width, drawn.height, loading,
        )  # fmt: skip
    own = pictures.fallbacks(image, shape.sizes)
    if not own:
        return ""
    modern = pictures.present(image, [in_format(size, name) for name in FORMATS for size in shape.sizes])
    if len(modern) < len(FORMATS) * len(shape.sizes):
        pictures.ask_for(getattr(context.get("page"), "pk", None))
    largest = own[shape.sizes[-1]]
    img = format_html(
        '<img src="{}" srcset="{}" sizes="{}" alt="{}" width="{}" height="{}" loading="{}" decoding="async">',
        largest.url, _srcset(own, shape.sizes), shape.place, alt, largest.width, largest.height, loading,
    )  # fmt: skip
    offered = [(name, [in_format(size, name) for size in shape.sizes]) for name in FORMATS]
    sources = [(name, _srcset(modern, specs), shape.place) for name, specs in offered if set(specs) <= set(modern)]
    if not sources:
        return img
    listed = format_html_join("", '<source type="image/{}" srcset="{}" sizes="{}">', sources)
    return format_html("<picture>{}{}</picture>", listed, img)


def _srcset(renditions: dict[str, Any], specs: Any) -> str:
    return ", ".join(f"{renditions[spec].url} {renditions[spec].width}w" for spec in specs)


def _drawing(image: Any, size: str) -> Any:
    """A drawing cut to a size; the whole one unless an editor said what matters in it."""
    made = pictures.fallbacks(image, [size]) if image.has_focal_point() else {}
    return made.get(size, image)


def _on_request(context: Any, image: Any, alt: str, link: SafeString | str) -> SafeString:
    """A link that says what the picture shows and what it weighs; the picture itself waits in a template.

    ``js/saver.js`` puts it in its place. Without scripts the link opens the picture.
    """
    light = image if image.is_svg() else _lightest(image)
    words = _("Tải hình (%(size)s)") % {"size": filesizeformat(_weight(light))}
    return format_html(
        '<p class="held" data-held><a class="btn quiet" href="{}"{}>{}</a> <span>{}</span><template>{}</template></p>',
        light.file.url, page_lang(context), words, alt, link,
    )  # fmt: skip


def _lightest(image: Any) -> Any:
    """What a phone would fetch: WebP where it is made already."""
    size = WHOLE.sizes[-1]
    there = pictures.present(image, [in_format(size, "webp"), size])
    return there.get(in_format(size, "webp")) or there[size]


def _weight(file: Any) -> int:
    """Bytes of a picture or rendition; 0 when the file is gone."""
    try:
        return int(file.file_size or 0) if getattr(file, "file_size", None) else int(file.file.size)
    except OSError:
        return 0
