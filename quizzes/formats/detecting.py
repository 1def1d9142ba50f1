"""Which format a file is in: by its bytes, and only in doubt by its name. Pure."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

from common.text import fold
from quizzes.formats.base import decoded

#: As much of a file as is looked at.
HEAD = 256 * 1024
_ROOT = re.compile(r"<(?:[\w-]+:)?([A-Za-z][\w-]*)")
_PROLOGUE = re.compile(
    r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]{0,500}(?:\[.{0,2000}?\])?[^>]{0,500}>)", re.DOTALL | re.IGNORECASE
)
_ROOTS = {
    "quiz": "moodle",
    "assessmentitem": "qti",
    "qti-assessment-item": "qti",
    "assessmenttest": "qti",
    "qti-assessment-test": "qti",
    "manifest": "qti",
}
ANSWER = re.compile(r"(?:answer|dap an)(?: dung)? ?[:.]")
_OPTION = re.compile(r"[A-Za-z][.)]")


def detect(name: str, data: bytes) -> str:
    """``gift``, ``aiken``, ``moodle``, ``xlsx``, ``qti``; empty for what is none of them."""
    if data.startswith(b"PK"):
        return _archive(data)
    text, _encoding = decoded(data[:HEAD])
    text = text.lstrip()
    if text.startswith("<") and (found := _markup(text)):
        return found
    if _is_table(name, text):
        return "xlsx"
    return _words(name, text)


def _archive(data: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = {part.lower() for part in archive.namelist()[:10_000]}
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
        return ""
    if "xl/workbook.xml" in names:
        return "xlsx"
    return "qti" if any(part.endswith(".xml") for part in names) and not _is_office(names) else ""


def _is_office(names: set[str]) -> bool:
    return "[content_types].xml" in names or "content.xml" in names


def _markup(text: str) -> str:
    at = 0
    while found := _PROLOGUE.match(text, at):
        at = found.end()
    root = _ROOT.match(text[at:].lstrip()[:200])
    return _ROOTS.get(root[1].lower(), "") if root else ""


def _is_table(name: str, text: str) -> bool:
    """A csv shows in its heading: a column for the question, and separators."""
    first = fold(next((line for line in text.split("\n") if line.strip()), "")[:2000])
    return bool(re.search(r"[,;\t]", first)) and "cau hoi" in first and ("dap an" in first or "loai" in first)


def _words(name: str, text: str) -> str:
    lines = [line.strip() for line in text.split("\n")]
    answers = sum(bool(ANSWER.match(fold(line[:40]))) for line in lines)
    options = sum(bool(_OPTION.match(line)) for line in lines)
    braces = len(re.findall(r"(?<!\\)\{", text))
    if answers and options > answers and answers >= braces:
        return "aiken"
    if braces or re.search(r"^(?:::|\$CATEGORY:)", text, re.MULTILINE) or name.lower().endswith(".gift"):
        return "gift"
    return "aiken" if answers or options > 1 else ""
