"""A quiz: which questions of which bank, and how it is passed."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from cms import readers
from cms.pages.base import REVIEW_PANEL, ReviewedPage
from courses.models import StepKind
from courses.services import OutlineStep
from quizzes.models import Bank, Purpose
from quizzes.services import quiz_problems


class QuizPage(ReviewedPage):
    """A quiz of a course. A knowledge check is optional, the final quiz is required."""

    purpose = models.CharField("Loại bài", max_length=10, choices=Purpose, default=Purpose.CHECK)
    bank = models.ForeignKey(
        Bank, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="Ngân hàng câu hỏi"
    )
    question_codes = models.TextField(
        "Mã các câu cố định", blank=True, help_text="Mỗi dòng một mã. Để trống nếu rút ngẫu nhiên từ ngân hàng."
    )
    draw = models.PositiveSmallIntegerField(
        "Số câu rút ngẫu nhiên",
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="Chỉ dùng khi không nêu mã câu cố định.",
    )
    pass_percent = models.PositiveSmallIntegerField(
        "Đạt từ (%)", default=80, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    attempts_allowed = models.PositiveSmallIntegerField(
        "Số lần làm bài",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Để trống: không giới hạn.",
    )
    time_limit_minutes = models.PositiveSmallIntegerField(
        "Giới hạn thời gian (phút)",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(300)],
        help_text="Để trống: không giới hạn.",
    )
    minutes = models.PositiveSmallIntegerField(
        "Số phút dự kiến", default=5, validators=[MinValueValidator(1), MaxValueValidator(300)]
    )

    parent_page_types = ["cms.CoursePage"]
    subpage_types: list[str] = []
    template = "cms/quiz.html"
    content_panels = [
        *ReviewedPage.content_panels,
        FieldRowPanel([FieldPanel("purpose"), FieldPanel("minutes")]),
        MultiFieldPanel([FieldPanel("bank"), FieldPanel("question_codes"), FieldPanel("draw")], heading="Câu hỏi"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("pass_percent"), FieldPanel("attempts_allowed")]),
                FieldPanel("time_limit_minutes"),
            ],
            heading="Cách làm bài",
        ),
        REVIEW_PANEL,
    ]

    class Meta:
        verbose_name = "bài kiểm tra"
        verbose_name_plural = "bài kiểm tra"

    @property
    def required(self) -> bool:
        """Only the final quiz stands between a learner and the completion."""
        return self.purpose == Purpose.FINAL

    @property
    def codes(self) -> list[str]:
        """The fixed questions, in order; empty for a random draw."""
        return [line.strip() for line in self.question_codes.splitlines() if line.strip()]

    @property
    def size(self) -> int:
        """How many questions one attempt has."""
        return len(self.codes) or self.draw

    @property
    def pass_count(self) -> int:
        """How many right answers pass, rounded up."""
        return -(-self.size * self.pass_percent // 100)

    def problems(self) -> list[str]:
        """Why the quiz could not be asked, in words for the editor; empty when it could."""
        return quiz_problems(bank=self.bank, purpose=self.purpose, question_codes=self.codes, draw=self.draw)

    def clean(self) -> None:
        super().clean()
        if self.bank and self.codes and (problems := self.problems()):
            raise ValidationError({"question_codes": problems})

    def outline_step(self) -> OutlineStep:
        """The quiz as a step of its course's outline."""
        return OutlineStep(
            key=self.translation_key,
            kind=StepKind.QUIZ,
            title=self.title,
            path=self.site_path,
            minutes=self.minutes,
            required=self.required,
        )

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Quizzes are asked elsewhere: the page knows the way."""
        reading = readers.reading_of_step(user=request.user, key=self.translation_key)
        if reading is None or reading.current is None:
            raise Http404
        return redirect("quizzes:start", step=reading.current.uuid)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Only the editor's preview shows this page itself."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        reading = readers.reading_of_draft(course_page=self.get_parent().specific, current=self)
        return {**context, "reading": reading, "problems": self.problems()}
