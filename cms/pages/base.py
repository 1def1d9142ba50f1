"""What all our pages share: everybody may read them, and their address is known without a query."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Page, PageViewRestriction

from cms.caching import mark_cacheable


class OpenPage(Page):
    """A page that is open to everybody: nothing about a course is private, so no restriction is ever asked for."""

    private_page_options: list[str] = []
    promote_panels = [
        MultiFieldPanel(
            [FieldPanel("slug"), FieldPanel("seo_title"), FieldPanel("search_description")],
            heading="Địa chỉ và tìm kiếm",
        )
    ]

    class Meta:
        abstract = True

    def get_view_restrictions(self) -> Any:
        return PageViewRestriction.objects.none()

    @property
    def site_path(self) -> str:
        """The page's address from the root of the site: ``/khoa-hoc/5-ky-nang-so-co-ban/``."""
        return f"/{self.url_path.split('/', 2)[2]}"

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().serve(request, *args, **kwargs)
        mark_cacheable(request, response)
        return response
