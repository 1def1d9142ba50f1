"""A name for everything that is kept of some content: a new name puts all of it out of use at once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from django.core.cache import cache
from django.db import transaction


@dataclass(frozen=True)
class Generation:
    """What is kept carries ``current``, read before it is made: what is made during a change belongs to the old one."""

    key: str

    def current(self) -> str:
        """The name that holds now; a lost one is replaced by a new one, never by an old one."""
        return str(cache.get_or_set(self.key, lambda: uuid4().hex, None))

    def end(self) -> None:
        """Begin another one, once the change that is under way is committed."""
        transaction.on_commit(lambda: cache.set(self.key, uuid4().hex, None))
