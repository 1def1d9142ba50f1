"""Pure rules of working on an attempt: what is shown when, which attempt counts, which saved answer stands.

The rules of an attempt are frozen when it starts, as a dict::

    {"mode", "mastery": [needed, of], "scoring", "one_a_page", "may_go_back", "review": {...}, "sections": [...]}

An attempt from before there were rules has an empty one; ``rule`` gives what held then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any
from uuid import UUID

EXAM, PRACTICE, MASTERY = "exam", "practice", "mastery"
BEST, LAST, FIRST, AVERAGE = "best", "last", "first", "average"
ONE_A_PAGE, ALL_ON_ONE = "one", "all"

#: When a part of the result is shown: at once; once passed or out of attempts; once the quiz has closed; not at all.
ALWAYS, SETTLED, CLOSED, NEVER = "always", "settled", "closed", "never"
WHEN = (ALWAYS, SETTLED, CLOSED, NEVER)
#: The parts of a result: score and verdict; own answers as right or wrong; feedback and explanation; right answers.
REVIEW = {"score": ALWAYS, "answers": ALWAYS, "feedback": ALWAYS, "key": SETTLED}
DEFAULTS: Mapping[str, Any] = {
    "mode": EXAM,
    "mastery": [4, 5],
    "scoring": BEST,
    "one_a_page": True,
    "may_go_back": True,
    "review": REVIEW,
    "sections": [],
}


def rule(rules: Mapping[str, Any], name: str) -> Any:
    """One rule of an attempt, or what holds where it has none of its own."""
    return rules.get(name, DEFAULTS[name])


def one_a_page(paging: str, *, is_check: bool, mode: str) -> bool:
    """Feedback after each question needs a page for each; else as the editor says, else as the purpose has it."""
    if mode != EXAM:
        return True
    return paging == ONE_A_PAGE if paging else not is_check


def goes_one_way(rules: Mapping[str, Any]) -> bool:
    """Whether a question that was left is closed for good: only an exam of one question a page can be so."""
    return rule(rules, "mode") == EXAM and bool(rule(rules, "one_a_page")) and not rule(rules, "may_go_back")


def passed_by(rules: Mapping[str, Any], reached: int, positions: Iterable[int]) -> list[int]:
    """Which of these questions were left behind by somebody who has reached ``reached``."""
    return sorted(position for position in positions if position < reached) if goes_one_way(rules) else []


def reveals(rules: Mapping[str, Any], part: str, *, settled: bool, closed: bool) -> bool:
    """Whether a part of the result is shown; ``settled``: passed, or no attempt left; ``closed``: for good."""
    when = {**REVIEW, **(rule(rules, "review") or {})}[part]
    return when == ALWAYS or (when == SETTLED and settled) or (when == CLOSED and closed)


# --- Which attempt counts -------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Result:
    """What one attempt came to."""

    number: int
    score: Decimal
    passed: bool
    pass_percent: int


def standing(results: Iterable[Result], scoring: str) -> tuple[Decimal | None, bool]:
    """Score and verdict of all graded attempts together; no score without any.

    By the average, the mark of the latest attempt decides: that is the quiz as it is now.
    """
    done = sorted(results, key=lambda result: result.number)
    if not done:
        return None, False
    if scoring == AVERAGE:
        mean = (sum((one.score for one in done), Decimal(0)) / len(done)).quantize(Decimal("0.01"), rounding=ROUND_DOWN)
        return mean, mean >= done[-1].pass_percent
    if scoring == BEST:
        best = max(done, key=lambda result: (result.passed, result.score, -result.number))
        return best.score, best.passed
    one = done[0] if scoring == FIRST else done[-1]
    return one.score, one.passed


# --- Which saved answer stands --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Save:
    """Answers as they came in. ``made_at`` is when they were given, by the server's clock less the delay of the way;
    ``client`` and ``seq`` number the saves of one page; ``checked`` ones are final."""

    id: int
    made_at: datetime
    answers: Mapping[int, Any]
    client: UUID | None = None
    seq: int | None = None
    checked: bool = False


@dataclass(frozen=True)
class Saved:
    """The answer that stands for one question, and whether it is final."""

    response: Any
    at: datetime
    checked: bool = False


def fold(saves: Sequence[Save]) -> dict[int, Saved]:
    """The answer that stands for each position.

    Of one page the highest number stands, whatever order its saves arrived in; between pages and devices the answer
    that was given last. A checked answer is final, the first check of it counts.
    """
    found: dict[int, Saved] = {}
    for position in {position for save in saves for position in save.answers}:
        touching = [save for save in saves if position in save.answers]
        checks = [save for save in touching if save.checked]
        winner = min(checks, key=lambda save: save.id) if checks else _latest(touching)
        found[position] = Saved(winner.answers[position], winner.made_at, bool(checks))
    return found


def _latest(saves: Sequence[Save]) -> Save:
    """The last of each page first, then the last of these."""
    per_page: dict[Any, Save] = {}
    for save in saves:
        page = save.id if save.client is None or save.seq is None else save.client
        known = per_page.get(page)
        if known is None or (save.seq or 0) > (known.seq or 0):
            per_page[page] = save
    return max(per_page.values(), key=lambda save: (save.made_at, save.id))
