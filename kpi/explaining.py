"""Why somebody counts for an indicator or not: the first condition that fails, in the order in which it can be mended.

Decided from the same rule and history as the counting itself: what fails nothing is exactly what counts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from kpi.models.targets import CountingKind
from kpi.rules import Fact, Papers, Rule, Standing, day_of


class Condition(StrEnum):
    """What holds, or what fails first."""

    COUNTED = "counted"
    NOT_IN_AUDIENCE = "not_in_audience"
    NO_COMPLETION = "no_completion"
    OTHER_YEAR = "other_year"
    WRONG_COURSE = "wrong_course"
    AUDIENCE_THEN = "audience_then"
    SCORE = "score"
    LEVEL = "level"
    HOURS = "hours"
    PAPER_MISSING = "paper_missing"
    PAPER_ENDED = "paper_ended"
    FULFILLED = "fulfilled"


class Mender(StrEnum):
    """Who can do something about it."""

    NOBODY = "nobody"
    LEARNER = "learner"
    COORDINATOR = "coordinator"
    ISSUER = "issuer"
    LEAD = "lead"


MENDERS = {
    Condition.COUNTED: Mender.NOBODY,
    Condition.NOT_IN_AUDIENCE: Mender.COORDINATOR,
    Condition.PAPER_MISSING: Mender.ISSUER,
    Condition.PAPER_ENDED: Mender.ISSUER,
    Condition.FULFILLED: Mender.LEAD,
}


@dataclass(frozen=True)
class Past:
    """What is known of a person: completions in order of time, audiences of today, papers that stand and that ended."""

    history: Sequence[tuple[Fact, Sequence[Standing]]]
    audiences: frozenset[int]
    papers: Papers
    ended: Papers


@dataclass(frozen=True)
class Finding:
    """``fact``: the completion of which it is said. ``reached``: the best score, or the hours so far."""

    condition: Condition
    fact: Fact | None = None
    reached: Decimal | None = None

    @property
    def mender(self) -> Mender:
        return MENDERS.get(self.condition, Mender.LEARNER)


def explain(rule: Rule, past: Past, year: int) -> Finding:
    """The first condition that fails for an indicator as read in ``year``; ``FULFILLED`` where none does."""
    inside = [(fact, standings) for fact, standings in past.history if _is_of(rule, fact, year)]
    if not _is_concerned(rule, past, inside):
        return Finding(Condition.NOT_IN_AUDIENCE)
    right = [(fact, standings) for fact, standings in inside if rule.asks_for_course(fact.course_id)]
    if not right:
        if other := _of_another_year(rule, past, year):
            return Finding(Condition.OTHER_YEAR, other)
        return Finding(Condition.WRONG_COURSE, inside[-1][0]) if inside else Finding(Condition.NO_COMPLETION)
    placed = [fact for fact, standings in right if _stands(rule, standings)]
    if not placed:
        return Finding(Condition.AUDIENCE_THEN, right[-1][0])
    passed = [fact for fact in placed if rule.is_passed_by(fact.score)]
    if not passed:
        best = max(placed, key=lambda fact: Decimal(-1) if fact.score is None else fact.score)
        return Finding(Condition.SCORE, best, best.score)
    high = [fact for fact in passed if rule.is_reached_by(fact.level)]
    if not high:
        return Finding(Condition.LEVEL, passed[-1])
    return _by_history(rule, high, past)


def _by_history(rule: Rule, facts: Sequence[Fact], past: Past) -> Finding:
    """Hours and papers, asked of the completions that are good in everything else."""
    if rule.kind == CountingKind.HOURS:
        hours = sum((fact.hours for fact in facts), Decimal(0))
        if hours < rule.min_hours:
            return Finding(Condition.HOURS, facts[-1], hours)
    if not any(rule.is_proved_by(past.papers.get(fact.id, ())) for fact in facts):
        ended = [fact for fact in facts if rule.is_proved_by(past.ended.get(fact.id, ()))]
        return Finding(Condition.PAPER_ENDED, ended[0]) if ended else Finding(Condition.PAPER_MISSING, facts[0])
    return Finding(Condition.FULFILLED, facts[0])


def _is_of(rule: Rule, fact: Fact, year: int) -> bool:
    """Whether a completion is looked at in a year: yearly that year's own, else everything up to its end."""
    day = day_of(fact.completed_at)
    return day.year == year if rule.yearly else day <= date(year, 12, 31)


def _stands(rule: Rule, standings: Collection[Standing]) -> bool:
    return any(standing.audience_id in rule.audiences for standing in standings)


def _is_concerned(rule: Rule, past: Past, inside: Sequence[tuple[Fact, Collection[Standing]]]) -> bool:
    """In the audience today, or when completing something of the year."""
    return not rule.audiences.isdisjoint(past.audiences) or any(_stands(rule, standings) for _, standings in inside)


def _of_another_year(rule: Rule, past: Past, year: int) -> Fact | None:
    """The latest completion that would have done, had it been of this year."""
    good = [
        fact
        for fact, standings in past.history
        if not _is_of(rule, fact, year)
        and rule.asks_for_course(fact.course_id)
        and rule.is_passed_by(fact.score)
        and rule.is_reached_by(fact.level)
        and _stands(rule, standings)
    ]
    return good[-1] if good else None
