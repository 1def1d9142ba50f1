"""What the figures of a question say to whoever wrote it: alerts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: A share of right answers above which a question tells nobody apart, and below which hardly anybody knows it.
TOO_EASY, TOO_HARD = 0.9, 0.3
#: A wrong answer that fewer choose fools nobody.
DEAD = 0.05
WEAK, GOOD = 0.2, 0.3
WRONG_KEY, STRONG_DISTRACTOR, WEAK_ITEM, DEAD_OPTION = "wrong_key", "strong_distractor", "weak", "dead_option"
EASY, HARD = "too_easy", "too_hard"


@dataclass(frozen=True)
class OptionFigure:
    """One answer to a question: how many gave it, their share, and how those did in the rest (0–100)."""

    answer: str
    attempts: int
    share: float
    mean_rest: float | None
    is_right: bool


@dataclass(frozen=True)
class Alert:
    """Something to look at; ``answers`` names the answers that it is about."""

    code: str
    answers: list[str]

    @property
    def is_urgent(self) -> bool:
        """Whether people may have lost points by it."""
        return self.code in (WRONG_KEY, STRONG_DISTRACTOR)


def item_alerts(
    facility: float, discrimination: float | None, options: Sequence[OptionFigure], chosen: bool
) -> list[Alert]:
    """What is odd about a question, the worst first. Weak figures of a very easy question say nothing more.

    ``chosen``: the answers were there to choose from, so that one which nobody takes is a fault.
    """
    found = []
    if discrimination is not None and discrimination < 0:
        found.append(Alert(WRONG_KEY, []))
    if stronger := stronger_distractors(options):
        found.append(Alert(STRONG_DISTRACTOR, stronger))
    if facility > TOO_EASY:
        found.append(Alert(EASY, []))
    elif facility < TOO_HARD:
        found.append(Alert(HARD, []))
    if discrimination is not None and 0 <= discrimination < WEAK and facility <= TOO_EASY:
        found.append(Alert(WEAK_ITEM, []))
    # Of a question that nearly all get right, hardly anybody chooses anything else.
    dead = [one.answer for one in options if not one.is_right and one.answer and one.share < DEAD]
    if dead and chosen and facility <= TOO_EASY:
        found.append(Alert(DEAD_OPTION, dead))
    return found


def stronger_distractors(options: Sequence[OptionFigure]) -> list[str]:
    """Wrong answers whose givers did better in the rest than those of every right one; rare answers say nothing."""
    right = [one.mean_rest for one in options if one.is_right and one.mean_rest is not None]
    if not right:
        return []
    return [
        one.answer
        for one in options
        if not one.is_right and one.answer and one.share >= DEAD and (one.mean_rest or 0) > max(right)
    ]
