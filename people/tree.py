"""The unit tree under a structure, as a pure rule: no models, no I/O.

A structure is read on its first day. Units that stand on that day hang under their parents. Every other unit hangs
under the standing unit that its people are reckoned to:

* an earlier unit under what its principal successor became; without one (the "chưa quy đổi" case) under what its
  parent became, so that its figures stay in the totals above and are shown as not converted below;
* a later unit under the lowest unit that holds all of its principal predecessors; where it has only others (a part
  that was split off), under the lowest that holds those; without any (a new team, a new school) under its parent.

A unit came only from units that had ended when it began. One that is joined to it later changes nothing in how its
own earlier figures are read: that is why a merger of today leaves every earlier structure as it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
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
    """A succession; at most one of a predecessor's is the principal one."""

    predecessor_id: int
    successor_id: int
    principal: bool = True


class Tree:
    """The units and successions of all times, ready to be read under any structure."""

    def __init__(self, nodes: Iterable[Node], links: Iterable[Link]) -> None:
        self.nodes = {node.id: node for node in nodes}
        self.forward: dict[int, int] = {}
        principal: dict[int, list[int]] = defaultdict(list)
        others: dict[int, list[int]] = defaultdict(list)
        for link in links:
            before, after = self.nodes[link.predecessor_id], self.nodes[link.successor_id]
            if before.valid_to is None:
                continue
            if link.principal and (after.valid_to is None or after.valid_to > before.valid_to):
                self.forward[before.id] = after.id
            if before.valid_to <= after.valid_from:
                (principal if link.principal else others)[after.id].append(before.id)
        #: What a unit came from.
        self.origins: dict[int, list[int]] = {**others, **principal}

    def closure(self, day: date, of: Collection[int] | None = None) -> list[tuple[int, int, int]]:
        """Return (ancestor, descendant, depth) for every unit of all times under the structure of ``day``.

        Every unit appears as its own ancestor at depth 0, and below each ancestor at most once. ``of`` names the
        descendants that are wanted; all of them by default.
        """
        by_id = self.nodes

        @cache
        def place(unit_id: int) -> int | None:
            """The standing unit that ``unit_id`` is reckoned to."""
            node = by_id[unit_id]
            if node.stands_on(day):
                return unit_id
            if node.valid_from > day:
                if before := self.origins.get(unit_id):
                    return common([chain(p) for p in before])
            elif (heir := self.forward.get(unit_id)) and by_id[heir].valid_from <= day:
                return place(heir)
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
        for unit_id in by_id if of is None else of:
            path = [unit_id, *(a for a in chain(unit_id) if a != unit_id)]
            rows += [(ancestor, unit_id, depth) for depth, ancestor in enumerate(path)]
        return rows


def closure(nodes: Iterable[Node], links: Iterable[Link], day: date) -> list[tuple[int, int, int]]:
    """The closure of the whole tree under the structure of ``day``."""
    return Tree(nodes, links).closure(day)


def common(chains: list[tuple[int, ...]]) -> int | None:
    """The lowest unit that is on every chain (each runs upwards); None when there is none."""
    first, *others = chains
    return next((unit for unit in first if all(unit in other for other in others)), None)
