"""GIFT, Moodle's format of plain text, read. Writing is in ``gift_out.py``. Pure.

Grammar and traps: docs/features/question-files.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from common.text import nfc
from quizzes.formats.base import Gathering, Parsed, decoded, doubtful_encoding
from quizzes.formats.building import (
    Row,
    is_true,
    matching_of,
    multiple_of,
    number_read,
    plain_number,
    single_of,
    true_false_of,
    weight_read,
    written_of,
)
from quizzes.formats.extras import about_of, plain_rubric, with_extras
from quizzes.formats.markup import text_of_html

GAP_SHOWN = "_____"
_CATEGORY = re.compile(r"\$CATEGORY:(.*)", re.IGNORECASE)
_TOP = re.compile(r"^\$\w+\$(?:/top)?(?:/|$)")
_TOKEN = re.compile(r"\[([a-z_0-9.]{1,40}):")
_TOKEN_END = re.compile(r"(?<!\\)\]")
_FORMAT = re.compile(r"\s*\[(html|moodle|plain|markdown)\]", re.IGNORECASE)
_WEIGHT = re.compile(r"\s*%([^%\s]{0,20})%")
_ESCAPED = re.compile(r"\\([~=#{}:\\n])")
_RANGE = re.compile(r"(.+?)\.\.(.+)", re.DOTALL)


# --- Reading --------------------------------------------------------------------------------------------------------
@dataclass
class _Block:
    """The lines of one question, without its comments."""

    line: int = 0
    lines: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    category: str = ""


def parse(data: bytes) -> Parsed:
    """Every question of a GIFT file."""
    gathering = Gathering()
    text, encoding = decoded(data)
    doubtful_encoding(encoding, gathering)
    for block in _blocks(text):
        _read_block(block, gathering)
    return gathering.parsed()


def _blocks(text: str) -> Iterator[_Block]:
    """Questions are apart by empty lines; a category counts until the next one."""
    block, category = _Block(), ""
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip()
        if line.startswith("//"):
            block.comments.append(line[2:])
        elif not block.lines and (found := _CATEGORY.match(line)):
            category = _TOP.sub("", found[1].strip())
        elif line:
            block.line = block.line or number
            block.lines.append(line)
        elif block.lines:
            yield _placed(block, category)
            block = _Block()
    if block.lines:
        yield _placed(block, category)


def _placed(block: _Block, category: str) -> _Block:
    block.category = category
    return block


def _read_block(block: _Block, gathering: Gathering) -> None:
    where = _("dòng %(line)s") % {"line": block.line}
    name, rest = _name_of("\n".join(block.lines))
    markup, rest = _markup_of(rest, "")
    cuts = _unescaped(rest, "{}")
    extras, tags = _tokens(block.comments)
    if not cuts:
        gathering.note(where, _("là đoạn mô tả, không có câu hỏi nên bỏ qua"))
        return
    if [rest[cut] for cut in cuts] != ["{", "}"]:
        gathering.fault(
            where,
            "text",
            _("dấu { và } không thành đúng một cặp"),
            _("Viết đáp án trong một cặp { }; dấu khác viết là \\{ và \\}."),
        )
        return
    before, inner, after = rest[: cuts[0]], rest[cuts[0] + 1 : cuts[1]], rest[cuts[1] + 1 :]
    reading = _Reading(where, gathering, markup, extras)
    told = f"{before.rstrip()} {GAP_SHOWN} {after.lstrip()}" if after.strip() else before
    content = reading.content(inner.strip())
    if content is None:
        return
    content = {**content, "text": reading.text(told, lines=True, marked=False)}
    content["explanation"] = reading.explanation
    gathering.add(
        with_extras(content, extras), where=where, line=block.line, name=name, category=block.category, tags=tags,
        code=extras.get("id", ""), **about_of(extras),
    )  # fmt: skip


def _name_of(text: str) -> tuple[str, str]:
    """``::name::`` and what stands behind it."""
    if text.startswith("::"):
        marks = [at for at in _unescaped(text[2:], ":") if text[2 + at : 4 + at] == "::"]
        if marks:
            return _plain(text[2 : 2 + marks[0]]), text[4 + marks[0] :].lstrip()
    return "", text


def _markup_of(text: str, usual: str) -> tuple[str, str]:
    found = _FORMAT.match(text)
    return (found[1].lower(), text[found.end() :]) if found else (usual, text)


def _tokens(comments: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """``[id:…]``, ``[tag:…]`` and our own in the comments before a question."""
    found = [token for line in comments for token in _tokens_of(line)]
    extras: dict[str, str] = {}
    for name, value in found:
        extras.setdefault(name, value)
    return extras, [value for name, value in found if name == "tag"]


def _tokens_of(line: str) -> Iterator[tuple[str, str]]:
    at = 0
    while begun := _TOKEN.search(line, at):
        end = _TOKEN_END.search(line, begun.end())
        if end is None:
            return
        yield begun[1], line[begun.end() : end.start()].replace("\\]", "]").strip()
        at = end.end()


def _unescaped(text: str, signs: str) -> list[int]:
    """Where one of the signs stands without a backslash before it."""
    pattern = re.compile(rf"\\.|[{re.escape(signs)}]", re.DOTALL)
    return [found.start() for found in pattern.finditer(text) if len(found[0]) == 1]


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], text)


class _Reading:
    """One question as it is being read."""

    def __init__(self, where: str, gathering: Gathering, markup: str, extras: Mapping[str, str]) -> None:
        self.where, self.gathering, self.markup, self.extras = where, gathering, markup, extras
        self.explanation = ""

    def tell(self, text: str) -> None:
        self.gathering.note(self.where, text)

    def text(self, raw: str, *, lines: bool = False, marked: bool = True) -> str:
        """Words as they are kept: escapes resolved, HTML made plain; ``marked`` words may name their markup."""
        markup, raw = _markup_of(raw, self.markup) if marked else (self.markup, raw)
        plain = _plain(raw)
        if markup == "html":
            made = text_of_html(plain)
            if made.lost:
                self.tell(_("không giữ %(lost)s") % {"lost": ", ".join(made.lost)})
            plain = made.text
        return plain if lines else nfc(plain)

    def content(self, inner: str) -> dict[str, Any] | None:
        """What the answers in the braces make; None after telling why they make nothing."""
        marks = _unescaped(inner, "#")
        runs = [at for at in marks if inner[at : at + 4] == "####" and inner[at : at + 5] != "#####"]
        if runs:
            self.explanation = self.text(inner[runs[0] + 4 :], lines=True)
            inner = inner[: runs[0]].strip()
        if not inner:
            return self._essay()
        if inner.startswith("#"):
            return self._numeric(inner[1:])
        if _unescaped(inner, "~"):
            return self._choice(inner)
        if _unescaped(inner, "=") and "->" in inner:
            return self._matching(inner)
        if not inner.startswith("="):
            return self._true_false(inner)
        return self._short_text(inner)

    def _fault(self, problem: str, fix: str) -> None:
        self.gathering.fault(self.where, "options", problem, fix)

    def _essay(self) -> dict[str, Any]:
        if "rubric" not in self.extras:
            self.tell(_("là câu tự luận; đã thêm một tiêu chí chấm để người soạn sửa lại"))
        return {"kind": "essay", "options": [], "settings": {"rubric": plain_rubric()}}

    def _split(self, inner: str, signs: str) -> list[tuple[str, str]]:
        """The answers: which sign each has, and what stands behind it."""
        cuts = [*_unescaped(inner, signs), len(inner)]
        if inner[: cuts[0]].strip():
            self.tell(
                _("chữ «%(words)s» đứng trước đáp án đầu tiên nên bỏ qua") % {"words": nfc(inner[: cuts[0]])[:40]}
            )
        return [(inner[at], inner[at + 1 : end].strip()) for at, end in zip(cuts, cuts[1:], strict=False)]

    def _weighed(self, answer: str) -> tuple[str | None, str]:
        found = _WEIGHT.match(answer)
        return (weight_read(found[1], self.tell), answer[found.end() :].strip()) if found else (None, answer)

    def _fed(self, answer: str) -> tuple[str, str]:
        """Words and feedback of an answer."""
        cut = next(iter(_unescaped(answer, "#")), len(answer))
        return answer[:cut].strip(), self.text(answer[cut + 1 :])

    def _choice(self, inner: str) -> dict[str, Any]:
        rows = []
        for sign, answer in self._split(inner, "~="):
            weight, rest = self._weighed(answer)
            words, feedback = self._fed(rest)
            rows.append(Row(self.text(words), weight, sign == "=", feedback))
        explicit = self.extras.get("weights") == "1"
        if any(row.right for row in rows):
            return single_of(rows, explicit=explicit, tell=self.tell)
        credit = self.extras.get("credit", "")
        return multiple_of(rows, credit=credit, explicit=explicit, tell=self.tell)

    def _matching(self, inner: str) -> dict[str, Any] | None:
        pairs = []
        for _sign, answer in self._split(inner, "="):
            left, arrow, right = answer.partition("->")
            if not arrow:
                self._fault(
                    _("cặp «%(pair)s» không có dấu ->") % {"pair": nfc(answer)[:40]},
                    _("Viết mỗi cặp theo dạng =vế trái -> vế phải."),
                )
                return None
            pairs.append((self.text(left), nfc(_plain(right))))
        return matching_of(pairs)

    def _true_false(self, inner: str) -> dict[str, Any] | None:
        cuts = [*_unescaped(inner, "#"), len(inner)]
        truth = is_true(inner[: cuts[0]])
        if truth is None:
            self._fault(
                _("không hiểu đáp án «%(answer)s»") % {"answer": nfc(inner)[:40]},
                _("Thêm dấu = trước đáp án đúng, dấu ~ trước đáp án sai, hoặc viết {T} hay {F}."),
            )
            return None
        said = [self.text(inner[at + 1 : end]) for at, end in zip(cuts, cuts[1:], strict=False)]
        wrong, right = (*said, "", "")[:2]
        return true_false_of(truth, feedback_true=right if truth else wrong, feedback_false=wrong if truth else right)

    def _short_text(self, inner: str) -> dict[str, Any]:
        accepted = []
        for _sign, answer in self._split(inner, "="):
            weight, rest = self._weighed(answer)
            words, feedback = self._fed(rest)
            accepted.append({"text": nfc(_plain(words)), "weight": weight, "feedback": feedback})
        return written_of("short_text", accepted)

    def _numeric(self, inner: str) -> dict[str, Any] | None:
        accepted, fallback = [], ""
        parts = self._split(inner, "=~") if _unescaped(inner, "=~") else [("=", inner.strip())]
        for sign, answer in parts:
            weight, rest = self._weighed(answer)
            words, feedback = self._fed(rest)
            if sign == "~" or words == "*":
                fallback = feedback
                continue
            row = _number_row(words)
            if row is None:
                self._fault(
                    _("«%(words)s» không phải số, số:sai số, hay nhỏ nhất..lớn nhất") % {"words": nfc(words)[:40]},
                    _("Viết số theo dạng 3.14, 3.14:0.01 hoặc 3..4."),
                )
                return None
            accepted.append({**row, "weight": weight, "feedback": feedback})
        return written_of("numeric", accepted, fallback)


def _number_row(words: str) -> dict[str, str] | None:
    """A number with its tolerance, or a range as its middle and half its width."""
    plain = _plain(words)
    if found := _RANGE.fullmatch(plain):
        low, high = number_read(found[1]), number_read(found[2])
        if not low or not high or Decimal(low) > Decimal(high):
            return None
        middle, half = (Decimal(low) + Decimal(high)) / 2, (Decimal(high) - Decimal(low)) / 2
        return {"value": plain_number(middle), "tolerance": plain_number(half)}
    value, _colon, tolerance = plain.partition(":")
    found_value, found_tolerance = number_read(value), number_read(tolerance) if tolerance.strip() else "0"
    return {"value": found_value, "tolerance": found_tolerance} if found_value and found_tolerance else None
