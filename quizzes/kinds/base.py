"""What every kind of question can do. Pure: no models, no I/O.

A question travels as its **content**, a plain dict::

    {"kind", "text", "options": [...], "settings": {...}, "explanation", "media": [...], "source": {...}}

``media`` is a list of {"file": uuid, "alt": text}; ``source`` is {"title", "url"} or empty. What ``options`` and
``settings`` hold is said by each kind. In a paper the content becomes an **item**: the same dict in the order that one
person sees, with "question", "version" and "section" beside it.

A **response** is what a learner gave: a list of keys, a text, or a dict of part → response, as each kind says. Form
fields arrive as ``Fields``; a kind reads those whose names begin with the name of its question ("c3", "c3.a").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any, ClassVar

from django.utils.functional import Promise

Content = Mapping[str, Any]
Item = dict[str, Any]
Response = Any
Fields = Mapping[str, Sequence[str]]
#: A field of a question and what is wrong with it.
Problem = tuple[str, str]

ALL, PARTIAL = "all", "partial"
CREDITS = (ALL, PARTIAL)
NOTHING, FULL = Fraction(0), Fraction(1)
#: The longest text that one answer may have.
LONGEST = 10_000


class Kind:
    """One kind of question."""

    code: ClassVar[str]
    label: ClassVar[str]
    #: What a learner is told to do.
    how: ClassVar[str | Promise]
    #: Whether a person has to grade it.
    by_hand: ClassVar[bool] = False
    #: What an empty answer looks like.
    blank: ClassVar[Response] = ()

    def problems(self, content: Content) -> list[Problem]:
        """What keeps the question from being asked, beyond what all kinds share; in Vietnamese."""
        raise NotImplementedError

    def normal(self, content: Content) -> dict[str, Any]:
        """``options`` and ``settings`` as they are stored: keys given, texts tidied, nothing unknown kept."""
        raise NotImplementedError

    def arrange(self, item: Item, rng: Random, shuffle: bool) -> None:
        """Put a fresh item into the order that one person sees."""

    def read(self, item: Content, fields: Fields, name: str) -> Response | None:
        """The response in a form; None when the form says nothing of it (radio buttons cannot be unticked)."""
        raise NotImplementedError

    def misfit(self, item: Content, response: Response) -> str:
        """A code for a response that this question cannot have; empty when it fits."""
        raise NotImplementedError

    def tidy(self, item: Content, response: Response) -> Response:
        """A fitting response in its one stored form."""
        return response

    def points(self, item: Content, response: Response) -> Fraction | None:
        """0 to 1 for a fitting response; None where a person has to say."""
        raise NotImplementedError

    def right(self, item: Content) -> Response:
        """A response that earns the full point; blank where there is none to name."""
        raise NotImplementedError


# --- Shared by several kinds ----------------------------------------------------------------------------------------
def keys_of(rows: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The keys of options, pairs, gaps or parts."""
    return frozenset(row["key"] for row in rows)


def share(right: int, wrong: int, of: int) -> Fraction:
    """Right ones less wrong ones as a share of all that are right, never below nothing."""
    return max(NOTHING, Fraction(right - wrong, of)) if of else NOTHING


def credited(points: Fraction, credit: str) -> Fraction:
    """Points under a rule of credit: part of it, or all or nothing."""
    return points if credit == PARTIAL or points == FULL else NOTHING


def bounded(points: Fraction) -> Fraction:
    """Points kept between nothing and full."""
    return min(FULL, max(NOTHING, points))


def weight_of(row: Mapping[str, Any]) -> Fraction:
    """The share of the point that an accepted answer earns; ``weight`` is in percent, 100 where none is said."""
    weight = row.get("weight")
    return Fraction(str(100 if weight in (None, "") else weight)) / 100


def strings(fields: Fields, names: Mapping[str, str]) -> dict[str, str]:
    """What stands in the named fields, by key, without the empty ones."""
    given = {key: (list(fields.get(name, ())) or [""])[-1].strip() for key, name in names.items()}
    return {key: value for key, value in given.items() if value}


def is_text(value: Any) -> bool:
    """Whether the value is a text that fits an answer."""
    return isinstance(value, str) and len(value) <= LONGEST


def is_choice_of(response: Any, keys: frozenset[str], values: frozenset[str]) -> bool:
    """Whether the response maps known keys to known values."""
    return isinstance(response, Mapping) and all(
        key in keys and isinstance(value, str) and value in values for key, value in response.items()
    )
