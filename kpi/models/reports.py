"""Who owes which report by when, and the reports that were made."""

from __future__ import annotations

from django.db import models

from common.models import PublicModel, private_storage
from kpi.models.closings import Closing
from kpi.models.targets import Decision
from people.models import Unit, User


class ReportDuty(PublicModel):
    """A duty to report that a decision lays down. Loaded from ``reporting.yaml`` with its quote.

    ``due_rule`` is the machine-readable day, empty where the document names none. ``is_followed``: dues are made of it.
    """

    code = models.CharField(max_length=20, unique=True)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="report_duties")
    kind = models.CharField(max_length=30)
    subject = models.TextField()
    from_names = models.JSONField(default=list)
    to_names = models.JSONField(default=list)
    frequency = models.CharField(max_length=20, blank=True)
    due_rule = models.JSONField(null=True, blank=True)
    deadline_text = models.CharField(max_length=250, blank=True)
    section = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=80)
    quote = models.TextField()
    is_followed = models.BooleanField(default=False)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code}: {self.subject}"


class ReportState(models.TextChoices):
    DRAFT = "draft", "Đang soạn"
    ISSUED = "issued", "Đã ban hành"


class ReportKind(models.TextChoices):
    PERIODIC = "periodic", "Báo cáo định kỳ"
    BRIEFING = "briefing", "Tài liệu họp Ban Chỉ đạo"


class Report(PublicModel):
    """A report in the form of Nghị định 30/2020. Every figure in it is one of its closing's.

    ``narrative``: the editable parts, name → text. Files are made by a job; an issued report is not changed any more.
    """

    kind = models.CharField(max_length=10, choices=ReportKind, default=ReportKind.PERIODIC)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    closing = models.ForeignKey(Closing, on_delete=models.PROTECT, related_name="reports")
    compared_with = models.ForeignKey(Closing, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=300)
    number = models.CharField("Số", max_length=40, blank=True)
    dated_on = models.DateField(null=True, blank=True)
    place_name = models.CharField(max_length=80, blank=True)
    addressees = models.TextField("Kính gửi", blank=True)
    recipients = models.TextField("Nơi nhận", blank=True)
    signer_authority = models.CharField(max_length=120, blank=True)
    signer_title = models.CharField(max_length=120, blank=True)
    signer_name = models.CharField(max_length=150, blank=True)
    narrative = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=ReportState, default=ReportState.DRAFT)
    docx = models.FileField(storage=private_storage, upload_to="kpi/reports/", max_length=200, blank=True)
    pdf = models.FileField(storage=private_storage, upload_to="kpi/reports/", max_length=200, blank=True)
    xlsx = models.FileField(storage=private_storage, upload_to="kpi/reports/", max_length=200, blank=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    issued_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.title


class ReportDue(PublicModel):
    """A report that a unit owes for one period. ``due_on`` is the last day on time, both "trước" and "chậm nhất" done.

    Handed in with a ``report`` of this platform, or with a remark on how: an official letter's number.
    """

    duty = models.ForeignKey(ReportDuty, on_delete=models.PROTECT, related_name="dues")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=40, help_text="As read: Quý III/2026")
    begins_on = models.DateField()
    until = models.DateField()
    due_on = models.DateField()
    report = models.ForeignKey(Report, null=True, blank=True, on_delete=models.PROTECT, related_name="dues")
    handed_in_at = models.DateTimeField(null=True, blank=True)
    handed_in_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    handed_in_note = models.CharField(max_length=250, blank=True)

    class Meta:
        ordering = ["due_on", "unit"]
        constraints = [models.UniqueConstraint(fields=["duty", "unit", "due_on"], name="one_due_per_unit_and_day")]
        indexes = [models.Index(fields=["unit", "due_on"], name="dues_of_a_unit")]

    def __str__(self) -> str:
        return f"{self.duty_id} · {self.unit_id} · {self.due_on}"
