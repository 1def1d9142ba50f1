"""What is counted for some people beside what their histories prove, and the repair of what differs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from kpi.corrections import Change, corrections_record
from kpi.histories import MOVING, Cell, People, among, cell_of, history_of, key_of, papers_of, row_of
from kpi.models import CorrectionReason, Counted
from kpi.rules import Closed, Key, Proof, Rule, proofs


@dataclass
class Difference:
    """``expected``: whom the histories prove, when. ``changed`` holds each row as it is and as it should be."""

    expected: frozenset[Key]
    missing: list[Counted]
    superfluous: list[Counted]
    changed: list[tuple[Counted, Counted]]

    def by_kind(self) -> Iterator[tuple[str, list[Counted]]]:
        """What is wrong, in words, with the rows of which that is so."""
        yield from (("thiếu", self.missing), ("thừa", self.superfluous))
        yield "khác lượt hoàn thành", [row for _, row in self.changed]

    def changes(self) -> Iterator[Change]:
        return chain(((None, row) for row in self.missing), ((row, None) for row in self.superfluous), self.changed)

    def cells(self) -> set[Cell]:
        """Cells of the summary that a repair touches."""
        return {cell_of(row) for change in self.changes() for row in change if row is not None}

    def only_also_in(self, other: Difference) -> None:
        """Keep what another look saw as well."""
        seen = {what: {key_of(row) for row in rows} for what, rows in other.by_kind()}
        self.missing = [row for row in self.missing if key_of(row) in seen["thiếu"]]
        self.superfluous = [row for row in self.superfluous if key_of(row) in seen["thừa"]]
        self.changed = [pair for pair in self.changed if key_of(pair[1]) in seen["khác lượt hoàn thành"]]


def difference_of(
    people: People, rules: Collection[Rule], *, all_rules: bool = True, locked: bool = False
) -> Difference:
    """Compare the counts of some people with their histories; four queries at most.

    ``all_rules``: rows of indicators without a rule are superfluous; else only the indicators of ``rules`` are looked
    at. What is counted is read first: a completion that comes in between then looks missing, and is inserted once by
    the constraint, instead of looking superfluous. ``locked``: keep others from changing these rows meanwhile.
    """
    rows = Counted.objects.filter(among(people)).order_by()
    if not all_rules:
        rows = rows.filter(indicator__in=[rule.indicator_id for rule in rules])
    if locked:
        rows = rows.select_for_update(of=("self",)).order_by("pk")
    # Millions of rows are right: only those that are not become objects.
    held = {tuple(row[:3]): row[3:] for row in rows.values_list(*_KEY, "pk", *MOVING).iterator()}
    papers = papers_of(people, rules)
    expected = proofs(rules, history_of(people), papers)
    return Difference(
        expected=frozenset(expected),
        missing=[row_of(key, proof) for key, proof in expected.items() if key not in held],
        superfluous=[_held_row(key, kept) for key, kept in held.items() if key not in expected],
        changed=[
            (_held_row(key, held[key]), row_of(key, proof))
            for key, proof in expected.items()
            if key in held and held[key][1:] != _moving(proof)
        ],
    )


#: The columns of a ``Key``.
_KEY = ("user_id", "indicator_id", "year")


def _moving(proof: Proof) -> tuple[Any, ...]:
    """What a row holds of its proof, in the order of ``MOVING``."""
    return (proof.standing.unit_id, proof.standing.audience_id, proof.fact.id, proof.day)


def _held_row(key: Key, kept: tuple[Any, ...]) -> Counted:
    """A row as it is: its key, then its id and what follows its proof."""
    return Counted(**dict(zip((*_KEY, "pk", *MOVING), (*key, *kept), strict=True)))


def repair(found: Difference, *, closed: Closed, reason: CorrectionReason) -> set[Cell]:
    """Write what differs, and what of it was reported already as corrections; return the cells of the summary that
    have to be counted again. The caller runs the transaction."""
    corrections_record(changes=found.changes(), closed=closed, reason=reason)
    cells = found.cells()
    if found.superfluous:
        Counted.objects.filter(pk__in=[row.pk for row in found.superfluous]).delete()
    if found.changed:
        for held, row in found.changed:
            row.pk = held.pk
        Counted.objects.bulk_update([row for _, row in found.changed], MOVING, batch_size=500)
    if found.missing:
        missing = sorted(found.missing, key=key_of)
        Counted.objects.bulk_create(missing, ignore_conflicts=True, batch_size=1000)
    return cells
