"""What was learnt in a record that is merged becomes that of the record that goes on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F, QuerySet
from django.utils import timezone

from courses import rules
from courses.models import (
    Bookmark,
    Completion,
    Course,
    Enrolment,
    LessonFeedback,
    LessonNote,
    PathCompletion,
)
from courses.services.paths import paths_settle
from people.models import User

#: Rounds step aside by so much while they are numbered anew.
_ASIDE = 10_000


@dataclass(frozen=True)
class Learning:
    """How much changed hands."""

    enrolments: int
    completions: int


def enrolments_lock(*, users: Collection[User]) -> None:
    """Make whatever completes a course of these people wait, or wait for it: the first lock, as everywhere."""
    list(Enrolment.objects.select_for_update(of=("self",)).filter(user__in=users).order_by("pk").values_list("pk"))


@transaction.atomic
def learning_reassign(*, kept: User, lost: User, at: datetime | None = None) -> Learning:
    """Give enrolments, completions, paths, notes and bookmarks of ``lost`` to ``kept``.

    A course that both learnt becomes rounds of one person: ``courses.rules.rounds_in_order`` says in which order. Where
    the courses of a path were split between the two records, the path is complete from now on. Of two bookmarks,
    opinions or records of one path those of ``kept`` stand, and the others stay where they are.
    """
    courses = list(Course.objects.filter(enrolments__user=lost).distinct())
    moved = _rounds_join(kept, lost, {course.pk: course.yearly_refresh for course in courses})
    completions = _reassign(Completion.objects.filter(user=lost), kept)
    finished = PathCompletion.objects.filter(user=kept).values("learning_path")
    _reassign(PathCompletion.objects.filter(user=lost).exclude(learning_path__in=finished), kept)
    for course in courses:
        paths_settle(users=[kept], course=course, at=at or timezone.now())
    LessonNote.objects.filter(user=lost).update(user=kept)
    for left in (Bookmark, LessonFeedback):
        has = left.objects.filter(user=kept).values_list("step", flat=True)
        left.objects.filter(user=lost).exclude(step__in=list(has)).update(user=kept)
    return Learning(enrolments=moved, completions=completions)


def _reassign(rows: QuerySet[Any], to: User) -> int:
    """Past the guard of append-only rows, for the one thing that may change: whose they are, never what they claim."""
    return QuerySet.update(rows, user=to)


def _rounds_join(kept: User, lost: User, courses: Mapping[int, bool]) -> int:
    """Number the rounds of both records anew, as those of one person. Returns how many were of ``lost``.

    ``courses``: whether each is a yearly one.
    """
    both = Enrolment.objects.filter(user__in=[kept, lost], course__in=courses)
    rows = both.select_related("completion").annotate(done=Count("step_completions")).order_by("pk")
    joined = {row.pk: row for row in rows}
    by_course: dict[int, list[rules.Round]] = defaultdict(list)
    for row in joined.values():
        by_course[row.course_id].append(_round(row))
    moved = both.filter(user=lost).update(round=F("round") + 2 * _ASIDE, user=kept)
    both.filter(round__lt=_ASIDE).update(round=F("round") + _ASIDE)
    for course, found in by_course.items():
        order = rules.rounds_in_order(found, yearly=courses[course], day_of=timezone.localdate)
        for number, key in enumerate(order, start=1):
            joined[key].round = number
    Enrolment.objects.bulk_update(joined.values(), ["round"], batch_size=500)
    return moved


def _round(row: Enrolment) -> rules.Round:
    completion: Completion | None = getattr(row, "completion", None)
    return rules.Round(
        key=row.pk,
        began_again=row.round > 1,
        started_at=row.started_at,
        last_seen_at=row.last_seen_at,
        done=row.done,  # type: ignore[attr-defined]  # annotated by the caller
        completed_at=completion.completed_at if completion else None,
        valid_until=completion.valid_until if completion else None,
    )
