"""What the page "Việc học của tôi" shows, most pressing first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from courses.duties import Duty
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
    """The parts of the page, in order."""

    duties: list[Duty]
    going: list[Learnt]
    paths: list[PathStanding]
    suggested: list[Suggested]
    finished: list[Finished]


def my_learning_of(*, user: Any, on: date | None = None) -> MyLearning:
    """Read the page of a person; the same number of queries whatever they learn."""
    on = on or timezone.localdate()
    standing = standing_of(user=user, on=on)
    told = {course.pk for duty in standing.duties for course in duty.courses}
    return MyLearning(
        duties=standing.duties,
        going=[one for one in standing.learnt.values() if one.is_going],
        paths=standing.own_paths,
        suggested=suggest(standing, told=told),
        finished=[_finished(one, on) for one in standing.learnt.values() if one.completion],
    )


def _finished(learnt: Learnt, on: date) -> Finished:
    until = learnt.completion.valid_until if learnt.completion else None
    may_renew = not learnt.is_going and learnt.course.is_published and learnt.renewal_due(on)
    return Finished(learnt, is_over=until is not None and until < on, may_renew=may_renew)
