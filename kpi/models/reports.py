"""Who owes which report by when, and the reports that were made."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import PublicModel, private_storage
from kpi import calendar_rules
from kpi.models.closings import Closing
from kpi.models.targets import Decision
from kpi.querysets_reports import ReportDueQuerySet
from people.models import Unit, User


class ReportDuty(PublicModel):
    """A duty to report that a decision lays down. Loaded from ``reporting.yaml`` with its quote.

    ``due_rule`` is the machine-readable day, empty where the document names none. ``is_followed``: dues are made of it,
    as long as its decision holds. ``remind_days``: so many days before the day it is due those who owe it are reminded.
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
    remind_days = models.PositiveSmallIntegerField(default=14)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code}: {self.subject}"


class ReportState(models.TextChoices):
    DRAFT = "draft", _("Đang soạn")
    ISSUED = "issued", _("Đã ban hành")


class ReportKind(models.TextChoices):
    PERIODIC = "periodic", _("Báo cáo định kỳ")
    BRIEFING = "briefing", _("Tài liệu họp Ban Chỉ đạo")


class Report(PublicModel):
    """A report in the form of Nghị định 30/2020. Every figure in it is one of its closing's.

    ``narrative``: the editable parts, name → text. ``duty`` and ``period``: what it is made to answer, as in
    ``ReportDue``; empty where nobody asked for it. ``version`` goes up with every change of a draft: who saves says
    which they saw. Files are made by a job; an issued report is not changed any more, and ``frozen`` keeps the words
    beside its figures as they then were (see ``kpi.report_reading.Words``).
    """

    kind = models.CharField(max_length=10, choices=ReportKind, default=ReportKind.PERIODIC)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    closing = models.ForeignKey(Closing, on_delete=models.PROTECT, related_name="reports")
    compared_with = models.ForeignKey(Closing, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    duty = models.ForeignKey(ReportDuty, null=True, blank=True, on_delete=models.PROTECT, related_name="reports")
    period = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=300)
    number = models.CharField(_("Số"), max_length=40, blank=True)
    dated_on = models.DateField(null=True, blank=True)
    place_name = models.CharField(max_length=80, blank=True)
    addressees = models.TextField(_("Kính gửi"), blank=True)
    recipients = models.TextField(_("Nơi nhận"), blank=True)
    signer_authority = models.CharField(max_length=120, blank=True)
    signer_title = models.CharField(max_length=120, blank=True)
    signer_name = models.CharField(max_length=150, blank=True)
    narrative = models.JSONField(default=dict)
    frozen = models.JSONField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=ReportState, default=ReportState.DRAFT)
    docx = models.FileField(storage=private_storage, upload_to="kpi/reports/", max_length=200, blank=True)
    pdf = models.FileField(storage=private_storage, upload_to="kpi/reports/", max_length=200, blank=True)
    xlsx = models.FileField(storage=private_storage, upload_to="kpi/reports/", max_length=200, blank=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)
    saved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(null=True, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.title

    @property
    def period_name(self) -> str:
        """``period`` in the language of the page."""
        return calendar_rules.period_read(self.period)


class ReportDue(PublicModel):
    """A report that a unit owes for one period. ``due_on`` is the last day on time, both "trước" and "chậm nhất" done.

    Open until it is handed in, with a ``report`` of this platform or with an official letter (``handed_in_note`` is its
    number, ``handed_in_at`` noon of its day), or until a keeper excuses it with a reason.
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
    excused_at = models.DateTimeField(null=True, blank=True)
    excused_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    excused_reason = models.CharField(max_length=300, blank=True)

    objects = ReportDueQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "unit"]
        constraints = [
            models.UniqueConstraint(fields=["duty", "unit", "due_on"], name="one_due_per_unit_and_day"),
            models.CheckConstraint(
                condition=Q(handed_in_at=None) | Q(excused_at=None), name="no_due_is_both_handed_in_and_excused"
            ),
        ]
        indexes = [models.Index(fields=["unit", "due_on"], name="dues_of_a_unit")]

    def __str__(self) -> str:
        return f"{self.duty_id} · {self.unit_id} · {self.due_on}"

    @property
    def period_name(self) -> str:
        """``period`` in the language of the page."""
        return calendar_rules.period_read(self.period)

    @property
    def period_within(self) -> str:
        """The same within a sentence."""
        return calendar_rules.period_within(self.period)

    @property
    def is_open(self) -> bool:
        return self.handed_in_at is None and self.excused_at is None


class CalendarLink(models.Model):
    """The secret address under which a person's calendar program fetches what they owe; a new one ends the old."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+")
    token = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"calendar of {self.user_id}"
