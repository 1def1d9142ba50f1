"""The first page of the editors' admin: where to begin, and what waits for whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.permissions import page_permission_policy

from cms.models import CataloguePage
from cms.reviews import due_reviews
from common.language import other_language

SHOWN = 5


def drafts_of(user: Any) -> Any:
    """Pages that the person changed last and may publish or go on with, the newest first."""
    mine = page_permission_policy.instances_user_has_permission_for(user, "change")
    mine = mine.filter(has_unpublished_changes=True, latest_revision__user=user, depth__gt=2)
    return mine.order_by("-latest_revision_created_at")


class StartPanel(Component):
    """«Bắt đầu»: the guide, and the way to a new course."""

    name = "start"
    order = 50
    template_name = "cms/admin/start_panel.html"

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        catalogue = CataloguePage.objects.first()
        may_add = catalogue is not None and catalogue.permissions_for_user(self.request.user).can_add_subpage()
        add = reverse("wagtailadmin_pages:add", args=["cms", "coursepage", catalogue.pk]) if may_add else ""
        shown = {"request": self.request, "other_language": other_language(self.request)}
        return {"add": add, "catalogue": catalogue, **shown}


class WaitingPanel(Component):
    """«Việc của bạn»: my drafts, and my content that is due for review. Reviews of others' pages stand above it."""

    name = "waiting"
    order = 220
    template_name = "cms/admin/waiting_panel.html"

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        user = self.request.user
        drafts = drafts_of(user)
        due = due_reviews(within="30-ngay", owner=user)
        return {
            "drafts": drafts[:SHOWN],
            "draft_count": drafts.count(),
            "due": due[:SHOWN],
            "due_count": len(due),
        }


def panels_add(request: HttpRequest, panels: list[Any]) -> None:
    panels += [StartPanel(request), WaitingPanel(request)]


def guide_menu_item() -> MenuItem:
    return MenuItem(_("Hướng dẫn"), reverse("cms_guide"), name="guide", icon_name="help", order=20)


def reviews_menu_item() -> MenuItem:
    return MenuItem(_("Đến hạn rà soát"), reverse("cms_reviews"), name="reviews", icon_name="date", order=50)
