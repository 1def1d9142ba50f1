"""What of a question is its key, and how an item that somebody was asked takes a newer one. Pure.

An item keeps what its learner saw: the text, the options in their order, the parts. From the newer version it takes
what says what is right, and what is said about it afterwards. Keys of options never change meaning, so they match.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from quizzes.kinds import KINDS, Content, Item

#: Of an option, gap, pair or answer: what was shown. Everything else says what is right.
SHOWN = frozenset({"key", "text", "left", "media", "x", "y", "width", "height", "kind"})
KIND_CHANGED, OPTION_GONE, BY_HAND, SETTINGS_CHANGED = "kind_changed", "option_gone", "by_hand", "settings_changed"


def key_problem(item: Item, content: Content) -> str:
    """A code for why the item cannot be scored with the key of ``content``; empty when it can."""
    if item["kind"] != content["kind"]:
        return KIND_CHANGED
    if KINDS[item["kind"]].by_hand:
        return BY_HAND
    if not _same_keys(item.get("options"), content.get("options")):
        return OPTION_GONE
    return "" if _settings_fit(item.get("settings") or {}, content.get("settings") or {}) else SETTINGS_CHANGED


def _same_keys(shown: Any, now: Any) -> bool:
    """Whether every option that was shown still is one, and none was added that could be right now."""
    return {row["key"] for row in shown or ()} == {row["key"] for row in now or ()}


def _settings_fit(shown: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether pairs, choices, gaps and parts are those that were shown."""
    for name in ("pairs", "choices", "gaps", "parts"):
        rows, fresh = shown.get(name) or (), {row["key"]: row for row in now.get(name) or ()}
        if {row["key"] for row in rows} != set(fresh):
            return False
        for row in rows:
            other = fresh[row["key"]]
            if row.get("kind") != other.get("kind") or not _same_keys(row.get("options"), other.get("options")):
                return False
            if not _settings_fit(row.get("settings") or {}, other.get("settings") or {}):
                return False
    return True


def with_key(item: Item, content: Content, version: int) -> Item:
    """The item as it was shown, with the key of ``content``; ``key_version`` says whose. The item stays as it is.

    ``key_problem`` must have found nothing. An item whose key is the same already is given back as it is.
    """
    made = _patched(item, content)
    if {**made, "explanation": ""} == {**item, "explanation": ""}:
        return item
    return {**made, "key_version": version}


def _patched(item: Item, content: Content) -> Item:
    made = copy.deepcopy(item)
    made["explanation"] = content.get("explanation", "")
    made["options"] = _rows(item.get("options") or [], content.get("options") or [])
    made["settings"] = _settings(item.get("settings") or {}, content.get("settings") or {})
    if item["kind"] == "ordering":
        made["settings"]["order"] = [row["key"] for row in content["options"]]
    return made


def _rows(shown: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows in the order that was shown: what was read of the old ones, what is right of the new ones."""
    fresh = {row["key"]: row for row in now}
    return [
        {name: copy.deepcopy(value) for name, value in row.items() if name in SHOWN}
        | {name: copy.deepcopy(value) for name, value in fresh[row["key"]].items() if name not in SHOWN}
        for row in shown
    ]


def _settings(shown: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The new settings, except that what was shown keeps its words and its order."""
    made = copy.deepcopy(dict(now))
    for name in ("pairs", "choices"):
        if shown.get(name):
            made[name] = _rows(shown[name], now[name])
    if shown.get("gaps"):
        made["gaps"] = [_inner(row, now["gaps"]) for row in shown["gaps"]]
    if shown.get("parts"):
        fresh = {row["key"]: row for row in now["parts"]}
        made["parts"] = [_patched(dict(row), fresh[row["key"]]) for row in shown["parts"]]
    return made


def _inner(gap: Mapping[str, Any], now: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    fresh = next(row for row in now if row["key"] == gap["key"])
    made = copy.deepcopy(dict(fresh))
    if gap.get("options"):
        made["options"] = _rows(gap["options"], fresh["options"])
    return made
