"""A module: a heading in a course's outline. What follows it, up to the next heading, belongs to it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from cms.pages.base import OpenPage
from courses.models import Module
from courses.services import OutlineModule


class ModulePage(OpenPage):
    """A heading over the lessons and quizzes that stand after it. Unpublished, they join the module before it."""

    summary = models.CharField(_("Phần này giúp làm được gì"), max_length=300, blank=True)

    parent_page_types = ["cms.CoursePage"]
    subpage_types: list[str] = []
    content_panels = [*OpenPage.content_panels, FieldPanel("summary")]

    class Meta:
        verbose_name = _("phần của khoá học")
        verbose_name_plural = _("phần của khoá học")

    def outline_module(self) -> OutlineModule:
        """The module as its course's outline has it."""
        return OutlineModule(key=self.translation_key, title=self.title, summary=self.summary)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A heading is read on its course's page; not found while that is closed."""
        module = get_object_or_404(
            Module.objects.select_related("course"),
            key=self.translation_key,
            is_active=True,
            course__is_published=True,
        )
        return redirect(f"{module.course.path}#phan-{module.uuid}")

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """The course, where the heading stands."""
        course_page = self.get_parent().specific
        response: HttpResponse = course_page.serve_preview(request, course_page.default_preview_mode)
        return response
