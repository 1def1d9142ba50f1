"""News: what happens in the province's learning, newest first."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from cms.blocks import BodyBlock
from cms.fields import BodyField
from cms.pages.base import OpenPage
from people.querysets import today

PER_PAGE = 12


class NewsIndexPage(OpenPage):
    """All published news."""

    intro = models.CharField(_("Giới thiệu ngắn"), max_length=300, blank=True)

    max_count = 1
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.NewsPage"]
    template = "cms/news_index.html"
    content_panels = [*OpenPage.content_panels, FieldPanel("intro")]

    class Meta:
        verbose_name = _("trang tin tức")
        verbose_name_plural = _("trang tin tức")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        found = Paginator(newest().child_of(self), PER_PAGE).get_page(request.GET.get("trang"))
        return {**context, "found": found}


class NewsPage(OpenPage):
    """One piece of news: said on a day, and left as it was said."""

    said_on = models.DateField(_("Ngày đăng"), default=today, help_text=_("Tin mới nhất đứng đầu."))
    summary = models.CharField(_("Tóm tắt"), max_length=300, help_text=_("Một hai câu: chuyện gì, ở đâu, cho ai."))
    body = BodyField(BodyBlock(), blank=True, verbose_name=_("Nội dung"))

    parent_page_types = ["cms.NewsIndexPage"]
    subpage_types: list[str] = []
    template = "cms/news.html"
    content_panels = [*OpenPage.content_panels, FieldPanel("said_on"), FieldPanel("summary"), FieldPanel("body")]

    class Meta:
        verbose_name = _("tin")
        verbose_name_plural = _("tin")

    @property
    def list_path(self) -> str:
        """The address of the list in which the news stands."""
        return f"{self.site_path.rstrip('/').rpartition('/')[0]}/"


def newest() -> Any:
    """Published news, the newest first; without their texts, which lists do not show."""
    return NewsPage.objects.live().defer("body").order_by("-said_on", "-pk")
