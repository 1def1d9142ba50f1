"""What waits for an official today: each room says what it knows, the first page of the offices shows it.

A room registers a function with ``waits_for`` when it is loaded (its ``AppConfig.ready``); nothing here knows the rooms
above. A function is asked only for people who hold one of its roles, and costs the same however much waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from people import access


@dataclass(frozen=True)
class Waiting:
    """A sentence that begins with a number and opens the list of just so many.

    ``words`` go on after the number ("danh sách chờ bạn duyệt"), ``note`` says what it is about in smaller letters,
    ``path`` is the address of the list. What is ``late`` stands first.
    """

    count: int
    words: str
    path: str
    note: str = ""
    late: bool = False


Teller = Callable[[Any], Iterable[Waiting]]
_TELLERS: dict[str, tuple[int, frozenset[str], Teller]] = {}


def waits_for(roles: Iterable[str], *, order: int) -> Callable[[Teller], Teller]:
    """Register a function that says what waits for whoever holds one of ``roles``; lower ``order`` stands higher."""

    def register(teller: Teller) -> Teller:
        _TELLERS[f"{teller.__module__}.{teller.__qualname__}"] = (order, frozenset(roles), teller)
        return teller

    return register


def waiting_for(viewer: Any) -> list[Waiting]:
    """Everything that waits for ``viewer``: what is late first, then in the order in which it was registered."""
    held = access.roles_of(viewer)
    tellers = sorted((order, name) for name, (order, roles, _) in _TELLERS.items() if roles & held)
    found = [one for _, name in tellers for one in _TELLERS[name][2](viewer) if one.count]
    return sorted(found, key=lambda one: not one.late)
