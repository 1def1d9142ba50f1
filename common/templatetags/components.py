"""Template tags for the components in ``lms/templates/components``, loaded in every template."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("components/bar.html")
def bar(percent: int, label: str) -> dict[str, Any]:
    """A progress bar: ``{% bar 40 "Bạn đã học 4 trên 10 phần" %}``."""
    return {"percent": percent, "label": label}


@register.inclusion_tag("components/form.html")
def form_fields(form: Any) -> dict[str, Any]:
    """Error summary and fields of a form: ``<form novalidate>{% form_fields form %}…``."""
    return {"form": form}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Any, page: Any) -> dict[str, Any]:
    """Previous and next page, keeping the other parameters of the address."""
    query = context["request"].GET.copy()
    query.pop("trang", None)
    return {"page": page, "query": f"{query.urlencode()}&" if query else ""}
