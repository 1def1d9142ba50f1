"""``{% load quiz_insight %}``: what pages of attempts show of regrades, and figures as shares."""

from __future__ import annotations

from typing import Any

from django import template

from common.wording import is_foreign, number
from quizzes import insight
from quizzes.models import Attempt

register = template.Library()


@register.inclusion_tag("quizzes/_regraded.html")
def regraded(attempt: Attempt) -> dict[str, Any]:
    """When and why an attempt was scored anew; nothing where it never was: ``{% regraded attempt %}``."""
    return {"regrades": insight.regrades_of(attempt)}


@register.filter
def share(value: float | None) -> str:
    """``72 %`` for 0.72; an en dash for None."""
    if value is None:
        return "–"
    return f"{number(round(value * 100))}{'' if is_foreign() else chr(0xA0)}%"


@register.filter
def figure(value: float | None) -> str:
    """``0,31``; an en dash for None."""
    return number(value, 2)
