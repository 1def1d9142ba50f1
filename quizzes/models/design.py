"""How a quiz is put together, worked on and judged."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import PublicModel
from courses.models import Step
from people.models import User
from quizzes import rules
from quizzes.models.banks import Bank


class Purpose(models.TextChoices):
    CHECK = "check", _("Tự kiểm tra")
    FINAL = "final", _("Bài kiểm tra cuối khoá")


class Mode(models.TextChoices):
    EXAM = rules.EXAM, _("Chấm sau khi nộp")
    PRACTICE = rules.PRACTICE, _("Luyện tập: biết đúng sai sau từng câu")
    MASTERY = rules.MASTERY, _("Thành thạo: làm đến khi đúng đủ số câu liên tiếp")


class Scoring(models.TextChoices):
    BEST = rules.BEST, _("Lần cao nhất")
    LAST = rules.LAST, _("Lần cuối")
    FIRST = rules.FIRST, _("Lần đầu")
    AVERAGE = rules.AVERAGE, _("Trung bình các lần")


class Paging(models.TextChoices):
    ONE = rules.ONE_A_PAGE, _("Mỗi trang một câu")
    ALL = rules.ALL_ON_ONE, _("Tất cả trên một trang")


class Quiz(PublicModel):
    """How a quiz step is drawn and passed.

    Without ``sections`` it asks either the ``question_codes`` of its bank, or ``draw`` at random of it. Each of
    ``sections`` is {"title", "bank": slug, "codes": [...], "draw": n, "tags": [slug], "topic": code, "difficulty": [n],
    "pass_percent": n or None}. ``review`` says what is shown when, see ``quizzes.rules``.
    """

    step = models.OneToOneField(Step, on_delete=models.PROTECT, related_name="quiz")
    bank = models.ForeignKey(Bank, on_delete=models.PROTECT, related_name="quizzes")
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.FINAL)
    question_codes = models.JSONField(default=list, blank=True, help_text="Fixed questions; empty = random draw")
    draw = models.PositiveSmallIntegerField(default=10)
    sections = models.JSONField(default=list, blank=True)
    pass_percent = models.PositiveSmallIntegerField(default=80)
    attempts_allowed = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty = unlimited")
    wait_minutes = models.PositiveIntegerField(default=0, help_text="Between handing in and the next attempt")
    time_limit_minutes = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty = no limit")
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.EXAM)
    mastery_needed = models.PositiveSmallIntegerField(default=4)
    mastery_of = models.PositiveSmallIntegerField(default=5)
    scoring = models.CharField(max_length=10, choices=Scoring, default=Scoring.BEST)
    paging = models.CharField(max_length=4, choices=Paging, blank=True, help_text="Empty = as the purpose has it")
    may_go_back = models.BooleanField(default=True)
    shuffle_questions = models.BooleanField(default=False, help_text="Of fixed questions; drawn ones always are")
    shuffle_options = models.BooleanField(default=True)
    review = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("bài kiểm tra")
        verbose_name_plural = _("bài kiểm tra")
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(closes_at__gt=models.F("opens_at")),
                name="quiz_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=Q(mastery_needed__gte=1) & Q(mastery_of__gte=models.F("mastery_needed")),
                name="quiz_mastery_can_be_reached",
            ),
        ]

    def __str__(self) -> str:
        return self.step.title

    @property
    def section_list(self) -> list[dict[str, Any]]:
        """The sections; the simple settings as the only one where none are given."""
        if self.sections:
            return list(self.sections)
        codes = list(self.question_codes)
        return [{"title": "", "bank": None, "codes": codes, "draw": self.draw, "pass_percent": None}]

    @property
    def question_count(self) -> int:
        """How many questions one attempt has (at most, for mastery)."""
        return sum(len(section.get("codes") or ()) or section.get("draw") or 0 for section in self.section_list)

    @property
    def one_a_page(self) -> bool:
        """A self-check stands on one page unless its editor says otherwise; a final does not."""
        return rules.one_a_page(self.paging, is_check=self.purpose == Purpose.CHECK, mode=self.mode)


class Accommodation(PublicModel):
    """What one person is given beyond the others at one quiz: minutes, attempts; why, and who said so."""

    quiz = models.ForeignKey(Quiz, on_delete=models.PROTECT, related_name="accommodations")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    extra_minutes = models.PositiveSmallIntegerField(_("Thêm số phút"), default=0)
    extra_attempts = models.PositiveSmallIntegerField(_("Thêm số lần làm bài"), default=0)
    reason = models.CharField(_("Lý do"), max_length=300)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()

    class Meta:
        ordering = ["quiz", "user"]
        constraints = [models.UniqueConstraint(fields=["quiz", "user"], name="one_accommodation_per_quiz_and_user")]

    def __str__(self) -> str:
        return f"{self.quiz_id} · {self.user_id}"
