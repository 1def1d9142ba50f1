"""Counts of some people once more, from their histories: papers changed, or several completions count together."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import transaction

from kpi.comparing import difference_of, repair
from kpi.corrections import closed_load
from kpi.histories import rules_load
from kpi.models import CorrectionReason, CountingKind
from kpi.refreshing import refresh_after_commit
from kpi.rules import Rule
from people.models import User

#: People whose rows are compared at once.
PORTION = 500


@transaction.atomic
def people_recount(
    *, user_ids: Collection[int], reason: CorrectionReason, kinds: Collection[CountingKind] = frozenset(CountingKind)
) -> int:
    """Make what is counted for these people what their completions and papers prove; returns the rows that changed.

    ``kinds``: only indicators of these kinds; the rows of others are not even locked. What was reported already and
    changes is kept as a correction with ``reason``. The same queries for one person and for a portion of them; one
    query where no indicator is of these kinds. Safe to repeat.
    """
    rules = [rule for rule in rules_load() if rule.kind in kinds]
    people = sorted(set(user_ids))
    if not rules:
        return 0
    return sum(recount(people[at : at + PORTION], rules, reason) for at in range(0, len(people), PORTION))


def recount(people: Sequence[int], rules: Sequence[Rule], reason: CorrectionReason) -> int:
    """The same for rules at hand; the caller runs the transaction.

    Where hours are added up the people are locked first: of two courses that somebody finishes at the same moment each
    would else miss the hours of the other. For papers the rows themselves are lock enough, and the series is locked by
    whoever issues: locking people as well would let an issue and a completion wait for each other.
    """
    if any(rule.kind == CountingKind.HOURS for rule in rules):
        list(User.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk").values_list("pk"))
    found = difference_of(people, rules, all_rules=False, locked=True)
    changed = sum(len(rows) for _, rows in found.by_kind())
    if changed:
        refresh_after_commit(repair(found, closed=closed_load(), reason=reason))
    return changed
