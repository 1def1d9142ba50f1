"""GIFT, written: one line an answer, every sign of the format escaped. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from quizzes.formats.base import CannotCarry, Entry, Media
from quizzes.formats.building import matching_pairs, multiple_rows, single_rows, true_false_options
from quizzes.formats.extras import extras_of

KINDS = ("single", "multiple", "true_false", "short_text", "numeric", "matching", "essay")


def carried(entry: Entry) -> Entry:
    """The entry as GIFT carries it; CannotCarry with the reason where it cannot."""
    content = entry.content
    if content["kind"] not in KINDS:
        raise CannotCarry(_("GIFT không có loại câu này"))
    if content["media"] or any("media" in option for option in content["options"]):
        raise CannotCarry(_("GIFT không mang được hình và tiếng"))
    _WRITERS[content["kind"]](content)
    return entry


def render(entries: Sequence[Entry], media: Sequence[Media] = ()) -> bytes:
    """A GIFT file of entries that ``carried`` let pass. Code and tags stand in a comment, as Moodle reads them."""
    blocks, category = ["// Học Số"], ""
    for entry in entries:
        if entry.category != category:
            category = entry.category
            blocks.append(f"$CATEGORY: $course$/top{'/' * bool(category)}{category}")
        blocks.append(_block(entry))
    return ("\n\n".join(blocks) + "\n").encode()


def _block(entry: Entry) -> str:
    tokens = [("id", entry.code)] if entry.code else []
    tokens += [("tag", tag) for tag in entry.tags] + list(extras_of(entry).items())
    comment = " ".join(f"[{name}:{_token(value)}]" for name, value in tokens)
    name = f"::{_kept(entry.name)}::" if entry.name else ""
    lines = [f"\t{line}" for line in _WRITERS[entry.content["kind"]](entry.content)]
    if entry.content["explanation"]:
        lines.append(f"\t####{_marked(entry.content['explanation'])}")
    question = f"{name}[plain]{_kept(entry.content['text'])} {{"
    body = "\n".join([question, *lines, "}"]) if lines else f"{question}}}"
    return f"// {comment}\n{body}" if comment else body


def _token(value: str) -> str:
    """A value in a comment; a backslash at its end would take the bracket, so a blank stands between."""
    return value.replace("]", "\\]") + (" " if value.endswith("\\") else "")


def _kept(text: str) -> str:
    """Words with the signs of the format escaped."""
    return re.sub(r"[~=#{}:\\]", lambda sign: f"\\{sign[0]}", text).replace("\n", "\\n")


def _marked(text: str) -> str:
    """The same where words may begin with the name of a markup or a share."""
    return ("[plain]" if text.startswith(("[", "%")) else "") + _kept(text)


def _feedback(text: str) -> str:
    return f" #{_marked(text)}" if text else ""


def _single(content: Mapping[str, Any]) -> list[str]:
    weighted = any("weight" in option for option in content["options"])
    return [
        f"{'=' if row.right else '~'}{f'%{row.weight}%' if weighted and row.weight is not None else ''}"
        f"{_marked(row.text)}{_feedback(row.feedback)}"
        for row in single_rows(content)
    ]


def _multiple(content: Mapping[str, Any]) -> list[str]:
    return [
        f"~{f'%{row.weight}%' if row.weight is not None else ''}{_marked(row.text)}{_feedback(row.feedback)}"
        for row in multiple_rows(content)
    ]


def _true_false(content: Mapping[str, Any]) -> list[str]:
    true, false = true_false_options(content)
    right, wrong = (true, false) if true["correct"] else (false, true)
    said = (
        f"#{_marked(wrong['feedback'])}#{_marked(right['feedback'])}" if wrong["feedback"] or right["feedback"] else ""
    )
    return [f"{'TRUE' if true['correct'] else 'FALSE'}{said}"]


def _share(row: Mapping[str, Any], words: str) -> str:
    return "" if row["weight"] == "100" and not words.startswith("%") else f"%{row['weight']}%"


def _short_text(content: Mapping[str, Any]) -> list[str]:
    settings = content["settings"]
    told = [row["text"] + row["feedback"] for row in settings["accepted"]]
    if any("->" in text for text in (*told, settings["fallback"])):
        raise CannotCarry(_("đáp án có dấu ->, mà GIFT coi đó là câu ghép đôi"))
    lines = [
        f"={_share(row, row['text'])}{_kept(row['text'])}{_feedback(row['feedback'])}" for row in settings["accepted"]
    ]
    return [*lines, f"=%0%*{_feedback(settings['fallback'])}"] if settings["fallback"] else lines


def _numeric(content: Mapping[str, Any]) -> list[str]:
    settings = content["settings"]
    lines = [
        f"={_share(row, '')}{row['value']}:{row['tolerance']}{_feedback(row['feedback'])}"
        for row in settings["accepted"]
    ]
    return ["#", *lines, *([f"~{_feedback(settings['fallback'])}"] if settings["fallback"] else [])]


def _matching(content: Mapping[str, Any]) -> list[str]:
    pairs = matching_pairs(content)
    if any("->" in left for left, _right in pairs):
        raise CannotCarry(_("vế trái có dấu ->"))
    return [f"={_marked(left)} -> {_kept(right)}" for left, right in pairs]


_WRITERS: Mapping[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "single": _single,
    "multiple": _multiple,
    "true_false": _true_false,
    "short_text": _short_text,
    "numeric": _numeric,
    "matching": _matching,
    "essay": lambda content: [],
}
