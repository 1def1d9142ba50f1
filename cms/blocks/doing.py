"""What the learner does: steps to follow, a situation to decide, the real service to try."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError

from cms.blocks.library import ImageChooserBlock
from cms.blocks.media import ALT_HELP
from cms.blocks.text import SHORT_FEATURES

GROUP = gettext_lazy("Làm thử")
ALT_NEEDED = gettext_lazy("Hình cần mô tả thay thế cho người không nhìn được.")


class StepBlock(blocks.StructBlock):
    """One thing to do."""

    title = blocks.CharBlock(label=gettext_lazy("Việc cần làm"), max_length=120)
    text = blocks.TextBlock(label=gettext_lazy("Làm thế nào"), rows=3)
    image = ImageChooserBlock(label=gettext_lazy("Hình"), required=False)
    alt = blocks.CharBlock(
        label=gettext_lazy("Mô tả thay thế"),
        required=False,
        max_length=400,
        help_text=gettext_lazy("Bắt buộc khi bước này có hình."),
    )

    class Meta:
        label = gettext_lazy("Bước")
        icon = "list-ol"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if cleaned["image"] and not cleaned["alt"]:
            raise StructBlockValidationError(block_errors={"alt": ValidationError(ALT_NEEDED)})
        return cleaned


class StepsBlock(blocks.StructBlock):
    """What to do, in order."""

    title = blocks.CharBlock(label=gettext_lazy("Tiêu đề"), max_length=150)
    steps = blocks.ListBlock(StepBlock(), label=gettext_lazy("Các bước"), min_num=1)

    class Meta:
        label = gettext_lazy("Các bước làm")
        icon = "list-ol"
        group = GROUP
        template = "cms/blocks/steps.html"
        description = gettext_lazy("Hướng dẫn từng bước có đánh số, mỗi bước một việc, kèm hình nếu cần.")
        preview_value = {
            "title": "Nộp một hồ sơ",
            "steps": [
                {
                    "title": "Mở Cổng Dịch vụ công",
                    "text": "Tự gõ địa chỉ của Cổng.",
                    "image": None,
                    "alt": "",
                },
                {
                    "title": "Đăng nhập bằng VNeID",
                    "text": "Xác nhận trên điện thoại.",
                    "image": None,
                    "alt": "",
                },
            ],
        }


class ScenarioChoiceBlock(blocks.StructBlock):
    """Something one could do, and what comes of it."""

    text = blocks.CharBlock(label=gettext_lazy("Cách xử lý"), max_length=200)
    is_right = blocks.BooleanBlock(label=gettext_lazy("Đây là cách đúng"), required=False)
    feedback = blocks.TextBlock(
        label=gettext_lazy("Phản hồi"),
        rows=2,
        max_length=500,
        help_text=gettext_lazy("Vì sao đúng hoặc chưa đúng; chuyện gì xảy ra tiếp theo."),
    )

    class Meta:
        label = gettext_lazy("Lựa chọn")
        icon = "radio-full"


class ScenarioBlock(blocks.StructBlock):
    """A situation to decide. The answer comes from the server, with or without an account.

    In the context: ``scenario_answers`` (id of a block to the number chosen in it, from 1) and ``reading``. A page that
    keeps no answers reads the number from its own address.
    """

    title = blocks.CharBlock(label=gettext_lazy("Tên tình huống"), max_length=150)
    situation = blocks.RichTextBlock(label=gettext_lazy("Chuyện gì xảy ra"), features=SHORT_FEATURES)
    image = ImageChooserBlock(label=gettext_lazy("Hình"), required=False)
    alt = blocks.CharBlock(label=gettext_lazy("Mô tả thay thế"), required=False, max_length=400, help_text=ALT_HELP)
    choices = blocks.ListBlock(ScenarioChoiceBlock(), label=gettext_lazy("Các lựa chọn"), min_num=2, max_num=5)

    class Meta:
        label = gettext_lazy("Tình huống")
        icon = "help"
        group = GROUP
        template = "cms/blocks/scenario.html"
        description = gettext_lazy(
            "Một chuyện thật, 2–5 cách xử lý. Người học chọn, đọc phản hồi, rồi có thể chọn lại."
        )
        preview_value = {
            "title": "Cuộc gọi từ «ngân hàng»",
            "situation": "<p>Có người gọi, xưng nhân viên ngân hàng và hỏi mã OTP vừa gửi về máy bạn.</p>",
            "image": None,
            "alt": "",
            "choices": [
                {"text": "Đọc mã cho họ", "is_right": False, "feedback": "Họ dùng mã ấy để rút tiền của bạn."},
                {"text": "Tắt máy, gọi số in sau thẻ", "is_right": True, "feedback": "Đúng. Số in sau thẻ là số thật."},
            ],
        }

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        errors: dict[str, ValidationError] = {}
        if not any(choice["is_right"] for choice in cleaned["choices"]):
            errors["choices"] = ValidationError(_("Cần ít nhất một lựa chọn được đánh dấu là cách đúng."))
        if cleaned["image"] and not cleaned["alt"]:
            errors["alt"] = ValidationError(ALT_NEEDED)
        if errors:
            raise StructBlockValidationError(block_errors=errors)
        return cleaned

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        chosen = _chosen(context, len(value["choices"]))
        rows = [(number, choice, number == chosen) for number, choice in enumerate(value["choices"], start=1)]
        return {**context, "choices": rows, "chosen": chosen}


def _chosen(context: Mapping[str, Any], count: int) -> int | None:
    """The number chosen in the block that is rendered; None when nothing, or nothing that exists, was chosen."""
    block_id = context.get("block_id")
    answers = context.get("scenario_answers")
    if answers is None:
        asked = getattr(context.get("request"), "GET", {})
        answers = {asked.get("khoi"): asked.get("chon")}
    try:
        number = int(answers.get(block_id) or 0)
    except (TypeError, ValueError):
        return None
    return number if block_id and 1 <= number <= count else None


class TryItBlock(blocks.StructBlock):
    """The way to the real service, by a press on this device or by a code on another."""

    label = blocks.CharBlock(label=gettext_lazy("Tên dịch vụ"), max_length=120)
    url = blocks.URLBlock(label=gettext_lazy("Địa chỉ (https://…)"), max_length=300)
    text = blocks.RichTextBlock(label=gettext_lazy("Làm gì ở đó"), features=SHORT_FEATURES)

    class Meta:
        label = gettext_lazy("Thử trên dịch vụ thật")
        icon = "link-external"
        group = GROUP
        template = "cms/blocks/try_it.html"
        description = gettext_lazy("Nút mở dịch vụ thật và mã QR cho người đang đọc trên máy khác. Nói rõ làm gì ở đó.")
        preview_value = {
            "label": "Cổng Dịch vụ công quốc gia",
            "url": "https://dichvucong.gov.vn/",
            "text": "<p>Tìm thủ tục «Đăng ký tạm trú» và xem cần giấy tờ gì. Chưa cần nộp.</p>",
        }

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        parts = urlsplit(cleaned["url"] or "")
        if cleaned["url"] and (parts.scheme != "https" or not parts.hostname or "@" in parts.netloc):
            problem = _("Địa chỉ phải bắt đầu bằng https:// và không có tên đăng nhập, để người học không bị nghe lén.")
            raise StructBlockValidationError(block_errors={"url": ValidationError(problem)})
        return cleaned

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        """``host`` is shown, so that people learn to look where a button leads."""
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        return {**context, "host": urlsplit(value["url"] or "").hostname or ""}
