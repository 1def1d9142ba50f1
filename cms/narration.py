"""What publishing works out of a lesson besides its words: who can listen to it, and what its scenarios ask for."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

#: Languages spoken in the provinces, by BCP 47 tag.
LANGUAGES = [
    ("vi", _("Tiếng Việt")),
    ("tyz", _("Tiếng Tày")),
    ("nut", _("Tiếng Nùng")),
    ("hmn", _("Tiếng Mông")),
    ("ium", _("Tiếng Dao")),
    ("mlc", _("Tiếng Sán Chay (Cao Lan)")),
    ("tts", _("Tiếng Thái")),
    ("mtq", _("Tiếng Mường")),
    ("km", _("Tiếng Khmer")),
    ("stt", _("Tiếng Xtiêng")),
    ("mng", _("Tiếng Mnông")),
    ("en", _("Tiếng Anh")),
]


def right_choices(body: Any) -> dict[str, list[int]]:
    """The scenario blocks of a body by id, each with the numbers (from 1) of its right choices."""
    return {
        str(block.id): [number for number, choice in enumerate(block.value["choices"], 1) if choice["is_right"]]
        for block in body
        if block.block_type == "scenario"
    }


def media_kinds(body: Any) -> frozenset[str]:
    """Which of "video", "embed" and "audio" a body holds."""
    return frozenset(block.block_type for block in body) & {"video", "embed", "audio"}
