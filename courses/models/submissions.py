"""Work that a learner hands in and an instructor signs off."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.models import PublicModel, private_storage
from courses.models.learning import Enrolment
from courses.models.outline import Step
from people.models import User


class SubmissionState(models.TextChoices):
    WAITING = "waiting", _("Chờ giảng viên xem")
    ACCEPTED = "accepted", pgettext_lazy("a practical task", "Đã xác nhận")
    RETURNED = "returned", _("Cần làm lại")


class Submission(PublicModel):
    """One try at a practical task: words, a file, or both. A returned one stays; the next try is another row."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="submissions")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="submissions")
    text = models.TextField(_("Bạn đã làm thế nào"), max_length=5000, blank=True)
    file = models.FileField(_("Tệp"), storage=private_storage, upload_to="bai-nop/%Y/%m/", blank=True, max_length=300)
    file_name = models.CharField(max_length=200, blank=True)
    submitted_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=SubmissionState, default=SubmissionState.WAITING)
    reviewer = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(_("Nhận xét"), max_length=2000, blank=True)

    class Meta:
        ordering = ["submitted_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "step"], condition=Q(state="waiting"), name="one_waiting_submission_per_step"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting") | Q(reviewer__isnull=False, reviewed_at__isnull=False),
                name="reviewed_submission_names_its_reviewer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment.user} · {self.step}"
