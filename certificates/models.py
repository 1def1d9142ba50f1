"""Series with gapless numbers, certificates that freeze what they claim, batches, and the append-only register."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import F, Q

from certificates.querysets import BatchQuerySet, CertificateQuerySet
from common.models import AppendOnly, PublicModel
from courses.models import Completion, Course
from people.models import Unit, User


def new_token() -> str:
    """A random name for the public page: 160 bits, so that it cannot be guessed and says nothing of its holder."""
    return secrets.token_urlsafe(20)


class Kind(models.TextChoices):
    CONFIRMATION = "confirmation", "Giấy xác nhận hoàn thành"
    CERTIFICATE = "certificate", "Giấy chứng nhận"


class Design(PublicModel):
    """How a certificate looks: a template of ``certificates/templates/certificates/designs/`` and its version."""

    code = models.SlugField(max_length=60)
    version = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="one_design_per_code_and_version")]

    def __str__(self) -> str:
        return f"{self.name} (bản {self.version})"


class Series(PublicModel):
    """Certificates of one kind numbered in one row: who issues them, who signs, how the number reads.

    ``suffix`` is the part after the year: number 42 of 2026 with suffix "CN-SKHCN" reads "00042/2026/CN-SKHCN".
    """

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=150)
    kind = models.CharField(max_length=15, choices=Kind)
    suffix = models.CharField(max_length=30)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="Đơn vị cấp")
    design = models.ForeignKey(Design, on_delete=models.PROTECT, related_name="+")
    signer_name = models.CharField(max_length=150, blank=True)
    signer_title = models.CharField(max_length=150, blank=True)
    place = models.CharField(max_length=80, help_text="Where certificates are dated, for example Bắc Ninh")
    is_automatic = models.BooleanField(default=False, help_text="Numbered on completion, without a decision")

    class Meta:
        verbose_name_plural = "series"
        constraints = [
            models.UniqueConstraint(
                fields=["is_automatic"], condition=Q(is_automatic=True), name="one_automatic_series"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_signer(self) -> bool:
        """Whether a certificate by decision can name who signs it, and as what."""
        return bool(self.signer_name and self.signer_title)


class SeriesCounter(models.Model):
    """The last number given in a series and year: one row, updated inside the issuing transaction."""

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="counters")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "year"], name="one_counter_per_series_and_year")]

    def __str__(self) -> str:
        return f"{self.series_id}/{self.year}: {self.last}"


class BatchState(models.TextChoices):
    PROPOSED = "proposed", "Chờ duyệt"
    ISSUED = "issued", "Đã cấp"
    REJECTED = "rejected", "Không duyệt"


class Batch(PublicModel):
    """A list of completions proposed for certificates, then issued by a decision or rejected. Who proposes does not
    approve."""

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="batches")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="Đơn vị đề nghị")
    title = models.CharField("Tên đợt cấp", max_length=200)
    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.PROPOSED)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    decision_number = models.CharField("Số quyết định", max_length=60, blank=True)
    decision_date = models.DateField("Ngày quyết định", null=True, blank=True)
    note = models.TextField("Ghi chú", blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="issued")
                | (Q(approved_by__isnull=False) & Q(decision_date__isnull=False) & ~Q(decision_number="")),
                name="issued_batch_names_its_decision",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")), name="four_eyes_on_a_batch"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class BatchItem(models.Model):
    """A completion on a batch's list; taken off with a reason before approval."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items")
    completion = models.ForeignKey(Completion, on_delete=models.PROTECT, related_name="+")
    excluded_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "completion"], name="once_on_a_batch")]

    def __str__(self) -> str:
        return f"{self.batch_id} · {self.completion_id}"


class CertificateState(models.TextChoices):
    VALID = "valid", "Có hiệu lực"
    REVOKED = "revoked", "Đã thu hồi"


class Certificate(PublicModel):
    """A numbered certificate. What it claims is frozen here when it is issued; only its state and file are added."""

    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="certificates")
    year = models.PositiveSmallIntegerField()
    seq = models.PositiveIntegerField()
    number = models.CharField("Số", max_length=60, unique=True)
    completion = models.ForeignKey(Completion, on_delete=models.PROTECT, related_name="certificates")
    batch = models.ForeignKey(Batch, null=True, blank=True, on_delete=models.PROTECT, related_name="certificates")
    design = models.ForeignKey(Design, on_delete=models.PROTECT, related_name="+")
    holder = models.ForeignKey(User, on_delete=models.PROTECT, related_name="certificates")
    holder_name = models.CharField(max_length=150)
    holder_birth_date = models.DateField(null=True, blank=True)
    course_title = models.CharField(max_length=200)
    course_hours = models.DecimalField(max_digits=5, decimal_places=1)
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    completed_on = models.DateField()
    issued_on = models.DateField()
    issuer_name = models.CharField(max_length=200)
    place = models.CharField(max_length=80)
    signer_name = models.CharField(max_length=150, blank=True)
    signer_title = models.CharField(max_length=150, blank=True)
    decision_number = models.CharField(max_length=60, blank=True)
    decision_date = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=CertificateState, default=CertificateState.VALID)
    revoked_on = models.DateField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=300, blank=True)
    file = models.CharField(max_length=200, blank=True, help_text="Name of the PDF in the private storage")
    file_sha256 = models.CharField(max_length=64, blank=True)
    render_error = models.TextField(blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_on", "-seq"]
        constraints = [
            models.UniqueConstraint(fields=["series", "year", "seq"], name="one_certificate_per_number"),
            models.UniqueConstraint(fields=["series", "completion"], name="one_certificate_per_series_and_completion"),
        ]

    def __str__(self) -> str:
        return self.number


class Act(models.TextChoices):
    ISSUE = "cap", "Cấp"
    REVOKE = "thu_hoi", "Thu hồi"


class RegisterEntry(AppendOnly):
    """One act in the register of a series. Each row carries the hash of the one before it, so a change is visible."""

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="register")
    position = models.PositiveIntegerField()
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="register")
    act = models.CharField(max_length=10, choices=Act)
    at = models.DateTimeField()
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decision_number = models.CharField(max_length=60, blank=True)
    decision_date = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    content = models.JSONField()
    previous_hash = models.CharField(max_length=64)
    row_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["series", "position"]
        constraints = [models.UniqueConstraint(fields=["series", "position"], name="one_register_row_per_position")]

    def __str__(self) -> str:
        return f"{self.series_id} #{self.position} {self.act}"
