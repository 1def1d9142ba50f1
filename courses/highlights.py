"""Which part of a text to show to somebody who looked for words, and what to mark in it. Pure: no models."""

from __future__ import annotations

from dataclasses import dataclass

from common.text import search_words, words_with_places

#: How much of a lesson is shown, and how much of it before the first word that was looked for. In letters.
LENGTH = 200
LEAD = 50


@dataclass(frozen=True)
class Piece:
    """A run of the text as it is written; ``is_hit`` where it holds what was looked for."""

    text: str
    is_hit: bool = False


@dataclass(frozen=True)
class _Text:
    """A text cut into words, and which of them (by number, in order) are which of the words looked for."""

    text: str
    words: list[tuple[str, int, int]]
    hits: dict[int, str]


def marked(text: str, words: str) -> list[Piece]:
    """The whole text in pieces."""
    read = _read(text, words)
    return _pieces(read, 0, len(text))


def excerpt(text: str, words: str, *, length: int = LENGTH) -> list[Piece]:
    """The part of the text, of about ``length`` letters, in which the most of the words stand first.

    Cut between words, with … where something was left out. Without any of the words: the beginning.
    """
    read = _read(text, words)
    start = max(0, _densest(read, length) - LEAD)
    if start + length > len(text):
        start = max(0, len(text) - length)
    if start:
        start = next((begin for _, begin, _ in read.words if begin >= start), start)
    stop = len(text)
    if start + length < stop:
        stop = max((end for _, _, end in read.words if end <= start + length), default=start + length)
    pieces = _pieces(read, start, stop)
    before = [Piece("… ")] if start else []
    return before + pieces + ([Piece(" …")] if stop < len(text.rstrip()) else [])


def _read(text: str, words: str) -> _Text:
    """Where the words stand one after the other only those places count, otherwise each word by itself."""
    found = words_with_places(text)
    wanted = search_words(words)
    if not wanted:
        return _Text(text, found, {})
    *before, last = wanted
    plain = [word for word, _, _ in found]
    ends = {number: last for number, word in enumerate(plain) if word.startswith(last)}
    together = [number for number in ends if number >= len(before) and plain[number - len(before) : number] == before]
    if together:
        numbers = sorted({number - back for number in together for back in range(len(wanted))})
        return _Text(text, found, {number: plain[number] for number in numbers})
    whole = {number: word for number, word in enumerate(plain) if word in before}
    return _Text(text, found, dict(sorted((ends | whole).items())))


def _densest(read: _Text, length: int) -> int:
    """Where the first stretch of ``length`` letters begins that holds the most different words looked for."""
    best, place, numbers = 0, 0, list(read.hits)
    for index, number in enumerate(numbers):
        begin = read.words[number][1]
        different = set()
        for other in numbers[index:]:
            if read.words[other][2] > begin + length - LEAD:
                break
            different.add(read.hits[other])
        if len(different) > best:
            best, place = len(different), begin
    return place


def _pieces(read: _Text, start: int, stop: int) -> list[Piece]:
    """The text from ``start`` to ``stop``; neighbouring hits make one piece with what stands between them."""
    runs: list[tuple[int, int]] = []
    before = -2
    for number in read.hits:
        _, begin, end = read.words[number]
        if begin < start or end > stop:
            continue
        if number == before + 1 and runs and read.text[runs[-1][1] : begin].isspace():
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((begin, end))
        before = number
    pieces, place = [], start
    for begin, end in runs:
        pieces += [Piece(read.text[place:begin]), Piece(read.text[begin:end], is_hit=True)]
        place = end
    return [piece for piece in [*pieces, Piece(read.text[place:stop])] if piece.text]
