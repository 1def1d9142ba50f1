"""The first page: what this is, where to start, and which courses are for whom."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, PageChooserPanel
from wagtail.models import Orderable
from wagtail.url_routing import RouteResult

from cms import readers
from cms.pages.base import OpenPage
from cms.pages.course import CoursePage
from cms.pages.lesson import LessonPage
from cms.pages.module import ModulePage
from cms.pages.news import NewsPage, newest
from cms.pages.path import PathPage
from cms.pages.quiz import QuizPage
from people.models import Audience

#: So many of the newest news stand on the first page.
NEWS_SHOWN = 3


class HomePage(OpenPage):
    """The root of the site."""

    heading = models.CharField(_("Dòng đầu"), max_length=120, default="Học kỹ năng số, từ chiếc điện thoại của bạn")
    intro = models.CharField(
        _("Giới thiệu"),
        max_length=300,
        default=(
            "Miễn phí, mỗi bài 5–10 phút, học lúc nào cũng được. Học xong có giấy xác nhận kiểm tra được bằng mã QR."
        ),
    )
    start_course = models.ForeignKey(
        "cms.CoursePage",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("Khoá «Bắt đầu từ đây»"),
    )

    max_count = 1
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["cms.CataloguePage", "cms.PathIndexPage", "cms.NewsIndexPage", "cms.StandardPage"]
    template = "cms/home.html"
    content_panels = [
        *OpenPage.content_panels,
        FieldPanel("heading"),
        FieldPanel("intro"),
        PageChooserPanel("start_course", "cms.CoursePage"),
        InlinePanel("audience_cards", heading=_("Thẻ «Bạn là ai?»"), label=_("Thẻ")),
    ]

    class Meta:
        verbose_name = _("trang đầu")
        verbose_name_plural = _("trang đầu")

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Find a course or lesson by its whole address: one query instead of two for each part of it."""
        types = {
            2: [CoursePage.objects.select_related("illustration"), PathPage.objects, NewsPage.objects],
            3: [LessonPage.objects, QuizPage.objects, ModulePage.objects],
        }
        address = f"{self.url_path}{'/'.join(path_components)}/"
        for candidates in types.get(len(path_components), []):
            if found := candidates.filter(url_path=address, live=True).first():
                return RouteResult(found)
        return super().route(request, path_components)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        start = None
        if self.start_course:
            start = readers.reading_of_course(user=request.user, key=self.start_course.translation_key)
        return {
            **context,
            "start": start,
            "audience_cards": readers.audience_cards(self),
            "figures": readers.home_figures(),
            "news": list(newest()[:NEWS_SHOWN]),
        }


class AudienceCard(Orderable):
    """One card of "Bạn là ai?"."""

    page = ParentalKey(HomePage, on_delete=models.CASCADE, related_name="audience_cards")
    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="+", verbose_name=_("Đối tượng"))
    title = models.CharField(_("Tiêu đề"), max_length=80, blank=True, help_text=_("Để trống: dùng tên đối tượng."))
    text = models.CharField(_("Học những gì"), max_length=140)

    panels = [FieldPanel("audience"), FieldPanel("title"), FieldPanel("text")]

    class Meta(Orderable.Meta):
        verbose_name = _("thẻ đối tượng")
