"""Aiken: questions with one right option, as people type them. Grammar: docs/features/question-files.md. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from string import ascii_uppercase
from typing import Any

from django.utils.translation import gettext as _

from common.text import fold, nfc
from quizzes.formats.base import CannotCarry, Entry, Gathering, Media, Parsed, decoded, doubtful_encoding

_OPTION = re.compile(r"([A-Za-z])\s?[).](?:[ \t\u00a0]*)(.*)")
_ANSWER = re.compile(r"(?:answer|dap an)(?: dung)?(?: la)?\s*[:.]\s*[(\[]?([a-z])(?:[)\].,;]|\s|$)")
_MORE = re.compile(r"[\s,;.]*(?:va |and |[,;&+] ?)[a-z](?:[\s,;.]|$)")
_ANSWER_LINE = re.compile(r"(?:answer|dap an)(?: dung)?(?: la)?\s*:")


@dataclass
class _Question:
    line: int = 0
    stem: list[str] = field(default_factory=list)
    #: Letter and words of each option.
    options: list[tuple[str, str]] = field(default_factory=list)


def parse(data: bytes) -> Parsed:
    """Every question of an Aiken file."""
    gathering = Gathering()
    text, encoding = decoded(data)
    doubtful_encoding(encoding, gathering)
    question, number = _Question(), 0
    for number, raw in enumerate(text.split("\n"), start=1):
        line = nfc(raw)
        if len(line) < 2:
            continue
        folded = fold(line[:60])
        if _ANSWER_LINE.match(folded) or (question.options and _ANSWER.match(folded)):
            _close(question, folded, number, gathering)
            question = _Question()
        elif (found := _OPTION.match(line)) and _is_next(found[1], question):
            question.options.append((fold(found[1]).upper(), found[2].strip()))
        else:
            question = _more_stem(question, line, number, gathering)
    if question.stem or question.options:
        _unanswered(question, gathering)
    return gathering.parsed()


def _is_next(letter: str, question: _Question) -> bool:
    """An option begins with A, and each has the letter after the one before; all else belongs to the question."""
    return (
        bool(question.stem)
        and len(question.options) < 26
        and fold(letter).upper() == ascii_uppercase[len(question.options)]
    )


def _more_stem(question: _Question, line: str, number: int, gathering: Gathering) -> _Question:
    if question.options:
        if _OPTION.match(line):
            gathering.fault(
                _("dòng %(line)s") % {"line": number}, "options",
                _("«%(text)s»: chữ cái của đáp án không theo thứ tự A, B, C…") % {"text": line[:40]},
                _("Đánh chữ cái đáp án theo thứ tự, bắt đầu từ A."),
            )  # fmt: skip
        else:
            # No answer line came: what follows is the next question.
            _unanswered(question, gathering)
            question = _Question()
    if not question.stem:
        question.line = number
    question.stem.append(line)
    return question


def _unanswered(question: _Question, gathering: Gathering) -> None:
    shown = " ".join(question.stem)[:60]
    gathering.fault(
        _("dòng %(line)s") % {"line": question.line or 1},
        "options",
        _("câu «%(shown)s» không có dòng ĐÁP ÁN") % {"shown": shown},
        _("Thêm dòng ĐÁP ÁN: A dưới các đáp án."),
    )


def _close(question: _Question, folded: str, number: int, gathering: Gathering) -> None:
    """The answer line ends a question."""
    where = _("dòng %(line)s") % {"line": question.line or number}
    told = _("dòng %(line)s") % {"line": number}
    if not question.stem:
        gathering.fault(
            told, "text", _("dòng đáp án không đứng dưới câu hỏi nào"), _("Viết câu hỏi và các đáp án ở trên dòng này.")
        )
        return
    letters = [letter for letter, _words in question.options]
    found = _ANSWER.match(folded)
    if not found:
        gathering.fault(told, "options", _("dòng đáp án không có chữ cái"), _("Viết theo dạng ĐÁP ÁN: B."))
        return
    if _MORE.match(folded[found.end() - 1 :]):
        gathering.fault(
            told,
            "options",
            _("Aiken chỉ nhận một đáp án đúng"),
            _("Dùng GIFT hoặc bảng Excel cho câu có nhiều đáp án đúng."),
        )
        return
    right = found[1].upper()
    if right not in letters:
        shown = ", ".join(letters) or _("không có")
        gathering.fault(
            told,
            "options",
            _("đáp án %(right)s không có trong câu (các đáp án: %(shown)s)") % {"right": right, "shown": shown},
            _("Sửa chữ cái ở dòng ĐÁP ÁN."),
        )
        return
    options = [{"text": words, "correct": letter == right} for letter, words in question.options]
    content = {"kind": "single", "text": "\n".join(question.stem), "options": options, "settings": {}}
    gathering.add(content, where=where, line=question.line)


# --- Writing --------------------------------------------------------------------------------------------------------
def carried(entry: Entry) -> Entry:
    """Question, options and key: all that Aiken can say. CannotCarry for other kinds."""
    content = entry.content
    if content["kind"] != "single":
        raise CannotCarry(_("Aiken chỉ có câu chọn một đáp án"))
    if content["media"] or any("media" in option for option in content["options"]):
        raise CannotCarry(_("Aiken không mang được hình và tiếng"))
    if any("weight" in option for option in content["options"]):
        raise CannotCarry(_("Aiken không mang được tỉ lệ điểm"))
    text = nfc(content["text"])
    texts = [text, *(option["text"] for option in content["options"])]
    if any(len(one) < 1 for one in texts) or len(text) < 2 or _ANSWER_LINE.match(fold(text[:60])):
        raise CannotCarry(_("câu hỏi quá ngắn hoặc giống dòng đáp án của Aiken"))
    options = [{**option, "feedback": ""} for option in content["options"]]
    kept: Mapping[str, Any] = {**content, "text": text, "options": options, "explanation": "", "source": {}}
    return replace(entry, content=kept, code="", name="", category="", tags=(), difficulty=None, topic=None)


def render(entries: Sequence[Entry], media: Sequence[Media] = ()) -> bytes:
    """An Aiken file of entries that ``carried`` let pass."""
    return ("\n\n".join(_block(entry.content) for entry in entries) + "\n").encode()


def _block(content: Mapping[str, Any]) -> str:
    options = content["options"]
    lines = [f"{ascii_uppercase[n]}. {option['text']}" for n, option in enumerate(options)]
    right = next(n for n, option in enumerate(options) if option["correct"])
    return "\n".join([content["text"], *lines, f"ANSWER: {ascii_uppercase[right]}"])
