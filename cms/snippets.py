"""What lessons share: words with their meanings, and pieces of lessons."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.db import models
from wagtail.admin.panels import FieldPanel

from cms.blocks import SimpleBodyBlock
from cms.fields import BodyField


class GlossaryTerm(models.Model):
    """A word that not everybody knows, and what it means."""

    term = models.CharField(
        "Từ", max_length=80, unique=True, help_text="Viết như trong câu: «mã OTP», «dữ liệu cá nhân»."
    )
    meaning = models.TextField("Nghĩa", max_length=400, help_text="Một hai câu, lời thường ngày.")

    panels = [FieldPanel("term"), FieldPanel("meaning")]

    class Meta:
        ordering = ["term"]
        verbose_name = "từ cần giải nghĩa"
        verbose_name_plural = "từ cần giải nghĩa"

    def __str__(self) -> str:
        return self.term

    def clean(self) -> None:
        self.term = unicodedata.normalize("NFC", " ".join(self.term.split()))
        if taken := GlossaryTerm.objects.exclude(pk=self.pk).filter(term__iexact=self.term).first():
            raise ValidationError({"term": f"Đã có từ «{taken.term}». Hãy sửa nghĩa của từ ấy, hoặc viết từ khác."})


class ReusableContent(models.Model):
    """A piece that several lessons show; changed here, changed in all of them."""

    title = models.CharField(
        "Tên đoạn", max_length=150, unique=True, help_text="Chỉ người biên tập thấy: «Cảnh báo mã OTP»."
    )
    body = BodyField(SimpleBodyBlock(required=True), verbose_name="Nội dung")

    panels = [FieldPanel("title"), FieldPanel("body")]

    class Meta:
        ordering = ["title"]
        verbose_name = "đoạn dùng chung"
        verbose_name_plural = "đoạn dùng chung"

    def __str__(self) -> str:
        return self.title
