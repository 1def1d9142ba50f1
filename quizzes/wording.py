"""Answers in words: what was chosen, written, paired, as whoever looks at an attempt or at figures reads it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from common.text import vi_seconds
from quizzes.kinds import Content, Response

NOTHING_SAID = "(bỏ trống)"


def answer_lines(item: Content, response: Response) -> list[str]:
    """A response line by line; nothing where it was left out."""
    if isinstance(response, Mapping):
        return [label_words(item, f"{key}={one}") for key, value in response.items() for one in _flat(value)]
    if isinstance(response, (list, tuple)):
        return [label_words(item, str(one)) for one in response]
    return [str(response)] if response else []


def _flat(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{key}={one}" for key, inner in value.items() for one in _flat(inner)]
    return [str(one) for one in value] if isinstance(value, (list, tuple)) else [str(value)]


def label_words(item: Content, label: str) -> str:
    """One answer as ``statistics.told`` names it, in words of the question."""
    if not label:
        return NOTHING_SAID
    texts = {str(row["key"]): str(row.get("text") or "") for row in item.get("options") or ()}
    key, mark, rest = label.partition("=")
    if not mark or item["kind"] in ("short_text", "numeric", "essay"):
        return texts.get(label) or label
    return _pair_words(item, texts, key, rest)


def _pair_words(item: Content, texts: Mapping[str, str], key: str, rest: str) -> str:
    settings: Mapping[str, Any] = item.get("settings") or {}
    rows = {
        name: {str(row["key"]): row for row in settings.get(name) or ()}
        for name in ("pairs", "choices", "gaps", "parts")
    }
    if key in rows["parts"]:
        part = rows["parts"][key]
        return f"{part['text']} → {label_words(part, rest)}"
    if key in rows["pairs"]:
        return f"{rows['pairs'][key]['left']} → {rows['choices'].get(rest, {}).get('text', rest)}"
    if key in rows["gaps"]:
        inner = {str(o["key"]): o["text"] for o in rows["gaps"][key].get("options") or ()}
        return f"Chỗ trống {key}: {inner.get(rest, rest)}"
    return f"{texts.get(key, key)} → thứ {rest}"


#: What happened to an attempt, as whoever settles a dispute reads it.
EVENTS = {
    "opened": "Mở bài",
    "saved": "Lưu câu trả lời",
    "checked": "Trả lời và xem kết quả ngay",
    "left": "Rời trang",
    "returned": "Quay lại trang",
    "late": "Gửi câu trả lời khi bài đã đóng; không tính điểm, vẫn giữ lại đây",
    "refused": "Câu trả lời gửi lên bị từ chối",
    "regraded": "Chấm lại",
}


def delay_words(delay: timedelta) -> str:
    """How long a save waited for the network; empty under two seconds, which nobody notices."""
    seconds = int(delay.total_seconds())
    return f"đến máy chủ muộn {vi_seconds(seconds)}" if seconds >= 2 else ""
