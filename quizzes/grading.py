"""Pure rules of freezing and grading a paper: no models, no I/O.

A **paper** is a list of items (see ``quizzes.kinds``), each with the number of its section. The **rules** of an attempt
freeze how it is worked on and judged; ``quizzes.rules`` says what they hold.
"""

from __future__ import annotations

import copy
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from random import Random
from typing import Any, Protocol

from quizzes.kinds import KINDS, Content, Fields, Item, Response
from quizzes.kinds.base import FULL, NOTHING

#: Responses by 1-based position in the paper.
Answers = Mapping[int, Response]
#: Points that a person gave, 0 to 1, by position.
Marks = Mapping[int, Fraction]

CENT = Decimal("0.01")
#: Points as they are stored; finer than any share that a person would give.
POINT = Decimal("0.00001")


class QuestionLike(Protocol):
    """What a paper needs to know of a question."""

    @property
    def pk(self) -> int: ...
    @property
    def version(self) -> int: ...
    @property
    def content(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class SectionGrade:
    """What one section earned: percent as a score, and whether its own pass mark (None without one) was reached."""

    title: str
    score: Decimal
    pass_percent: int | None
    passed: bool


@dataclass(frozen=True)
class Grade:
    """The result of a paper. ``points`` has 0 to 1 for each item, None where a person has yet to say; while one is
    missing, ``score`` and ``passed`` are None. The score is 0 to 100 and never rounded up."""

    points: tuple[Fraction | None, ...]
    score: Decimal | None
    passed: bool | None
    sections: tuple[SectionGrade, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether a person has yet to grade something."""
        return self.score is None

    @property
    def right(self) -> int:
        """How many items earned the full point."""
        return sum(p == FULL for p in self.points)


def points_of(item: Content, response: Response | None) -> Fraction | None:
    """0 to 1 for a fitting response to one item, nothing for an empty one; None where a person has to say."""
    return KINDS[item["kind"]].points(item, response) if response else NOTHING


def grade(
    paper: Sequence[Item],
    answers: Answers,
    *,
    pass_percent: int,
    sections: Sequence[Mapping[str, Any]] = (),
    marks: Marks | None = None,
) -> Grade:
    """Grade the answers against the paper; an item without answer earns nothing, an empty paper is not passed.

    ``sections`` are {"title", "pass_percent" or None} in the order that items count them from 0. To pass, the whole and
    every section with a pass mark of its own must reach it.
    """
    given = marks or {}
    points = tuple(
        given[position] if position in given else points_of(item, answers.get(position))
        for position, item in enumerate(paper, start=1)
    )
    if any(one is None for one in points):
        return Grade(points=points, score=None, passed=None)
    known = [one for one in points if one is not None]
    parts = tuple(
        _section_grade(section, [known[n] for n, item in enumerate(paper) if item.get("section", 0) == number])
        for number, section in enumerate(sections)
    )
    passed = reaches(known, pass_percent) and all(part.passed for part in parts)
    return Grade(points=points, score=score_of(known), passed=passed, sections=parts)


def _section_grade(section: Mapping[str, Any], points: Sequence[Fraction]) -> SectionGrade:
    mark = section.get("pass_percent")
    passed = mark is None or reaches(points, mark)
    return SectionGrade(str(section.get("title") or ""), score_of(points), mark, passed)


def reaches(points: Sequence[Fraction], percent: int) -> bool:
    """Whether the points reach a pass mark; nothing does of an empty paper."""
    return bool(points) and sum(points, NOTHING) * 100 >= percent * len(points)


def score_of(points: Sequence[Fraction]) -> Decimal:
    """The points as a percentage with two places, rounded down, so that the score shown and the verdict never
    contradict each other (79,99 is not 80)."""
    exact = sum(points, NOTHING) * 100 / len(points) if points else NOTHING
    return as_decimal(exact, CENT)


def as_decimal(value: Fraction, step: Decimal = POINT) -> Decimal:
    """A fraction as it is stored: cut off, never rounded up."""
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(step, rounding=ROUND_DOWN)


def mastered_at(points: Sequence[Fraction], needed: int, of: int) -> int | None:
    """After which answer ``needed`` of the last ``of`` were right; None while that never was.

    ``points`` are those of the items answered so far, in the order they were answered.
    """
    for end in range(1, len(points) + 1):
        if sum(one == FULL for one in points[max(0, end - of) : end]) >= needed:
            return end
    return None


def mastery_grade(points: Sequence[Fraction], needed: int, of: int) -> tuple[Decimal, bool]:
    """Score and verdict of a mastery quiz: how near the best run of ``of`` answers came to ``needed`` right ones."""
    marks = [one == FULL for one in points]
    best = max((sum(marks[max(0, end - of) : end]) for end in range(1, len(marks) + 1)), default=0)
    return as_decimal(min(Fraction(best * 100, needed), Fraction(100)), CENT), best >= needed


# --- Freezing --------------------------------------------------------------------------------------------------------
def frozen(question: QuestionLike, *, rng: Random, shuffle: bool = True, section: int = 0) -> Item:
    """A copy of the question that later edits cannot reach, arranged as this person sees it."""
    item = copy.deepcopy(question.content)
    KINDS[item["kind"]].arrange(item, rng, shuffle)
    return {"question": question.pk, "version": question.version, "section": section, **item}


# --- What a form sends back -----------------------------------------------------------------------------------------
def response_read(item: Content, fields: Fields, name: str) -> Response | None:
    """The response to an item in a form; None when the form says nothing of it."""
    return KINDS[item["kind"]].read(item, fields, name)


def answer_problem(paper: Sequence[Item], answers: Answers) -> str:
    """A code for what is wrong with the shape of the answers; empty when they fit the paper."""
    for position, response in answers.items():
        if not 1 <= position <= len(paper):
            return "unknown_question"
        item = paper[position - 1]
        if wrong := KINDS[item["kind"]].misfit(item, response):
            return wrong
    return ""


def tidied(paper: Sequence[Item], answers: Answers) -> dict[int, Response]:
    """Fitting answers in their one stored form."""
    return {position: tidy(paper[position - 1], response) for position, response in answers.items()}


def tidy(item: Content, response: Response) -> Response:
    """One fitting response in its stored form."""
    return KINDS[item["kind"]].tidy(item, response)


def digest(response: Response | None) -> str:
    """A short mark of a stored response, by which a form says what it was made from; all empty ones are the same."""
    told = json.dumps(response, ensure_ascii=False, sort_keys=True) if response else ""
    return f"{zlib.crc32(told.encode()):08x}"
