"""Who stands where, as what, and since when."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from common.models import PublicModel
from people.models.units import Unit
from people.models.users import User
from people.querysets import MembershipQuerySet


class Audience(models.Model):
    """A group that courses and targets address; loaded from ``audiences.yaml`` with its source and quote."""

    code = models.CharField(_("Mã"), max_length=40, unique=True)
    name = models.CharField(_("Tên"), max_length=200)
    short_name = models.CharField(_("Tên ngắn"), max_length=80, blank=True)
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
        verbose_name=_("Thuộc đối tượng"),
    )
    includes_minors = models.BooleanField(_("Có người dưới 18 tuổi"), default=False)
    source = models.CharField(_("Văn bản"), max_length=120, blank=True)
    quote = models.TextField(_("Nguyên văn"), blank=True)
    position = models.PositiveSmallIntegerField(_("Thứ tự"), default=0)

    class Meta:
        ordering = ["position"]
        verbose_name = _("đối tượng")
        verbose_name_plural = _("đối tượng")

    def __str__(self) -> str:
        return self.short_name or self.name


#: Audience of everybody who has not said, and was not listed as, anything else.
CITIZEN = "nguoi_dan"


class Role(models.TextChoices):
    """Labels stay Vietnamese, for they go into files and logs; a page translates them where it shows them."""

    LEARNER = "learner", gettext_noop("Người học")
    TEAM_LEADER = "team_leader", gettext_noop("Tổ trưởng")
    INSTRUCTOR = "instructor", gettext_noop("Giảng viên")
    COORDINATOR = "coordinator", gettext_noop("Đầu mối đơn vị")
    ISSUING_OFFICIAL = "issuing_official", gettext_noop("Người ký cấp chứng nhận")
    PROVINCIAL_LEAD = "provincial_lead", gettext_noop("Đơn vị chủ trì cấp tỉnh")
    EDITOR = "editor", gettext_noop("Biên tập viên")
    CONTENT_REVIEWER = "content_reviewer", gettext_noop("Người thẩm định nội dung")
    PUBLISHER = "publisher", gettext_noop("Người xuất bản")
    ADMINISTRATOR = "administrator", gettext_noop("Quản trị hệ thống")


class Membership(PublicModel):
    """A person in a unit, in a role and as one of an audience, between two dates (``valid_to`` excluded)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("Người"))
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("Đơn vị"))
    audience = models.ForeignKey(
        Audience, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("Đối tượng")
    )
    role = models.CharField(_("Vai trò"), max_length=20, choices=Role, default=Role.LEARNER)
    title = models.CharField(_("Chức danh"), max_length=120, blank=True)
    is_main = models.BooleanField(_("Đơn vị chính"), default=False)
    valid_from = models.DateField(_("Từ ngày"))
    valid_to = models.DateField(_("Đến trước ngày"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["-is_main", "valid_from", "id"]
        verbose_name = _("thành viên")
        verbose_name_plural = _("thành viên")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="membership_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["user", "unit", "role", "audience"],
                condition=Q(valid_to__isnull=True),
                name="one_open_membership_per_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.unit} · {self.get_role_display()}"
