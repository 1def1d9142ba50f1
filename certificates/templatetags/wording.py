"""The wording of certificates as template filters: ``{% load wording %}``."""

from __future__ import annotations

from decimal import Decimal

from django import template

from common import wording

register = template.Library()
register.filter("hours_text", wording.hours)


@register.filter
def score_text(score: Decimal | None) -> str:
    """``87,5/100``, or ``87.5/100``, in the language of the page; what papers say is ``certificates.wording``'s."""
    return "" if score is None else f"{wording.score(score)}/100"
