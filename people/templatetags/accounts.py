"""Template tags of the account screens."""

from __future__ import annotations

from typing import Any

from django import template

from people.phones import show_phone

register = template.Library()


@register.filter
def phone(value: str) -> str:
    """An E.164 number as people read it: ``0912 345 678``."""
    return show_phone(value) if value else ""


@register.inclusion_tag("components/form.html")
def account_fields(form: Any) -> dict[str, Any]:
    """The fields of a library's form in our look.

    Their placeholders only repeat the label and vanish when typing starts, so they go; fields for codes get the
    number keyboard, and take a code pasted with spaces.
    """
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        if name == "code":
            field.widget.attrs.update({"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code"})
    return {"form": form}
