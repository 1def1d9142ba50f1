"""Users, units in dated structures, audiences and memberships."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from common.models import PublicModel
from common.text import fold, nfc, sort_key
from people.querysets import MembershipQuerySet, UnitQuerySet, UserQuerySet

E164 = RegexValidator(r"^\+[1-9]\d{7,14}$", "Số điện thoại phải ở dạng quốc tế, ví dụ +84912345678.")


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes users; a person needs a name and at least one of phone and e-mail, or a roster that vouches for them."""

    def create_user(self, *, full_name: str, password: str | None = None, **fields: Any) -> User:
        user: User = self.model(full_name=full_name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, *, full_name: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(full_name=full_name, password=password, is_staff=True, is_superuser=True, **fields)


class User(PublicModel, AbstractBaseUser, PermissionsMixin):
    """A person. ``full_name`` is kept in NFC; ``sort_key`` orders by given name; ``search_key`` is folded."""

    full_name = models.CharField("Họ và tên", max_length=150)
    sort_key = models.CharField(max_length=400, editable=False, db_index=True)
    search_key = models.CharField(max_length=150, editable=False, db_index=True)
    email = models.EmailField("Email", unique=True, null=True, blank=True)
    phone = models.CharField("Số điện thoại", max_length=16, unique=True, null=True, blank=True, validators=[E164])
    phone_verified = models.BooleanField(default=False)
    birth_date = models.DateField("Ngày sinh", null=True, blank=True)
    is_staff = models.BooleanField("Vào được trang quản trị hệ thống", default=False)
    is_active = models.BooleanField("Đang hoạt động", default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    objects = UserManager()

    class Meta:
        ordering = ["sort_key", "id"]
        verbose_name = "người dùng"
        verbose_name_plural = "người dùng"

    def __str__(self) -> str:
        return self.full_name

    def clean(self) -> None:
        super().clean()
        self.full_name = nfc(self.full_name)
        self.email = self.email or None
        self.phone = self.phone or None

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.full_name = nfc(self.full_name)
        self.email = self.email.lower() if self.email else None
        self.phone = self.phone or None
        self.sort_key = sort_key(self.full_name)
        self.search_key = fold(self.full_name)
        super().save(*args, **kwargs)

    # Wagtail and Django's admin ask for these two; a Vietnamese name is one piece.
    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name.rsplit(" ", 1)[-1]


class UnitKind(models.TextChoices):
    PROVINCE = "province", "Tỉnh"
    CITY = "city", "Thành phố thuộc tỉnh"
    TOWN = "town", "Thị xã"
    DISTRICT = "district", "Huyện"
    WARD = "ward", "Phường"
    TOWNSHIP = "township", "Thị trấn"
    COMMUNE = "commune", "Xã"
    DEPARTMENT = "department", "Sở, ban, ngành"
    AGENCY = "agency", "Cơ quan, đơn vị"
    SCHOOL = "school", "Trường học"
    HOSPITAL = "hospital", "Bệnh viện"
    HEALTH_STATION = "health_station", "Trạm y tế"
    ENTERPRISE = "enterprise", "Doanh nghiệp"
    TEAM = "team", "Tổ công nghệ số cộng đồng"


#: Kinds of the lowest administrative level: where people live.
COMMUNE_KINDS = frozenset({UnitKind.WARD, UnitKind.TOWNSHIP, UnitKind.COMMUNE})


class Unit(PublicModel):
    """A unit as it stood between two dates. A reform ends a row and begins others; nothing is rewritten.

    ``code`` is official and reused across reforms (24 was Bắc Giang and is now Bắc Ninh), so (code, valid_from) is
    the key. ``valid_to`` is the first day on which the unit no longer stands.
    """

    code = models.CharField("Mã", max_length=40)
    name = models.CharField("Tên", max_length=200)
    kind = models.CharField("Loại", max_length=20, choices=UnitKind)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    valid_from = models.DateField("Từ ngày")
    valid_to = models.DateField("Đến trước ngày", null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)
    search_key = models.CharField(max_length=200, editable=False, db_index=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ["search_key"]
        verbose_name = "đơn vị"
        verbose_name_plural = "đơn vị"
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

    predecessor = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="precessions")
    effective_on = models.DateField()
    principal = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="one_succession_per_pair"),
            models.UniqueConstraint(
                fields=["predecessor"], condition=Q(principal=True), name="one_principal_successor_per_unit"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"


class Structure(models.Model):
    """A dated version of the tree under which figures can be read: "2022", "2025-01-01", "2025-07-01"."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    valid_from = models.DateField(unique=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
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


class Audience(models.Model):
    """A group that courses and targets address; loaded from ``audiences.yaml`` with its source and quote."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField("Tên", max_length=200)
    short_name = models.CharField("Tên ngắn", max_length=80, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    includes_minors = models.BooleanField(default=False)
    source = models.CharField(max_length=120, blank=True)
    quote = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        verbose_name = "đối tượng"
        verbose_name_plural = "đối tượng"

    def __str__(self) -> str:
        return self.short_name or self.name


#: Audience of everybody who has not said, and was not listed as, anything else.
CITIZEN = "nguoi_dan"


class Role(models.TextChoices):
    LEARNER = "learner", "Người học"
    TEAM_LEADER = "team_leader", "Tổ trưởng"
    COORDINATOR = "coordinator", "Đầu mối đơn vị"
    ISSUING_OFFICIAL = "issuing_official", "Người ký cấp chứng nhận"
    PROVINCIAL_LEAD = "provincial_lead", "Đơn vị chủ trì cấp tỉnh"
    EDITOR = "editor", "Biên tập viên"
    ADMINISTRATOR = "administrator", "Quản trị hệ thống"


class Membership(PublicModel):
    """A person in a unit, in a role and as one of an audience, between two dates (``valid_to`` excluded)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="memberships")
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField("Vai trò", max_length=20, choices=Role, default=Role.LEARNER)
    title = models.CharField("Chức danh", max_length=120, blank=True)
    is_main = models.BooleanField("Đơn vị chính", default=False)
    valid_from = models.DateField("Từ ngày")
    valid_to = models.DateField("Đến trước ngày", null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["-is_main", "valid_from", "id"]
        verbose_name = "thành viên"
        verbose_name_plural = "thành viên"
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
