"""Pictures, documents and bodies for tests: real files, made on the spot."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image as PILImage
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from cms.blocks import BodyBlock
from cms.models import GlossaryTerm, ReusableContent

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360" viewBox="0 0 640 360"><title>H</title></svg>'


def png(width: int = 1200, height: int = 800, colour: str = "#0a5f53") -> bytes:
    """A real picture."""
    out = BytesIO()
    PILImage.new("RGB", (width, height), colour).save(out, "PNG")
    return out.getvalue()


def image(name: str = "hinh.svg", content: bytes = SVG, **fields: Any) -> Any:
    """A picture of the library."""
    return get_image_model().objects.create(
        title="Hình", file=ContentFile(content, name=name), file_size=len(content), **fields
    )


def document(name: str) -> Any:
    """A file of the library, of 2 KB."""
    return get_document_model().objects.create(title=name, file=ContentFile(b"x" * 2048, name=name), file_size=2048)


def stream(*blocks: tuple[str, Any]) -> Any:
    """A body of these blocks, each with an id made from its place: block-0, block-1, …"""
    raw = [{"type": kind, "value": value, "id": f"block-{place}"} for place, (kind, value) in enumerate(blocks)]
    return BodyBlock().to_python(raw)


def every_block(pictures: int = 2) -> dict[str, Any]:
    """A value for every kind of block, full of words to find and of signs to escape; ``pictures`` in the gallery."""
    shown = [image().pk for _ in range(pictures)]
    picture = shown[0]
    term = GlossaryTerm.objects.create(term="mã OTP", meaning="Mã dùng một lần <b>.")
    piece = ReusableContent.objects.create(
        title="Chung",
        body=stream(
            ("text", "<p>Viết một lần.</p>"),
            ("callout", {"style": "tip", "title": "Ô", "text": "x"}),
            ("image", {"image": image().pk, "alt": "Chung", "caption": ""}),
            ("document", {"document": document("b.pdf").pk, "title": ""}),
        ),
    )
    return {
        "text": "<p>Chào <b>bạn</b>.</p>",
        "image": {"image": picture, "alt": 'Ba ô <"', "caption": "Chú thích <i>"},
        "gallery": {
            "title": "Dãy <hình>",
            "items": [
                {"image": p, "alt": f"Màn {n}", "caption": f"Bước {n} <x>"} for n, p in enumerate(shown, start=1)
            ],
        },
        "callout": {"style": "danger", "title": "Dấu hiệu <x>", "text": "<p>Giục</p>"},
        "accordion": {"title": "Hỏi đáp <x>", "items": [{"heading": "Quên <mật khẩu>?", "text": "<p>Đặt lại.</p>"}]},
        "comparison": {
            "title": "So <sánh>",
            "columns": ["Mức <1>", "Mức 2"],
            "rows": [{"label": "Nộp <hồ sơ>", "cells": ["Không <b>", "Có"]}],
        },
        "steps": {"title": "Các <bước>", "steps": [{"title": "Mở", "text": "Gõ <x>.", "image": picture, "alt": "Máy"}]},
        "scenario": {
            "title": "Cuộc <gọi>",
            "situation": "<p>Có người hỏi mã.</p>",
            "image": picture,
            "alt": "Điện thoại",
            "choices": [
                {"text": "Đọc <mã>", "is_right": False, "feedback": "Mất tiền <x>."},
                {"text": "Tắt máy", "is_right": True, "feedback": "Đúng."},
            ],
        },
        "try_it": {"label": "Cổng <DVC>", "url": "https://dichvucong.gov.vn/?a=1&b=2", "text": "<p>Tìm thủ tục.</p>"},
        "video": {
            "title": "Phim <x>",
            "file": document("a.mp4").pk,
            "captions": document("a.vtt").pk,
            "transcript": "<p>Lời nói.</p>",
            "poster": picture,
        },
        "embed": {
            "url": "https://youtu.be/aqz-KE-bpKQ",
            "title": "Phim <ngoài>",
            "transcript": "<p>Lời phim ngoài.</p>",
            "poster": picture,
        },
        "audio": {"title": "Nghe <x>", "file": document("a.mp3").pk, "transcript": "<p>Lời nghe.</p>"},
        "document": {"document": document("a.pdf").pk, "title": "Mẫu <đơn>"},
        "glossary": {"title": "Từ <khó>", "terms": [term.pk]},
        "reusable": piece.pk,
    }
