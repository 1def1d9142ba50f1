"""Banks of questions, their versions, tags, pictures and sounds."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from common.models import AppendOnly, PublicModel
from courses.models import Competence, Topic
from people.models import Unit, User
from quizzes.kinds import KINDS
from quizzes.querysets import BankQuerySet, QuestionQuerySet

#: Kinds as a form offers them.
KIND_CHOICES = [(code, _(kind.label)) for code, kind in KINDS.items()]


class Bank(PublicModel):
    """A set of questions that quizzes draw from; it may stand under another one.

    ``owner`` is the unit whose editors write it, none for the whole province. ``is_shared`` opens a unit's bank to the
    quizzes of others, who read it and cannot change it. With ``needs_review`` a question is asked only once a reviewer
    has approved it.
    """

    slug = models.SlugField(_("Tên trong địa chỉ"), max_length=120, unique=True)
    name = models.CharField(_("Tên ngân hàng câu hỏi"), max_length=200)
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
        verbose_name=_("Thuộc ngân hàng"),
    )
    owner = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("Đơn vị giữ")
    )
    is_shared = models.BooleanField(_("Cho đơn vị khác dùng"), default=False)
    needs_review = models.BooleanField(_("Câu hỏi phải được duyệt trước khi dùng"), default=False)

    objects = BankQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("ngân hàng câu hỏi")
        verbose_name_plural = _("ngân hàng câu hỏi")
        constraints = [
            models.CheckConstraint(condition=~Q(parent=models.F("id")), name="bank_is_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name


class Tag(PublicModel):
    """A word by which questions are found and drawn."""

    slug = models.SlugField(_("Mã nhãn"), max_length=60, unique=True)
    name = models.CharField(_("Nhãn"), max_length=60)

    class Meta:
        ordering = ["name"]
        verbose_name = _("nhãn")
        verbose_name_plural = _("nhãn")

    def __str__(self) -> str:
        return self.name


class MediaFile(PublicModel):
    """A picture or sound of a bank's questions; the same file is kept once. Sizes in bytes and pixels."""

    bank = models.ForeignKey(Bank, on_delete=models.PROTECT, related_name="media_files")
    file = models.FileField(_("Tệp"), upload_to="cau-hoi/%Y/%m/", max_length=200)
    name = models.CharField(_("Tên tệp"), max_length=120)
    mime = models.CharField(max_length=40)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["bank", "sha256"], name="one_media_file_per_bank_and_content")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        return self.mime.startswith("image/")


class QuestionState(models.TextChoices):
    DRAFT = "draft", _("Bản nháp")
    WAITING = "waiting", _("Chờ duyệt")
    APPROVED = "approved", _("Đã duyệt")


class Question(PublicModel):
    """A question as it stands now. ``version`` grows with each change; attempts keep the version they were given.

    ``content`` puts together what ``quizzes.kinds`` describes. ``fingerprint`` is the same for questions that ask the
    same.
    """

    bank = models.ForeignKey(Bank, on_delete=models.PROTECT, related_name="questions", verbose_name=_("Ngân hàng"))
    code = models.CharField(_("Mã câu"), max_length=60)
    kind = models.CharField(_("Loại câu"), max_length=12, choices=KIND_CHOICES)
    text = models.TextField(_("Câu hỏi"))
    options = models.JSONField(default=list)
    settings = models.JSONField(default=dict)
    explanation = models.TextField(_("Giải thích"), blank=True)
    media = models.JSONField(default=list, blank=True)
    source = models.JSONField(default=dict, blank=True)
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.SET_NULL, verbose_name=_("Chủ đề"))
    competences = models.ManyToManyField(
        Competence, blank=True, related_name="questions", verbose_name=_("Năng lực số")
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="questions", verbose_name=_("Nhãn"))
    difficulty = models.PositiveSmallIntegerField(_("Độ khó (1–3)"), default=1)
    in_final = models.BooleanField(_("Dùng cho bài cuối khoá"), default=True)
    is_active = models.BooleanField(_("Đang dùng"), default=True)
    state = models.CharField(
        _("Trạng thái duyệt"), max_length=10, choices=QuestionState, default=QuestionState.APPROVED
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False, db_index=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("câu hỏi")
        verbose_name_plural = _("câu hỏi")
        constraints = [models.UniqueConstraint(fields=["bank", "code"], name="one_question_per_bank_and_code")]

    def __str__(self) -> str:
        return Truncator(self.text).words(16)

    @property
    def content(self) -> dict[str, Any]:
        """What learners read and are graded by; see ``quizzes.kinds``."""
        return {name: getattr(self, name) for name in CONTENT_FIELDS}


#: What a learner reads or is graded by. A change here makes a new version of the question; the rest steers the draw.
CONTENT_FIELDS = ("kind", "text", "options", "settings", "explanation", "media", "source")


class QuestionVersion(AppendOnly):
    """The content that a question had in one version; ``made_by`` is empty for what a file or a command wrote."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["question", "number"]
        constraints = [models.UniqueConstraint(fields=["question", "number"], name="question_versions_are_numbered")]

    def __str__(self) -> str:
        return f"{self.question_id} · {self.number}"
