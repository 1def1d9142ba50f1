"""Content within pages whose reader chose another language: what is quoted says in which language it is. And what
these pages count."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext

from cms import shipped
from common import wording

register = template.Library()
#: In which language editors write unless a course says otherwise.
CONTENT = "vi"


@register.filter
def cited(text: Any, language: str = CONTENT) -> SafeString | str:
    """A title or other words of an editor inside a sentence of the page; marked where the page is in another language.

    Where an element holds nothing but content, ``lang="vi"`` on that element says the same.
    """
    if get_language() == language:
        return str(text)
    return format_html('<span lang="{}">{}</span>', language, text)


@register.filter
def named(text: Any) -> SafeString | str:
    """A name, or what the reader wrote, inside a sentence of the page: it stays as it is in any language."""
    if get_language() == CONTENT:
        return str(text)
    return format_html('<span translate="no">{}</span>', text)


@register.simple_tag(takes_context=True)
def content_lang(context: Any) -> str:
    """In which language the content of the page is: ``{% content_lang as content %}``."""
    course = getattr(context.get("reading"), "course", None)
    return str(course.language) if course else CONTENT


@register.simple_tag(takes_context=True)
def page_lang(context: Any) -> SafeString:
    """The attribute for the page's own words in the midst of content: ``<summary{% page_lang %}>``."""
    language = get_language() or CONTENT
    return SafeString("") if language == content_lang(context) else format_html(' lang="{}"', language)


@register.filter
def lesson_count(number: int) -> str:
    """``3 bài``."""
    return ngettext("%(n)s bài", "%(n)s bài", number) % {"n": number}


register.filter("minutes", wording.minutes)
register.filter("hours", wording.hours)
register.filter("shipped", shipped.in_readers_language)
register.filter("shipped_lang", shipped.language_of)
