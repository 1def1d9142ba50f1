"""Template tags for the components in ``lms/templates/components``, loaded in every template."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.loader import render_to_string

register = template.Library()


@register.inclusion_tag("components/bar.html")
def bar(percent: int, label: str) -> dict[str, Any]:
    """A progress bar: ``{% bar 40 "Bạn đã học 4 trên 10 phần" %}``."""
    return {"percent": percent, "label": label}


@register.inclusion_tag("components/form.html")
def form_fields(form: Any) -> dict[str, Any]:
    """Error summary and fields of a form: ``<form novalidate>{% form_fields form %}…``."""
    return {"form": form}


@register.simple_block_tag
def search_form(
    content: str,
    label: str,
    words: str = "",
    *,
    button: str = "Tìm",
    name: str = "q",
    action: str = "",
    main: bool = False,
) -> str:
    """The search above a list: ``{% search_form "Tìm theo tên" words %}further fields{% endsearch_form %}``.

    ``main`` where searching is what the page is for.
    """
    said = {"label": label, "words": words, "button": button, "name": name, "action": action, "is_quiet": not main}
    return str(render_to_string("components/search_form.html", said | {"more": content}))


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Any, page: Any) -> dict[str, Any]:
    """Previous and next page, keeping the other parameters of the address."""
    query = context["request"].GET.copy()
    query.pop("trang", None)
    return {"page": page, "query": f"{query.urlencode()}&" if query else ""}
