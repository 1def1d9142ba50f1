"""What the window of an approval shows of the checks."""

from __future__ import annotations

from typing import Any

from django import template
from wagtail.models import Page

from cms.checks import approving

register = template.Library()


@register.simple_tag
def approval_questions(thing: Any, action: str) -> dict[str, Any]:
    """The findings on a page that is about to be approved; nothing for other things and other acts."""
    is_asked = action == approving.APPROVE and isinstance(thing, Page)
    return approving.questions_at_approval(thing) if is_asked else {}
