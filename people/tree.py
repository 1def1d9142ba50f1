"""The unit tree under a structure, as a pure rule: no models, no I/O.

A structure is read on its first day. Units that stand on that day hang under their parents. Every other unit hangs
under the standing unit that its people are reckoned to:

* an earlier unit under what its principal successor became; without one (the "chưa quy đổi" case) under what its
  parent became, so that its figures stay in the totals above and are shown as not converted below;
* a later unit under the lowest unit that holds all of its principal predecessors; without predecessors (a new team,
  a new school) under its parent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache


@dataclass(frozen=True)
class Node:
    """What the rule needs to know of a unit."""

    id: int
    parent_id: int | None
    valid_from: date
    valid_to: date | None

    def stands_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True)
class Link:
    """A principal succession."""

    predecessor_id: int
    successor_id: int


def closure(nodes: Iterable[Node], links: Iterable[Link], day: date) -> list[tuple[int, int, int]]:
    """Return (ancestor, descendant, depth) for every unit of all times under the structure of ``day``.

    Every unit appears as its own ancestor at depth 0, and below each ancestor at most once.
    """
    by_id = {node.id: node for node in nodes}
    forward = {link.predecessor_id: link.successor_id for link in links}
    backward: dict[int, list[int]] = defaultdict(list)
    for link in links:
        backward[link.successor_id].append(link.predecessor_id)

    @cache
    def place(unit_id: int) -> int | None:
        """The standing unit that ``unit_id`` is reckoned to."""
        node = by_id[unit_id]
        if node.stands_on(day):
            return unit_id
        if node.valid_from > day:
            if before := backward.get(unit_id):
                return common([chain(p) for p in before])
        elif unit_id in forward:
            return place(forward[unit_id])
        return place(node.parent_id) if node.parent_id else None

    @cache
    def chain(unit_id: int) -> tuple[int, ...]:
        """Standing units from where ``unit_id`` is reckoned to, up to the root."""
        at = place(unit_id)
        found: list[int] = []
        while at is not None and at not in found:
            found.append(at)
            parent = by_id[at].parent_id
            at = place(parent) if parent else None
        return tuple(found)

    rows = []
    for unit_id in by_id:
        path = [unit_id, *(a for a in chain(unit_id) if a != unit_id)]
        rows += [(ancestor, unit_id, depth) for depth, ancestor in enumerate(path)]
    return rows


def common(chains: list[tuple[int, ...]]) -> int | None:
    """The lowest unit that is on every chain (each runs upwards); None when there is none."""
    first, *others = chains
    return next((unit for unit in first if all(unit in other for other in others)), None)
