"""A quiz: which questions of which bank, and how it is passed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from cms import readers
from cms.blocks.quizzes import SECTIONS, section_dict
from cms.fields import BodyField
from cms.forms_pages import QuizPageForm
from cms.pages.base import REVIEW_PANEL, ReviewedPage
from cms.panels import BankPanel
from courses.models import StepKind
from courses.services import OutlineStep
from quizzes import rules
from quizzes.models import Bank, Mode, Paging, Purpose, Scoring
from quizzes.services import quiz_problems
from quizzes.services.design import SETTINGS, setting_problems

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: When a part of the result is shown.
WHEN = [
    (rules.ALWAYS, gettext_lazy("ngay khi nộp bài")),
    (rules.SETTLED, gettext_lazy("khi đã đạt hoặc hết lượt làm")),
    (rules.CLOSED, gettext_lazy("khi bài đã đóng")),
    (rules.NEVER, gettext_lazy("không cho xem")),
]
#: The settings that a page keeps under their own names; what is shown when is kept as four.
PLAIN_SETTINGS = tuple(name for name in SETTINGS if name != "review")


def _when(label: StrOrPromise, part: str) -> models.CharField[str, str]:
    return models.CharField(label, max_length=8, choices=WHEN, default=rules.REVIEW[part])


class QuizPage(ReviewedPage):
    """A quiz of a course. A knowledge check is optional, the final quiz is required."""

    purpose = models.CharField(gettext_lazy("Loại bài"), max_length=10, choices=Purpose, default=Purpose.CHECK)
    bank = models.ForeignKey(
        Bank, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=gettext_lazy("Ngân hàng câu hỏi")
    )
    question_codes = models.TextField(
        gettext_lazy("Mã các câu cố định"),
        blank=True,
        help_text=gettext_lazy("Mỗi dòng một mã. Để trống nếu rút ngẫu nhiên từ ngân hàng."),
    )
    draw = models.PositiveSmallIntegerField(
        gettext_lazy("Số câu rút ngẫu nhiên"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=gettext_lazy("Chỉ dùng khi không nêu mã câu cố định."),
    )
    pass_percent = models.PositiveSmallIntegerField(
        gettext_lazy("Đạt từ (%)"), default=80, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    attempts_allowed = models.PositiveSmallIntegerField(
        gettext_lazy("Số lần làm bài"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=gettext_lazy("Để trống: không giới hạn."),
    )
    time_limit_minutes = models.PositiveSmallIntegerField(
        gettext_lazy("Giới hạn thời gian (phút)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(300)],
        help_text=gettext_lazy("Để trống: không giới hạn."),
    )
    minutes = models.PositiveSmallIntegerField(
        gettext_lazy("Số phút dự kiến"), default=5, validators=[MinValueValidator(1), MaxValueValidator(300)]
    )
    sections = BodyField(
        SECTIONS,
        blank=True,
        verbose_name=gettext_lazy("Các phần của bài"),
        help_text=gettext_lazy(
            "Chỉ khi bài gồm nhiều phần, hoặc rút câu theo nhãn, chủ đề, độ khó. Có phần thì ba mục câu hỏi "
            "phía trên không dùng nữa; ngân hàng phía trên vẫn là nơi lấy câu cho phần không ghi ngân hàng riêng."
        ),
    )
    wait_minutes = models.PositiveIntegerField(
        gettext_lazy("Chờ giữa hai lần làm (phút)"), default=0, validators=[MaxValueValidator(60 * 24 * 30)]
    )
    opens_at = models.DateTimeField(
        gettext_lazy("Mở từ"), null=True, blank=True, help_text=gettext_lazy("Để trống: mở ngay.")
    )
    closes_at = models.DateTimeField(
        gettext_lazy("Đóng lúc"), null=True, blank=True, help_text=gettext_lazy("Để trống: không đóng.")
    )
    mode = models.CharField(gettext_lazy("Cách làm"), max_length=10, choices=Mode, default=Mode.EXAM)
    mastery_needed = models.PositiveSmallIntegerField(
        gettext_lazy("Thành thạo: số câu phải đúng"), default=4, validators=[MinValueValidator(1)]
    )
    mastery_of = models.PositiveSmallIntegerField(
        gettext_lazy("Thành thạo: trong số câu gần nhất"),
        default=5,
        validators=[MinValueValidator(1)],
        help_text=gettext_lazy("Chỉ dùng với cách làm «Thành thạo»."),
    )
    scoring = models.CharField(gettext_lazy("Lần nào được tính"), max_length=10, choices=Scoring, default=Scoring.BEST)
    paging = models.CharField(
        gettext_lazy("Chia trang"),
        max_length=4,
        choices=Paging,
        blank=True,
        help_text=gettext_lazy("Để trống: bài tự kiểm tra một trang, bài cuối khoá mỗi trang một câu."),
    )
    may_go_back = models.BooleanField(gettext_lazy("Được quay lại câu trước"), default=True)
    shuffle_questions = models.BooleanField(
        gettext_lazy("Xáo trộn thứ tự các câu cố định"),
        default=False,
        help_text=gettext_lazy("Câu rút ngẫu nhiên luôn được xáo trộn."),
    )
    shuffle_options = models.BooleanField(gettext_lazy("Xáo trộn thứ tự đáp án"), default=True)
    review_score = _when(gettext_lazy("Xem điểm và kết quả"), "score")
    review_answers = _when(gettext_lazy("Xem câu mình làm đúng hay sai"), "answers")
    review_feedback = _when(gettext_lazy("Xem phản hồi và giải thích"), "feedback")
    review_key = _when(gettext_lazy("Xem đáp án đúng"), "key")

    parent_page_types = ["cms.CoursePage"]
    subpage_types: list[str] = []
    template = "cms/quiz.html"
    base_form_class = QuizPageForm
    content_panels = [
        *ReviewedPage.content_panels,
        FieldRowPanel([FieldPanel("purpose"), FieldPanel("minutes")]),
        MultiFieldPanel(
            [FieldPanel("bank"), BankPanel(), FieldPanel("draw"), FieldPanel("question_codes")],
            heading=gettext_lazy("Câu hỏi"),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("pass_percent"), FieldPanel("attempts_allowed")]),
                FieldPanel("time_limit_minutes"),
            ],
            heading=gettext_lazy("Cách làm bài"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("sections"),
                FieldRowPanel([FieldPanel("mode"), FieldPanel("scoring")]),
                FieldRowPanel([FieldPanel("mastery_needed"), FieldPanel("mastery_of")]),
                FieldRowPanel([FieldPanel("opens_at"), FieldPanel("closes_at")]),
                FieldPanel("wait_minutes"),
                FieldRowPanel([FieldPanel("paging"), FieldPanel("may_go_back")]),
                FieldRowPanel([FieldPanel("shuffle_questions"), FieldPanel("shuffle_options")]),
                FieldRowPanel([FieldPanel("review_score"), FieldPanel("review_answers")]),
                FieldRowPanel([FieldPanel("review_feedback"), FieldPanel("review_key")]),
            ],
            heading=gettext_lazy("Thiết lập thêm"),
            classname="collapsed",
        ),
        REVIEW_PANEL,
    ]

    class Meta:
        verbose_name = gettext_lazy("bài kiểm tra")
        verbose_name_plural = gettext_lazy("bài kiểm tra")

    @property
    def required(self) -> bool:
        """Only the final quiz stands between a learner and the completion."""
        return self.purpose == Purpose.FINAL

    @property
    def codes(self) -> list[str]:
        """The fixed questions, in order; empty for a random draw."""
        return [line.strip() for line in self.question_codes.splitlines() if line.strip()]

    @property
    def quiz_sections(self) -> list[dict[str, Any]]:
        """The sections as ``quizzes.models.Quiz`` keeps them; empty for a quiz in one piece."""
        return [section_dict(block.value) for block in self.sections]

    @property
    def quiz_settings(self) -> dict[str, Any]:
        """Everything beside the questions, as ``quiz_save`` takes it."""
        review = {part: getattr(self, f"review_{part}") for part in rules.REVIEW}
        # What holds anyway is not said, so that quizzes from before follow when it changes.
        said = {part: when for part, when in review.items() if when != rules.REVIEW[part]}
        return {**{name: getattr(self, name) for name in PLAIN_SETTINGS}, "review": said}

    def sections_kept(self) -> list[dict[str, Any]]:
        """The sections of the draft that is in the database."""
        if not self.pk:
            return []
        kept: QuizPage = QuizPage.objects.get(pk=self.pk).get_latest_revision_as_object()
        return kept.quiz_sections

    def uses_bank(self, bank: Bank) -> bool:
        """Whether the quiz asks from this bank, as a whole or in one of its sections."""
        sections = self.quiz_sections
        if not sections:
            return bool(self.bank_id == bank.pk)
        own = self.bank.slug if self.bank else None
        return any((section["bank"] or own) == bank.slug for section in sections)

    @property
    def size(self) -> int:
        """How many questions one attempt has."""
        if sections := self.quiz_sections:
            return sum(len(section["codes"]) or section["draw"] for section in sections)
        return len(self.codes) or self.draw

    @property
    def pass_count(self) -> int:
        """How many right answers pass, rounded up."""
        return -(-self.size * self.pass_percent // 100)

    def problems(self) -> list[str]:
        """Why the quiz could not be asked, in words for the editor; empty when it could."""
        asked: dict[str, Any] = {"question_codes": self.codes, "draw": self.draw, "sections": self.quiz_sections}
        return quiz_problems(bank=self.bank, purpose=self.purpose, **asked) + setting_problems(self.quiz_settings)

    def clean(self) -> None:
        super().clean()
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            raise ValidationError({"closes_at": _("Giờ đóng bài phải sau giờ mở bài.")})
        if (self.mastery_needed or 0) > (self.mastery_of or 0):
            raise ValidationError({"mastery_needed": _("Không thể lớn hơn số câu được xét.")})
        if self.bank and self.codes and not self.sections and (problems := self.problems()):
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
