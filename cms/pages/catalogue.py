"""The catalogue of courses: words and filters, all in the address."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from cms import readers
from cms.filters import CatalogueForm
from cms.pages.base import OpenPage
from cms.pages.course import CoursePage
from cms.pictures import images_ready
from courses.models import Course

PER_PAGE = 24


class CataloguePage(OpenPage):
    """All published courses."""

    intro = models.CharField(_("Giới thiệu ngắn"), max_length=300, blank=True)

    max_count = 1
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.CoursePage"]
    template = "cms/catalogue.html"
    admin_default_ordering = "ord"
    content_panels = [*OpenPage.content_panels, FieldPanel("intro")]

    class Meta:
        verbose_name = _("danh mục khoá học")
        verbose_name_plural = _("danh mục khoá học")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        form = CatalogueForm(request.GET)
        wanted = form.wanted()
        found = Paginator(readers.catalogue(wanted), PER_PAGE).get_page(request.GET.get("trang"))
        return {
            **context,
            "form": form,
            "wanted": wanted,
            "chips": form.chips(),
            "found": found,
            "cards": _with_illustrations(readers.cards(list(found.object_list))),
            "lessons": readers.lessons_found(wanted),
        }


def _with_illustrations(courses: list[Course]) -> list[tuple[Course, Any]]:
    """Each course with the illustration of its page; two queries for all."""
    pages = CoursePage.objects.filter(translation_key__in=[course.key for course in courses])
    pictures = {page.translation_key: page.illustration for page in pages.select_related("illustration")}
    images_ready(pictures.values())
    return [(course, pictures.get(course.key)) for course in courses]
