"""Pure rules of what makes a question usable, and of telling two alike: no models, no I/O."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from common.text import nfc, search_key
from quizzes.kinds import KINDS, Content, Problem

#: The longest question and explanation, in characters.
LONGEST_TEXT = 8_000
MOST_MEDIA = 4


def text_normal(text: Any) -> str:
    """A text of several lines as it is stored: NFC, blanks tidied, no more than one empty line in a row."""
    lines = [nfc(line) for line in str(text or "").splitlines()]
    kept = [line for n, line in enumerate(lines) if line or (n and lines[n - 1])]
    return "\n".join(kept).strip()


def content_normal(content: Content) -> dict[str, Any]:
    """The stored form of a usable question's content; look for problems first."""
    source = content.get("source") or {}
    return {
        "kind": str(content["kind"]),
        "text": text_normal(content["text"]),
        **KINDS[content["kind"]].normal({**content, "settings": content.get("settings") or {}}),
        "explanation": text_normal(content.get("explanation")),
        "media": [
            {"file": str(row["file"]), "alt": nfc(str(row.get("alt") or ""))} for row in content.get("media") or ()
        ],
        "source": {"title": nfc(str(source.get("title") or "")), "url": str(source.get("url") or "").strip()}
        if source.get("url")
        else {},
    }


def content_problems(content: Content) -> list[Problem]:
    """What keeps a question from being asked, field by field, in Vietnamese; empty when it is fine."""
    problems: list[Problem] = []
    kind, text = content.get("kind"), content.get("text")
    if not isinstance(text, str) or not text.strip():
        problems.append(("text", _("chưa có nội dung câu hỏi")))
    elif len(text) > LONGEST_TEXT:
        problems.append(("text", _("dài quá %(most)s ký tự") % {"most": LONGEST_TEXT}))
    explanation = content.get("explanation") or ""
    if not isinstance(explanation, str):
        problems.append(("explanation", _("phải là chữ")))
    problems += _media_problems(content.get("media")) + _source_problems(content.get("source"))
    if not isinstance(kind, str) or kind not in KINDS:
        return [("kind", _("phải là một trong %(kinds)s") % {"kinds": ", ".join(KINDS)}), *problems]
    settings = content.get("settings") or {}
    if not isinstance(settings, Mapping):
        return [*problems, ("settings", _("phải có dạng tên và giá trị"))]
    return problems + KINDS[kind].problems({**content, "settings": settings})


def _media_problems(media: Any) -> list[Problem]:
    """Pictures and sounds need words for whoever does not see or hear them."""
    if not media:
        return []
    if not isinstance(media, list) or not all(isinstance(row, Mapping) and row.get("file") for row in media):
        return [("media", _("phải là danh sách tệp"))]
    if len(media) > MOST_MEDIA:
        return [("media", _("mỗi câu có nhiều nhất %(most)s tệp") % {"most": MOST_MEDIA})]
    missing = [n for n, row in enumerate(media, start=1) if not str(row.get("alt") or "").strip()]
    return (
        [("media", _("tệp %(number)s chưa có lời mô tả cho người không xem hoặc nghe được") % {"number": missing[0]})]
        if missing
        else []
    )


def _source_problems(source: Any) -> list[Problem]:
    """A link to where the answer stands must be one that a browser may follow."""
    if not source or not isinstance(source, Mapping) or not source.get("url"):
        return []
    try:
        parts = urlsplit(str(source["url"]).strip())
        is_address = parts.scheme in ("https", "http") and bool(parts.netloc)
    except ValueError:  # "https://[" begins a number that never ends
        is_address = False
    return [] if is_address else [("source", _("đường dẫn phải bắt đầu bằng https://"))]


def fingerprint(content: Content) -> str:
    """The same for two questions that ask the same in other capitals, accents, blanks or order; 64 letters."""
    texts = sorted(search_key(text) for text in _texts(content.get("options")) + _texts(content.get("settings")))
    told = json.dumps([str(content["kind"]), search_key(str(content["text"])), texts], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


#: Of settings and options, what a learner reads or is expected to give.
TOLD = frozenset({"text", "left", "value"})


def _texts(value: Any) -> list[str]:
    """Every text that a learner reads or gives, anywhere below a value."""
    if isinstance(value, Mapping):
        own = [str(one) for name, one in value.items() if name in TOLD]
        return own + [text for one in value.values() for text in _texts(one)]
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []
