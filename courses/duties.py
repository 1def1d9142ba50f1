"""What a person ought to learn by when, as programmes ask of people where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.wording import number
from courses import rules
from courses.learning import Learnt, PathStanding
from courses.models import Assignment, Course
from people.audiences import line_of
from people.models import CITIZEN, Audience, Membership, Unit, UnitAncestor


class Place(NamedTuple):
    """A unit in which a person stands, and as which audience; of unknown residence without a unit."""

    unit: int | None
    audience: int


@dataclass(frozen=True)
class Scope:
    """Where a person stands today, and what is above it.

    ``lines``: audience → itself and those above it. ``above``: unit → (day on which a structure began, ancestor there).
    """

    places: list[Place]
    lines: Mapping[int, list[int]]
    above: Mapping[int, frozenset[tuple[date, int]]]
    names: Mapping[int, str]
    citizen: int | None = None

    @property
    def audiences(self) -> frozenset[int]:
        """All audiences of the person, with those above them."""
        return frozenset(audience for line in self.lines.values() for audience in line)

    def holds(self, audience: int, unit: Unit | None) -> bool:
        """Whether what is asked of an audience in a unit and below is asked of the person."""
        return any(audience in self.lines[place.audience] and self._inside(place, unit) for place in self.places)

    def _inside(self, place: Place, unit: Unit | None) -> bool:
        """A unit holds what the last structure in which it stood puts below it: also one that a reform has ended."""
        if unit is None:
            return True
        if place.unit is None:
            return False
        above = self.above.get(place.unit, frozenset())
        days = [day for day, _ancestor in above if unit.stands_on(day)]
        return (max(days), unit.pk) in above if days else False


def scope_of(*, user: Any, on: date) -> Scope:
    """Where a person stands on a day; a citizen of unknown residence without a membership. Three queries."""
    audiences = {audience.pk: audience for audience in Audience.objects.all()}
    parents = {pk: audience.parent_id for pk, audience in audiences.items()}
    places = [Place(m.unit_id, m.audience_id) for m in Membership.objects.in_force(on).filter(user=user)]
    if not places:
        places = [Place(None, audience.pk) for audience in audiences.values() if audience.code == CITIZEN]
    rows = UnitAncestor.objects.filter(
        descendant__in={place.unit for place in places if place.unit}, structure__valid_from__lte=on
    )
    above: dict[int, set[tuple[date, int]]] = {}
    for unit, day, ancestor in rows.values_list("descendant", "structure__valid_from", "ancestor"):
        above.setdefault(unit, set()).add((day, ancestor))
    return Scope(
        places=places,
        lines={place.audience: line_of(place.audience, parents) for place in places},
        above={unit: frozenset(found) for unit, found in above.items()},
        names={pk: str(audience) for pk, audience in audiences.items()},
        citizen=next((pk for pk, audience in audiences.items() if audience.code == CITIZEN), None),
    )


class State(StrEnum):
    """Where a duty stands."""

    WAITING = "waiting"
    GOING = "going"
    RENEW = "renew"
    DONE = "done"


@dataclass(frozen=True)
class Duty:
    """A course or a path that programmes ask of a person; ``asked`` holds what asks for it, the one that counts first.

    ``on`` is the day for which it is told.
    """

    asked: list[Assignment]
    state: State
    on: date
    course: Course | None = None
    path: PathStanding | None = None
    learnt: Learnt | None = None

    @property
    def due_on(self) -> date:
        return self.asked[0].due_on

    @property
    def days_left(self) -> int:
        return (self.due_on - self.on).days

    @property
    def title(self) -> str:
        return self.course.title if self.course else self.path.path.title if self.path else ""

    @property
    def address(self) -> str:
        return self.course.path if self.course else self.path.path.path if self.path else ""

    @property
    def way_on(self) -> str:
        """The address at which to go on with a course, or to begin it."""
        step = self.learnt.next_step if self.learnt else None
        return step.path if step else self.address

    @property
    def time_left(self) -> str:
        """How long there is, in words."""
        days = abs(self.days_left)
        if not days:
            return _("hôm nay là ngày cuối")
        if self.days_left > 0:
            return ngettext("còn %(days)s ngày", "còn %(days)s ngày", days) % {"days": number(days)}
        return ngettext("đã quá %(days)s ngày", "đã quá %(days)s ngày", days) % {"days": days}

    @property
    def courses(self) -> list[Course]:
        """The courses that it is about: what is told here needs no suggestion."""
        return [self.course] if self.course else [stop.course for stop in self.path.stops] if self.path else []


def assignments_of(*, scope: Scope, on: date) -> list[Assignment]:
    """The assignments that hold for a person on a day; one query."""
    found = Assignment.objects.for_my_learning(scope.audiences, on)
    return [assignment for assignment in found if scope.holds(assignment.audience_id, assignment.unit)]


def duties_of(
    *, assignments: Iterable[Assignment], learnt: Mapping[int, Learnt], paths: Iterable[PathStanding], on: date
) -> list[Duty]:
    """What the assignments ask for, each course and path once: what is left first, by day. No query."""
    standings = {standing.path.pk: standing for standing in paths}
    by_thing: dict[tuple[int | None, int | None], list[Assignment]] = {}
    for assignment in assignments:
        by_thing.setdefault((assignment.course_id, assignment.learning_path_id), []).append(assignment)
    duties = []
    for (course, path), asked in by_thing.items():
        # The one that runs out first counts; one that ran out only where none still runs.
        asked.sort(key=lambda a: (a.due_on < on, abs((a.due_on - on).days), a.pk))
        duty = _path_duty(asked, standings.get(path), on) if path else _course_duty(asked, learnt.get(course or 0), on)
        if duty is not None:
            duties.append(duty)
    return sorted(duties, key=lambda d: (d.state == State.DONE, d.due_on, d.title))


def _course_duty(asked: list[Assignment], learnt: Learnt | None, on: date) -> Duty | None:
    """The duty to learn a course; None while it is closed to somebody who has not finished it."""
    course = asked[0].course
    done = learnt.done(on) if learnt else None
    if rules.duty_is_done(done, asked[0].begins_on):
        state = State.DONE
    elif course is None or not course.is_published:
        return None
    elif learnt and learnt.is_going:
        state = State.GOING
    else:
        state = State.RENEW if learnt else State.WAITING
    return Duty(asked, state, on, course=course, learnt=learnt)


def _path_duty(asked: list[Assignment], standing: PathStanding | None, on: date) -> Duty | None:
    """The duty to finish a path; None while it is closed."""
    if standing is None:
        return None
    state = State.DONE if standing.is_done else State.GOING if standing.is_begun else State.WAITING
    return Duty(asked, state, on, path=standing)
