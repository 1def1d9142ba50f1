"""Contents out of what files say: rows of answers with shares of the point, pairs, accepted answers. Pure.

A **row** is what a file says of one option: its words, its share in percent as text (None where it says none), whether
it is marked as right, its feedback, its picture.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from string import ascii_lowercase
from typing import Any

from django.utils.translation import gettext as _

from common.text import fold, nfc
from quizzes.formats.base import CannotCarry
from quizzes.kinds.base import ALL, PARTIAL
from quizzes.kinds.choice import TRUE_FALSE_TEXTS

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?", re.ASCII)
#: Shares are written with five places: 33.33333.
CLOSE = Fraction(1, 100)
Tell = Callable[[str], None]
#: Keys of options and choices in the order in which they stand.
LETTERS = ascii_lowercase


@dataclass(frozen=True)
class Row:
    text: str
    weight: str | None = None
    right: bool = False
    feedback: str = ""
    media: Mapping[str, str] | None = None


def weight_read(text: str, tell: Tell) -> str | None:
    """A share as it is written, kept within −100 to 100; None for what is no number."""
    plain = re.sub(r"\s", "", text).replace(",", ".")
    if not NUMBER.fullmatch(plain):
        tell(_("tỉ lệ điểm «%(text)s» không phải một số nên bỏ qua") % {"text": text[:20]})
        return None
    if abs(Decimal(plain)) > 100:
        kept = "100" if Decimal(plain) > 0 else "-100"
        tell(_("tỉ lệ điểm %(percent)s %% vượt giới hạn nên lấy %(kept)s %%") % {"percent": plain, "kept": kept})
        return kept
    return plain.removeprefix("+")


def number_read(text: str) -> str:
    """A number of a key with a point; empty when it is none. A comma is read as in Vietnamese."""
    plain = re.sub(r"\s", "", text.replace("\u2212", "-"))
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    return plain if NUMBER.fullmatch(plain) else ""


def plain_number(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _share(row: Row) -> Fraction:
    return Fraction(row.weight) if row.weight is not None else Fraction(0)


def _is_share(row: Row, wanted: Fraction) -> bool:
    return abs(_share(row) - wanted) < CLOSE


def _option(row: Row, correct: bool, weighted: bool) -> dict[str, Any]:
    option: dict[str, Any] = {"text": nfc(row.text), "correct": correct, "feedback": nfc(row.feedback)}
    if weighted and row.weight is not None:
        option["weight"] = row.weight
    if row.media:
        option["media"] = dict(row.media)
    return option


def single_of(rows: Sequence[Row], *, explicit: bool, tell: Tell) -> dict[str, Any]:
    """One right option; shares are kept where they say more than right and wrong, or always (``explicit``)."""
    marked = [row.right for row in rows]
    if not any(marked):
        best = max((_share(row) for row in rows), default=Fraction(0))
        marked = [best > 0 and _share(row) == best for row in rows]
    if sum(marked) > 1:
        tell(
            _("có nhiều đáp án được trọn điểm mà chỉ chọn một; đáp án đầu được coi là đáp án đúng, tỉ lệ điểm vẫn giữ")
        )
    first = marked.index(True) if any(marked) else -1
    full = [row if row.weight is not None or not row.right else _weighed(row, "100") for row in rows]
    plain = sum(marked) == 1 and all(
        _is_share(row, Fraction(100 if place == first else 0)) for place, row in enumerate(full)
    )
    if not explicit and not plain:
        full = [_weighed(row, None) if row.weight is not None and not _share(row) else row for row in full]
    options = [_option(row, place == first, explicit or not plain) for place, row in enumerate(full)]
    return {"kind": "single", "options": options, "settings": {}}


def _weighed(row: Row, weight: str | None) -> Row:
    return Row(row.text, weight, row.right, row.feedback, row.media)


def multiple_of(rows: Sequence[Row], *, credit: str = "", explicit: bool, tell: Tell) -> dict[str, Any]:
    """Several right options: those that earn something. Shares are dropped where "partial" says the same."""
    right = [_share(row) > 0 for row in rows]
    count = sum(right)
    if count == 1:
        tell(_("cho chọn nhiều nhưng chỉ một đáp án được điểm, nên thành câu chọn một"))
        return single_of(rows, explicit=explicit, tell=tell)
    each = Fraction(100, count) if count else Fraction(0)
    loss = Fraction(-100) if credit == ALL else -each
    plain = all(_is_share(row, each if good else loss) for row, good in zip(rows, right, strict=True))
    weighted = explicit or not plain
    if weighted and not explicit:
        rows = [_weighed(row, None) if row.weight is not None and not _share(row) else row for row in rows]
    options = [_option(row, good, weighted) for row, good in zip(rows, right, strict=True)]
    return {
        "kind": "multiple",
        "options": options,
        "settings": {"credit": credit or (ALL if weighted and not explicit else PARTIAL)},
    }


def multiple_rows(content: Mapping[str, Any]) -> list[Row]:
    """The options of a multiple choice with the shares by which other systems know it.

    All or nothing is written as: one wrong takes everything. That is as near as shares come to it.
    """
    options = content["options"]
    if any("weight" in option for option in options):
        return [_row_of(option, option.get("weight")) for option in options]
    count = sum(option["correct"] for option in options)
    each = plain_number(round(Decimal(100) / count, 5))
    loss = "-100" if content["settings"].get("credit", ALL) == ALL else f"-{each}"
    return [_row_of(option, each if option["correct"] else loss) for option in options]


def single_rows(content: Mapping[str, Any]) -> list[Row]:
    """The options of a single choice, with shares where it has them."""
    options = content["options"]
    if any("weight" in option for option in options):
        if any(option["correct"] and "weight" not in option for option in options):
            raise CannotCarry(_("đáp án đúng chưa ghi tỉ lệ điểm, trong khi đáp án khác có"))
        return [_row_of(option, option.get("weight")) for option in options]
    return [_row_of(option, "100" if option["correct"] else "0") for option in options]


def _row_of(option: Mapping[str, Any], weight: str | None) -> Row:
    return Row(option["text"], weight, option["correct"], option["feedback"], option.get("media"))


def true_false_of(is_true: bool, *, feedback_true: str = "", feedback_false: str = "") -> dict[str, Any]:
    feedbacks = (feedback_true, feedback_false)
    options = [
        {"text": text, "correct": is_true == (text == TRUE_FALSE_TEXTS[0]), "feedback": nfc(feedback)}
        for text, feedback in zip(TRUE_FALSE_TEXTS, feedbacks, strict=True)
    ]
    return {"kind": "true_false", "options": options, "settings": {}}


def true_false_options(content: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The options Đúng and Sai."""
    by_text = {option["text"]: option for option in content["options"]}
    if any("weight" in option or "media" in option for option in content["options"]):
        raise CannotCarry(_("câu đúng–sai có tỉ lệ điểm hoặc hình ở đáp án"))
    return by_text[TRUE_FALSE_TEXTS[0]], by_text[TRUE_FALSE_TEXTS[1]]


def matching_of(pairs: Iterable[tuple[str, str]], credit: str = PARTIAL) -> dict[str, Any]:
    """Pairs of words; one without a left side only adds to what may be chosen."""
    tidy = [(nfc(left), nfc(right)) for left, right in pairs]
    texts = list(dict.fromkeys(right for left, right in tidy if left and right))
    texts += [text for text in dict.fromkeys(right for left, right in tidy if not left and right) if text not in texts]
    keys = {text: str(n) for n, text in enumerate(texts, start=1)}
    settings = {
        "pairs": [
            {"key": key_at(n), "left": left, "right": keys.get(right, "")}
            for n, (left, right) in enumerate(pair for pair in tidy if pair[0])
        ],
        "choices": [{"key": key, "text": text} for text, key in keys.items()],
        "credit": credit,
    }
    return {"kind": "matching", "options": [], "settings": settings}


def key_at(place: int) -> str:
    """a, b, … z, then names that no kind takes: too many are refused by the kind itself."""
    return LETTERS[place] if place < len(LETTERS) else f"k{place}"


def matching_pairs(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What ``matching_of`` takes, for a question."""
    settings = content["settings"]
    texts = {choice["key"]: choice["text"] for choice in settings["choices"]}
    if len(set(texts.values())) < len(texts):
        raise CannotCarry(_("có hai vế phải giống hệt nhau"))
    used = {pair["right"] for pair in settings["pairs"]}
    return [(pair["left"], texts[pair["right"]]) for pair in settings["pairs"]] + [
        ("", text) for key, text in texts.items() if key not in used
    ]


def written_of(kind: str, accepted: Sequence[Mapping[str, Any]], fallback: str = "", **settings: Any) -> dict[str, Any]:
    """A short text or a number. A last answer ``*`` that earns nothing is the feedback to all others."""
    rows = [dict(row) for row in accepted]
    name = "text" if kind == "short_text" else "value"
    if rows and not fallback and str(rows[-1].get(name)) == "*" and not Fraction(str(rows[-1].get("weight") or 100)):
        fallback = str(rows.pop().get("feedback") or "")
    return {"kind": kind, "options": [], "settings": {"accepted": rows, "fallback": fallback, **settings}}


def is_true(text: str) -> bool | None:
    """Whether words mean true or false, in either language; None for neither."""
    word = fold(text)
    return True if word in ("t", "true", "dung", "d") else False if word in ("f", "false", "sai", "s") else None


def credit_of(content: Mapping[str, Any], usual: str) -> str:
    return str(content["settings"].get("credit", usual))
