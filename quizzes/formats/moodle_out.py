"""Moodle XML, written: every text escaped, every picture inside, what Moodle has no words for in <hocso>. Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from django.utils.translation import gettext as _

from quizzes.formats.base import CannotCarry, Entry, Media
from quizzes.formats.building import Row, matching_pairs, multiple_rows, single_rows, true_false_options
from quizzes.formats.cloze import gaps_written
from quizzes.formats.extras import extras_of, plain_rubric
from quizzes.formats.markup import html_of_text
from quizzes.kinds.base import ALL

KINDS = ("single", "multiple", "true_false", "short_text", "numeric", "matching", "ordering", "blanks", "essay")
_TYPES = {
    "single": "multichoice", "multiple": "multichoice", "true_false": "truefalse", "short_text": "shortanswer",
    "numeric": "numerical", "matching": "matching", "ordering": "ordering", "blanks": "cloze", "essay": "essay",
}  # fmt: skip
#: What Moodle says by itself, by kind.
_NATIVE = {
    "short_text": frozenset({"fold_case"}),
    "blanks": frozenset({"fold_case"}),
    "numeric": frozenset({"unit"}),
    "ordering": frozenset({"credit"}),
    "essay": frozenset({"least_words", "most_words"}),
}


def carried(entry: Entry) -> Entry:
    """The entry as Moodle XML carries it; CannotCarry with the reason where it cannot."""
    if entry.content["kind"] not in KINDS:
        raise CannotCarry(_("Moodle XML không có loại câu này"))
    _question(entry, {}, checking=True)
    return entry


def render(entries: Sequence[Entry], media: Sequence[Media] = ()) -> bytes:
    """A file of entries that ``carried`` let pass, with the pictures and sounds that they name."""
    files = {one.id: one for one in media}
    root, category = Element("quiz"), ""
    for entry in entries:
        if entry.category != category:
            category = entry.category
            _words(SubElement(SubElement(root, "question", type="category"), "category"), _path(category))
        root.append(_question(entry, files))
    indent(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode").encode() + b"\n"


def _path(category: str) -> str:
    return f"$course$/top{'/' * bool(category)}{category}"


def _words(parent: Element, text: str) -> None:
    SubElement(parent, "text").text = text


def _html(parent: Element, name: str, html: str, files: Sequence[Media] = (), **attributes: str) -> Element:
    element = SubElement(parent, name, {"format": "html", **attributes})
    _words(element, html)
    for file in files:
        packed = SubElement(element, "file", name=_file_name(file), path="/", encoding="base64")
        packed.text = base64.b64encode(file.data).decode()
    return element


def _file_name(file: Media) -> str:
    """Names of files come from others, and may be alike."""
    return f"{file.id[:16]}.{file.name.rpartition('.')[2]}"


def _shown(rows: Sequence[Mapping[str, str]], files: Mapping[str, Media]) -> tuple[str, list[Media]]:
    """The HTML of pictures and sounds, and the files themselves."""
    html, found = "", []
    for row in rows:
        file = files.get(row["file"])
        if file is None:
            continue
        found.append(file)
        source, told = f"@@PLUGINFILE@@/{_file_name(file)}", escape(row["alt"])
        is_sound = file.mime.startswith("audio/")
        html += (
            f'<audio controls="controls" src="{source}" title="{told}"></audio>'
            if is_sound
            else f'<img src="{source}" alt="{told}"/>'
        )
    return html, found


def _question(entry: Entry, files: Mapping[str, Media], *, checking: bool = False) -> Element:
    content = entry.content
    question = Element("question", type=_TYPES[content["kind"]])
    _words(SubElement(question, "name"), entry.name or content["text"].partition("\n")[0][:60])
    shown, inside = _shown(content["media"], files)
    html = html_of_text(content["text"])
    if content["kind"] == "blanks":
        # A brace of the text itself must not begin a gap.
        html = gaps_written(content, html.replace("{", "&#123;"))
    _html(question, "questiontext", html + shown, inside)
    _html(question, "generalfeedback", html_of_text(content["explanation"]))
    SubElement(question, "defaultgrade").text = "1"
    SubElement(question, "hidden").text = "0"
    if entry.code:
        SubElement(question, "idnumber").text = entry.code
    writers = {
        "single": _choice, "multiple": _choice, "true_false": _true_false, "short_text": _short_text,
        "numeric": _numeric, "matching": _matching, "ordering": _ordering, "essay": _essay,
    }  # fmt: skip
    if content["kind"] in writers:
        writers[content["kind"]](question, content, files)
    _beside(question, entry)
    return question


def _beside(question: Element, entry: Entry) -> None:
    if entry.tags:
        tags = SubElement(question, "tags")
        for tag in entry.tags:
            _words(SubElement(tags, "tag"), tag)
    extras = extras_of(entry, native=_NATIVE.get(entry.content["kind"], frozenset()))
    if not entry.name:
        extras["unnamed"] = "1"
    if extras:
        ours = SubElement(question, "hocso")
        for name, value in extras.items():
            SubElement(ours, "item", name=name).text = value


def _answer(question: Element, row: Row, files: Mapping[str, Media]) -> None:
    attributes = {} if row.weight is None else {"fraction": row.weight}
    shown, inside = _shown([row.media] if row.media else [], files)
    answer = _html(question, "answer", html_of_text(row.text) + shown, inside, **attributes)
    _html(answer, "feedback", html_of_text(row.feedback))


def _choice(question: Element, content: Mapping[str, Any], files: Mapping[str, Media]) -> None:
    is_single = content["kind"] == "single"
    SubElement(question, "single").text = str(is_single).lower()
    SubElement(question, "shuffleanswers").text = "true"
    SubElement(question, "answernumbering").text = "ABCD"
    for row in single_rows(content) if is_single else multiple_rows(content):
        _answer(question, row, files)


def _true_false(question: Element, content: Mapping[str, Any], files: Mapping[str, Media]) -> None:
    for option, name in zip(true_false_options(content), ("true", "false"), strict=True):
        answer = SubElement(
            question, "answer", fraction="100" if option["correct"] else "0", format="moodle_auto_format"
        )
        _words(answer, name)
        _html(answer, "feedback", html_of_text(option["feedback"]))


def _written(question: Element, row: Mapping[str, Any], words: str) -> Element:
    answer = SubElement(question, "answer", fraction=row["weight"], format="plain_text")
    _words(answer, words)
    _html(answer, "feedback", html_of_text(row["feedback"]))
    return answer


def _fallback(question: Element, settings: Mapping[str, Any]) -> None:
    if settings["fallback"]:
        _written(question, {"weight": "0", "feedback": settings["fallback"]}, "*")


def _short_text(question: Element, content: Mapping[str, Any], files: Mapping[str, Media]) -> None:
    settings = content["settings"]
    SubElement(question, "usecase").text = str(int(not settings["fold_case"]))
    for row in settings["accepted"]:
        _written(question, row, row["text"])
    _fallback(question, settings)


def _numeric(question: Element, content: Mapping[str, Any], files: Mapping[str, Media]) -> None:
    settings = content["settings"]
    for row in settings["accepted"]:
        SubElement(_written(question, row, row["value"]), "tolerance").text = row["tolerance"]
    _fallback(question, settings)
    if settings["unit"]:
        unit = SubElement(SubElement(question, "units"), "unit")
        SubElement(unit, "multiplier").text = "1"
        SubElement(unit, "unit_name").text = settings["unit"]


def _matching(question: Element, content: Mapping[str, Any], files: Mapping[str, Media]) -> None:
    SubElement(question, "shuffleanswers").text = "true"
    for left, right in matching_pairs(content):
        pair = _html(question, "subquestion", html_of_text(left))
        _words(SubElement(pair, "answer"), right)


def _ordering(question: Element, content: Mapping[str, Any], files: Mapping[str, Media]) -> None:
    is_all = content["settings"]["credit"] == ALL
    SubElement(question, "gradingtype").text = "ALL_OR_NOTHING" if is_all else "ABSOLUTE_POSITION"
    for place, option in enumerate(content["options"], start=1):
        _html(question, "answer", html_of_text(option["text"]), fraction=str(place))


def _essay(question: Element, content: Mapping[str, Any], files: Mapping[str, Media]) -> None:
    settings = content["settings"]
    lines = [
        f"{row['title']}: " + "; ".join(f"{level['text']} ({level['points']})" for level in row["levels"])
        for row in settings["rubric"]
    ]
    if settings["rubric"] != plain_rubric():
        _html(question, "graderinfo", html_of_text("\n".join(lines)))
    SubElement(question, "responseformat").text = "editor"
    SubElement(question, "minwordlimit").text = str(settings["least_words"] or "")
    SubElement(question, "maxwordlimit").text = str(settings["most_words"] or "")
