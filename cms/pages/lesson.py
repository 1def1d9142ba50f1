"""A lesson: five to ten minutes of reading and doing."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.documents import get_document_model_string
from wagtail.models import Orderable

from cms import readers, todo
from cms.blocks import BodyBlock, readable_text
from cms.fields import BodyField
from cms.narration import LANGUAGES, right_choices
from cms.pages.base import REVIEW_PANEL, ReviewedPage
from courses.beside import Beside, beside_lesson
from courses.models import StepKind, StepRule
from courses.services import OutlineStep


class LessonPage(ReviewedPage):
    """A lesson of a course."""

    minutes = models.PositiveSmallIntegerField(
        gettext_lazy("Số phút học"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text=gettext_lazy("Để trống: ước tính theo nội dung của bài."),
    )
    summary = models.CharField(
        gettext_lazy("Tóm tắt"),
        max_length=300,
        blank=True,
        help_text=gettext_lazy("Một câu: bài này giúp làm được gì."),
    )
    required = models.BooleanField(gettext_lazy("Bắt buộc để hoàn thành khoá học"), default=True)
    rule = models.CharField(
        gettext_lazy("Khi nào bài được tính là xong"),
        max_length=20,
        choices=[choice for choice in StepRule.choices if choice[0] != StepRule.PASSED],
        default=StepRule.MARKED,
    )
    min_minutes = models.PositiveSmallIntegerField(
        gettext_lazy("Thời gian tối thiểu (phút)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text=gettext_lazy("Chỉ dùng khi bài được tính xong lúc đọc đến cuối. Để trống: một phần ba số phút học."),
    )
    task = models.TextField(
        gettext_lazy("Bài thực hành phải nộp"),
        blank=True,
        help_text=gettext_lazy("Chỉ dùng khi giảng viên xác nhận: người học phải làm gì, nộp ảnh chụp hay tệp nào."),
    )
    body = BodyField(BodyBlock(), blank=True, verbose_name=gettext_lazy("Nội dung"))

    parent_page_types = ["cms.CoursePage"]
    subpage_types: list[str] = []
    template = "cms/lesson.html"
    content_panels = [
        *ReviewedPage.content_panels,
        FieldPanel("summary"),
        FieldRowPanel([FieldPanel("minutes"), FieldPanel("required")]),
        FieldPanel("body"),
        InlinePanel("narrations", heading=gettext_lazy("Bản nghe của bài"), label=gettext_lazy("Bản nghe")),
        MultiFieldPanel(
            [FieldPanel("rule"), FieldPanel("min_minutes"), FieldPanel("task")],
            heading=gettext_lazy("Khi nào bài được tính là xong"),
        ),
        REVIEW_PANEL,
    ]

    class Meta:
        verbose_name = gettext_lazy("bài học")
        verbose_name_plural = gettext_lazy("bài học")

    @property
    def study_minutes(self) -> int:
        """How long the lesson takes: what the editor said, else an estimate from what is in it."""
        from cms.checks.describe import describe  # the checks know the page types, of which this is one
        from cms.checks.rules import reading_minutes

        return self.minutes or reading_minutes(describe(self))

    @property
    def min_seconds(self) -> int:
        """What rule ``opened`` asks for at least: what the editor said, else a third of the lesson's minutes."""
        return self.min_minutes * 60 if self.min_minutes else self.study_minutes * 20

    def outline_step(self) -> OutlineStep:
        """The lesson as a step of its course's outline."""
        return OutlineStep(
            key=self.translation_key,
            kind=StepKind.LESSON,
            title=self.title,
            path=self.site_path,
            minutes=self.study_minutes,
            required=self.required,
            text=f"{self.summary} {readable_text(self.body)}",
            rule=self.rule,
            min_seconds=self.min_seconds,
            scenarios=right_choices(self.body),
            task=self.task,
        )

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The lesson as a step of its course; not found while its course is closed."""
        reading = readers.reading_of_step(user=request.user, key=self.translation_key)
        if reading is None:
            raise Http404
        request.reading = readers.remember(reading)  # type: ignore[attr-defined]
        return super().serve(request, *args, **kwargs)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        reading = getattr(request, "reading", None) or readers.reading_of_draft(
            course_page=self.get_parent().specific, current=self
        )
        user, step = request.user, None if reading.is_draft else reading.current
        return {
            **context,
            "reading": reading,
            "minutes": self.study_minutes if step is None else step.minutes,
            "scenario_answers": todo.answers_shown(request, reading),
            "narrations": list(self.narrations.select_related("audio")),
            "beside": beside_lesson(user=user, step=step) if step and user.is_authenticated else Beside(),
        }


class LessonNarration(Orderable):
    """A lesson read aloud in a language, for those who listen better than they read."""

    page = ParentalKey(LessonPage, on_delete=models.CASCADE, related_name="narrations")
    language = models.CharField(gettext_lazy("Tiếng"), max_length=10, choices=LANGUAGES, default="vi")
    audio = models.ForeignKey(
        get_document_model_string(),
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=gettext_lazy("Tệp âm thanh (.mp3)"),
    )
    reader = models.CharField(gettext_lazy("Người đọc"), max_length=120, blank=True)

    panels = [FieldPanel("language"), FieldPanel("audio"), FieldPanel("reader")]

    class Meta(Orderable.Meta):
        verbose_name = gettext_lazy("bản nghe")
        verbose_name_plural = gettext_lazy("bản nghe")
        constraints = [models.UniqueConstraint(fields=["page", "language"], name="one_narration_per_language")]

    def __str__(self) -> str:
        return f"{self.page_id} · {self.language}"

    def clean(self) -> None:
        super().clean()
        if self.audio_id and self.audio.file_extension.lower() != "mp3":
            raise ValidationError({"audio": _("Cần tệp .mp3.")})
