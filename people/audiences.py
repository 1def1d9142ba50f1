"""The tree of audiences: what is said of an audience holds for those below it."""

from __future__ import annotations

from collections.abc import Collection

from people.models import Audience


def audience_parents() -> dict[int, int | None]:
    """The tree of audiences, read once."""
    return dict(Audience.objects.order_by().values_list("pk", "parent_id"))


def line_of(audience: int, parents: dict[int, int | None]) -> list[int]:
    """The audience and those above it, upwards; whatever is said of one of them holds for it."""
    line: list[int] = []
    at: int | None = audience
    while at is not None and at not in line:
        line.append(at)
        at = parents.get(at)
    return line


def with_descendants(wanted: Collection[int], parents: dict[int, int | None]) -> frozenset[int]:
    """The audiences and all that stand below them."""
    found = parents.keys() & set(wanted)
    while below := {audience for audience, parent in parents.items() if parent in found} - found:
        found |= below
    return frozenset(found)
