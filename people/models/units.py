"""Units in dated structures, and what took over from what."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.models import PublicModel
from common.text import fold, nfc
from people.querysets import UnitQuerySet


class UnitKind(models.TextChoices):
    PROVINCE = "province", _("Tỉnh")
    CITY = "city", _("Thành phố thuộc tỉnh")
    TOWN = "town", _("Thị xã")
    DISTRICT = "district", _("Huyện")
    WARD = "ward", _("Phường")
    TOWNSHIP = "township", _("Thị trấn")
    COMMUNE = "commune", _("Xã")
    DEPARTMENT = "department", _("Sở, ban, ngành")
    AGENCY = "agency", _("Cơ quan, đơn vị")
    SCHOOL = "school", _("Trường học")
    HOSPITAL = "hospital", _("Bệnh viện")
    HEALTH_STATION = "health_station", _("Trạm y tế")
    ENTERPRISE = "enterprise", _("Doanh nghiệp")
    TEAM = "team", _("Tổ công nghệ số cộng đồng")


#: Kinds of the lowest administrative level: where people live.
COMMUNE_KINDS = frozenset({UnitKind.WARD, UnitKind.TOWNSHIP, UnitKind.COMMUNE})
#: Kinds of all administrative levels.
ADMINISTRATIVE_KINDS = COMMUNE_KINDS | {UnitKind.PROVINCE, UnitKind.CITY, UnitKind.TOWN, UnitKind.DISTRICT}


class Unit(PublicModel):
    """A unit as it stood between two dates. A reform ends a row and begins others; nothing is rewritten.

    ``code`` is official and reused across reforms (24 was Bắc Giang and is now Bắc Ninh), so (code, valid_from) is
    the key. ``valid_to`` is the first day on which the unit no longer stands.
    """

    code = models.CharField(_("Mã"), max_length=40)
    name = models.CharField(_("Tên"), max_length=200)
    kind = models.CharField(_("Loại"), max_length=20, choices=UnitKind)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children", verbose_name=_("Cấp trên")
    )
    valid_from = models.DateField(_("Từ ngày"))
    valid_to = models.DateField(_("Đến trước ngày"), null=True, blank=True)
    lat = models.FloatField(_("Vĩ độ"), null=True, blank=True)
    lon = models.FloatField(_("Kinh độ"), null=True, blank=True)
    search_key = models.CharField(max_length=200, editable=False, db_index=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ["search_key"]
        verbose_name = _("đơn vị")
        verbose_name_plural = _("đơn vị")
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="one_unit_per_code_and_start"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="unit_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name = nfc(self.name)
        self.search_key = self.search_key_for(self.name)
        super().save(*args, **kwargs)

    @staticmethod
    def search_key_for(name: str) -> str:
        """The folded name; for those who create units in bulk, past ``save``."""
        return fold(name)

    def stands_on(self, day: date) -> bool:
        """Whether the unit stands on ``day``."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class UnitSuccession(models.Model):
    """``successor`` took over from ``predecessor`` on a day. A divided unit has several rows, at most one principal."""

    predecessor = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="successions", verbose_name=_("Đơn vị cũ")
    )
    successor = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="precessions", verbose_name=_("Đơn vị kế tiếp")
    )
    effective_on = models.DateField(_("Từ ngày"))
    principal = models.BooleanField(_("Kế tiếp chính"), default=True)

    class Meta:
        verbose_name = _("đơn vị kế tiếp")
        verbose_name_plural = _("đơn vị kế tiếp")
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="one_succession_per_pair"),
            models.UniqueConstraint(
                fields=["predecessor"], condition=Q(principal=True), name="one_principal_successor_per_unit"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"


class Structure(models.Model):
    """A dated version of the tree under which figures can be read: "2022", "2025-01-01", "2025-07-01".

    A reform is chosen by name on a figure's page. Between reforms every day on which units moved, merged or split
    begins a version too (``is_reform`` false), so that what was read under an earlier one stays as it was.
    """

    code = models.CharField(_("Mã"), max_length=20, unique=True)
    name = models.CharField(_("Tên"), max_length=120)
    valid_from = models.DateField(_("Từ ngày"), unique=True)
    valid_to = models.DateField(_("Đến trước ngày"), null=True, blank=True)
    is_reform = models.BooleanField(_("Là một lần sắp xếp lại"), default=True)

    class Meta:
        verbose_name = _("cơ cấu đơn vị")
        verbose_name_plural = _("cơ cấu đơn vị")
        ordering = ["valid_from"]

    def __str__(self) -> str:
        return self.name


class UnitAncestor(models.Model):
    """Closure of the tree under one structure; every unit is its own ancestor at depth 0.

    Holds units of all times: those of another time stand under what took over from them (or what they came from), so
    one join rolls the facts of any year up under any structure. Written by ``people.services.structures_rebuild``.
    """

    structure = models.ForeignKey(Structure, on_delete=models.CASCADE)
    ancestor = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+")
    descendant = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+")
    depth = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["structure", "descendant", "ancestor"], name="one_path_per_ancestor")
        ]
        indexes = [models.Index(fields=["structure", "ancestor", "descendant"], name="subtree_of_a_unit")]

    def __str__(self) -> str:
        return f"{self.structure_id}: {self.ancestor_id} ⊇ {self.descendant_id}"
