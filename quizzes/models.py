"""Banks, versioned questions, quizzes and attempts."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.text import Truncator

from common.models import PublicModel
from courses.models import Enrolment, Step, Topic
from quizzes.querysets import AttemptQuerySet, QuestionQuerySet


class Bank(PublicModel):
    """A set of questions that quizzes draw from."""

    slug = models.SlugField("Tên trong địa chỉ", max_length=120, unique=True)
    name = models.CharField("Tên ngân hàng câu hỏi", max_length=200)

    class Meta:
        ordering = ["name"]
        verbose_name = "ngân hàng câu hỏi"
        verbose_name_plural = "ngân hàng câu hỏi"

    def __str__(self) -> str:
        return self.name


class QuestionKind(models.TextChoices):
    SINGLE = "single", "Chọn một đáp án"
    MULTIPLE = "multiple", "Chọn nhiều đáp án"
    TRUE_FALSE = "true_false", "Đúng hay sai"


class Question(PublicModel):
    """A question as it stands now. ``version`` grows with each change; attempts keep the version they were given.

    ``options`` is a list of {"key", "text", "correct", "feedback"}; keys ("a", "b", …) never change meaning.
    """

    bank = models.ForeignKey(Bank, on_delete=models.PROTECT, related_name="questions", verbose_name="Ngân hàng")
    code = models.CharField("Mã câu", max_length=60)
    kind = models.CharField("Loại câu", max_length=12, choices=QuestionKind)
    text = models.TextField("Câu hỏi")
    options = models.JSONField(default=list)
    explanation = models.TextField("Giải thích", blank=True)
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.SET_NULL, verbose_name="Chủ đề")
    difficulty = models.PositiveSmallIntegerField("Độ khó (1–3)", default=1)
    in_final = models.BooleanField("Dùng cho bài cuối khoá", default=True)
    is_active = models.BooleanField("Đang dùng", default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = "câu hỏi"
        verbose_name_plural = "câu hỏi"
        constraints = [models.UniqueConstraint(fields=["bank", "code"], name="one_question_per_bank_and_code")]

    def __str__(self) -> str:
        return Truncator(self.text).words(16)


class Purpose(models.TextChoices):
    CHECK = "check", "Tự kiểm tra"
    FINAL = "final", "Bài kiểm tra cuối khoá"


class Quiz(PublicModel):
    """How a quiz step is drawn and passed. Either a fixed list of question codes, or ``draw`` at random of the bank."""

    step = models.OneToOneField(Step, on_delete=models.PROTECT, related_name="quiz")
    bank = models.ForeignKey(Bank, on_delete=models.PROTECT, related_name="quizzes")
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.FINAL)
    question_codes = models.JSONField(default=list, blank=True, help_text="Fixed questions; empty = random draw")
    draw = models.PositiveSmallIntegerField(default=10)
    pass_percent = models.PositiveSmallIntegerField(default=80)
    attempts_allowed = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty = unlimited")
    time_limit_minutes = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty = no limit")
    shuffle_options = models.BooleanField(default=True)

    class Meta:
        verbose_name = "bài kiểm tra"
        verbose_name_plural = "bài kiểm tra"

    def __str__(self) -> str:
        return self.step.title


class AttemptState(models.TextChoices):
    OPEN = "open", "Đang làm"
    SUBMITTED = "submitted", "Đã nộp"
    GRADED = "graded", "Đã chấm"
    EXPIRED = "expired", "Hết giờ, đã chấm phần đã lưu"


#: Answers may still change.
OPEN_STATES = frozenset({AttemptState.OPEN})

#: Answers that were on their way when time ran out are still taken.
GRACE = timedelta(seconds=30)


class Attempt(PublicModel):
    """One try at a quiz.

    States: open → submitted → graded, or open → expired (by the server's clock; what was saved is graded).
    ``paper`` freezes what was asked: a list of {"question": id, "version", "kind", "text", "options": [...in shown
    order, as on Question], "explanation"}. ``pass_percent`` freezes the pass mark.
    """

    quiz = models.ForeignKey(Quiz, on_delete=models.PROTECT, related_name="attempts")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=AttemptState, default=AttemptState.OPEN)
    paper = models.JSONField()
    pass_percent = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    deadline = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    idempotency_key = models.UUIDField(null=True, blank=True)
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True, help_text="0–100")
    passed = models.BooleanField(null=True, blank=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(fields=["quiz", "enrolment", "number"], name="attempts_are_numbered"),
            models.UniqueConstraint(
                fields=["quiz", "enrolment"], condition=Q(state="open"), name="one_open_attempt_per_quiz_and_enrolment"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "submitted"]) | (Q(score__isnull=False) & Q(submitted_at__isnull=False)),
                name="closed_attempt_has_score_and_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quiz} · lần {self.number}"

    def is_overdue(self, at: datetime) -> bool:
        """Whether deadline and grace have passed: nothing more is taken."""
        return self.deadline is not None and at > self.deadline + GRACE

    def seconds_left(self, at: datetime) -> int | None:
        """Seconds to the deadline, at least 0; None without a time limit."""
        return None if self.deadline is None else max(0, int((self.deadline - at).total_seconds()))


class Answer(models.Model):
    """What was chosen for one question of an attempt; saved as it is given, graded when the attempt closes."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="answers")
    position = models.PositiveSmallIntegerField(help_text="1-based place in the attempt's paper")
    chosen = models.JSONField(default=list, help_text="Keys of the chosen options")
    saved_at = models.DateTimeField()
    points = models.DecimalField(max_digits=4, decimal_places=2, null=True, blank=True, help_text="0 to 1")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["attempt", "position"], name="one_answer_per_question")]

    def __str__(self) -> str:
        return f"{self.attempt_id} · {self.position}"
