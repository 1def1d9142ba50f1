"""Answers in words: what was chosen, written, paired, as whoever looks at an attempt or at figures reads it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from common.wording import seconds as time_words
from quizzes.kinds import Content, Response

NOTHING_SAID = gettext_noop("(bỏ trống)")


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
        return _(NOTHING_SAID)
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
        return _("Chỗ trống %(key)s: %(said)s") % {"key": key, "said": inner.get(rest, rest)}
    return _("%(said)s → thứ %(place)s") % {"said": texts.get(key, key), "place": rest}


#: What happened to an attempt, as whoever settles a dispute reads it.
EVENTS = {
    "opened": gettext_noop("Mở bài"),
    "saved": gettext_noop("Lưu câu trả lời"),
    "checked": gettext_noop("Trả lời và xem kết quả ngay"),
    "left": gettext_noop("Rời trang"),
    "returned": gettext_noop("Quay lại trang"),
    "late": gettext_noop("Gửi câu trả lời khi bài đã đóng; không tính điểm, vẫn giữ lại đây"),
    "refused": gettext_noop("Câu trả lời gửi lên bị từ chối"),
    "regraded": gettext_noop("Chấm lại"),
}


def delay_words(delay: timedelta) -> str:
    """How long a save waited for the network; empty under two seconds, which nobody notices."""
    seconds = int(delay.total_seconds())
    return _("đến máy chủ muộn %(time)s") % {"time": time_words(seconds)} if seconds >= 2 else ""
