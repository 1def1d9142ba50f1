"""Lists: proposed by one person, checked, approved by another under a decision, numbered by a worker."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from certificates.models.series import Series
from certificates.querysets import BatchItemQuerySet, BatchQuerySet
from common.models import PublicModel, private_storage
from courses.models import Completion, Course, LearningPath
from people.models import Unit, User


class BatchState(models.TextChoices):
    PROPOSED = "proposed", _("Chờ duyệt")
    CHECKED = "checked", _("Đã kiểm tra, chờ duyệt")
    APPROVED = "approved", _("Đang cấp số")
    ISSUED = "issued", pgettext_lazy("đợt cấp", "Đã cấp")
    REJECTED = "rejected", pgettext_lazy("đợt cấp", "Không duyệt")


#: Lists that can still be changed, approved or turned down.
OPEN_STATES = (BatchState.PROPOSED, BatchState.CHECKED)


class Batch(PublicModel):
    """A list of completions proposed for certificates, then issued by a decision or rejected. Who proposes does not
    approve.

    Of ``course`` and ``learning_path`` one is set, as the basis of the series asks; neither for a programme. Approval
    fixes the list; numbers are then given in portions by a worker (``approved`` until the last one has its number).
    ``paused_at`` stops numbering and files until somebody goes on.
    """

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="batches")
    course = models.ForeignKey(Course, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    learning_path = models.ForeignKey(LearningPath, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("Đơn vị đề nghị"))
    title = models.CharField(_("Tên đợt cấp"), max_length=200)
    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.PROPOSED)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    checked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    decision_number = models.CharField(_("Số quyết định"), max_length=60, blank=True)
    decision_date = models.DateField(_("Ngày quyết định"), null=True, blank=True)
    decision_file = models.FileField(
        _("Tệp quyết định"), storage=private_storage, upload_to="certificates/decisions/%Y/", blank=True, max_length=200
    )
    paused_at = models.DateTimeField(null=True, blank=True)
    numbered_at = models.DateTimeField(null=True, blank=True, help_text="When the last certificate got its number")
    note = models.TextField(_("Ghi chú"), blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "issued"])
                | (Q(approved_by__isnull=False) & Q(decision_date__isnull=False) & ~Q(decision_number="")),
                name="issued_batch_names_its_decision",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")), name="four_eyes_on_a_batch"
            ),
            models.CheckConstraint(
                condition=Q(course__isnull=True) | Q(learning_path__isnull=True), name="batch_for_a_course_or_a_path"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether the list can still be changed, approved or turned down."""
        return self.state in OPEN_STATES


class BatchItem(models.Model):
    """A completion on a batch's list, with the name and day of birth that the paper will carry.

    Taken off (``excluded_reason``) or put aside for this time (``held_reason``) before approval; whoever is put aside
    can be proposed again. ``name_checked_by`` has decided what to print where completion and roster differ.
    """

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items")
    completion = models.ForeignKey(Completion, on_delete=models.PROTECT, related_name="+")
    holder_name = models.CharField(max_length=150)
    holder_birth_date = models.DateField(null=True, blank=True)
    hours = models.DecimalField(max_digits=6, decimal_places=1)
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    excluded_reason = models.CharField(max_length=200, blank=True)
    held_reason = models.CharField(max_length=200, blank=True)
    name_checked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = BatchItemQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "completion"], name="once_on_a_batch")]

    def __str__(self) -> str:
        return f"{self.batch_id} · {self.completion_id}"
