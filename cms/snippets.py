"""What lessons share: words with their meanings, and pieces of lessons."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.panels import FieldPanel

from cms.blocks import SimpleBodyBlock
from cms.fields import BodyField


class GlossaryTerm(models.Model):
    """A word that not everybody knows, and what it means."""

    term = models.CharField(
        gettext_lazy("Từ"),
        max_length=80,
        unique=True,
        help_text=gettext_lazy("Viết như trong câu: «mã OTP», «dữ liệu cá nhân»."),
    )
    meaning = models.TextField(
        gettext_lazy("Nghĩa"), max_length=400, help_text=gettext_lazy("Một hai câu, lời thường ngày.")
    )

    panels = [FieldPanel("term"), FieldPanel("meaning")]

    class Meta:
        ordering = ["term"]
        verbose_name = gettext_lazy("từ cần giải nghĩa")
        verbose_name_plural = gettext_lazy("từ cần giải nghĩa")

    def __str__(self) -> str:
        return self.term

    def clean(self) -> None:
        self.term = unicodedata.normalize("NFC", " ".join(self.term.split()))
        if taken := GlossaryTerm.objects.exclude(pk=self.pk).filter(term__iexact=self.term).first():
            raise ValidationError(
                {"term": _("Đã có từ «%(term)s». Hãy sửa nghĩa của từ ấy, hoặc viết từ khác.") % {"term": taken.term}}
            )


class ReusableContent(models.Model):
    """A piece that several lessons show; changed here, changed in all of them."""

    title = models.CharField(
        gettext_lazy("Tên đoạn"),
        max_length=150,
        unique=True,
        help_text=gettext_lazy("Chỉ người biên tập thấy: «Cảnh báo mã OTP»."),
    )
    body = BodyField(SimpleBodyBlock(required=True), verbose_name=gettext_lazy("Nội dung"))

    panels = [FieldPanel("title"), FieldPanel("body")]

    class Meta:
        ordering = ["title"]
        verbose_name = gettext_lazy("đoạn dùng chung")
        verbose_name_plural = gettext_lazy("đoạn dùng chung")

    def __str__(self) -> str:
        return self.title
