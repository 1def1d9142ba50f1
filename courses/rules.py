"""Pure rules of progress: no models, no I/O."""

from __future__ import annotations

import math
import re
from calendar import monthrange
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Any, Protocol, TypeVar


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


@dataclass(frozen=True)
class OutlineEffect:
    """What a new outline does to the people in progress, each counted in one of the four.

    ``completed``: nothing is left to them, so they are completed; ``more``, ``less``: they get more or less to do;
    ``same``: as much as before. ``percent_before`` and ``percent_after`` are averages over all of them.
    """

    completed: int = 0
    more: int = 0
    less: int = 0
    same: int = 0
    percent_before: int = 0
    percent_after: int = 0

    @property
    def learners(self) -> int:
        return self.completed + self.more + self.less + self.same

    @property
    def touches_anybody(self) -> bool:
        return self.learners > self.same


def outline_effect(
    people: Mapping[tuple[int, int], int], *, total_before: int, total_after: int, is_open: bool = True
) -> OutlineEffect:
    """The effect on ``people``: how many have done (of the steps required before, of those required after).

    While the course is closed (``is_open`` false) nobody is completed.
    """
    counts = {"completed": 0, "more": 0, "less": 0, "same": 0}
    before = after = 0
    for (done_before, done_after), number in people.items():
        left_before, left_after = total_before - done_before, total_after - done_after
        if is_open and total_after and not left_after:
            kind = "completed"
        elif left_before == left_after:
            kind = "same"
        else:
            kind = "more" if left_after > left_before else "less"
        counts[kind] += number
        before += number * Progress(done_before, total_before).percent
        after += number * Progress(done_after, total_after).percent
    learners = sum(people.values()) or 1
    return OutlineEffect(**counts, percent_before=before // learners, percent_after=after // learners)


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


def completion_holds(*, completed_on: date, valid_until: date | None, yearly: bool, on: date) -> bool:
    """Whether a completion still speaks for its owner on a day: it has not run out, and no new year asks anew."""
    if yearly and completed_on.year < on.year:
        return False
    return valid_until is None or on <= valid_until


def renewal_due(*, completed_on: date, valid_until: date | None, yearly: bool, on: date) -> bool:
    """Whether a finished course may be learnt anew on a day: it runs out soon, or it belongs to an earlier year."""
    if yearly and completed_on.year < on.year:
        return True
    if valid_until is None:
        return False
    before = min(RENEWAL_WINDOW, (valid_until - completed_on) // 2)
    return on >= valid_until - max(before, timedelta(0))


@dataclass(frozen=True)
class Round:
    """One learning of a course, as far as its place among others matters. ``done``: how many steps are."""

    key: int
    began_again: bool
    started_at: datetime
    last_seen_at: datetime
    done: int
    completed_at: datetime | None = None
    valid_until: date | None = None


def rounds_in_order(rounds: Collection[Round], *, yearly: bool, day_of: Callable[[datetime], date]) -> list[int]:
    """Keys of the rounds of two records of one person, the one that goes on last.

    What was finished follows what was not, for who learnt it in one record need not in the other; a round that was
    begun anew since, or when what was finished held no longer, comes after all that was finished. Of several open ones
    the furthest goes on. ``day_of``: the day of a moment where the person lives.
    """
    finished = max(
        ((one.completed_at, one.valid_until) for one in rounds if one.completed_at), key=itemgetter(0), default=None
    )

    def anew(one: Round) -> bool:
        if finished is None or one.started_at <= finished[0]:
            return False
        completed_on, on = day_of(finished[0]), day_of(one.started_at)
        holds = completion_holds(completed_on=completed_on, valid_until=finished[1], yearly=yearly, on=on)
        return one.began_again or not holds

    def place(one: Round) -> tuple[int, float, float]:
        if one.completed_at:
            return 1, one.completed_at.timestamp(), 0
        return 2 if anew(one) else 0, one.done, one.last_seen_at.timestamp()

    return [one.key for one in sorted(rounds, key=place)]


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


# --- Visits ---------------------------------------------------------------------------------------------------------
#: A report of a browser travels, and clocks tick in whole seconds: so much may be told beyond the server's clock.
GRACE_SECONDS = 5
#: How many videos and sounds of a lesson are remembered, the longest of them (seconds), and how their blocks are named.
MOST_MEDIA = 50
LONGEST_MEDIA = 24 * 3600
BLOCK_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
#: No scenario offers more choices.
MOST_CHOICES = 9


class VisitLike(Protocol):
    """What the rules need to know of how somebody went through a step."""

    @property
    def first_at(self) -> datetime: ...
    @property
    def last_at(self) -> datetime: ...
    @property
    def seconds(self) -> int: ...
    @property
    def reached_end(self) -> bool: ...
    @property
    def answers(self) -> Mapping[str, int]: ...


class RuledStep(Protocol):
    """What a step asks for before it is done."""

    @property
    def rule(self) -> str: ...
    @property
    def min_seconds(self) -> int: ...
    @property
    def scenarios(self) -> Mapping[str, Sequence[int]]: ...


def seconds_credited(*, told: int, visit: VisitLike, at: datetime) -> int:
    """How many of the seconds that a browser tells are believed: no more than have passed by the server's clock.

    That is since the last report, and since the first visit in all: two devices at once do not make time run double.
    """
    since_last = int((at - visit.last_at).total_seconds()) + GRACE_SECONDS
    in_all = int((at - visit.first_at).total_seconds()) + GRACE_SECONDS - visit.seconds
    return max(0, min(told, since_last, in_all))


def media_told(raw: Any) -> dict[str, int] | None:
    """The second reached in each video or sound, by block id, as a browser tells it; None for any other shape."""
    if not isinstance(raw, dict) or len(raw) > MOST_MEDIA:
        return None
    fit = all(_is_block_id(block) and _is_second(second) for block, second in raw.items())
    return {block: int(second) for block, second in raw.items()} if fit else None


def _is_block_id(name: Any) -> bool:
    return isinstance(name, str) and bool(BLOCK_ID.fullmatch(name))


def _is_second(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and 0 <= value <= LONGEST_MEDIA


def media_merged(kept: Mapping[str, int], told: Mapping[str, int]) -> dict[str, int]:
    """What is remembered after a report: its blocks as told, all others as they were, as far as there is room."""
    merged = {**{block: second for block, second in kept.items() if block not in told}, **told}
    return dict(list(merged.items())[-MOST_MEDIA:])


def is_right(right: Sequence[int], chosen: int | None) -> bool:
    """Whether a choice (from 1) of a scenario is right; where none is, every choice will do: nothing blocks."""
    return chosen is not None and (chosen in right or not right)


def scenarios_left(scenarios: Mapping[str, Sequence[int]], answers: Mapping[str, int]) -> list[str]:
    """The scenario blocks that are not answered rightly yet, in the order given."""
    return [block for block, right in scenarios.items() if not is_right(right, answers.get(block))]


def step_is_met(step: RuledStep, visit: VisitLike) -> bool:
    """Whether going through a step has done what its rule asks for.

    Only "opened" and "scenario" are met like this; every other rule is somebody's act and never met by a visit.
    """
    if step.rule == "opened":
        return visit.reached_end and visit.seconds >= step.min_seconds
    if step.rule == "scenario":
        return bool(step.scenarios) and not scenarios_left(step.scenarios, visit.answers)
    return False


def seconds_to_wait(step: RuledStep, visit: VisitLike, at: datetime) -> int:
    """Seconds until somebody may say that they read to the end: counted in front of the page, or since they came."""
    passed = max(visit.seconds, int((at - visit.first_at).total_seconds()))
    return max(0, step.min_seconds - passed)
