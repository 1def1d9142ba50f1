"""Pure rules of arranging an outline: no models, no I/O."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class Line:
    """One page of an outline in its place. ``required`` and ``rule`` are said of lessons only, else None and ""."""

    page: int
    required: bool | None = None
    rule: str = ""


Arrangement = tuple[Line, ...]


def token_of(lines: Iterable[Line], live: Collection[int]) -> str:
    """A fingerprint of an outline: its order, what is required, by which rules, and what is published."""
    state = [(line.page, line.required, line.rule, line.page in live) for line in lines]
    return sha256(repr(state).encode()).hexdigest()[:20]


def block_of(order: Sequence[int], page: int, headings: Collection[int]) -> slice:
    """What moves with ``page``: a heading takes along all that stands under it; anything else goes alone."""
    start = order.index(page)
    end = start + 1
    if page in headings:
        while end < len(order) and order[end] not in headings:
            end += 1
    return slice(start, end)


def moved(order: Sequence[int], page: int, direction: str, headings: Collection[int]) -> list[int]:
    """The order after ``page`` went one place "up" or "down"; unchanged at either end.

    A lesson passes one line, so at a heading it changes its module. A heading passes the whole module next to it.
    """
    taken = block_of(order, page, headings)
    block, before, after = list(order[taken]), list(order[: taken.start]), list(order[taken.stop :])
    if direction == "up" and before:
        passed = 1
        while page in headings and passed < len(before) and before[-passed] not in headings:
            passed += 1
        return [*before[:-passed], *block, *before[-passed:], *after]
    if direction == "down" and after:
        stop = block_of(after, after[0], headings).stop if page in headings else 1
        return [*before, *after[:stop], *block, *after[stop:]]
    return list(order)


def displaced(before: Sequence[int], after: Sequence[int]) -> list[int]:
    """The fewest pages that must move to turn ``before`` into ``after`` (the same pages), as they stand in ``after``.

    All but a longest increasing run of the old places.
    """
    place = {page: number for number, page in enumerate(before)}
    tails: list[int] = []  # the smallest last place of a run of each length
    ends: list[int] = []  # where in ``after`` that run ends
    previous: list[int | None] = []
    for at, page in enumerate(after):
        length = bisect_left(tails, place[page])
        previous.append(ends[length - 1] if length else None)
        tails[length : length + 1] = [place[page]]
        ends[length : length + 1] = [at]
    staying = set()
    at_now = ends[-1] if ends else None
    while at_now is not None:
        staying.add(after[at_now])
        at_now = previous[at_now]
    return [page for page in after if page not in staying]
