"""What a lesson is made of. Each block says in its preview and description what it is for."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images import get_image_model
from wagtail.images.blocks import ImageChooserBlock

#: What lesson text may hold: headings, bold, italic, lists and links. No colours, no tables, no pasted fonts.
TEXT_FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "link"]
SHORT_FEATURES = ["bold", "italic", "ol", "ul", "link"]
VIDEO_TYPES = ("mp4",)
AUDIO_TYPES = ("mp3",)
CAPTION_TYPES = ("vtt",)


def _check_type(document: Any, wanted: tuple[str, ...], errors: dict[str, ValidationError], field: str) -> None:
    if document and document.file_extension.lower() not in wanted:
        errors[field] = ValidationError(f"Cần tệp {' hoặc '.join('.' + kind for kind in wanted)}.")


class TextBlock(blocks.RichTextBlock):
    """Running text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(features=TEXT_FEATURES, **kwargs)

    class Meta:
        label = "Đoạn văn"
        icon = "pilcrow"
        template = "cms/blocks/text.html"
        description = "Câu ngắn, mỗi đoạn một ý. Dùng tiêu đề cấp 2 và 3 để chia mục."
        preview_value = "<h2>Dừng lại 30 giây</h2><p>Trước khi bấm <b>Đặt hàng</b>, hãy kiểm tra ba điều.</p>"


class ImageBlock(blocks.StructBlock):
    """A picture that those who cannot see it also get."""

    image = ImageChooserBlock(label="Hình")
    alt = blocks.CharBlock(
        label="Mô tả thay thế", max_length=400, help_text="Nói đủ điều hình cho thấy, cho người không nhìn được hình."
    )
    caption = blocks.CharBlock(label="Chú thích", required=False, max_length=200)

    class Meta:
        label = "Hình"
        icon = "image"
        template = "cms/blocks/image.html"
        description = "Một hình có ý nghĩa, kèm mô tả thay thế bắt buộc."

    def get_preview_value(self) -> Any:
        picture = get_image_model().objects.order_by("pk").first()
        return self.to_python({"image": picture and picture.pk, "alt": "Mô tả hình", "caption": "Chú thích của hình."})


class VideoBlock(blocks.StructBlock):
    """A video file of our own; nothing is fetched before somebody presses play."""

    title = blocks.CharBlock(label="Tên video", max_length=200)
    file = DocumentChooserBlock(label="Tệp video (.mp4)")
    captions = DocumentChooserBlock(label="Phụ đề (.vtt)", help_text="Bắt buộc: người khiếm thính cần phụ đề.")
    transcript = blocks.RichTextBlock(
        label="Lời thoại", features=SHORT_FEATURES, help_text="Bắt buộc: đọc thay cho xem khi mạng chậm."
    )
    poster = ImageChooserBlock(label="Hình đại diện", required=False)

    class Meta:
        label = "Video"
        icon = "media"
        template = "cms/blocks/video.html"
        description = "Video có phụ đề và lời thoại; chỉ tải khi người học bấm phát."

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        errors: dict[str, ValidationError] = {}
        _check_type(cleaned["file"], VIDEO_TYPES, errors, "file")
        _check_type(cleaned["captions"], CAPTION_TYPES, errors, "captions")
        if errors:
            raise StructBlockValidationError(block_errors=errors)
        return cleaned


class AudioBlock(blocks.StructBlock):
    """A sound file with its words."""

    title = blocks.CharBlock(label="Tên bài nghe", max_length=200)
    file = DocumentChooserBlock(label="Tệp âm thanh (.mp3)")
    transcript = blocks.RichTextBlock(label="Lời", features=SHORT_FEATURES, help_text="Bắt buộc: đọc thay cho nghe.")

    class Meta:
        label = "Âm thanh"
        icon = "media"
        template = "cms/blocks/audio.html"
        description = "Bài nghe kèm lời đầy đủ."

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        errors: dict[str, ValidationError] = {}
        _check_type(cleaned["file"], AUDIO_TYPES, errors, "file")
        if errors:
            raise StructBlockValidationError(block_errors=errors)
        return cleaned


class DocumentBlock(blocks.StructBlock):
    """A file to take along; its kind and size are shown before it is fetched."""

    document = DocumentChooserBlock(label="Tài liệu")
    title = blocks.CharBlock(label="Tên hiển thị", required=False, max_length=200)

    class Meta:
        label = "Tài liệu tải về"
        icon = "doc-full"
        template = "cms/blocks/document.html"
        description = "Tệp tải về; người học thấy loại tệp và dung lượng trước khi tải."


class CalloutBlock(blocks.StructBlock):
    """A box that stands out."""

    style = blocks.ChoiceBlock(
        label="Loại",
        choices=[
            ("tip", "Mẹo, việc làm thử"),
            ("note", "Ghi chú"),
            ("warning", "Lỗi hay gặp"),
            ("danger", "Nguy hiểm, lừa đảo"),
        ],
        default="note",
        search_index=False,
    )
    title = blocks.CharBlock(label="Tiêu đề", max_length=120)
    text = blocks.RichTextBlock(label="Nội dung", features=SHORT_FEATURES)

    class Meta:
        label = "Hộp nhấn mạnh"
        icon = "warning"
        template = "cms/blocks/callout.html"
        description = "Mẹo, ghi chú, lỗi hay gặp hoặc dấu hiệu lừa đảo. Mỗi bài chỉ nên có một vài hộp."
        preview_value = {
            "style": "danger",
            "title": "Dấu hiệu lừa đảo",
            "text": "<p>Người bán giục chuyển khoản ngay hoặc hỏi mã OTP. Không ai có quyền hỏi mã OTP của bạn.</p>",
        }


class StepBlock(blocks.StructBlock):
    """One thing to do."""

    title = blocks.CharBlock(label="Việc cần làm", max_length=120)
    text = blocks.TextBlock(label="Làm thế nào", rows=3)
    image = ImageChooserBlock(label="Hình", required=False)
    alt = blocks.CharBlock(
        label="Mô tả thay thế", required=False, max_length=400, help_text="Bắt buộc khi bước này có hình."
    )

    class Meta:
        label = "Bước"
        icon = "list-ol"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if cleaned["image"] and not cleaned["alt"]:
            raise StructBlockValidationError(
                block_errors={"alt": ValidationError("Hình cần mô tả thay thế cho người không nhìn được.")}
            )
        return cleaned


class StepsBlock(blocks.StructBlock):
    """What to do, in order."""

    title = blocks.CharBlock(label="Tiêu đề", max_length=150)
    steps = blocks.ListBlock(StepBlock(), label="Các bước", min_num=1)

    class Meta:
        label = "Các bước làm"
        icon = "list-ol"
        template = "cms/blocks/steps.html"
        description = "Hướng dẫn từng bước có đánh số, mỗi bước một việc, kèm hình nếu cần."
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


class BodyBlock(blocks.StreamBlock):
    """All blocks of a lesson, in any order."""

    text = TextBlock()
    image = ImageBlock()
    steps = StepsBlock()
    callout = CalloutBlock()
    video = VideoBlock()
    audio = AudioBlock()
    document = DocumentBlock()

    class Meta:
        required = False


def readable_text(body: Any) -> str:
    """All words of a body that a learner can read or hear, without tags: for search."""
    return " ".join(part for part in body.stream_block.get_searchable_content(body) if part)
