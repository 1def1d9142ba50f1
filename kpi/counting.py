"""Who is counted for what, at the moment of a completion. The rule itself is in ``kpi.rules``.

The rows depend on completions and papers alone, not on the order in which they arrived, so a rebuild finds the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Q, QuerySet

from courses.models import Completion
from kpi.corrections import Change, closed_load, corrections_record
from kpi.histories import MOVING, cell_of, fact_of, key_of, row_of, rules_load, standings_of
from kpi.models import CorrectionReason, Counted, CountingKind
from kpi.refreshing import refresh_after_commit
from kpi.rules import BY_HISTORY, Closed, Key, Rule, proofs
from kpi.services.recounting import recount
from people.querysets import today

#: What a completion that was counted a moment ago knows: whether papers count for any indicator.
PAPERS_COUNT = "papers_count"


@transaction.atomic
def completions_count(*, completions: Sequence[Completion]) -> list[Counted]:
    """Count people for every indicator that their completions feed. Idempotent; five queries, whatever the numbers.

    The constraint decides who is counted already. A completion that arrives late but happened earlier (an offline
    replay) takes the place of the one counted before it, with a correction where that day was reported. Indicators
    that add hours up look at the whole history, in queries of their own. Summaries are refreshed after commit.

    What papers prove is counted when they are issued; each completion learns here whether any indicator asks for
    papers (``PAPERS_COUNT``), so that numbering it in this very transaction need not ask again.
    """
    standings = standings_of(Q(completion__in=completions))
    rules = rules_load()
    papers_count = any(rule.kind == CountingKind.CERTIFICATE for rule in rules)
    for completion in completions:
        setattr(completion, PAPERS_COUNT, papers_count)
    facts = sorted(map(fact_of, completions), key=lambda fact: (fact.completed_at, fact.id))
    history = ((fact, standings.get(fact.id, ())) for fact in facts)
    alone = [rule for rule in rules if rule.kind not in BY_HISTORY]
    first = {key: row_of(key, proof) for key, proof in proofs(alone, history, {}).items()}
    if first:
        _first_count(first, completions)
    _hours_count(rules, completions)
    return [first[key] for key in sorted(first)]


def _first_count(first: Mapping[Key, Counted], completions: Sequence[Completion]) -> None:
    # In one order wherever many are counted: two transactions that count the same people wait, and never in a circle.
    rows = [first[key] for key in sorted(first)]
    # A day that is not over was reported by nobody: only what arrives late has to ask.
    closed = closed_load() if any(row.counted_on < today() for row in rows) else Closed({})
    fresh = _not_counted(rows) if closed.until else []
    Counted.objects.bulk_create(rows, ignore_conflicts=True)
    moved = _earlier_take_place(first, completions)
    changes: list[Change] = [(None, row) for row in fresh] + list(moved)
    corrections_record(changes=changes, closed=closed, reason=CorrectionReason.LATE)
    refresh_after_commit({cell_of(row) for row in rows} | {cell_of(before) for before, _ in moved})


def _not_counted(rows: Sequence[Counted]) -> list[Counted]:
    """Those of the rows that are not there yet."""
    there = _rows_beside(rows)
    held = {key_of(row) for row in there}
    return [row for row in rows if key_of(row) not in held]


def _rows_beside(rows: Sequence[Counted]) -> QuerySet[Counted]:
    """What is counted for these people and indicators."""
    return Counted.objects.filter(
        user_id__in={row.user_id for row in rows}, indicator_id__in={row.indicator_id for row in rows}
    )


def _earlier_take_place(
    mine: Mapping[Key, Counted], completions: Sequence[Completion]
) -> list[tuple[Counted, Counted]]:
    """Put rows of earlier completions in the place of those of later ones; return what was there, and what is now."""
    happened = {completion.pk: (completion.completed_at, completion.pk) for completion in completions}
    standing_there = (
        _rows_beside(list(mine.values()))
        .exclude(completion_id__in=happened)
        .select_related("completion")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    moved = []
    for other in standing_there:
        row = mine.get(key_of(other))
        before = (other.completion.completed_at, other.completion_id)
        if row is None or before < happened[row.completion_id]:
            continue
        row.pk = other.pk
        moved.append((other, row))
    if moved:
        Counted.objects.bulk_update([row for _, row in moved], MOVING, batch_size=500)
    return moved


def _hours_count(rules: Sequence[Rule], completions: Sequence[Completion]) -> None:
    """Count by hours, which several completions give together; nothing where no indicator adds hours up."""
    by_hours = [rule for rule in rules if rule.kind == CountingKind.HOURS]
    if by_hours:
        recount(sorted({completion.user_id for completion in completions}), by_hours, CorrectionReason.LATE)
