"""How certificates look: versions of designs, and the pictures that they and signers use."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import AppendOnly, PublicModel, private_storage
from people.models import Unit, User


class Asset(PublicModel, AppendOnly):
    """A picture for paper: a logo, a seal's outline, a signature. Kept under the hash of its bytes and never changed,
    so that a paper rendered again years later draws what it drew then."""

    sha256 = models.CharField(max_length=64, unique=True)
    file = models.FileField(storage=private_storage, upload_to="certificates/assets/", max_length=200)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=40)
    added_at = models.DateTimeField(auto_now_add=True)
    added_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.name


class Paper(models.TextChoices):
    LANDSCAPE = "a4-landscape", _("A4 ngang")
    PORTRAIT = "a4-portrait", _("A4 dọc")
    CARD = "card", _("Thẻ ví (85,6 × 54 mm)")


class DesignState(models.TextChoices):
    DRAFT = "draft", _("Bản nháp")
    PUBLISHED = "published", _("Đang dùng")
    RETIRED = "retired", _("Thôi dùng")


class Design(PublicModel):
    """One version of a design. What was published is never edited: an edit is a new version, and certificates keep
    the version with which they were issued.

    ``unit`` makes it a variant: people of that unit and of those below get it in place of the general design of the
    same ``code``. ``body`` and ``style`` hold the HTML and CSS; empty for a design that is kept as files in
    ``certificates/templates/certificates/designs/<code>-<version>``.
    """

    code = models.SlugField(_("Mã mẫu"), max_length=60)
    version = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(_("Tên mẫu"), max_length=120)
    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("Riêng cho đơn vị")
    )
    paper = models.CharField(_("Khổ giấy"), max_length=15, choices=Paper, default=Paper.LANDSCAPE)
    body = models.TextField(_("Nội dung"), blank=True)
    style = models.TextField(_("Kiểu trình bày"), blank=True)
    logo = models.ForeignKey(Asset, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    has_seal = models.BooleanField(_("Chừa chỗ đóng dấu"), default=True)
    state = models.CharField(max_length=10, choices=DesignState, default=DesignState.PUBLISHED)
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["code", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "version"], condition=Q(unit=None), name="one_design_per_code_and_version"
            ),
            models.UniqueConstraint(fields=["code", "unit", "version"], name="one_variant_per_unit_and_version"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(state="draft", unit=None), name="one_draft_per_design"
            ),
            models.UniqueConstraint(fields=["code", "unit"], condition=Q(state="draft"), name="one_draft_per_variant"),
        ]

    def __str__(self) -> str:
        return f"{self.name} (bản {self.version})"
