"""The checks at an approval: whoever approves sees first what whoever publishes directly is asked."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from wagtail.admin.action_menu import ActionMenuItem, WorkflowMenuItem
from wagtail.models import Page

from cms.checks import gate

APPROVE = "approve"


def questions_at_approval(page: Page) -> dict[str, Any]:
    """What the checks hold against the draft under review: ``errors``, ``warnings``, ``effect`` on who learns now."""
    draft = page.get_latest_revision_as_object()
    warnings, effect = gate.questions_of(draft)
    return {"errors": gate.errors_of(draft), "warnings": warnings, "effect": effect}


def ask_before_approving(menu_items: list[ActionMenuItem], request: HttpRequest, context: dict[str, Any]) -> None:
    """Where something is found, the plain «approve» opens the window of the other one, which shows it."""
    items = [item for item in menu_items if isinstance(item, WorkflowMenuItem) and item.name == APPROVE]
    page = context.get("page")
    if items and page is not None and any(questions_at_approval(page).values()):
        for item in items:
            item.launch_modal = True
