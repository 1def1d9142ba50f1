"""A course: what it promises, for whom, and the lessons and quizzes below it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.forms import CheckboxSelectMultiple
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.images import get_image_model_string

from cms import readers
from cms.facts import facts_of
from cms.forms_pages import CoursePageForm
from cms.narration import LANGUAGES
from cms.pages.base import REVIEW_PANEL, ReviewedPage
from cms.prerequisites import ring_problem
from cms.widgets import GroupedCheckboxes
from courses.models import Competence, Course, Level, Topic
from people.models import Audience


def _audience_group(audience: Audience) -> str:
    """Audiences that people know by a short name come first."""
    return "" if audience.short_name else _("Đối tượng khác")


def _topic_group(topic: Topic) -> str:
    return topic.group


def _competence_group(competence: Competence) -> str:
    return competence.domain


class CoursePage(ReviewedPage):
    """A course as editors write it. Publishing carries it, with its published lessons and quizzes, into ``courses``."""

    base_form_class = CoursePageForm

    code = models.CharField(
        gettext_lazy("Mã khoá học"), max_length=30, help_text=gettext_lazy("Ví dụ: KNS-01. Không trùng khoá khác.")
    )
    summary = models.CharField(
        gettext_lazy("Học xong làm được gì"),
        max_length=300,
        help_text=gettext_lazy("Một câu, bắt đầu bằng «Sau khoá này bạn …»."),
    )
    level = models.CharField(gettext_lazy("Mức"), max_length=20, choices=Level, default=Level.BASIC)
    hours = models.DecimalField(
        gettext_lazy("Số giờ học"),
        max_digits=5,
        decimal_places=1,
        default=Decimal("1.0"),
        validators=[MinValueValidator(Decimal("0.1")), MaxValueValidator(Decimal("999"))],
    )
    audiences = ParentalManyToManyField(Audience, verbose_name=gettext_lazy("Đối tượng"), related_name="+")
    topics = ParentalManyToManyField(Topic, verbose_name=gettext_lazy("Chủ đề"), related_name="+", blank=True)
    language = models.CharField(gettext_lazy("Ngôn ngữ"), max_length=10, choices=LANGUAGES, default="vi")
    prerequisites = ParentalManyToManyField(
        Course, verbose_name=gettext_lazy("Phải học xong trước"), related_name="+", blank=True
    )
    competences = ParentalManyToManyField(
        Competence, verbose_name=gettext_lazy("Năng lực số"), related_name="+", blank=True
    )
    valid_months = models.PositiveSmallIntegerField(
        gettext_lazy("Kết quả có giá trị (tháng)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text=gettext_lazy("Để trống: không hết hạn."),
    )
    yearly_refresh = models.BooleanField(
        gettext_lazy("Học lại mỗi năm"),
        default=False,
        help_text=gettext_lazy("Sang năm mới, người đã học xong được học lại và tính cho năm đó."),
    )
    outcomes = models.TextField(
        gettext_lazy("Kết quả học tập"), blank=True, help_text=gettext_lazy("Mỗi dòng một điều người học làm được.")
    )
    illustration = models.ForeignKey(
        get_image_model_string(),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=gettext_lazy("Hình minh hoạ"),
        help_text=gettext_lazy("Hình trang trí ở đầu trang khoá học, tỷ lệ 16:9."),
    )
    automatic_confirmation = models.BooleanField(gettext_lazy("Tự cấp giấy xác nhận hoàn thành"), default=True)
    loaded_hash = models.CharField(max_length=64, blank=True, editable=False)

    parent_page_types = ["cms.CataloguePage"]
    subpage_types = ["cms.ModulePage", "cms.LessonPage", "cms.QuizPage"]
    template = "cms/course.html"
    # Editors see the lessons in the order learners meet them.
    admin_default_ordering = "ord"
    content_panels = [
        *ReviewedPage.content_panels,
        FieldPanel("summary"),
        FieldRowPanel([FieldPanel("code"), FieldPanel("level"), FieldPanel("hours"), FieldPanel("language")]),
        FieldPanel("outcomes"),
        FieldPanel("illustration"),
        MultiFieldPanel(
            [
                FieldPanel("audiences", widget=GroupedCheckboxes(_audience_group)),
                FieldPanel("topics", widget=GroupedCheckboxes(_topic_group)),
                FieldPanel("competences", widget=GroupedCheckboxes(_competence_group)),
            ],
            heading=gettext_lazy("Dành cho ai, về việc gì"),
        ),
        FieldPanel("prerequisites", widget=CheckboxSelectMultiple),
        FieldRowPanel([FieldPanel("valid_months"), FieldPanel("yearly_refresh")]),
        FieldPanel("automatic_confirmation"),
        REVIEW_PANEL,
    ]

    class Meta:
        verbose_name = gettext_lazy("khoá học")
        verbose_name_plural = gettext_lazy("khoá học")

    @property
    def outcome_list(self) -> list[str]:
        """The outcomes, one by one."""
        return [line.strip() for line in self.outcomes.splitlines() if line.strip()]

    def asked_before(self) -> list[Course]:
        """The courses that must be finished first; of a page that is not saved yet, none."""
        return list(self.prerequisites.all()) if self.pk else []

    def clean(self) -> None:
        super().clean()
        others = Course.objects.exclude(key=self.translation_key)
        if self.code and (taken := others.filter(code=self.code).first()):
            raise ValidationError({"code": _("Mã này đã dùng cho khoá «%(title)s».") % {"title": taken.title}})
        if self.code and CoursePage.objects.filter(code=self.code).exclude(pk=self.pk).exists():
            raise ValidationError({"code": _("Mã này đã dùng cho một trang khoá học khác.")})
        if self.slug and (taken := others.filter(slug=self.slug).first()):
            raise ValidationError({"slug": _("Địa chỉ này đã dùng cho khoá «%(title)s».") % {"title": taken.title}})
        if problem := ring_problem(key=self.translation_key, wanted=[course.pk for course in self.asked_before()]):
            raise ValidationError({"prerequisites": problem})

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The course with its outline, and how far the reader is."""
        reading = readers.reading_of_course(user=request.user, key=self.translation_key)
        if reading is None:
            raise Http404
        request.reading = reading  # type: ignore[attr-defined]
        return super().serve(request, *args, **kwargs)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        reading = getattr(request, "reading", None) or readers.reading_of_draft(course_page=self)
        return {**context, "reading": reading, "facts": facts_of(reading.course, page=self)}
