"""What the page "Việc học của tôi" shows, most pressing first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from courses.duties import Duty, State
from courses.learning import Learnt, PathStanding
from courses.standing import standing_of
from courses.suggestions import Suggested, suggest


@dataclass(frozen=True)
class Finished:
    """A finished course. ``is_over``: its completion no longer holds; ``may_renew``: it may be learnt anew now."""

    learnt: Learnt
    is_over: bool
    may_renew: bool


@dataclass(frozen=True)
class MyLearning:
    """The parts of the page, in order. What is told among the duties is not told again among what is going on."""

    duties: list[Duty]
    going: list[Learnt]
    paths: list[PathStanding]
    suggested: list[Suggested]
    finished: list[Finished]
    is_new: bool


def my_learning_of(*, user: Any, on: date | None = None) -> MyLearning:
    """Read the page of a person; the same number of queries whatever they learn."""
    on = on or timezone.localdate()
    standing = standing_of(user=user, on=on)
    left = [duty for duty in standing.duties if duty.state != State.DONE]
    paths_told = {duty.path.path.pk for duty in left if duty.path}
    courses_told = {duty.course.pk for duty in left if duty.course}
    return MyLearning(
        duties=standing.duties,
        going=[one for pk, one in standing.learnt.items() if one.is_going and pk not in courses_told],
        paths=[one for one in standing.own_paths if one.path.pk not in paths_told],
        suggested=suggest(standing, told={course.pk for duty in left for course in duty.courses}),
        finished=[_finished(one, on) for one in standing.learnt.values() if one.completion],
        is_new=not standing.learnt and not left,
    )


def _finished(learnt: Learnt, on: date) -> Finished:
    until = learnt.completion.valid_until if learnt.completion else None
    may_renew = not learnt.is_going and learnt.course.is_published and learnt.renewal_due(on)
    return Finished(learnt, is_over=until is not None and until < on, may_renew=may_renew)
