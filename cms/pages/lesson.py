"""A lesson: five to ten minutes of reading and doing."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from wagtail.admin.panels import FieldPanel, FieldRowPanel

from cms import readers
from cms.blocks import BodyBlock, readable_text
from cms.fields import BodyField
from cms.pages.base import OpenPage
from courses.models import StepKind
from courses.services import OutlineStep


class LessonPage(OpenPage):
    """A lesson of a course."""

    minutes = models.PositiveSmallIntegerField(
        "Số phút học", default=8, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    summary = models.CharField("Tóm tắt", max_length=300, blank=True, help_text="Một câu: bài này giúp làm được gì.")
    required = models.BooleanField("Bắt buộc để hoàn thành khoá học", default=True)
    body = BodyField(BodyBlock(), blank=True, verbose_name="Nội dung")

    parent_page_types = ["cms.CoursePage"]
    subpage_types: list[str] = []
    template = "cms/lesson.html"
    content_panels = [
        *OpenPage.content_panels,
        FieldPanel("summary"),
        FieldRowPanel([FieldPanel("minutes"), FieldPanel("required")]),
        FieldPanel("body"),
    ]

    class Meta:
        verbose_name = "bài học"
        verbose_name_plural = "bài học"

    def outline_step(self) -> OutlineStep:
        """The lesson as a step of its course's outline."""
        return OutlineStep(
            key=self.translation_key,
            kind=StepKind.LESSON,
            title=self.title,
            path=self.site_path,
            minutes=self.minutes,
            required=self.required,
            text=f"{self.summary} {readable_text(self.body)}",
        )

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The lesson as a step of its course; not found while its course is closed."""
        reading = readers.reading_of_step(user=request.user, key=self.translation_key)
        if reading is None:
            raise Http404
        readers.remember(reading)
        request.reading = reading  # type: ignore[attr-defined]
        return super().serve(request, *args, **kwargs)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        reading = getattr(request, "reading", None) or readers.reading_of_draft(
            course_page=self.get_parent().specific, current=self
        )
        return {**context, "reading": reading}
