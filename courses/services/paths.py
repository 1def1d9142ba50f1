"""An editor's path becomes the path that learners meet; whoever finished all of it is recorded, once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext

from common.errors import Refusal
from common.queue import enqueue
from courses import rules
from courses.models import Completion, Course, LearningPath, PathCompletion, PathCourse
from people.models import Audience, User

CHUNK = 500


@dataclass(frozen=True)
class PathPlace:
    """A course in its place on a path, by the course's key."""

    course: UUID
    required: bool = True


@dataclass(frozen=True)
class PathOutline:
    """A path as the editor published it."""

    key: UUID
    slug: str
    title: str
    summary: str
    path: str
    level: str
    audience_codes: Sequence[str]
    places: Sequence[PathPlace]
    is_published: bool = True


@transaction.atomic
def path_publish(*, outline: PathOutline) -> LearningPath:
    """Carry a published path into the one that learners meet. Idempotent; unknown courses are left out.

    Whoever has finished all that it asks for now is completed by a job; a completion there is stays, whatever changes.
    Raises Refusal (``no_required_course``) when there is nothing that could be completed.
    """
    if outline.is_published and not any(place.required for place in outline.places):
        raise Refusal(
            gettext("Lộ trình chưa có khoá bắt buộc nào nên không ai có thể hoàn thành."),
            code="no_required_course",
            fix=gettext("Thêm ít nhất một khoá học bắt buộc rồi xuất bản lại."),
        )
    before = LearningPath.objects.filter(key=outline.key, is_published=True).exists()
    path, _ = LearningPath.objects.update_or_create(
        key=outline.key,
        defaults={
            "slug": outline.slug,
            "title": outline.title,
            "summary": outline.summary,
            "path": outline.path,
            "level": outline.level,
            "is_published": outline.is_published,
        },
    )
    path.audiences.set(Audience.objects.filter(code__in=outline.audience_codes))
    changed = _places_replace(path, outline.places)
    if path.is_published and (changed or not before):
        transaction.on_commit(lambda: enqueue_path_settling(path.pk))
    return path


def path_close(*, key: UUID) -> None:
    """Close a path to learners; everybody's completions stay. Publishing it opens it again."""
    LearningPath.objects.filter(key=key).update(is_published=False)


def _places_replace(path: LearningPath, wanted: Sequence[PathPlace]) -> bool:
    """Make the places of a path the wanted ones; say whether what it asks for changed."""
    courses = dict(Course.objects.filter(key__in=[place.course for place in wanted]).values_list("key", "pk"))
    rows = [(courses[place.course], place.required) for place in wanted if place.course in courses]
    before = list(path.places.values_list("course_id", "required"))
    if before == rows:
        return False
    path.places.all().delete()
    PathCourse.objects.bulk_create(
        PathCourse(learning_path=path, course_id=course, required=required, position=position)
        for position, (course, required) in enumerate(rows, start=1)
    )
    return {course for course, required in before if required} != {course for course, required in rows if required}


def paths_settle(*, users: Collection[User], course: Course, at: datetime) -> list[PathCompletion]:
    """Complete the paths that finishing ``course`` leaves nothing of for ``users``; in the caller's transaction.

    One query when no open path asks for the course, two when courses are left, four when a path is finished, for one
    person or many. Two courses finished at one instant may each miss the other: ``path_completions_settle`` finds it.
    """
    asking = LearningPath.objects.filter(is_published=True, places__course=course, places__required=True)
    places = PathCourse.objects.filter(learning_path__in=asking, required=True)
    by_path: dict[LearningPath, list[PathCourse]] = defaultdict(list)
    for place in places.select_related("learning_path", "course").defer("course__search_key"):
        by_path[place.learning_path].append(place)
    if not by_path:
        return []
    wanted = {place.course_id for found in by_path.values() for place in found}
    done: dict[int, set[int]] = defaultdict(set)
    finished = Completion.objects.filter(user__in=users, course__in=wanted)
    for user_id, course_id in finished.values_list("user", "course"):
        done[user_id].add(course_id)
    due = [
        (path, user)
        for path, found in by_path.items()
        for user in users
        if rules.path_progress(found, done[user.pk]).is_complete
    ]
    if not due:
        return []
    recorded = set(
        PathCompletion.objects.filter(user__in=users, learning_path__in=list(by_path)).values_list(
            "learning_path", "user"
        )
    )
    return _completions_create(
        _completion(path, by_path[path], user, at) for path, user in due if (path.pk, user.pk) not in recorded
    )


def _completion(path: LearningPath, places: Iterable[PathCourse], user: User, at: datetime) -> PathCompletion:
    """What a person's finishing of a path claims, not yet saved."""
    return PathCompletion(
        learning_path=path,
        user=user,
        completed_at=at,
        learner_name=user.full_name,
        path_title=path.title,
        path_level=path.level,
        hours=sum((place.course.hours for place in places if place.required), Decimal(0)),
    )


def _completions_create(rows: Iterable[PathCompletion]) -> list[PathCompletion]:
    """Save them; whoever was recorded meanwhile keeps the record there is."""
    found = list(rows)
    return PathCompletion.objects.bulk_create(found, ignore_conflicts=True) if found else []


def enqueue_path_settling(path_id: int) -> None:
    """Ask for the completions that a changed path leaves due; what the queue loses, the sweep finds."""
    from courses import tasks  # tasks call this module

    enqueue(tasks.settle_paths, path_id)


def path_completions_settle(*, path_id: int | None = None, at: datetime | None = None) -> int:
    """Record everybody who finished all that a path asks for and is not recorded yet; return how many.

    Needed when a path is opened or asks for less. Of one path, or of all open ones; ``CHUNK`` people at a time.
    """
    at = at or timezone.now()
    paths = LearningPath.objects.published().with_places()
    if path_id is not None:
        paths = paths.filter(pk=path_id)
    return sum(_path_settle(path, at) for path in paths)


def _path_settle(path: LearningPath, at: datetime) -> int:
    places = [place for place in path.places.all() if place.required]
    if not places:
        return 0
    finished = Completion.objects.filter(course__in=[place.course_id for place in places]).order_by()
    everything = finished.values("user").annotate(courses=Count("course", distinct=True)).filter(courses=len(places))
    due = list(
        User.objects.filter(pk__in=everything.values("user"))
        .exclude(pk__in=path.completions.values("user"))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    for begin in range(0, len(due), CHUNK):
        people = User.objects.filter(pk__in=due[begin : begin + CHUNK])
        with transaction.atomic():
            _completions_create(_completion(path, places, user, at) for user in people)
    return len(due)
