"""What the forms of questions show beside their fields."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.filter
def named_in(name: Any, files: Any) -> Any:
    """The kept file of this name; None without one."""
    return (files or {}).get(str(name)) if name else None


@register.filter
def file_of(row: Any, files: Any) -> Any:
    """The kept file that a row of a form shows; None where it has none."""
    return named_in(row["file"].value(), files) if "file" in row.fields else None


@register.filter
def first_picture(editor: Any) -> Any:
    """The picture on which places are marked."""
    found = [file_of(row, editor.files) for row in editor.media]
    return next((one for one in found if one and one.is_picture), None)
