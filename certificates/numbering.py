"""How numbers are written and found again. Pure: no database."""

from __future__ import annotations

import re
from string import Formatter

from django.utils.translation import gettext as _

from common.errors import Refusal
from common.text import fold

#: Number 42 of 2026 with the letters CN-SKHCN: 00042/2026/CN-SKHCN.
ORDINARY = "{so:05d}/{nam}/{ky_hieu}"
_FIELDS = {"so", "nam", "ky_hieu"}
_SPEC = re.compile(r"(0[1-9]d)?")
_LITERAL = re.compile(r"[A-ZĐ0-9/.\- ]*")
_FILE_ENDING = re.compile(r"(?: ?\([0-9]+\))?\.pdf$")
_LABEL = re.compile(r"^so(?![a-z])")
_RUN = re.compile(r"[0-9]+|[a-z]+")


def number_text(pattern: str, *, seq: int, year: int, suffix: str) -> str:
    """The number as the paper carries it."""
    return pattern.format(so=seq, nam=year, ky_hieu=suffix)


def checked_pattern(typed: str) -> str:
    """A pattern that numbers every certificate of every year differently. Raises Refusal ``pattern_unclear``.

    It names {so} (or {so:05d}: filled up with zeros) and {nam}, each once, and may name {ky_hieu}.
    """
    pattern = typed.strip()
    try:
        parts = list(Formatter().parse(pattern))
    except ValueError:
        parts = []
    names = [part[1] for part in parts if part[1] is not None]
    sound = (
        {"so", "nam"} <= set(names) <= _FIELDS
        and len(names) == len(set(names))
        and all(_LITERAL.fullmatch(part[0]) for part in parts)
        and all(
            conversion is None and (not spec or (name == "so" and _SPEC.fullmatch(spec)))
            for _text, name, spec, conversion in parts
        )
        # Digits that touch could be read two ways: number 1 of 2026 and number 12 of 026.
        and not re.search(r"\d\{|\}\d|\}\{", pattern)
    )
    if not sound:
        raise Refusal(
            _("Cách viết số chưa rõ."),
            code="pattern_unclear",
            fix=_("Ghi {so} và {nam} mỗi thứ một lần, có dấu ngăn ở giữa, ví dụ %(example)s.") % {"example": ORDINARY},
        )
    return pattern


def number_key(typed: str) -> str:
    """A number without what people write in different ways: signs, leading zeros, capitals, "Số", the ending of a file.

    "số 42 / 2026 / cn-skhcn", "42 2026 CN SKHCN" and "00042-2026-CN-SKHCN.pdf" are all "42.2026.cnskhcn"; empty where
    nothing is left.
    """
    key: list[str] = []
    for run in _RUN.findall(_LABEL.sub("", _FILE_ENDING.sub("", fold(typed)))):
        if run.isdigit():
            key.append(run.lstrip("0") or "0")
        elif key and key[-1].isalpha():
            key[-1] += run
        else:
            key.append(run)
    return ".".join(key)[:60]
