"""Pictures for paper: read, drawn anew without what they carried along, kept under the hash of their bytes."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from django.core.files.base import ContentFile
from django.utils.translation import gettext
from PIL import Image, UnidentifiedImageError

from certificates.models import Asset
from common.errors import Refusal
from common.text import nfc
from common.uploads import JPEG, PNG, plain_name, upload_kind
from people.models import User

MOST_MEGABYTES = 2
#: Sides in pixels: enough for 60 mm at 600 dots an inch.
MOST_PIXELS = 3000
SMALLEST_PIXELS = 40


def asset_keep(*, file: Any, actor: User) -> Asset:
    """Keep an uploaded logo or signature; the same picture twice is one row.

    PNG (also with transparency) or JPEG up to 2 MB, told by its bytes; drawings as SVG are refused, for they can hold
    programs. Refuses like ``upload_kind``, or with ``picture_broken`` or ``picture_size``.
    """
    kind = upload_kind(file, kinds=(PNG, JPEG), most_megabytes=MOST_MEGABYTES)
    picture = _read(file)
    data = io.BytesIO()
    picture.save(data, "PNG", optimize=True)
    digest = hashlib.sha256(data.getvalue()).hexdigest()
    asset, _ = Asset.objects.get_or_create(
        sha256=digest,
        defaults={
            "file": ContentFile(data.getvalue(), name=f"{digest}.png"),
            "name": plain_name(nfc(file.name), kind),
            "media_type": "image/png",
            "added_by": actor,
        },
    )
    return asset


def _read(file: Any) -> Image.Image:
    """The picture's dots alone: no profile, place, comment or animation goes with it. Its size is asked first."""
    try:
        with Image.open(file, formats=("PNG", "JPEG")) as opened:
            _require_size(*opened.size)
            has_alpha = opened.mode in ("RGBA", "LA", "PA") or "transparency" in opened.info
            return opened.convert("RGBA" if has_alpha else "RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as broken:
        raise Refusal(
            gettext("Không đọc được ảnh này."),
            code="picture_broken",
            fix=gettext("Mở ảnh, lưu lại thành PNG rồi chọn lại."),
            status=400,
        ) from broken


def _require_size(width: int, height: int) -> None:
    if max(width, height) > MOST_PIXELS or min(width, height) < SMALLEST_PIXELS:
        raise Refusal(
            gettext("Ảnh %(width)s × %(height)s điểm không dùng được.") % {"width": width, "height": height},
            code="picture_size",
            fix=gettext("Chọn ảnh có mỗi cạnh từ %(smallest)s đến %(most)s điểm.")
            % {"smallest": SMALLEST_PIXELS, "most": MOST_PIXELS},
            status=400,
        )
