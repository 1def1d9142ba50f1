"""Files of questions that somebody is about to bring in."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import PublicModel, private_storage
from people.models import User
from quizzes.models.banks import Bank


class QuestionImport(PublicModel):
    """An uploaded file between its preview and the word to take it in; ``file`` is empty once it is forgotten.

    ``done_at`` says that it was taken in, ``counts`` what came of it.
    """

    bank = models.ForeignKey(Bank, on_delete=models.CASCADE, related_name="imports")
    file = models.FileField(upload_to="question-imports/", storage=private_storage, max_length=200, blank=True)
    name = models.CharField(max_length=200)
    format = models.CharField(max_length=12, default="auto")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-made_at"]
        verbose_name = _("tệp câu hỏi")
        verbose_name_plural = _("tệp câu hỏi")

    def __str__(self) -> str:
        return self.name
