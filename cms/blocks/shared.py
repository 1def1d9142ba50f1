"""What is written once and used in many lessons: words with their meanings, pieces of lessons."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError

from cms.blocks.library import SnippetChooserBlock

GROUP = gettext_lazy("Dùng chung")


class TermChooserBlock(SnippetChooserBlock):
    """A word of the glossary; found by the word and by its meaning."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("cms.GlossaryTerm", **kwargs)

    def get_searchable_content(self, value: Any) -> list[str]:
        return [value.term, value.meaning] if value else []


class GlossaryBlock(blocks.StructBlock):
    """The words of a lesson with their meanings. Where a word first stands in the lesson, its meaning opens."""

    title = blocks.CharBlock(label=gettext_lazy("Tiêu đề"), max_length=150, default="Từ trong bài")
    terms = blocks.ListBlock(
        TermChooserBlock(label=gettext_lazy("Từ")), label=gettext_lazy("Các từ"), min_num=1, max_num=30
    )

    class Meta:
        label = gettext_lazy("Giải nghĩa từ")
        icon = "openquote"
        group = GROUP
        template = "cms/blocks/glossary.html"
        description = gettext_lazy(
            "Từ khó và nghĩa. Lần đầu từ ấy xuất hiện trong bài, người học bấm vào là thấy nghĩa."
        )

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        terms = [term.pk for term in cleaned["terms"]]
        if len(set(terms)) < len(terms):
            problem = ValidationError(_("Một từ được chọn hai lần. Bỏ bớt một lần."))
            raise StructBlockValidationError(block_errors={"terms": problem})
        return cleaned

    def get_preview_value(self) -> Any:
        first = self.child_blocks["terms"].child_block.target_model.objects.order_by("pk")[:3]
        return self.to_python({"title": "Từ trong bài", "terms": [term.pk for term in first]})


class ReusableBlock(SnippetChooserBlock):
    """A piece that several lessons share; changed in one place, changed in all."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("cms.ReusableContent", **kwargs)

    class Meta:
        label = gettext_lazy("Đoạn dùng chung")
        icon = "snippet"
        group = GROUP
        template = "cms/blocks/reusable.html"
        description = gettext_lazy("Đoạn viết một lần, dùng ở nhiều bài. Sửa đoạn ấy thì mọi bài đổi theo.")

    def get_searchable_content(self, value: Any) -> list[str]:
        if not value:
            return []
        found: list[str] = value.body.stream_block.get_searchable_content(value.body)
        return found

    def get_preview_value(self) -> Any:
        return self.target_model.objects.order_by("pk").first()
