"""Blocks of a lesson as a course file has them: what each holds, and what is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from cms import embeds

if TYPE_CHECKING:
    from cms.courseyaml import Entry

CALLOUTS = ("tip", "note", "warning", "danger")


@dataclass(frozen=True)
class BlockFile:
    """A block of a lesson as the file has it; pictures are still files, words of a glossary still words."""

    kind: str
    value: Any


def read_block(folder: Path, entry: Entry) -> BlockFile:
    """One block; DataError at the first thing that is wrong."""
    kind = entry.choice("type", list(_KINDS))
    fields, read = _KINDS[kind]
    entry.only({"type"} | fields)
    return BlockFile(kind, read(folder, entry))


def _between(entry: Entry, field: str, found: list[Any], low: int, high: int) -> list[Any]:
    if not low <= len(found) <= high:
        raise entry.wrong(field, f"có {len(found)} mục, cần từ {low} đến {high}")
    return found


def _text(folder: Path, entry: Entry) -> Any:
    return entry.html("value")


def _picture(folder: Path, entry: Entry, *, caption: bool = False) -> dict[str, Any]:
    return {
        "image": entry.picture(folder),
        "alt": entry.text("alt", 400),
        "caption": entry.text("caption", 200, needed=caption),
    }


def _optional_picture(folder: Path, entry: Entry) -> dict[str, Any]:
    """A picture with its description, both or neither."""
    has_picture = "image" in entry.data
    return {
        "image": entry.picture(folder) if has_picture else None,
        "alt": entry.text("alt", 400) if has_picture else "",
    }


def _callout(folder: Path, entry: Entry) -> dict[str, Any]:
    return {
        "style": entry.choice("style", CALLOUTS),
        "title": entry.text("title", 120),
        "text": entry.html("text"),
    }


def _steps(folder: Path, entry: Entry) -> dict[str, Any]:
    items = []
    for item in entry.entries("steps", f"{entry.name}, bước"):
        item.only({"title", "text", "image", "alt"})
        items.append(
            {"title": item.text("title", 120), "text": item.text("text", 2000), **_optional_picture(folder, item)}
        )
    return {"title": entry.text("title", 150), "steps": items}


def _gallery(folder: Path, entry: Entry) -> dict[str, Any]:
    items = []
    for item in _between(entry, "items", entry.entries("items", f"{entry.name}, hình"), 2, 20):
        item.only({"image", "alt", "caption"})
        items.append(_picture(folder, item, caption=True))
    return {"title": entry.text("title", 150), "items": items}


def _accordion(folder: Path, entry: Entry) -> dict[str, Any]:
    items = []
    for item in _between(entry, "items", entry.entries("items", f"{entry.name}, mục"), 1, 20):
        item.only({"heading", "text"})
        items.append({"heading": item.text("heading", 150), "text": item.html("text")})
    return {"title": entry.text("title", 150, needed=False), "items": items}


def _comparison(folder: Path, entry: Entry) -> dict[str, Any]:
    columns = _between(entry, "columns", entry.texts("columns"), 2, 4)
    rows = []
    for row in _between(entry, "rows", entry.entries("rows", f"{entry.name}, dòng"), 1, 20):
        row.only({"label", "cells"})
        cells = row.items("cells")
        if len(cells) != len(columns):
            raise row.wrong("cells", f"có {len(cells)} ô, bảng có {len(columns)} cột")
        if any(not isinstance(cell, str) or not cell.strip() or len(cell) > 300 for cell in cells):
            raise row.wrong("cells", "mỗi ô phải là chữ, tối đa 300 ký tự")
        rows.append({"label": row.text("label", 100), "cells": [cell.strip() for cell in cells]})
    return {"title": entry.text("title", 150), "columns": columns, "rows": rows}


def _glossary(folder: Path, entry: Entry) -> dict[str, Any]:
    terms: dict[str, str] = {}
    for term in _between(entry, "terms", entry.entries("terms", f"{entry.name}, từ", label="term"), 1, 30):
        term.only({"term", "meaning"})
        word = " ".join(term.text("term", 80).split())
        if word.casefold() in {known.casefold() for known in terms}:
            raise term.wrong("term", f"từ «{word}» đã có ở trên")
        terms[word] = term.text("meaning", 400)
    return {"title": entry.text("title", 150, needed=False) or "Từ trong bài", "terms": terms}


def _scenario(folder: Path, entry: Entry) -> dict[str, Any]:
    choices = []
    for choice in _between(entry, "choices", entry.entries("choices", f"{entry.name}, lựa chọn"), 2, 5):
        choice.only({"text", "right", "feedback"})
        choices.append(
            {
                "text": choice.text("text", 200),
                "is_right": choice.yes("right", False),
                "feedback": choice.text("feedback", 500),
            }
        )
    if not any(choice["is_right"] for choice in choices):
        raise entry.wrong("choices", "cần ít nhất một lựa chọn có right: true")
    return {
        "title": entry.text("title", 150),
        "situation": entry.html("situation"),
        **_optional_picture(folder, entry),
        "choices": choices,
    }


def _try_it(folder: Path, entry: Entry) -> dict[str, Any]:
    address = entry.text("url", 300)
    if not address.startswith("https://") or "@" in address.split("/")[2]:
        raise entry.wrong("url", "địa chỉ phải bắt đầu bằng https:// và không có tên đăng nhập")
    return {"label": entry.text("label", 120), "url": address, "text": entry.html("text")}


def _embed(folder: Path, entry: Entry) -> dict[str, Any]:
    address = entry.text("url", 300)
    if embeds.embed_of(address, settings.EMBED_HOSTS) is None:
        raise entry.wrong("url", f"chỉ nhúng được video từ {embeds.names(settings.EMBED_HOSTS) or 'không nơi nào'}")
    values = {"url": address, "title": entry.text("title", 200), "transcript": entry.html("transcript")}
    return {**values, "poster": entry.picture(folder, "poster") if "poster" in entry.data else None}


#: Each kind that needs no uploaded file beyond pictures: its fields, and what reads them.
_KINDS: dict[str, tuple[set[str], Callable[[Path, Any], Any]]] = {
    "text": ({"value"}, _text),
    "image": ({"image", "alt", "caption"}, _picture),
    "gallery": ({"title", "items"}, _gallery),
    "callout": ({"style", "title", "text"}, _callout),
    "accordion": ({"title", "items"}, _accordion),
    "comparison": ({"title", "columns", "rows"}, _comparison),
    "steps": ({"title", "steps"}, _steps),
    "scenario": ({"title", "situation", "image", "alt", "choices"}, _scenario),
    "try_it": ({"label", "url", "text"}, _try_it),
    "embed": ({"url", "title", "transcript", "poster"}, _embed),
    "glossary": ({"title", "terms"}, _glossary),
}
