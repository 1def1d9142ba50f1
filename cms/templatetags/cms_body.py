"""Bodies of lessons and pages, block by block."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import segno
from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from wagtail.rich_text import RichText, expand_db_html

from cms import pictures
from cms.blocks import kinds_of, walk
from cms.glossary import Glossary

register = template.Library()


@register.simple_tag(takes_context=True)
def body(context: Any, stream: Any) -> SafeString:
    """The blocks of a body. Each is told its id (``block_id``) and the words that are still to be explained."""
    pictures.make_ready(stream)
    shared = context.flatten()
    shared.setdefault("glossary", Glossary(_anchors(stream)))
    told = ((child, child.id or f"khoi-{place}") for place, child in enumerate(stream))
    rendered = ((child.render(context={**shared, "block_id": block_id}),) for child, block_id in told)
    return format_html_join("", "{}", rendered)


@register.simple_tag
def body_kinds(stream: Any) -> set[str]:
    """Which kinds of blocks a body holds: their scripts are fetched, no others."""
    pictures.make_ready(stream)
    return kinds_of(stream)


@register.simple_tag(takes_context=True)
def rich(context: Any, value: Any) -> SafeString:
    """Rich text in which the words of the lesson's glossary are marked where they first stand."""
    html = expand_db_html(value.source) if isinstance(value, RichText) else ""
    glossary: Glossary | None = context.get("glossary")
    return mark_safe(glossary.mark(html) if glossary else html)


@register.simple_tag
def term_anchor(term: Any) -> str:
    """The name of the place where a word's meaning stands."""
    return f"tu-{term.pk}"


@register.simple_tag
def qr(address: str) -> SafeString:
    """An address as a code to scan, drawn into the page: no third party learns who reads what."""
    return mark_safe(_qr(address)) if address else SafeString("")


@lru_cache(maxsize=256)
def _qr(address: str) -> str:
    code = segno.make(address, error="m", micro=False)
    return str(code.svg_inline(omitsize=True, svgclass="qr", lineclass=None, light="#fff", border=2))


def _anchors(stream: Any) -> dict[str, str]:
    blocks = [child for child in walk(stream) if child.block_type == "glossary"]
    return {term.term: term_anchor(term) for block in blocks for term in block.value["terms"] if term}
