"""Pure rules of what makes a question usable: no models, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_lowercase
from typing import Any

from common.text import nfc

KINDS = ("single", "multiple", "true_false")
TRUE_FALSE_TEXTS = ("Đúng", "Sai")
MAX_OPTIONS = 8

#: A field of a question and what is wrong with it.
Problem = tuple[str, str]


def options_normal(options: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Options as they are stored. An option keeps the key it has; new ones get the next free letter, in order."""
    taken = {option["key"] for option in options if option.get("key")}
    free = (letter for letter in ascii_lowercase if letter not in taken)
    return [
        {
            "key": option.get("key") or next(free),
            "text": nfc(str(option["text"])),
            "correct": bool(option.get("correct", False)),
            "feedback": nfc(str(option.get("feedback") or "")),
        }
        for option in options
    ]


def question_problems(
    *, kind: Any, text: Any, options: Any, difficulty: Any = 1, explanation: Any = ""
) -> list[Problem]:
    """What keeps a question from being asked, field by field, in Vietnamese; empty when it is fine."""
    problems: list[Problem] = []
    if kind not in KINDS:
        problems.append(("kind", f"phải là một trong {', '.join(KINDS)}"))
    if not isinstance(text, str) or not text.strip():
        problems.append(("text", "chưa có nội dung câu hỏi"))
    if not isinstance(explanation, str):
        problems.append(("explanation", "phải là chữ"))
    if isinstance(difficulty, bool) or difficulty not in (1, 2, 3):
        problems.append(("difficulty", "phải là 1, 2 hoặc 3"))
    return problems + _options_problems(kind, options)


def _options_problems(kind: Any, options: Any) -> list[Problem]:
    """What is wrong with the options as a list; the first shape problem hides the rest."""
    if not isinstance(options, Sequence) or isinstance(options, str) or not options:
        return [("options", "chưa có đáp án")]
    for place, option in enumerate(options, start=1):
        if not isinstance(option, Mapping):
            return [("options", f"đáp án {place} phải có dạng text, correct, feedback")]
        if not isinstance(option.get("text"), str) or not option["text"].strip():
            return [("options", f"đáp án {place} chưa có chữ")]
        if not isinstance(option.get("correct", False), bool):
            return [("options", f"đáp án {place}: correct phải là true hoặc false")]
        if option.get("feedback") is not None and not isinstance(option["feedback"], str):
            return [("options", f"đáp án {place}: feedback phải là chữ")]
    texts = [nfc(option["text"]) for option in options]
    keys = [option["key"] for option in options if option.get("key")]
    if len(set(texts)) < len(texts):
        return [("options", "có hai đáp án giống hệt nhau")]
    if len(set(keys)) < len(keys):
        return [("options", "có hai đáp án trùng khoá")]
    return _count_problems(kind, texts, sum(bool(option.get("correct")) for option in options))


def _count_problems(kind: Any, texts: Sequence[str], correct: int) -> list[Problem]:
    """Whether the number of options and of correct ones fits the kind."""
    problems: list[Problem] = []
    if not 2 <= len(texts) <= MAX_OPTIONS:
        problems.append(("options", f"cần từ 2 đến {MAX_OPTIONS} đáp án"))
    if kind == "true_false" and sorted(texts) != sorted(TRUE_FALSE_TEXTS):
        problems.append(("options", "câu đúng–sai cần đúng hai đáp án: Đúng và Sai"))
    if kind in ("single", "true_false") and correct != 1:
        problems.append(("options", f"cần đúng một đáp án đúng, hiện có {correct}"))
    if kind == "multiple" and (correct < 2 or correct == len(texts)):
        problems.append(("options", "câu chọn nhiều cần ít nhất hai đáp án đúng và ít nhất một đáp án sai"))
    return problems
