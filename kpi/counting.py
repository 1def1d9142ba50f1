"""Who is counted for what: the rule, and its use at the moment of a completion.

A person is counted once for an indicator in a year, by the earliest completion that feeds it. Which completion that is
depends on the completions alone, not on the order in which they arrived, so a rebuild finds the same rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from common.queue import enqueue
from courses.models import Completion, CompletionStanding
from kpi.models import Counted, Indicator, Recurrence
from people.audiences import audience_parents, with_descendants


class Standing(NamedTuple):
    """Where a person stood, and as what, when they completed."""

    id: int
    unit_id: int | None
    audience_id: int
    is_main: bool


class Cell(NamedTuple):
    """A cell of the monthly summary; ``month`` is ISO so that it travels through a queue."""

    indicator_id: int
    unit_id: int | None
    year: int
    month: str


Key = tuple[int, int, int]


@dataclass(frozen=True)
class Rule:
    """What feeds an indicator. ``audiences`` holds those below the indicator's own as well."""

    indicator_id: int
    audiences: frozenset[int]
    courses: frozenset[int]
    min_score: Decimal | None
    yearly: bool
    base_year: int

    def year_of(self, day: date) -> int:
        """The year under which a completion of ``day`` counts."""
        return day.year if self.yearly else self.base_year


def feeds(rule: Rule, standings: Iterable[Standing], course_id: int, score: Decimal | None) -> Standing | None:
    """Return the standing under which a completion feeds the indicator, or None.

    Of several standings in the indicator's audiences the main one is taken, then the first recorded.
    """
    if rule.courses and course_id not in rule.courses:
        return None
    if rule.min_score is not None and (score is None or score < rule.min_score):
        return None
    matching = [s for s in standings if s.audience_id in rule.audiences]
    return min(matching, key=lambda s: (not s.is_main, s.id)) if matching else None


def rules_load() -> list[Rule]:
    """The rules of every counting indicator, in two queries."""
    rows = (
        Indicator.objects.counting()
        .order_by("pk")
        .values_list("pk", "min_score", "recurrence", "base_year", "audiences", "courses")
    )
    heads: dict[int, tuple[Decimal | None, str, int]] = {}
    audiences: dict[int, set[int]] = {}
    courses: dict[int, set[int]] = {}
    for pk, min_score, recurrence, base_year, audience, course in rows:
        heads[pk] = (min_score, recurrence, base_year)
        audiences.setdefault(pk, set()).update({audience} - {None})
        courses.setdefault(pk, set()).update({course} - {None})
    parents = audience_parents() if heads else {}
    return [
        Rule(
            indicator_id=pk,
            audiences=with_descendants(audiences[pk], parents),
            courses=frozenset(courses[pk]),
            min_score=min_score,
            yearly=recurrence == Recurrence.YEARLY,
            base_year=base_year,
        )
        for pk, (min_score, recurrence, base_year) in heads.items()
    ]


def day_of(at: datetime) -> date:
    """The day of a completion in the province's time zone."""
    return timezone.localtime(at).date()


class Fact(NamedTuple):
    """What counting needs to know of a completion."""

    id: int
    user_id: int
    course_id: int
    completed_at: datetime
    score: Decimal | None


def counts_of(rules: Iterable[Rule], fact: Fact, standings: Sequence[Standing]) -> list[Counted]:
    """The unsaved rows that one completion gives, were it the first."""
    day = day_of(fact.completed_at)
    rows = []
    for rule in rules:
        standing = feeds(rule, standings, fact.course_id, fact.score)
        if standing is not None:
            rows.append(
                Counted(
                    indicator_id=rule.indicator_id,
                    user_id=fact.user_id,
                    year=rule.year_of(day),
                    unit_id=standing.unit_id,
                    audience_id=standing.audience_id,
                    completion_id=fact.id,
                    counted_on=day,
                )
            )
    return rows


#: What of a counted row follows the completion that proves it.
MOVING = ("unit_id", "audience_id", "completion_id", "counted_on")


def key_of(row: Counted) -> Key:
    """What may be there once only: an indicator, a person, a year."""
    return (row.user_id, row.indicator_id, row.year)


def cell_of(row: Counted) -> Cell:
    """The summary cell that a row belongs to."""
    return Cell(row.indicator_id, row.unit_id, row.year, row.counted_on.replace(day=1).isoformat())


@transaction.atomic
def completions_count(*, completions: Sequence[Completion]) -> list[Counted]:
    """Count people for every indicator that their completions feed. Idempotent; five queries, whatever the numbers.

    The constraint decides who is counted already. A completion that arrives late but happened earlier (an offline
    replay) takes the place of the one counted before it. Summaries are refreshed after commit.
    """
    standings: dict[int, list[Standing]] = defaultdict(list)
    theirs = CompletionStanding.objects.filter(completion__in=completions)
    rows = theirs.values_list("pk", "completion_id", "unit_id", "audience_id", "is_main")
    for pk, completion_id, unit, audience, main in rows:
        standings[completion_id].append(Standing(pk, unit, audience, main))
    rules = rules_load()
    first: dict[Key, Counted] = {}
    for completion in sorted(completions, key=lambda c: (c.completed_at, c.pk)):
        fact = Fact(completion.pk, completion.user_id, completion.course_id, completion.completed_at, completion.score)
        for row in counts_of(rules, fact, standings[fact.id]):
            first.setdefault(key_of(row), row)
    if not first:
        return []
    # In one order wherever many are counted: two transactions that count the same people wait, and never in a circle.
    counted = [first[key] for key in sorted(first)]
    Counted.objects.bulk_create(counted, ignore_conflicts=True)
    cells = {cell_of(row) for row in counted} | _earlier_take_place(first, completions)
    _refresh_after_commit(cells)
    return counted


def _earlier_take_place(mine: Mapping[Key, Counted], completions: Sequence[Completion]) -> set[Cell]:
    """Put rows of earlier completions in the place of those of later ones; return the cells that lost somebody."""
    happened = {completion.pk: (completion.completed_at, completion.pk) for completion in completions}
    standing_there = (
        Counted.objects.filter(
            user_id__in={row.user_id for row in mine.values()},
            indicator_id__in={row.indicator_id for row in mine.values()},
        )
        .exclude(completion_id__in=happened)
        .select_related("completion")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    left, moved = set(), []
    for other in standing_there:
        row = mine.get(key_of(other))
        before = (other.completion.completed_at, other.completion_id)
        if row is None or before < happened[row.completion_id]:
            continue
        left.add(cell_of(other))
        for name in MOVING:
            setattr(other, name, getattr(row, name))
        moved.append(other)
    if moved:
        Counted.objects.bulk_update(moved, MOVING, batch_size=500)
    return left


def _refresh_after_commit(cells: set[Cell]) -> None:
    from kpi.tasks import refresh

    wanted = sorted(cells, key=str)
    # A queue that is down must neither undo a learner's answer nor keep the learner waiting: the sweep repairs it.
    transaction.on_commit(lambda: enqueue(refresh, [list(cell) for cell in wanted]), robust=True)
