"""What the pages of learning paths read. Each function costs a fixed number of queries, however many courses."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from courses.learning import PathStanding, Stop, paths_standing
from courses.models import LearningPath, PathCourse


def all_paths(*, user: Any) -> list[PathStanding]:
    """The open paths by title, and how the reader stands on them."""
    return paths_standing(user=user, paths=LearningPath.objects.published().with_places().order_by("title", "pk"))


def path_of(*, user: Any, key: UUID) -> PathStanding | None:
    """An open path as ``user`` stands on it; None while it is closed."""
    found = paths_standing(user=user, paths=LearningPath.objects.published().with_places().filter(key=key))
    return found[0] if found else None


def path_of_draft(*, page: Any) -> PathStanding:
    """What the editor's preview shows: the courses from the page as it is now, nothing done, nothing saved."""
    path = LearningPath(key=page.translation_key, title=page.title, summary=page.summary, level=page.level)
    standing = PathStanding(path)
    # The places are not saved: they are given in the stead of what would be read.
    standing.__dict__["stops"] = [
        Stop(PathCourse(learning_path=path, course=place.course, required=place.required, position=position))
        for position, place in enumerate(page.places.all(), start=1)
        if place.course_id
    ]
    return standing
