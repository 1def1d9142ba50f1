"""Where banks and questions are found in the editors' admin."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem

from cms.questions import pages


class _WritersItem(MenuItem):
    """Shown to those who write."""

    def is_shown(self, request: HttpRequest) -> bool:
        return pages.writes(request.user)


def register_urls() -> list[URLPattern | URLResolver]:
    return [path("", include("cms.questions.urls"))]


def register_menu_item() -> MenuItem:
    items = [
        MenuItem(
            _("Ngân hàng câu hỏi"),
            reverse("ngan_hang:index"),
            name="ngan-hang",
            icon_name="folder-open-inverse",
            order=10,
        ),
        MenuItem(_("Mọi câu hỏi"), reverse("cau_hoi:index"), name="moi-cau-hoi", icon_name="help", order=20),
        _WritersItem(
            _("Nhập từ tệp"), reverse("nhap_cau_hoi:upload"), name="nhap-cau-hoi", icon_name="upload", order=30
        ),
        MenuItem(_("Câu trùng nhau"), reverse("cau_hoi:duplicates"), name="cau-trung", icon_name="copy", order=40),
    ]
    label = pgettext_lazy("menu", "Câu hỏi")
    return SubmenuMenuItem(label, Menu(items=items), name="cau-hoi", icon_name="help", order=250)


def register() -> None:
    """Called once, with the other hooks of the room."""
    hooks.register("register_admin_urls", register_urls)
    hooks.register("register_admin_menu_item", register_menu_item)
