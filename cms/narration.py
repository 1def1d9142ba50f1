"""What publishing works out of a lesson besides its words: who can listen to it, and what its scenarios ask for."""

from __future__ import annotations

from typing import Any

#: Languages spoken in the provinces, by BCP 47 tag, in their Vietnamese names.
LANGUAGES = [
    ("vi", "Tiếng Việt"),
    ("tyz", "Tiếng Tày"),
    ("nut", "Tiếng Nùng"),
    ("hmn", "Tiếng Mông"),
    ("ium", "Tiếng Dao"),
    ("mlc", "Tiếng Sán Chay (Cao Lan)"),
    ("tts", "Tiếng Thái"),
    ("mtq", "Tiếng Mường"),
    ("km", "Tiếng Khmer"),
    ("stt", "Tiếng Xtiêng"),
    ("mng", "Tiếng Mnông"),
    ("en", "Tiếng Anh"),
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
