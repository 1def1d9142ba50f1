"""Pure rules of progress: no models, no I/O."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
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


def months_later(day: date, months: int) -> date:
    """The same day of a later month; its last day where the month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def valid_until(completed_on: date, valid_months: int | None) -> date | None:
    """The last day on which a completion holds; None: it holds for good."""
    return months_later(completed_on, valid_months) - timedelta(days=1) if valid_months else None


#: How long before it runs out a completion may be renewed.
RENEWAL_WINDOW = timedelta(days=60)


def renewal_due(*, completed_on: date, valid_until: date | None, yearly: bool, on: date) -> bool:
    """Whether a finished course may be learnt anew on a day: it runs out soon, or it belongs to an earlier year."""
    if yearly and completed_on.year < on.year:
        return True
    return valid_until is not None and on >= valid_until - RENEWAL_WINDOW


class PlaceLike(Protocol):
    """What the rules need to know of a course's place on a path."""

    @property
    def course_id(self) -> int: ...
    @property
    def required(self) -> bool: ...


P = TypeVar("P", bound=PlaceLike)


def path_progress(places: Iterable[PlaceLike], done: Collection[int], *, finished: bool = False) -> Progress:
    """Progress over the required courses of a path. ``done``: courses finished, ``finished``: the path once was.

    A course that is closed for a while stays required: nobody finishes a path by somebody else's editing of a course.
    """
    required = [place for place in places if place.required]
    return Progress(done=sum(p.course_id in done for p in required), total=len(required), finished=finished)


def next_on_path(places: Iterable[P], done: Collection[int], begun: Collection[int] = ()) -> P | None:
    """Where to go on along a path: the first required course left that was begun, else the first that is left."""
    left = [place for place in places if place.required and place.course_id not in done]
    return next((place for place in left if place.course_id in begun), left[0] if left else None)


def roughly(minutes: int) -> int:
    """Minutes as people say them: below an hour in steps of five, else in quarters; never nothing for some."""
    step = 5 if minutes < 60 else 15
    return max(round(minutes / step) * step, min(minutes, step))


@dataclass(frozen=True)
class Done:
    """A course or path as a person finished it last. ``renewal_due``: it ran out, or a new year asks for it anew."""

    on: date
    renewal_due: bool = False


def duty_is_done(done: Done | None, begins_on: date) -> bool:
    """Whether what a programme asks for is done: finished within its span, or earlier and still holding."""
    return done is not None and (done.on >= begins_on or not done.renewal_due)
