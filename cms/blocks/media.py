"""Pictures, films, sound and files. Nothing but pictures is fetched before somebody asks for it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from cms import embeds
from cms.blocks.library import DocumentChooserBlock, ImageChooserBlock
from cms.blocks.text import SHORT_FEATURES

GROUP = gettext_lazy("Hình, tiếng, tệp")
VIDEO_TYPES = ("mp4",)
AUDIO_TYPES = ("mp3",)
CAPTION_TYPES = ("vtt",)
ALT_HELP = gettext_lazy("Nói đủ điều hình cho thấy, cho người không nhìn được hình.")


def _check_types(value: Any, wanted: dict[str, tuple[str, ...]]) -> None:
    """Each named file must be of one of its kinds; a field left empty was told before."""
    errors = {
        field: ValidationError(_("Cần tệp %(kinds)s.") % {"kinds": _(" hoặc ").join("." + kind for kind in kinds)})
        for field, kinds in wanted.items()
        if value[field] and value[field].file_extension.lower() not in kinds
    }
    if errors:
        raise StructBlockValidationError(block_errors=errors)


def _first_picture() -> Any:
    """A picture of the library for previews; None in an empty library."""
    return get_image_model().objects.order_by("pk").values_list("pk", flat=True).first()


def _first_document(*kinds: str) -> Any:
    """A file of one of these kinds for previews; None when there is none."""
    for kind in kinds:
        found = get_document_model().objects.filter(file__iendswith=f".{kind}").order_by("pk").first()
        if found:
            return found.pk
    return None


class ImageBlock(blocks.StructBlock):
    """A picture that those who cannot see it also get."""

    image = ImageChooserBlock(label=gettext_lazy("Hình"))
    alt = blocks.CharBlock(label=gettext_lazy("Mô tả thay thế"), max_length=400, help_text=ALT_HELP)
    caption = blocks.CharBlock(label=gettext_lazy("Chú thích"), required=False, max_length=200)

    class Meta:
        label = gettext_lazy("Hình")
        icon = "image"
        group = GROUP
        template = "cms/blocks/image.html"
        description = gettext_lazy("Một hình có ý nghĩa, kèm mô tả thay thế bắt buộc.")

    def get_preview_value(self) -> Any:
        return self.to_python({"image": _first_picture(), "alt": "Mô tả hình", "caption": "Chú thích của hình."})


class GalleryItemBlock(blocks.StructBlock):
    """One picture of a row."""

    image = ImageChooserBlock(label=gettext_lazy("Hình"))
    alt = blocks.CharBlock(label=gettext_lazy("Mô tả thay thế"), max_length=400, help_text=ALT_HELP)
    caption = blocks.CharBlock(label=gettext_lazy("Bước này làm gì"), max_length=200)

    class Meta:
        label = gettext_lazy("Hình")
        icon = "image"


class GalleryBlock(blocks.StructBlock):
    """Pictures in order, numbered: screens of an application one after the other."""

    title = blocks.CharBlock(label=gettext_lazy("Tiêu đề"), max_length=150)
    items = blocks.ListBlock(GalleryItemBlock(), label=gettext_lazy("Các hình, theo thứ tự"), min_num=2, max_num=20)

    class Meta:
        label = gettext_lazy("Dãy hình có số")
        icon = "list-ol"
        group = GROUP
        template = "cms/blocks/gallery.html"
        description = gettext_lazy("Nhiều hình nối nhau, có đánh số: từng màn hình của một việc. Mỗi hình một câu.")

    def get_preview_value(self) -> Any:
        items = [
            {"image": _first_picture(), "alt": "Mô tả hình", "caption": words}
            for words in ("Mở ứng dụng.", "Bấm Đăng nhập.")
        ]
        return self.to_python({"title": "Đăng nhập trên điện thoại", "items": items})


class VideoBlock(blocks.StructBlock):
    """A video file of our own; nothing is fetched before somebody presses play."""

    title = blocks.CharBlock(label=gettext_lazy("Tên video"), max_length=200)
    file = DocumentChooserBlock(label=gettext_lazy("Tệp video (.mp4)"))
    captions = DocumentChooserBlock(
        label=gettext_lazy("Phụ đề (.vtt)"), help_text=gettext_lazy("Bắt buộc: người khiếm thính cần phụ đề.")
    )
    transcript = blocks.RichTextBlock(
        label=gettext_lazy("Lời thoại"),
        features=SHORT_FEATURES,
        help_text=gettext_lazy("Bắt buộc: đọc thay cho xem khi mạng chậm."),
    )
    audio = DocumentChooserBlock(
        label=gettext_lazy("Bản chỉ có tiếng (.mp3)"),
        required=False,
        help_text=gettext_lazy("Cho người bật «Tiết kiệm dữ liệu»: nhẹ hơn nhiều."),
    )
    poster = ImageChooserBlock(
        label=gettext_lazy("Hình đại diện"),
        required=False,
        help_text=gettext_lazy("Hiện trước khi phát, cắt 16:9 quanh điểm trọng tâm."),
    )

    class Meta:
        label = "Video"
        icon = "media"
        group = GROUP
        template = "cms/blocks/video.html"
        description = gettext_lazy("Video có phụ đề và lời thoại; chỉ tải khi người học bấm phát.")

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        _check_types(cleaned, {"file": VIDEO_TYPES, "captions": CAPTION_TYPES, "audio": AUDIO_TYPES})
        return cleaned

    def get_preview_value(self) -> Any:
        return self.to_python(
            {
                "title": "Nộp hồ sơ từ đầu đến cuối",
                "file": _first_document(*VIDEO_TYPES),
                "captions": _first_document(*CAPTION_TYPES),
                "transcript": "<p>Chào bạn. Hôm nay ta cùng nộp một hồ sơ.</p>",
                "poster": _first_picture(),
            }
        )


class EmbedBlock(blocks.StructBlock):
    """A video that lies elsewhere. Before somebody presses, nothing is asked of that place."""

    url = blocks.URLBlock(label=gettext_lazy("Địa chỉ video"), max_length=300)
    title = blocks.CharBlock(label=gettext_lazy("Tên video"), max_length=200)
    transcript = blocks.RichTextBlock(
        label=gettext_lazy("Lời thoại"),
        features=SHORT_FEATURES,
        help_text=gettext_lazy("Bắt buộc: đọc thay cho xem khi mạng chậm."),
    )
    poster = ImageChooserBlock(label=gettext_lazy("Hình đại diện"), required=False)

    class Meta:
        label = gettext_lazy("Video từ nơi khác")
        icon = "media"
        group = GROUP
        template = "cms/blocks/embed.html"
        description = gettext_lazy(
            "Video ở YouTube hoặc Vimeo, kèm lời thoại. Chỉ khi người học bấm xem mới tải từ nơi đó."
        )
        preview_value = {
            "url": "https://www.youtube.com/watch?v=aqz-KE-bpKQ",
            "title": "Video từ nơi khác",
            "transcript": "<p>Lời của video, để đọc thay cho xem.</p>",
            "poster": None,
        }

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if cleaned["url"] and embeds.embed_of(cleaned["url"], settings.EMBED_HOSTS) is None:
            places = embeds.names(settings.EMBED_HOSTS) or _("nơi nào: hệ thống chưa cho phép nơi nào")
            problem = _(
                "Chỉ nhúng được video từ %(places)s. Mở video ở nơi đó rồi sao chép địa chỉ trên thanh địa chỉ."
            ) % {"places": places}
            raise StructBlockValidationError(block_errors={"url": ValidationError(problem)})
        return cleaned

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        """The video as its host shows it; None when that host is not allowed any more: a link stays."""
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        return {**context, "embed": embeds.embed_of(value["url"] or "", settings.EMBED_HOSTS)}


class AudioBlock(blocks.StructBlock):
    """A sound file with its words."""

    title = blocks.CharBlock(label=gettext_lazy("Tên bài nghe"), max_length=200)
    file = DocumentChooserBlock(label=gettext_lazy("Tệp âm thanh (.mp3)"))
    transcript = blocks.RichTextBlock(
        label=gettext_lazy("Lời"), features=SHORT_FEATURES, help_text=gettext_lazy("Bắt buộc: đọc thay cho nghe.")
    )

    class Meta:
        label = gettext_lazy("Âm thanh")
        icon = "media"
        group = GROUP
        template = "cms/blocks/audio.html"
        description = gettext_lazy("Bài nghe kèm lời đầy đủ.")

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        _check_types(cleaned, {"file": AUDIO_TYPES})
        return cleaned

    def get_preview_value(self) -> Any:
        return self.to_python(
            {
                "title": "Nghe: cuộc gọi lạ",
                "file": _first_document(*AUDIO_TYPES),
                "transcript": "<p>A lô, tôi gọi từ ngân hàng…</p>",
            }
        )


class DocumentBlock(blocks.StructBlock):
    """A file to take along; its kind and size are shown before it is fetched."""

    document = DocumentChooserBlock(label=gettext_lazy("Tài liệu"))
    title = blocks.CharBlock(label=gettext_lazy("Tên hiển thị"), required=False, max_length=200)

    class Meta:
        label = gettext_lazy("Tài liệu tải về")
        icon = "doc-full"
        group = GROUP
        template = "cms/blocks/document.html"
        description = gettext_lazy("Tệp tải về; người học thấy loại tệp và dung lượng trước khi tải.")

    def get_preview_value(self) -> Any:
        return self.to_python({"document": _first_document("pdf", "docx", "xlsx"), "title": "Mẫu đơn"})
