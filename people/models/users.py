"""People: who they are, and how they sign in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from common.models import PublicModel
from common.text import fold, nfc, sort_key
from people.querysets import UserQuerySet

E164 = RegexValidator(r"^\+[1-9]\d{7,14}$", _("Số điện thoại phải ở dạng quốc tế, ví dụ +84912345678."))


#: What the validators of passwords call these fields, in the middle of a sentence.
_NAME, _EMAIL, _PHONE = (
    pgettext_lazy("trong câu", "Họ và tên"),
    pgettext_lazy("trong câu", "Email"),
    pgettext_lazy("trong câu", "Số điện thoại"),
)


class Gender(models.TextChoices):
    """Labels stay Vietnamese, for they go into files; a page translates them where it shows them."""

    MALE = "male", gettext_noop("Nam")
    FEMALE = "female", gettext_noop("Nữ")
    OTHER = "other", gettext_noop("Khác")


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
    """A person. ``full_name`` is kept in NFC; ``sort_key`` orders by given name; ``search_key`` is folded.

    ``phone`` and ``email`` are what a person signs in with, so nobody shares them; a number that belongs to somebody
    else's account already is kept in ``contact_phone``. Who has neither signs in with ``learner_code``. An account
    that only a roster knows has no ``claimed_at``: nobody has proved yet that it is theirs.

    ``office_phone`` and ``office_email`` are shown to the people of a coordinator's units; nobody signs in with them.
    ``hints_seen`` holds the first-visit hints that the person put away. ``merged_into`` is the record that goes on
    where the person had two (docs/decisions/0024): nobody signs in with this one, and lists that name it mean that one.
    """

    full_name = models.CharField(_NAME, max_length=150)
    sort_key = models.CharField(max_length=400, editable=False, db_index=True)
    search_key = models.CharField(max_length=150, editable=False, db_index=True)
    email = models.EmailField(_EMAIL, unique=True, null=True, blank=True)
    phone = models.CharField(_PHONE, max_length=16, unique=True, null=True, blank=True, validators=[E164])
    phone_verified = models.BooleanField(_("Đã xác nhận số điện thoại"), default=False)
    birth_date = models.DateField(_("Ngày sinh"), null=True, blank=True)
    gender = models.CharField(_("Giới tính"), max_length=8, choices=Gender, blank=True)
    contact_phone = models.CharField(_("Số điện thoại liên hệ"), max_length=16, blank=True, validators=[E164])
    staff_code = models.CharField(_("Mã cán bộ"), max_length=40, unique=True, null=True, blank=True)
    learner_code = models.CharField(_("Mã học viên"), max_length=12, unique=True, null=True, blank=True, editable=False)
    office_phone = models.CharField(_("Điện thoại nơi làm việc"), max_length=24, blank=True)
    office_email = models.EmailField(_("Email nơi làm việc"), blank=True)
    hints_seen = models.JSONField(default=list, blank=True, editable=False)
    claimed_at = models.DateTimeField(_("Nhận tài khoản lúc"), null=True, blank=True, editable=False)
    is_staff = models.BooleanField(_("Vào được trang quản trị hệ thống"), default=False)
    is_active = models.BooleanField(_("Đang hoạt động"), default=True)
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="merged_records",
        verbose_name=_("Đã gộp vào hồ sơ"),
    )
    date_joined = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    objects = UserManager()

    class Meta:
        ordering = ["sort_key", "id"]
        verbose_name = _("người dùng")
        verbose_name_plural = _("người dùng")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | models.Q(is_active=False),
                name="nobody_signs_in_with_a_merged_record",
            )
        ]

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
        self.staff_code = self.staff_code or None
        self.sort_key = sort_key(self.full_name)
        self.search_key = fold(self.full_name)
        super().save(*args, **kwargs)

    # Wagtail and Django's admin ask for these two; a Vietnamese name is one piece.
    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name.rsplit(" ", 1)[-1]
