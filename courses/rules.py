"""Pure rules of progress: no models, no I/O."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
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
    """How far an enrolment is: ``done`` of ``total`` required steps. ``finished``: there is a completion already."""

    done: int
    total: int
    finished: bool = False

    @property
    def percent(self) -> int:
        """0 to 100; 100 only when nothing is left or the course is finished, and a finished course never falls."""
        if self.finished:
            return 100
        return self.done * 100 // self.total if self.total else 0

    @property
    def is_complete(self) -> bool:
        return self.total > 0 and self.done == self.total


def steps_left(steps: Iterable[S], done_ids: Collection[int]) -> list[S]:
    """Required, active steps that are not done yet, in the order given."""
    return [s for s in steps if s.required and s.is_active and s.pk not in done_ids]


def progress(steps: Iterable[StepLike], done_ids: Collection[int], *, finished: bool = False) -> Progress:
    """Progress over the required, active steps. Steps taken out of the course count neither way."""
    required = [s for s in steps if s.required and s.is_active]
    return Progress(done=sum(s.pk in done_ids for s in required), total=len(required), finished=finished)


def next_step(steps: Iterable[S], done_ids: Collection[int], last_id: int | None = None) -> S | None:
    """Where to go on: the step last open, while it is left to do; else the first required one that is left.

    None when all is done.
    """
    left = steps_left(steps, done_ids)
    return next((s for s in left if s.pk == last_id), left[0] if left else None)


def final_score(steps: Iterable[StepLike], scores: Mapping[int, Decimal | None]) -> Decimal | None:
    """The score that a completion bears: of the last required step, in the order given, that has one."""
    graded = [score for s in steps if s.required and s.is_active and (score := scores.get(s.pk)) is not None]
    return graded[-1] if graded else None


def months_later(day: date, months: int) -> date:
    """The same day of a later month; its last day where the month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def valid_until(completed_on: date, valid_months: int | None) -> date | None:
    """The last day on which a completion holds; None: it holds for good.

    The day before the same day of that later month; where that month has no such day, its last one. So nobody loses
    days for having finished on a 31st.
    """
    if not valid_months:
        return None
    same_day = months_later(completed_on, valid_months)
    return same_day - timedelta(days=1) if same_day.day == completed_on.day else same_day


#: How long before it runs out a completion may be renewed; never before half of its time has passed.
RENEWAL_WINDOW = timedelta(days=60)


def renewal_due(*, completed_on: date, valid_until: date | None, yearly: bool, on: date) -> bool:
    """Whether a finished course may be learnt anew on a day: it runs out soon, or it belongs to an earlier year."""
    if yearly and completed_on.year < on.year:
        return True
    if valid_until is None:
        return False
    before = min(RENEWAL_WINDOW, (valid_until - completed_on) // 2)
    return on >= valid_until - max(before, timedelta(0))
