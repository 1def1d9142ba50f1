"""What learners leave beside a lesson: their own notes and bookmarks, and a word on whether it helped."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.models import PublicModel
from courses.models.outline import Step
from people.models import User


class LessonNote(PublicModel):
    """A note of a learner on a lesson; nobody else ever sees it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="lesson_notes")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("Ghi chú"), max_length=2000)
    made_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-changed_at"]

    def __str__(self) -> str:
        return self.text[:40]


class Bookmark(models.Model):
    """A lesson that a learner wants to find again."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="bookmarks")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-made_at"]
        constraints = [models.UniqueConstraint(fields=["user", "step"], name="one_bookmark_per_person_and_step")]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.step_id}"


class Verdict(models.TextChoices):
    USEFUL = "useful", _("Hữu ích")
    UNCLEAR = "unclear", pgettext_lazy("a lesson", "Chưa rõ")


class LessonFeedback(models.Model):
    """Whether a lesson helped a learner; the last word counts."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="feedback")
    verdict = models.CharField(max_length=10, choices=Verdict)
    comment = models.CharField(_("Chỗ nào chưa rõ"), max_length=1000, blank=True)
    given_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "step"], name="one_feedback_per_person_and_step")]

    def __str__(self) -> str:
        return f"{self.step_id} · {self.verdict}"
