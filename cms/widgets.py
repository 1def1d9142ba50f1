"""A long list to tick, in groups that open: what is rarely wanted stays out of the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.forms import CheckboxSelectMultiple


class GroupedCheckboxes(CheckboxSelectMultiple):
    """Boxes for the rows of a model, grouped by ``group_of(row)``; rows without a group stand open at the top.

    A group in which something is ticked is open, so that nothing chosen is ever hidden.
    """

    template_name = "cms/widgets/grouped_checkboxes.html"

    def __init__(self, group_of: Callable[[Any], str], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.group_of = group_of

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        groups: dict[str, list[dict[str, Any]]] = {"": []}
        for _group, options, _index in context["widget"]["optgroups"]:
            for option in options:
                groups.setdefault(self.group_of(option["value"].instance), []).append(option)
        context["groups"] = [
            (group, options, any(option["selected"] for option in options)) for group, options in groups.items()
        ]
        return context
