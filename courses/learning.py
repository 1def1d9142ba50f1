"""How a person stands in what they learn: rounds of courses, paths. Reads that several pages share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.utils import timezone

from courses import rules
from courses.models import Completion, Course, Enrolment, LearningPath, PathCompletion, PathCourse, Step


@dataclass(frozen=True)
class Learnt:
    """A person's latest round of a course, and their last completion of it, of this round or an earlier one."""

    enrolment: Enrolment
    completion: Completion | None
    progress: rules.Progress
    next_step: Step | None
    minutes_left: int

    @property
    def course(self) -> Course:
        return self.enrolment.course

    @property
    def is_going(self) -> bool:
        """The latest round is still open."""
        return not hasattr(self.enrolment, "completion")

    def renewal_due(self, on: date) -> bool:
        """Whether the last completion ran out, or belongs to a year that is over where the course is a yearly one."""
        if self.completion is None:
            return False
        finished = timezone.localdate(self.completion.completed_at)
        yearly = self.course.yearly_refresh
        return rules.renewal_due(completed_on=finished, valid_until=self.completion.valid_until, yearly=yearly, on=on)

    def done(self, on: date) -> rules.Done | None:
        """The last completion, as the rules of duties ask for it."""
        if self.completion is None:
            return None
        return rules.Done(timezone.localdate(self.completion.completed_at), self.renewal_due(on))


def learning_of(*, user: Any, courses: Collection[int] | None = None) -> dict[int, Learnt]:
    """What a person learns and learnt, by course id, last seen first; of some courses, or all. Three queries."""
    enrolments = Enrolment.objects.for_my_learning(user)
    if courses is not None:
        enrolments = enrolments.filter(course__in=courses)
    rounds: dict[int, list[Enrolment]] = {}
    for enrolment in enrolments:
        rounds.setdefault(enrolment.course_id, []).append(enrolment)
    return {course: _learnt(max(found, key=lambda e: e.round), found) for course, found in rounds.items()}


def _learnt(latest: Enrolment, rounds: Iterable[Enrolment]) -> Learnt:
    completions = [e.completion for e in rounds if hasattr(e, "completion")]
    done = {row.step_id for row in latest.step_completions.all()}
    steps = list(latest.course.steps.all())
    return Learnt(
        enrolment=latest,
        completion=max(completions, key=lambda c: c.completed_at) if completions else None,
        progress=rules.progress(steps, done, finished=hasattr(latest, "completion")),
        next_step=rules.next_step(steps, done, latest.last_step_id),
        minutes_left=sum(step.minutes for step in rules.steps_left(steps, done)),
    )


@dataclass(frozen=True)
class Stop:
    """A course on a path, as somebody stands in it; ``learnt`` is None where they have not begun it."""

    place: PathCourse
    learnt: Learnt | None = None

    @property
    def course(self) -> Course:
        return self.place.course

    @property
    def is_done(self) -> bool:
        return self.learnt is not None and self.learnt.completion is not None

    @property
    def is_going(self) -> bool:
        return self.learnt is not None and self.learnt.completion is None

    @property
    def minutes_left(self) -> int:
        if self.is_done:
            return 0
        return self.learnt.minutes_left if self.learnt else self.course.minutes

    @property
    def way_on(self) -> str:
        """The address at which to go on: the lesson that is next, else the course."""
        step = self.learnt.next_step if self.learnt and self.is_going else None
        return step.path if step else self.course.path


@dataclass(frozen=True)
class PathStanding:
    """A path, and how far somebody is on it. ``learnt``: what they learn and learnt, by course id."""

    path: LearningPath
    learnt: Mapping[int, Learnt] = field(default_factory=dict)
    completion: PathCompletion | None = None

    @cached_property
    def stops(self) -> list[Stop]:
        """The courses in order. A closed one is shown only to those who began it, and where the path asks for it."""
        found = [Stop(place, self.learnt.get(place.course_id)) for place in self.path.places.all()]
        return [stop for stop in found if stop.course.is_published or stop.learnt or stop.place.required]

    @cached_property
    def _done(self) -> set[int]:
        return {stop.course.pk for stop in self.stops if stop.is_done}

    @cached_property
    def progress(self) -> rules.Progress:
        places = [stop.place for stop in self.stops]
        return rules.path_progress(places, self._done, finished=self.completion is not None)

    @cached_property
    def is_begun(self) -> bool:
        return any(stop.learnt for stop in self.stops)

    @cached_property
    def is_done(self) -> bool:
        """Recorded as finished, or about to be: a change of the path is settled by a job."""
        return self.completion is not None or self.progress.is_complete

    @cached_property
    def next_stop(self) -> Stop | None:
        """The open course at which to go on; None when nothing is left that is open."""
        if self.is_done:
            return None
        open_places = [stop.place for stop in self.stops if stop.course.is_published]
        begun = {stop.course.pk for stop in self.stops if stop.is_going}
        place = rules.next_on_path(open_places, self._done, begun)
        return next((stop for stop in self.stops if stop.place is place), None)

    @cached_property
    def minutes_left(self) -> int:
        """Minutes of the required courses that are left."""
        return 0 if self.is_done else sum(stop.minutes_left for stop in self.stops if stop.place.required)

    @property
    def about_minutes_left(self) -> int:
        """The same as people say it: in quarters of an hour, or in steps of five minutes."""
        return rules.roughly(self.minutes_left)

    @property
    def hours(self) -> Any:
        """Hours of the required courses, with practice."""
        return sum(stop.course.hours for stop in self.stops if stop.place.required)


def paths_standing(
    *, user: Any, paths: Iterable[LearningPath], learnt: Mapping[int, Learnt] | None = None
) -> list[PathStanding]:
    """How somebody stands on paths ``with_places``; a guest stands on none. At most four queries, none for guests.

    ``learnt`` saves three of them where it is known already.
    """
    found = list(paths)
    if not user.is_authenticated:
        return [PathStanding(path) for path in found]
    if learnt is None:
        learnt = learning_of(user=user, courses={p.course_id for path in found for p in path.places.all()})
    completions = {c.learning_path_id: c for c in PathCompletion.objects.filter(user=user, learning_path__in=found)}
    return [PathStanding(path, learnt, completions.get(path.pk)) for path in found]
