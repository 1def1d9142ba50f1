"""What to learn next, for pages of other rooms."""

from __future__ import annotations

from typing import Any

from django import template

from courses.models import Course
from courses.suggestions import suggestions_for

register = template.Library()


@register.inclusion_tag("courses/_next.html")
def next_courses(user: Any, besides: Course | None = None, limit: int = 2) -> dict[str, Any]:
    """What somebody could learn next, and why; nothing for guests: ``{% next_courses user %}``.

    ``besides``: the course that the page offers already.
    """
    told = [besides.pk] if besides else []
    return {"suggested": suggestions_for(user=user, limit=limit, told=told) if user.is_authenticated else []}
