"""What lessons share, in the editors' menu."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.models import ReferenceIndex
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from cms.models import GlossaryTerm, ReusableContent


class _SharedViewSet(SnippetViewSet):
    """What lessons share, with the number of places that show it."""

    add_to_admin_menu = False
    copy_view_enabled = False
    list_per_page = 50

    @property
    def breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Wagtail asks for them once: its word for the first page would be in the language of whoever came first."""
        home, *others = super().breadcrumbs_items
        return [{**home, "label": _("Trang chủ")}, *others]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = self.model._default_manager.annotate(
            used_in=ReferenceIndex.usage_count_subquery(self.model)
        )
        return found


USED_IN = Column("used_in", label=_("Số nơi dùng"), accessor="used_in", sort_key="used_in")


class GlossaryTermViewSet(_SharedViewSet):
    """Words with their meanings."""

    model = GlossaryTerm
    icon = "openquote"
    menu_label = _("Từ cần giải nghĩa")
    list_display = ["term", "meaning", USED_IN]
    search_fields = ["term", "meaning"]
    search_backend_name = None


class ReusableContentViewSet(_SharedViewSet):
    """Pieces that several lessons show."""

    model = ReusableContent
    icon = "snippet"
    menu_label = _("Đoạn dùng chung")
    list_display = ["title", USED_IN]
    search_fields = ["title"]
    search_backend_name = None


class SharedViewSetGroup(SnippetViewSetGroup):
    """Both under one entry of the menu."""

    menu_label = _("Dùng chung")
    menu_icon = "snippet"
    menu_order = 260
    add_to_admin_menu = True
    items = (GlossaryTermViewSet, ReusableContentViewSet)
