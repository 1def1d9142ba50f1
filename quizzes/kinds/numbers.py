"""Numbers as people in Việt Nam type them. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

#: Digits, perhaps in groups, perhaps with a fraction.
PLAIN = re.compile(r"[+-]?\d+", re.ASCII)
GROUPED = {mark: re.compile(rf"[+-]?[1-9]\d{{0,2}}(?:\{mark}\d{{3}})+", re.ASCII) for mark in ".,"}
LONGEST_NUMBER = 40


def readings(text: str, unit: str = "") -> frozenset[Decimal]:
    """Every number that the text may mean; empty when it is none.

    ``1.234,5`` and ``1,5`` are read as in Vietnamese, ``1.5`` as a keypad without comma gives it. ``1.234`` may be one
    thousand two hundred thirty-four or a bit more than one: both are meant, because nobody can tell which.
    """
    bare = re.sub(r"\s", "", text.replace("\u2212", "-").replace("\u00a0", " "))
    suffix = re.sub(r"\s", "", unit)
    if suffix and bare.casefold().endswith(suffix.casefold()):
        bare = bare[: -len(suffix)]
    return frozenset(Decimal(one) for one in _candidates(bare)) if len(bare) <= LONGEST_NUMBER else frozenset()


def _candidates(bare: str) -> set[str]:
    """The text with its marks resolved in every way that makes a number."""
    found = {bare} if PLAIN.fullmatch(bare) else set()
    for group, point in ((".", ","), (",", ".")):
        whole, mark, fraction = bare.partition(point)
        grouped = bool(GROUPED[group].fullmatch(whole))
        if mark and fraction.isascii() and fraction.isdigit() and (grouped or PLAIN.fullmatch(whole)):
            found.add(f"{whole.replace(group, '')}.{fraction}")
        elif not mark and grouped:
            found.add(whole.replace(group, ""))
    return found


def vi_plain(value: Decimal) -> str:
    """A number as a person types it: ``12,5``; no grouping."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")
