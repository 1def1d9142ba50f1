"""Pictures, documents and bodies for tests: real files, made on the spot."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image as PILImage
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from cms.blocks import BodyBlock

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
