"""Lists of people that offices bring, and the dated composition of a team."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import AppendOnly, PublicModel, private_storage
from people.models.memberships import Membership
from people.models.units import Unit
from people.models.users import User


class RosterState(models.TextChoices):
    CHECKING = "checking", _("Đang kiểm tra")
    READY = "ready", _("Chờ xem lại")
    APPLYING = "applying", _("Đang nhập")
    APPLIED = "applied", _("Đã nhập")
    UNREADABLE = "unreadable", _("Không đọc được tệp")
    CANCELLED = "cancelled", _("Đã bỏ")


class RosterImport(PublicModel):
    """One uploaded list: checked first, looked at, then applied whole or not at all.

    ``whole_unit`` says that the file names everybody of the unit: who is missing in it has left. ``counts`` holds the
    number of rows by ``Outcome``. ``problem`` says in Vietnamese why a file cannot be read, or why it may not be
    applied yet. The uploaded file and its rows are personal: they are deleted some weeks after the import ended.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="roster_imports")
    file = models.FileField(upload_to="rosters/", storage=private_storage, max_length=200)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    whole_unit = models.BooleanField(default=False)
    leavers_confirmed = models.BooleanField(default=False, help_text="Somebody looked at the many who would leave")
    effective_on = models.DateField(help_text="Day from which memberships begin where the file names none")
    state = models.CharField(max_length=12, choices=RosterState, default=RosterState.CHECKING)
    counts = models.JSONField(default=dict)
    problem = models.TextField(blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    applied_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="applied") | (Q(applied_at__isnull=False) & Q(applied_by__isnull=False)),
                name="applied_roster_says_by_whom_and_when",
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name} → {self.unit}"


class Outcome(models.TextChoices):
    """What a line of the list means."""

    NEW = "new", _("Người mới")
    CHANGED = "changed", _("Có thay đổi")
    UNCHANGED = "unchanged", _("Không đổi")
    DOUBTFUL = "doubtful", _("Cần xem lại")
    REJECTED = "rejected", _("Không nhập được")
    LEFT = "left", _("Không còn trong danh sách")


class Decided(models.TextChoices):
    """What an official said to a doubtful line."""

    SAME = "same", _("Là cùng một người")
    OTHER = "other", _("Là người khác")
    SKIP = "skip", _("Bỏ dòng này")


class RosterRow(models.Model):
    """One line of a list (or, for LEFT, one membership that the list no longer names).

    ``cells`` is what the file says, by heading. ``data`` is what was understood. ``changes`` lists
    {field, before, after}; ``problems`` lists {column, value, text, fix, code}; ``candidates`` lists
    {uuid, why} of people whom the line may mean.
    """

    roster = models.ForeignKey(RosterImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="Line of the file; 0 for LEFT")
    cells = models.JSONField(default=dict)
    data = models.JSONField(default=dict)
    outcome = models.CharField(max_length=10, choices=Outcome)
    changes = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    candidates = models.JSONField(default=list)
    decided = models.CharField(max_length=6, choices=Decided, blank=True)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # A line says what was found at a moment; it never keeps a membership from being taken back on its first day.
    membership = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["number", "id"]
        indexes = [models.Index(fields=["roster", "outcome", "number"], name="lines_of_a_roster")]

    def __str__(self) -> str:
        return f"{self.roster_id} · {self.number}: {self.outcome}"


class RosterVersion(PublicModel, AppendOnly):
    """The composition of a team from a day on (kiện toàn), by which decision; the newest one before a day held then.

    ``members`` lists {user, name, role, title} with the user's uuid; ``joined`` and ``left`` list the same of those who
    came and went with this version.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="roster_versions")
    effective_on = models.DateField()
    decision_number = models.CharField(max_length=60, blank=True)
    decision_date = models.DateField(null=True, blank=True)
    members = models.JSONField(default=list)
    joined = models.JSONField(default=list)
    left = models.JSONField(default=list)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-effective_on", "-made_at"]

    def __str__(self) -> str:
        return f"{self.unit} · {self.effective_on:%d/%m/%Y}"
