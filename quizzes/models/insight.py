"""What is learnt from attempts, and what is mended in them: statistics and regrades."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import AppendOnly, PublicModel
from people.models import User
from quizzes.models.attempts import Attempt
from quizzes.models.banks import Question
from quizzes.models.design import Quiz


class QuizStatistics(models.Model):
    """The figures of a quiz as a job last worked them out: ``figures`` is what ``quizzes.statistics`` returns."""

    quiz = models.OneToOneField(Quiz, on_delete=models.CASCADE, related_name="statistics")
    made_at = models.DateTimeField()
    attempts = models.PositiveIntegerField()
    figures = models.JSONField()

    class Meta:
        verbose_name = _("số liệu bài kiểm tra")
        verbose_name_plural = _("số liệu bài kiểm tra")

    def __str__(self) -> str:
        return f"{self.quiz_id} · {self.attempts}"


class Regrade(AppendOnly, PublicModel):
    """One act of scoring a question's answers anew, with the key of ``version``: why, by whom."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="regrades")
    version = models.PositiveIntegerField()
    reason = models.CharField(_("Lý do"), max_length=500)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.question_id} · {self.version}"


class RegradeChange(AppendOnly):
    """What a regrade changed in one attempt. A pass that was given stays given, see docs/decisions."""

    regrade = models.ForeignKey(Regrade, on_delete=models.PROTECT, related_name="changes")
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="regrade_changes")
    score_before = models.DecimalField(max_digits=5, decimal_places=2)
    score_after = models.DecimalField(max_digits=5, decimal_places=2)
    passed_before = models.BooleanField()
    passed_after = models.BooleanField()
    completed = models.BooleanField(default=False, help_text="Whether the course was finished by it")

    class Meta:
        ordering = ["regrade", "attempt"]
        constraints = [
            models.UniqueConstraint(fields=["regrade", "attempt"], name="one_change_per_regrade_and_attempt")
        ]

    def __str__(self) -> str:
        return f"{self.regrade_id} · {self.attempt_id}"
