"""Numbered certificates, and how each came into its holder's hands."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from certificates.models.batches import Batch
from certificates.models.designs import Asset, Design
from certificates.models.series import Series
from certificates.querysets import CertificateQuerySet
from common.models import PublicModel
from courses.models import Completion
from people.models import User


def new_token() -> str:
    """A random name for the public page: 160 bits, so that it cannot be guessed and says nothing of its holder."""
    return secrets.token_urlsafe(20)


class CertificateState(models.TextChoices):
    VALID = "valid", _("Có hiệu lực")
    REVOKED = "revoked", _("Đã thu hồi")
    CANCELLED = "cancelled", _("Đã huỷ bỏ")
    REPLACED = "replaced", _("Đã được thay thế")


class ReasonClass(models.TextChoices):
    """What the public page says of why a certificate no longer holds; the full reason stays in the register."""

    FRAUD = "fraud", _("Gian lận trong học tập, kiểm tra hoặc hồ sơ")
    NOT_ENTITLED = "not_entitled", _("Không đủ điều kiện được cấp")
    WRONG_CONTENT = "wrong_content", _("Nội dung ghi sai")
    LOST = "lost", _("Bản giấy bị mất hoặc hư hỏng")
    ON_REQUEST = "on_request", _("Theo đề nghị của người được cấp")
    OTHER = "other", _("Lý do khác")


class Origin(models.TextChoices):
    PLATFORM = "platform", _("Cấp trên hệ thống")
    PAPER = "paper", _("Ghi lại từ sổ giấy")


class Certificate(PublicModel):
    """A numbered certificate. What it claims is frozen here when it is issued; only its state and file are added.

    ``course_title`` and ``course_hours`` are those of the course, path or programme that ``award`` names
    ("course:<uuid>", "path:<uuid>", "programme"). One taken over from a paper register has its number as it was
    written and neither ``seq`` nor completion, design or file; what replaces it has a number, but no completion either.

    Files: ``draft_file`` was rendered and waits for an official's signature; ``file`` is the issued one, and its
    bytes never change.
    """

    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.PLATFORM)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="certificates")
    year = models.PositiveSmallIntegerField()
    seq = models.PositiveIntegerField(null=True, blank=True)
    number = models.CharField(pgettext_lazy("giấy", "Số"), max_length=60, unique=True)
    number_key = models.CharField(max_length=60, db_index=True, blank=True)
    completion = models.ForeignKey(
        Completion, null=True, blank=True, on_delete=models.PROTECT, related_name="certificates"
    )
    award = models.CharField(max_length=50, blank=True)
    batch = models.ForeignKey(Batch, null=True, blank=True, on_delete=models.PROTECT, related_name="certificates")
    design = models.ForeignKey(Design, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signature = models.ForeignKey(Asset, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    holder = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="certificates")
    holder_name = models.CharField(max_length=150)
    holder_birth_date = models.DateField(null=True, blank=True)
    course_title = models.CharField(max_length=200)
    course_hours = models.DecimalField(max_digits=6, decimal_places=1, null=True, blank=True)
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    completed_on = models.DateField(null=True, blank=True)
    issued_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True, help_text="The last day on which it holds; empty: for good")
    issuer_name = models.CharField(max_length=200)
    place = models.CharField(max_length=80)
    signer_name = models.CharField(max_length=150, blank=True)
    signer_title = models.CharField(max_length=150, blank=True)
    decision_number = models.CharField(max_length=60, blank=True)
    decision_date = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=CertificateState, default=CertificateState.VALID)
    ended_on = models.DateField(null=True, blank=True, help_text="When it was revoked, cancelled or replaced")
    ended_reason = models.CharField(max_length=300, blank=True)
    ended_class = models.CharField(max_length=15, choices=ReasonClass, blank=True)
    replaces = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    draft_file = models.CharField(max_length=200, blank=True, help_text="Rendered, waiting to be signed")
    draft_sha256 = models.CharField(max_length=64, blank=True)
    file = models.CharField(max_length=200, blank=True, help_text="Name of the issued PDF in the private storage")
    file_sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.CharField(max_length=200, blank=True, help_text="Name in the certificate that signed the file")
    render_error = models.TextField(blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_on", "-seq"]
        constraints = [
            models.UniqueConstraint(fields=["series", "year", "seq"], name="one_certificate_per_number"),
            models.UniqueConstraint(
                fields=["series", "completion", "award"],
                condition=Q(state__in=["valid", "revoked"]),
                name="one_certificate_per_series_and_completion",
            ),
            models.CheckConstraint(
                condition=Q(origin="paper", seq__isnull=True)
                | Q(origin="platform", seq__isnull=False, design__isnull=False)
                & (Q(completion__isnull=False, holder__isnull=False) | Q(replaces__isnull=False)),
                name="what_a_certificate_must_have",
            ),
            models.CheckConstraint(
                condition=Q(state="valid") | (Q(ended_on__isnull=False) & ~Q(ended_reason="")),
                name="an_ended_certificate_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Delivery(models.Model):
    """How a certificate reached its holder: told by a message, handed over on paper, acknowledged."""

    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, related_name="delivery")
    notified_at = models.DateTimeField(null=True, blank=True)
    handed_over_on = models.DateField(null=True, blank=True)
    handed_over_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    received_by = models.CharField(_("Người nhận"), max_length=150, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True, help_text="When the holder said so themselves")
    note = models.CharField(_("Ghi chú"), max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return f"{self.certificate_id}"
