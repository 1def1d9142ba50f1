"""Gaps inside a text as Moodle writes them: ``{1:SHORTANSWER:=Hà Nội~%50%Ha Noi#thiếu dấu}``. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from django.utils.translation import gettext as _

from common.text import nfc
from quizzes.formats.base import CannotCarry
from quizzes.formats.building import Row, Tell, number_read, single_of, single_rows, weight_read, written_of
from quizzes.formats.markup import text_of_html
from quizzes.kinds.arranged import GAP

_HEAD = re.compile(r"\{\d{0,4}:([A-Z_]{2,16}):")
_END = re.compile(r"\\.|\}", re.DOTALL)
_WEIGHT = re.compile(r"%([^%]{0,20})%")
_SHORT = {"SHORTANSWER": True, "SA": True, "MW": True, "SHORTANSWER_C": False, "SAC": False, "MWC": False}
_NUMBERS = frozenset({"NUMERICAL", "NM"})
_CHOICE = frozenset(
    "MC MCV MCH MCS MCVS MCHS MULTICHOICE MULTICHOICE_V MULTICHOICE_H MULTICHOICE_S MULTICHOICE_VS "
    "MULTICHOICE_HS".split()
)


class NoGap(Exception):
    """A gap that we cannot ask; says why."""


def gaps_read(
    html: str, tell: Tell, explicit: Callable[[str], bool] = lambda _key: False
) -> tuple[str, list[dict[str, Any]]]:
    """The text with ``[[1]]`` … for its gaps, still HTML, and the gaps. NoGap for one that we cannot ask."""
    gaps: list[dict[str, Any]] = []
    text: list[str] = []
    at = 0
    while begun := _HEAD.search(html, at):
        end = next((found.start() for found in _END.finditer(html, begun.end()) if found[0] == "}"), None)
        if end is None:
            break
        key = str(len(gaps) + 1)
        made = _gap(begun[1], html[begun.end() : end], tell, explicit(key))
        options = {"options": made["options"]} if made["options"] else {}
        gaps.append({"key": key, "kind": made["kind"], **made["settings"], **options})
        text += html[at : begun.start()], f"[[{key}]]"
        at = end + 1
    return "".join(text) + html[at:], gaps


def _gap(sort: str, inner: str, tell: Tell, explicit: bool) -> dict[str, Any]:
    rows = [_answer(part, tell) for part in _cut(inner, "~") if part.strip()]
    if sort in _CHOICE:
        made = single_of(rows, explicit=explicit, tell=tell)
        for place, option in enumerate(made["options"]):
            option["key"] = "abcdefghijklmnopqrstuvwxyz"[place % 26]
        return made
    if sort in _SHORT:
        accepted = [{"text": row.text, "weight": row.weight or "0", "feedback": row.feedback} for row in rows]
        return written_of("short_text", accepted, fold_case=_SHORT[sort])
    if sort in _NUMBERS:
        return written_of("numeric", [_number(row) for row in rows])
    raise NoGap(_("có chỗ trống loại «%(sort)s» chưa hỗ trợ") % {"sort": sort})


def _number(row: Row) -> dict[str, Any]:
    value, _colon, tolerance = row.text.partition(":")
    found = "*" if value.strip() == "*" else number_read(value)
    if not found:
        raise NoGap(_("«%(value)s» ở một chỗ trống không phải số") % {"value": value[:30]})
    return {
        "value": found,
        "tolerance": number_read(tolerance) or "0",
        "weight": row.weight or "0",
        "feedback": row.feedback,
    }


def _cut(text: str, sign: str) -> list[str]:
    """Pieces between unescaped signs; ``&#`` begins an entity, not a feedback."""
    ends = [found.start() for found in re.finditer(rf"\\.|&#|{sign}", text, re.DOTALL) if found[0] == sign]
    return [text[start:end] for start, end in zip([0, *(e + 1 for e in ends)], [*ends, len(text)], strict=True)]


def _answer(part: str, tell: Tell) -> Row:
    part = part.strip()
    weight: str | None = None
    if part.startswith("="):
        weight, part = "100", part[1:]
    elif found := _WEIGHT.match(part):
        weight, part = weight_read(found[1], tell), part[found.end() :]
    words, *feedback = _cut(part, "#")
    return Row(_plain(words), weight, False, _plain("#".join(feedback)))


def _plain(text: str) -> str:
    return nfc(text_of_html(re.sub(r"\\([~#}\"/\\:=%])", r"\1", text)).text)


# --- Writing --------------------------------------------------------------------------------------------------------
def gaps_written(content: Mapping[str, Any], html: str) -> str:
    """The HTML of a text with its gaps written out."""
    gaps = {gap["key"]: gap for gap in content["settings"]["gaps"]}
    return GAP.sub(lambda found: _written(gaps[found[1]]) if found[1] in gaps else found[0], html)


def _written(gap: Mapping[str, Any]) -> str:
    if gap["kind"] == "single":
        content = {"options": gap["options"], "settings": {}}
        weighted = any("weight" in option for option in gap["options"])
        rows = [
            row if weighted or row.weight != "0" else Row(row.text, None, False, row.feedback)
            for row in single_rows(content)
        ]
        if any(row.media for row in rows):
            raise CannotCarry(_("đáp án của một chỗ trống có hình hoặc tiếng"))
        return _code("MULTICHOICE", [_said(row.weight, row.text, row.feedback) for row in rows])
    is_number = gap["kind"] == "numeric"
    sort = "NUMERICAL" if is_number else "SHORTANSWER" if gap["fold_case"] else "SHORTANSWER_C"
    answers = [
        _said(row["weight"], f"{row['value']}:{row['tolerance']}" if is_number else row["text"], row["feedback"])
        for row in gap["accepted"]
    ]
    return _code(sort, [*answers, *([_said("0", "*", gap["fallback"])] if gap["fallback"] else [])])


def _code(sort: str, answers: list[str]) -> str:
    return f"{{1:{sort}:{'~'.join(answers)}}}"


def _said(weight: str | None, words: str, feedback: str) -> str:
    share = "" if weight is None else "=" if weight == "100" else f"%{weight}%"
    shown = _kept(words)
    if not share and shown.startswith(("=", "%")):
        shown = f"\\{shown}"
    return f"{share}{shown}{f'#{_kept(feedback)}' if feedback else ''}"


def _kept(text: str) -> str:
    return escape(re.sub(r"[~#}\\\"]", lambda sign: f"\\{sign[0]}", text), quote=False)
