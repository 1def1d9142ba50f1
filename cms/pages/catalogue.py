"""The catalogue of courses: filters by audience, topic and words, all in the address."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
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

    intro = models.CharField("Giới thiệu ngắn", max_length=300, blank=True)

    max_count = 1
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.CoursePage"]
    template = "cms/catalogue.html"
    admin_default_ordering = "ord"
    content_panels = [*OpenPage.content_panels, FieldPanel("intro")]

    class Meta:
        verbose_name = "danh mục khoá học"
        verbose_name_plural = "danh mục khoá học"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        form = CatalogueForm(request.GET)
        chosen = form.chosen()
        found = Paginator(readers.catalogue(**chosen), PER_PAGE)
        page = found.get_page(request.GET.get("trang"))
        return {
            **context,
            "form": form,
            "found": page,
            "cards": _with_illustrations(list(page.object_list)),
            "filtered": any(chosen.values()),
            "lessons": readers.lessons_found(chosen["words"]),
        }


def _with_illustrations(courses: list[Course]) -> list[tuple[Course, Any]]:
    """Each course with the illustration of its page; two queries for all."""
    pages = CoursePage.objects.filter(translation_key__in=[course.key for course in courses])
    pictures = {page.translation_key: page.illustration for page in pages.select_related("illustration")}
    images_ready(pictures.values())
    return [(course, pictures.get(course.key)) for course in courses]
