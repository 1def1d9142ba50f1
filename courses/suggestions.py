"""What is suggested to a person: the facts behind ``courses.recommending``, read for pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from courses import recommending
from courses.duties import Scope
from courses.models import Course, CourseUptake, Topic
from courses.standing import Standing, standing_of

#: How many courses are looked at for each reason.
LOOKED_AT = 40


@dataclass(frozen=True)
class Suggested:
    """A course to learn next and why, in sentences."""

    course: Course
    reasons: tuple[str, ...]


def suggestions_for(
    *, user: Any, limit: int = 3, on: date | None = None, told: Collection[int] = ()
) -> list[Suggested]:
    """What somebody could learn next, best first; the same number of queries whatever they learn. ``told``: see
    ``suggest``."""
    return suggest(standing_of(user=user, on=on or timezone.localdate()), limit=limit, told=told)


def suggest(standing: Standing, *, limit: int = 3, told: Collection[int] = ()) -> list[Suggested]:
    """Suggestions from how somebody stands. ``told`` are courses that the page speaks of elsewhere. Eight queries."""
    completed = {course: one.completion for course, one in standing.learnt.items() if one.completion is not None}
    finished = set(completed)
    begun = {*standing.learnt, *told} - finished
    due, next_on_path, uptake = _due(standing), _next_on_paths(standing), _uptake(standing.scope)
    topics = dict(Topic.objects.filter(courses__in=finished).values_list("pk", "name"))
    before = _prerequisites()
    wanted = _looked_at(standing.scope, topics, finished | begun) | {*due, *next_on_path, *uptake}
    courses = _courses(wanted, before)
    facts = recommending.Facts(
        finished=finished,
        ran_out={course for course, completion in completed.items() if completion.is_expired(standing.on)},
        begun=begun,
        due=due,
        next_on_path=next_on_path,
        for_audience={pk: name for pk, course in courses.items() if (name := _meant_for(course, standing.scope))},
        uptake=uptake,
        topic={
            pk: topics[topic.pk]
            for pk, course in courses.items()
            for topic in course.topics.all()
            if topic.pk in topics and _is_open_to(course, standing.scope)
        },
    )
    found = recommending.recommend(
        [recommending.Candidate(pk, course.title, before.get(pk, frozenset())) for pk, course in courses.items()],
        facts,
        limit=limit,
    )
    return [Suggested(courses[suggestion.course], suggestion.reasons) for suggestion in found]


def _due(standing: Standing) -> dict[int, recommending.Due]:
    """Courses that a programme asks for by a day to come, the earliest; of a path the one that is next."""
    paths = {one.path.pk: one for one in standing.paths}
    found: dict[int, recommending.Due] = {}
    for assignment in standing.assignments:
        course = assignment.course_id
        if assignment.learning_path_id in paths and (stop := paths[assignment.learning_path_id].next_stop):
            course = stop.course.pk
        if course and assignment.due_on >= standing.on:
            found.setdefault(course, recommending.Due(assignment.code, assignment.due_on))
    return found


def _next_on_paths(standing: Standing) -> dict[int, str]:
    return {
        one.next_stop.course.pk: one.path.title
        for one in reversed(standing.own_paths)
        if one.is_begun and one.next_stop
    }


def _uptake(scope: Scope) -> dict[int, recommending.Uptake]:
    """The courses that most people of the reader's audiences finished in the last year."""
    rows = CourseUptake.objects.filter(audience__in=scope.audiences, course__is_published=True)
    found: dict[int, recommending.Uptake] = {}
    for row in rows.filter(people__gte=recommending.MIN_PEOPLE).order_by("-people", "audience", "course")[:LOOKED_AT]:
        found.setdefault(row.course_id, recommending.Uptake(row.people, scope.names[row.audience_id]))
    return found


def _prerequisites() -> dict[int, frozenset[int]]:
    """Course → open courses to finish before it, of all open courses that ask for any."""
    rows = Course.objects.published().filter(prerequisites__is_published=True).order_by()
    found: dict[int, set[int]] = {}
    for course, before in rows.values_list("pk", "prerequisites"):
        found.setdefault(course, set()).add(before)
    return {course: frozenset(before) for course, before in found.items()}


def _looked_at(scope: Scope, topics: Collection[int], known: Collection[int]) -> set[int]:
    """Open courses for the reader's audiences, and of the topics they learnt: the first by title of each."""
    fresh = Course.objects.published().exclude(pk__in=known).order_by("title", "pk").distinct()
    for_audience = fresh.filter(audiences__in=scope.audiences).values_list("pk", "title")[:LOOKED_AT]
    everybodys = {*scope.audiences, scope.citizen} - {None}
    of_topic = fresh.filter(topics__in=topics, audiences__in=everybodys).values_list("pk", "title")[:LOOKED_AT]
    return {pk for rows in (for_audience, of_topic) for pk, _ in rows}


def _courses(wanted: set[int], before: Mapping[int, frozenset[int]]) -> dict[int, Course]:
    """The open courses of these ids with whatever must be learnt before them."""
    ids, more = set(wanted), set(wanted)
    while more := {one for course in more for one in before.get(course, ())} - ids:
        ids |= more
    courses = Course.objects.published().filter(pk__in=ids).defer("search_key")
    return {course.pk: course for course in courses.prefetch_related("audiences", "topics")}


def _meant_for(course: Course, scope: Scope) -> str:
    """The audience of the reader for whom the course is meant, the nearest; empty where it is for others."""
    meant = {audience.pk for audience in course.audiences.all()}
    return next((scope.names[a] for line in scope.lines.values() for a in line if a in meant), "")


def _is_open_to(course: Course, scope: Scope) -> bool:
    """Whether the course is for the reader's audiences, or for every citizen: a shared topic alone says too little."""
    return any(audience.pk == scope.citizen or audience.pk in scope.audiences for audience in course.audiences.all())
