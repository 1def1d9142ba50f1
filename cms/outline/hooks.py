"""Where the outline view is found in the editors' admin, and how its acts read in the history of pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogActionRegistry, LogFormatter
from wagtail.models import Page

from cms.models import CoursePage
from cms.outline.copying import COPIED
from cms.outline.services import ARRANGED, CHANGED
from cms.publishing import OutlinePage


class CoursesMenuItem(MenuItem):
    """Shown to everybody who may write pages."""

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(user_has_any_page_permission(request.user))


def register_urls() -> list[URLPattern | URLResolver]:
    return [path("de-cuong/", include("cms.outline.urls"))]


def register_menu_item() -> MenuItem:
    return CoursesMenuItem(
        gettext_lazy("Khoá học"), reverse("cms_outline:index"), name="khoa-hoc", icon_name="list-ol", order=90
    )


def _outline_button(course: int, priority: int) -> Button:
    address = reverse("cms_outline:course", args=[course])
    return Button(_("Đề cương"), address, icon_name="list-ol", priority=priority)


def header_buttons(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """From a course, and from whatever belongs to one, to its outline."""
    if issubclass(page.specific_class or Page, CoursePage):
        yield _outline_button(page.pk, 5)
    elif issubclass(page.specific_class or Page, OutlinePage):
        yield _outline_button(page.get_parent().pk, 5)


def listing_buttons(page: Page, user: Any, next_url: str | None = None) -> Iterator[Button]:
    if issubclass(page.specific_class or Page, CoursePage) and page.permissions_for_user(user).can_edit():
        yield _outline_button(page.pk, 5)


def copy_courses_our_way(request: HttpRequest, page: Page) -> HttpResponse | None:
    """A course is copied with all below it, under a code of its own."""
    is_course = issubclass(page.specific_class or Page, CoursePage)
    return redirect("cms_outline:copy", page.pk) if is_course else None


class ArrangedFormatter(LogFormatter):
    label = gettext_lazy("Sắp xếp đề cương")

    def format_message(self, log_entry: Any) -> str:
        return _("Đã sắp xếp đề cương: %(changes)s.") % {"changes": ". ".join(log_entry.data.get("changes", []))}


def register_log_actions(actions: LogActionRegistry) -> None:
    actions.register_action(ARRANGED)(ArrangedFormatter)
    actions.register_action(COPIED, gettext_lazy("Nhân bản khoá học"), gettext_lazy("Đã nhân bản từ một khoá học khác"))
    actions.register_action(
        CHANGED, gettext_lazy("Đổi từ đề cương"), gettext_lazy("Đã đổi bắt buộc hoặc cách tính xong từ đề cương")
    )


def register() -> None:
    """Called once, with the other hooks of the room."""
    hooks.register("register_admin_urls", register_urls)
    hooks.register("register_admin_menu_item", register_menu_item)
    hooks.register("register_page_header_buttons", header_buttons)
    hooks.register("register_page_listing_buttons", listing_buttons)
    hooks.register("before_copy_page", copy_courses_our_way)
    hooks.register("register_log_actions", register_log_actions)
