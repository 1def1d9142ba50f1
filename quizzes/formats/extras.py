"""What our questions say and other systems have no words for, as names and values that ride along in a file.

Other systems pass over them: in GIFT they stand in a comment, in Moodle XML in an element of our own, in QTI in
``data-hocso``. A file without them gets what the format means by default.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from quizzes.formats.base import Entry
from quizzes.kinds.arranged import GAP
from quizzes.kinds.base import ALL, PARTIAL

#: What a file means that says nothing.
DEFAULTS: Mapping[str, Any] = {"fold_case": True, "fold_accents": False, "unit": "", "least_words": 0, "most_words": 0}
RUBRIC_TITLE = "Chất lượng bài viết"
CREDIT_DEFAULTS = {"matching": PARTIAL, "blanks": PARTIAL, "multiple": PARTIAL, "ordering": ALL}


def plain_rubric(text: str = "") -> list[dict[str, Any]]:
    """The rubric of an essay whose file has none: one criterion, with what the file tells the grader."""
    return [
        {
            "key": "t1",
            "title": RUBRIC_TITLE,
            "levels": [
                {"key": "m1", "text": "Chưa đạt", "points": 0},
                {"key": "m2", "text": "Đạt một phần", "points": 1},
                {"key": "m3", "text": text or "Đạt", "points": 2},
            ],
        }
    ]


def extras_of(entry: Entry, *, native: frozenset[str] = frozenset()) -> dict[str, str]:
    """What rides along with a question, less what the format says by itself (``native``)."""
    content, settings = entry.content, entry.content["settings"]
    found: dict[str, str] = {}
    if entry.difficulty:
        found["difficulty"] = str(entry.difficulty)
    if entry.topic:
        found["topic"] = entry.topic
    for name, value in (content.get("source") or {}).items():
        if value:
            found[f"source_{name}"] = value
    if settings.get("credit", CREDIT_DEFAULTS.get(content["kind"])) != CREDIT_DEFAULTS.get(content["kind"]):
        found["credit"] = settings["credit"]
    if any("weight" in option for option in content["options"]):
        found["weights"] = "1"
    found |= _odd(settings, "")
    if content["kind"] == "essay" and settings["rubric"] != plain_rubric():
        found["rubric"] = json.dumps(settings["rubric"], ensure_ascii=False)
    if content["kind"] == "blanks":
        found |= _gaps(content)
    return {name: value for name, value in found.items() if name.split(".")[-1] not in native}


def _gaps(content: Mapping[str, Any]) -> dict[str, str]:
    """Names of gaps, where they are not numbered in order, and what is odd about each."""
    names = GAP.findall(content["text"])
    found = {"gaps": " ".join(names)} if names != [str(n) for n in range(1, len(names) + 1)] else {}
    for gap in content["settings"]["gaps"]:
        found |= _odd(gap, f"{gap['key']}.")
        if any("weight" in option for option in gap.get("options") or ()):
            found[f"{gap['key']}.weights"] = "1"
    return found


def _odd(settings: Mapping[str, Any], prefix: str) -> dict[str, str]:
    return {
        prefix + name: str(int(settings[name])) if isinstance(usual, bool) else str(settings[name])
        for name, usual in DEFAULTS.items()
        if settings.get(name, usual) != usual
    }


def about_of(extras: Mapping[str, str]) -> dict[str, Any]:
    """What of the extras belongs beside the content of an entry."""
    return {"difficulty": extras.get("difficulty"), "topic": extras.get("topic")}


def with_extras(content: Mapping[str, Any], extras: Mapping[str, str]) -> dict[str, Any]:
    """A content that was just read, with what rode along."""
    full = {**content, "settings": dict(content.get("settings") or {})}
    settings = full["settings"]
    if extras.get("source_url"):
        full["source"] = {"title": extras.get("source_title", ""), "url": extras["source_url"]}
    if extras.get("credit") in (ALL, PARTIAL) and full["kind"] in CREDIT_DEFAULTS:
        settings["credit"] = extras["credit"]
    _set(settings, extras, "")
    if full["kind"] == "essay" and "rubric" in extras:
        try:
            settings["rubric"] = json.loads(extras["rubric"])
        except (ValueError, RecursionError):
            settings["rubric"] = []
    if full["kind"] == "blanks":
        _set_gaps(full, extras)
    return full


def _set(settings: dict[str, Any], extras: Mapping[str, str], prefix: str) -> None:
    for name, usual in DEFAULTS.items():
        value = extras.get(prefix + name)
        if value is None:
            continue
        if isinstance(usual, bool):
            settings[name] = value == "1"
        elif isinstance(usual, int):
            settings[name] = int(value) if re.fullmatch(r"[0-9]{1,5}", value) else usual
        else:
            settings[name] = value


def _set_gaps(content: dict[str, Any], extras: Mapping[str, str]) -> None:
    """Gaps get back the names that they had."""
    gaps = content["settings"].get("gaps") or []
    names = extras.get("gaps", "").split()
    if len(set(names)) == len(gaps) == len(names) and all(GAP.fullmatch(f"[[{name}]]") for name in names):
        renamed = {str(gap["key"]): name for gap, name in zip(gaps, names, strict=True)}
        content["text"] = GAP.sub(lambda gap: f"[[{renamed.get(gap[1], gap[1])}]]", content["text"])
        for gap in gaps:
            gap["key"] = renamed[str(gap["key"])]
    for gap in gaps:
        _set(gap, extras, f"{gap['key']}.")
