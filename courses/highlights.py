"""Which part of a text to show to somebody who looked for words, and what to mark in it. Pure: no models."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from common.text import folded_with_places, search_words

#: How much of a lesson is shown, in letters; a quarter of it is kept for what stands before the first hit.
LENGTH = 200
LEAD_SHARE = 4

_LETTER = r"[^\W_]"
_WORD = re.compile(f"{_LETTER}+")
_SPACE = re.compile(r"\s")


# Tuples: a page of results makes thousands of them.
class Piece(NamedTuple):
    """A run of the text as it is written; ``is_hit`` where it holds what was looked for."""

    text: str
    is_hit: bool = False


class _Hit(NamedTuple):
    """Where a word that was looked for stands in a text, and which of them it is."""

    begin: int
    end: int
    word: str


def marked(text: str, words: str) -> list[Piece]:
    """The whole text in pieces."""
    return _pieces(text, _hits(text, words), 0, len(text))


def excerpt(text: str, words: str, *, length: int = LENGTH) -> list[Piece]:
    """The part of the text, of about ``length`` letters, in which the most of the words stand first.

    Cut between words, with … where something was left out. Without any of the words: the beginning.
    A word that is longer than ``length`` is not shown.
    """
    hits = _hits(text, words)
    first = _densest(hits, length)
    start, place = 0, first.begin if first else 0
    # A long word is shown whole, if need be with less before it.
    lead = min(length // LEAD_SHARE, max(length - (first.end - first.begin), 0)) if first else 0
    if (begin := min(place - lead, len(text) - length)) > 0:
        space = _SPACE.search(text, begin, place)
        start = space.end() if space else place
    stop = start + length
    if stop < len(text):
        spaces = [space.start() for space in _SPACE.finditer(text, first.end if first else start, stop + 1)]
        stop = spaces[-1] if spaces else stop
    before = [Piece("… ")] if start else []
    return before + _pieces(text, hits, start, stop) + ([Piece(" …")] if stop < len(text.rstrip()) else [])


@lru_cache(maxsize=64)
def _patterns(words: str) -> tuple[re.Pattern[str], re.Pattern[str]] | None:
    """What finds the words in folded text: one after the other, and each by itself. The last may be a beginning."""
    wanted = search_words(words)
    if not wanted:
        return None
    *before, last = map(re.escape, wanted)
    one_by_one = "".join(f"{word}(?:(?!{_LETTER}).)+" for word in before)
    together = f"(?<!{_LETTER}){one_by_one}{last}{_LETTER}*"
    whole = f"({'|'.join(before)})(?!{_LETTER})|" if before else "(?!)()|"
    return re.compile(together, re.DOTALL), re.compile(f"(?<!{_LETTER})(?:{whole}{last}{_LETTER}*)")


def _hits(text: str, words: str) -> list[_Hit]:
    """Where the words stand one after the other only those places count, otherwise each word by itself."""
    patterns = _patterns(words)
    if patterns is None or not text:
        return []
    folded, places = folded_with_places(text)
    together, alone = patterns
    last = search_words(words)[-1]
    found = [
        (run.start() + word.start(), run.start() + word.end(), word[0])
        for run in together.finditer(folded)
        for word in _WORD.finditer(run[0])
    ] or [(word.start(), word.end(), word[1] or last) for word in alone.finditer(folded)]
    return [_Hit(places[begin], places[end], word) for begin, end, word in found]


def _densest(hits: list[_Hit], length: int) -> _Hit | None:
    """The first hit of the first stretch of ``length`` letters that holds the most different words looked for."""
    best, place = 0, None
    for number, hit in enumerate(hits):
        if hit.end - hit.begin > length:
            continue
        different = {hit.word}
        for other in hits[number + 1 :]:
            if other.end > hit.begin + length - length // LEAD_SHARE:
                break
            different.add(other.word)
        if len(different) > best:
            best, place = len(different), hit
    return place


def _pieces(text: str, hits: list[_Hit], start: int, stop: int) -> list[Piece]:
    """The text from ``start`` to ``stop``; hits with nothing but space between them make one piece."""
    runs: list[tuple[int, int]] = []
    for hit in hits:
        if hit.begin < start or hit.end > stop:
            continue
        if runs and text[runs[-1][1] : hit.begin].isspace():
            runs[-1] = (runs[-1][0], hit.end)
        else:
            runs.append((hit.begin, hit.end))
    pieces, place = [], start
    for begin, end in runs:
        pieces += [Piece(text[place:begin]), Piece(text[begin:end], is_hit=True)]
        place = end
    return [piece for piece in [*pieces, Piece(text[place:stop])] if piece.text]
