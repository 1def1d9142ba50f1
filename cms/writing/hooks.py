"""Where the plain pages for writing are found in the editors' admin."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.menu import MenuItem


class WritingMenuItem(MenuItem):
    """Shown to everybody who may write pages."""

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(user_has_any_page_permission(request.user))


def register_urls() -> list[URLPattern | URLResolver]:
    return [path("viet/", include("cms.writing.urls"))]


def register_menu_item() -> MenuItem:
    return WritingMenuItem(_("Viết đơn giản"), reverse("cms_writing:index"), name="viet", icon_name="edit", order=95)


def register() -> None:
    """Called once, with the other hooks of the room."""
    hooks.register("register_admin_urls", register_urls)
    hooks.register("register_admin_menu_item", register_menu_item)
