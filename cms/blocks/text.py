"""Words: running text, boxes, what opens at a touch, tables that compare."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError

#: What lesson text may hold: headings, bold, italic, lists and links. No colours, no tables, no pasted fonts.
TEXT_FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "link"]
SHORT_FEATURES = ["bold", "italic", "ol", "ul", "link"]
GROUP = gettext_lazy("Chữ")


class TextBlock(blocks.RichTextBlock):
    """Running text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(features=TEXT_FEATURES, **kwargs)

    class Meta:
        label = gettext_lazy("Đoạn văn")
        icon = "pilcrow"
        group = GROUP
        template = "cms/blocks/text.html"
        description = gettext_lazy("Câu ngắn, mỗi đoạn một ý. Dùng tiêu đề cấp 2 và 3 để chia mục.")
        preview_value = "<h2>Dừng lại 30 giây</h2><p>Trước khi bấm <b>Đặt hàng</b>, hãy kiểm tra ba điều.</p>"


class CalloutBlock(blocks.StructBlock):
    """A box that stands out."""

    style = blocks.ChoiceBlock(
        label=gettext_lazy("Loại"),
        choices=[
            ("tip", gettext_lazy("Mẹo, việc làm thử")),
            ("note", gettext_lazy("Ghi chú")),
            ("warning", gettext_lazy("Lỗi hay gặp")),
            ("danger", gettext_lazy("Nguy hiểm, lừa đảo")),
        ],
        default="note",
        search_index=False,
    )
    title = blocks.CharBlock(label=gettext_lazy("Tiêu đề"), max_length=120)
    text = blocks.RichTextBlock(label=gettext_lazy("Nội dung"), features=SHORT_FEATURES)

    class Meta:
        label = gettext_lazy("Hộp nhấn mạnh")
        icon = "warning"
        group = GROUP
        template = "cms/blocks/callout.html"
        description = gettext_lazy("Mẹo, ghi chú, lỗi hay gặp hoặc dấu hiệu lừa đảo. Mỗi bài chỉ nên có một vài hộp.")
        preview_value = {
            "style": "danger",
            "title": "Dấu hiệu lừa đảo",
            "text": "<p>Người bán giục chuyển khoản ngay hoặc hỏi mã OTP. Không ai có quyền hỏi mã OTP của bạn.</p>",
        }


class AccordionItemBlock(blocks.StructBlock):
    """One line that opens."""

    heading = blocks.CharBlock(
        label=gettext_lazy("Dòng luôn thấy"), max_length=150, help_text=gettext_lazy("Ví dụ: một câu hỏi hay gặp.")
    )
    text = blocks.RichTextBlock(label=gettext_lazy("Nội dung khi mở"), features=SHORT_FEATURES)

    class Meta:
        label = gettext_lazy("Mục")
        icon = "collapse-down"


class AccordionBlock(blocks.StructBlock):
    """Lines that open one by one: what only some readers need."""

    title = blocks.CharBlock(label=gettext_lazy("Tiêu đề"), required=False, max_length=150)
    items = blocks.ListBlock(AccordionItemBlock(), label=gettext_lazy("Các mục"), min_num=1, max_num=20)

    class Meta:
        label = gettext_lazy("Mục bấm để mở")
        icon = "collapse-down"
        group = GROUP
        template = "cms/blocks/accordion.html"
        description = gettext_lazy(
            "Câu hỏi hay gặp, trường hợp riêng: ai cần thì bấm mở. Đừng giấu điều ai cũng phải đọc."
        )
        preview_value = {
            "title": "Câu hỏi hay gặp",
            "items": [
                {"heading": "Quên mật khẩu thì sao?", "text": "<p>Bấm <b>Quên mật khẩu</b> rồi làm theo màn hình.</p>"},
                {"heading": "SIM không đứng tên tôi?", "text": "<p>Ra cửa hàng nhà mạng để sang tên trước.</p>"},
            ],
        }


class ComparisonRowBlock(blocks.StructBlock):
    """What is compared in one row, and its cell in each column."""

    label = blocks.CharBlock(label=gettext_lazy("So về điều gì"), max_length=100)
    cells = blocks.ListBlock(
        blocks.TextBlock(label=gettext_lazy("Ô"), rows=2, max_length=300),
        label=gettext_lazy("Các ô, theo thứ tự cột"),
        min_num=2,
        max_num=4,
    )

    class Meta:
        label = gettext_lazy("Dòng")
        icon = "list-ul"


class ComparisonBlock(blocks.StructBlock):
    """Two to four things side by side: a real table, which a phone shows row by row."""

    title = blocks.CharBlock(label=gettext_lazy("Tên bảng"), max_length=150)
    columns = blocks.ListBlock(
        blocks.CharBlock(label=gettext_lazy("Cột"), max_length=60),
        label=gettext_lazy("Các cột được so sánh"),
        min_num=2,
        max_num=4,
    )
    rows = blocks.ListBlock(ComparisonRowBlock(), label=gettext_lazy("Các dòng"), min_num=1, max_num=20)

    class Meta:
        label = gettext_lazy("Bảng so sánh")
        icon = "table"
        group = GROUP
        template = "cms/blocks/comparison.html"
        description = gettext_lazy(
            "Đặt 2–4 thứ cạnh nhau. Trên điện thoại, mỗi dòng hiện thành một thẻ, không phải kéo ngang."
        )
        preview_value = {
            "title": "Hai mức tài khoản",
            "columns": ["Mức 1", "Mức 2"],
            "rows": [
                {"label": "Cách có", "cells": ["Tự đăng ký", "Gặp công an để xác thực"]},
                {"label": "Nộp hồ sơ", "cells": ["Không", "Có"]},
            ],
        }

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        wanted = len(cleaned["columns"])
        for row in cleaned["rows"]:
            if len(row["cells"]) != wanted:
                problem = _("Dòng «%(label)s» có %(count)s ô, bảng có %(wanted)s cột. Mỗi cột cần một ô.") % {
                    "label": row["label"],
                    "count": len(row["cells"]),
                    "wanted": wanted,
                }
                raise StructBlockValidationError(block_errors={"rows": ValidationError(problem)})
        return cleaned

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        """Each row with its cells beside the names of their columns, which a phone shows in every cell."""
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        columns = list(value["columns"])
        rows = [(row["label"], list(zip(columns, row["cells"], strict=False))) for row in value["rows"]]
        return {**context, "columns": columns, "rows": rows}
