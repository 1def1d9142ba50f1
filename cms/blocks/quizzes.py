"""Sections of a quiz, as editors put them together."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError

from courses.models import Topic
from quizzes.models import Tag

HARDNESS = [("1", gettext_lazy("1 – dễ")), ("2", gettext_lazy("2 – vừa")), ("3", gettext_lazy("3 – khó"))]


def topic_choices() -> list[tuple[str, str]]:
    return list(Topic.objects.values_list("code", "name"))


def tag_choices() -> list[tuple[str, str]]:
    return list(Tag.objects.values_list("slug", "name"))


class BankChooserBlock(blocks.ChooserBlock):
    """A bank out of a window with search, which shows only banks that the editor may use."""

    @cached_property
    def target_model(self) -> Any:
        from quizzes.models import Bank

        return Bank

    @cached_property
    def widget(self) -> Any:
        from cms.choosers import BANK_CHOOSER

        return BANK_CHOOSER.widget_class()

    class Meta:
        icon = "folder-open-inverse"


class SectionBlock(blocks.StructBlock):
    """Fixed questions, or a number drawn of those that fit."""

    title = blocks.CharBlock(label=gettext_lazy("Tên phần"), max_length=120)
    bank = BankChooserBlock(
        label=gettext_lazy("Ngân hàng câu hỏi"),
        required=False,
        help_text=gettext_lazy("Để trống: lấy từ ngân hàng của bài."),
    )
    codes = blocks.TextBlock(
        label=gettext_lazy("Mã các câu cố định"),
        required=False,
        rows=2,
        help_text=gettext_lazy("Mỗi dòng một mã. Để trống nếu rút ngẫu nhiên."),
    )
    draw = blocks.IntegerBlock(
        label=gettext_lazy("Số câu rút ngẫu nhiên"),
        required=False,
        min_value=1,
        max_value=100,
        help_text=gettext_lazy("Khi không nêu mã câu."),
    )
    tags = blocks.MultipleChoiceBlock(
        label=gettext_lazy("Chỉ rút câu có đủ các nhãn"), choices=tag_choices, required=False
    )
    topic = blocks.ChoiceBlock(label=gettext_lazy("Chỉ rút câu thuộc chủ đề"), choices=topic_choices, required=False)
    difficulty = blocks.MultipleChoiceBlock(
        label=gettext_lazy("Chỉ rút câu có độ khó"), choices=HARDNESS, required=False
    )
    pass_percent = blocks.IntegerBlock(
        label=gettext_lazy("Riêng phần này phải đạt từ (%)"),
        required=False,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=gettext_lazy("Để trống: chỉ cần cả bài đạt."),
    )

    class Meta:
        label = gettext_lazy("Phần")
        icon = "list-ul"
        label_format = "{title}"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if not (cleaned["codes"] or "").strip() and not cleaned["draw"]:
            problem = ValidationError(_("Ghi số câu rút ngẫu nhiên, hoặc mã các câu cố định."))
            raise StructBlockValidationError(block_errors={"draw": problem})
        return cleaned


def section_dict(value: Any) -> dict[str, Any]:
    """A section as ``quizzes.models.Quiz`` keeps it."""
    codes = [line.strip() for line in (value.get("codes") or "").splitlines() if line.strip()]
    return {
        "title": (value.get("title") or "").strip(),
        "bank": value["bank"].slug if value.get("bank") else None,
        "codes": codes,
        "draw": 0 if codes else value.get("draw") or 0,
        "tags": list(value.get("tags") or ()),
        "topic": value.get("topic") or None,
        "difficulty": sorted(int(one) for one in value.get("difficulty") or ()),
        "pass_percent": value.get("pass_percent"),
    }


def section_stored(section: dict[str, Any], banks: dict[str, int]) -> dict[str, Any]:
    """The other way round: a section as the page keeps it; ``banks`` are ids by slug."""
    return {
        "type": "section",
        "value": {
            "title": section.get("title") or "",
            "bank": banks.get(section.get("bank") or ""),
            "codes": "\n".join(section.get("codes") or ()),
            "draw": section.get("draw") or None,
            "tags": list(section.get("tags") or ()),
            "topic": section.get("topic") or "",
            "difficulty": [str(one) for one in section.get("difficulty") or ()],
            "pass_percent": section.get("pass_percent"),
        },
    }


SECTIONS = [("section", SectionBlock())]
