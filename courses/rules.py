"""Pure rules of progress: no models, no I/O."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar


class StepLike(Protocol):
    """What the rules need to know of a step."""

    @property
    def pk(self) -> int: ...
    @property
    def required(self) -> bool: ...
    @property
    def is_active(self) -> bool: ...


S = TypeVar("S", bound=StepLike)


@dataclass(frozen=True)
class Progress:
    """How far an enrolment is: ``done`` of ``total`` required steps."""

    done: int
    total: int

    @property
    def percent(self) -> int:
        """0 to 100; 100 only when nothing is left."""
        return self.done * 100 // self.total if self.total else 0

    @property
    def is_complete(self) -> bool:
        return self.total > 0 and self.done == self.total


def steps_left(steps: Iterable[S], done_ids: Collection[int]) -> list[S]:
    """Required, active steps that are not done yet, in the order given."""
    return [s for s in steps if s.required and s.is_active and s.pk not in done_ids]


def progress(steps: Iterable[StepLike], done_ids: Collection[int]) -> Progress:
    """Progress over the required, active steps. Steps taken out of the course count neither way."""
    required = [s for s in steps if s.required and s.is_active]
    return Progress(done=sum(s.pk in done_ids for s in required), total=len(required))


def next_step(steps: Iterable[S], done_ids: Collection[int], last_id: int | None = None) -> S | None:
    """Where to go on: the step last open, while it is left to do; else the first required one that is left.

    None when all is done.
    """
    left = steps_left(steps, done_ids)
    return next((s for s in left if s.pk == last_id), left[0] if left else None)
