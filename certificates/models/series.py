"""Kinds of paper: who issues and signs them, how they are numbered, what they ask for, how long they hold."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from certificates.models.designs import Asset, Design
from common.models import PublicModel
from courses.models import Course, LearningPath
from people.models import Unit


class Kind(models.TextChoices):
    CONFIRMATION = "confirmation", _("Giấy xác nhận hoàn thành")
    CERTIFICATE = "certificate", _("Giấy chứng nhận")
    QUALIFICATION = "qualification", _("Chứng chỉ")
    PARTICIPATION = "participation", _("Giấy xác nhận tham gia")


class Basis(models.TextChoices):
    """What a list of the series is made from."""

    COURSE = "course", _("Hoàn thành một khoá học")
    PATH = "path", _("Hoàn thành một lộ trình học")
    PROGRAMME = "programme", _("Hoàn thành tất cả các khoá học của chương trình")


class Signing(models.TextChoices):
    """How the file of a certificate becomes the issued one."""

    NONE = "none", _("Không ký số")
    LOCAL = "local", _("Hệ thống ký bằng khoá của đơn vị")
    HANDOFF = "handoff", _("Người có thẩm quyền ký bằng thiết bị riêng rồi tải lên")


class Series(PublicModel):
    """Certificates of one kind numbered in one row: who issues them, who signs, how the number reads.

    ``suffix`` is the part after the year: number 42 of 2026 with suffix "CN-SKHCN" reads "00042/2026/CN-SKHCN" by the
    ordinary ``pattern`` (``certificates.numbering``). The rule says what is asked of people: see ``basis``; the courses
    of ``required_courses`` are the choice of a list by course (none: any), and all that a programme asks for.
    """

    code = models.SlugField(pgettext_lazy("loại giấy", "Mã"), max_length=60, unique=True)
    name = models.CharField(_("Tên loại giấy"), max_length=150)
    kind = models.CharField(pgettext_lazy("loại giấy", "Nhóm"), max_length=15, choices=Kind)
    suffix = models.CharField(_("Ký hiệu trong số"), max_length=30)
    pattern = models.CharField(_("Cách viết số"), max_length=60, default="{so:05d}/{nam}/{ky_hieu}")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("Đơn vị cấp"))
    design = models.ForeignKey(Design, on_delete=models.PROTECT, related_name="+", verbose_name=_("Mẫu giấy"))
    signer_name = models.CharField(_("Họ và tên người ký"), max_length=150, blank=True)
    signer_title = models.CharField(_("Chức danh người ký"), max_length=150, blank=True)
    signature = models.ForeignKey(Asset, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signing = models.CharField(_("Ký số"), max_length=8, choices=Signing, default=Signing.NONE)
    place = models.CharField(
        _("Nơi ghi trên giấy"), max_length=80, help_text="Where certificates are dated, for example Bắc Ninh"
    )
    is_automatic = models.BooleanField(default=False, help_text="Numbered on completion, without a decision")
    is_active = models.BooleanField(pgettext_lazy("loại giấy", "Đang cấp"), default=True)
    valid_months = models.PositiveSmallIntegerField(
        _("Có giá trị trong (tháng)"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(600)]
    )
    remind_days = models.PositiveSmallIntegerField(_("Nhắc học lại trước khi hết hạn (ngày)"), default=30)
    basis = models.CharField(_("Cấp cho người"), max_length=10, choices=Basis, default=Basis.COURSE)
    required_courses = models.ManyToManyField(Course, blank=True, related_name="+", verbose_name=_("Khoá học"))
    learning_path = models.ForeignKey(
        LearningPath,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=pgettext_lazy("giấy", "Lộ trình học"),
    )
    award_title = models.CharField(_("Tên chương trình ghi trên giấy"), max_length=200, blank=True)
    min_score = models.DecimalField(
        _("Điểm kiểm tra tối thiểu (%)"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    min_hours = models.DecimalField(
        _("Thời lượng tối thiểu (giờ)"),
        max_digits=5,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    needs_birth_date = models.BooleanField(_("Bắt buộc có ngày sinh"), default=False)

    class Meta:
        verbose_name = _("loại giấy")
        verbose_name_plural = _("loại giấy")
        constraints = [
            models.UniqueConstraint(
                fields=["is_automatic"], condition=Q(is_automatic=True), name="one_automatic_series"
            ),
            models.CheckConstraint(
                condition=Q(min_score__isnull=True) | Q(min_score__gte=0, min_score__lte=100),
                name="asked_score_is_a_percentage",
            ),
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
