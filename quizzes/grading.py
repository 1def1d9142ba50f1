"""Pure rules of drawing and grading a paper: no models, no I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from random import Random
from typing import Any, Protocol

SINGLE, MULTIPLE, TRUE_FALSE = "single", "multiple", "true_false"

#: Chosen option keys by 1-based position in the paper.
Answers = Mapping[int, Sequence[str]]
#: One question of a paper as it was asked; see ``quizzes.models.Attempt.paper``.
Item = dict[str, Any]

ZERO, ONE = Decimal(0), Decimal(1)


class QuestionLike(Protocol):
    """What the draw needs to know of a question."""

    @property
    def pk(self) -> int: ...
    @property
    def version(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def options(self) -> list[dict[str, Any]]: ...
    @property
    def explanation(self) -> str: ...


@dataclass(frozen=True)
class Grade:
    """The result of a paper: points for each item in order, score 0 to 100 (never rounded up), passed or not."""

    points: tuple[Decimal, ...]
    score: Decimal
    passed: bool

    @property
    def right(self) -> int:
        """How many items earned the full point."""
        return sum(p == ONE for p in self.points)


def all_or_nothing(correct: AbstractSet[str], chosen: AbstractSet[str]) -> Decimal:
    """One point for exactly the correct options, nothing otherwise."""
    return ONE if correct and chosen == correct else ZERO


#: How each kind earns points, 0 to 1. Partial credit for ``multiple`` would be another function here.
SCORERS: Mapping[str, Callable[[AbstractSet[str], AbstractSet[str]], Decimal]] = {
    SINGLE: all_or_nothing,
    MULTIPLE: all_or_nothing,
    TRUE_FALSE: all_or_nothing,
}


def correct_keys(item: Item) -> frozenset[str]:
    """Keys of the correct options of an item."""
    return frozenset(option["key"] for option in item["options"] if option.get("correct"))


def grade(paper: Sequence[Item], answers: Answers, *, pass_percent: int) -> Grade:
    """Grade the answers against the paper. A question without answer earns nothing; an empty paper is not passed."""
    points = tuple(
        SCORERS[item["kind"]](correct_keys(item), frozenset(answers.get(position, ())))
        for position, item in enumerate(paper, start=1)
    )
    if not points:
        return Grade(points=(), score=Decimal("0.00"), passed=False)
    exact = sum(points, ZERO) * 100 / len(points)
    # Rounded down, so that the score shown and the verdict never contradict each other (79,99 is not 80).
    return Grade(
        points=points,
        score=exact.quantize(Decimal("0.01"), rounding=ROUND_DOWN),
        passed=sum(points, ZERO) * 100 >= pass_percent * len(points),
    )


def paper_draw(
    questions: Sequence[QuestionLike], *, count: int | None, rng: Random, shuffle: bool = True
) -> list[Item]:
    """Draw ``count`` questions at random, or take all in the order given when ``count`` is None; freeze each.

    Raises ValueError when there are fewer than ``count``.
    """
    drawn: Iterable[QuestionLike] = questions if count is None else rng.sample(list(questions), count)
    return [_frozen(question, rng, shuffle) for question in drawn]


def _frozen(question: QuestionLike, rng: Random, shuffle: bool) -> Item:
    """A copy of the question that later edits cannot reach, its options in the order this person sees them."""
    options = [dict(option) for option in question.options]
    if question.kind == TRUE_FALSE:
        # People expect Đúng before Sai, whatever the editor typed first.
        options.sort(key=lambda option: option["text"] != "Đúng")
    elif shuffle:
        rng.shuffle(options)
    return {
        "question": question.pk,
        "version": question.version,
        "kind": str(question.kind),
        "text": question.text,
        "options": options,
        "explanation": question.explanation,
    }


def answer_problem(paper: Sequence[Item], answers: Answers) -> str:
    """A code for what is wrong with the shape of the answers; empty when they fit the paper."""
    for position, chosen in answers.items():
        if not 1 <= position <= len(paper):
            return "unknown_question"
        item = paper[position - 1]
        if not set(chosen) <= {option["key"] for option in item["options"]}:
            return "unknown_option"
        if item["kind"] != MULTIPLE and len(set(chosen)) > 1:
            return "too_many_options"
    return ""
