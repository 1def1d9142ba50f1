"""What people find: lessons by their words, with the place where the words stand."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from common.text import nfc, search_words
from courses.highlights import Piece, excerpt, marked
from courses.models import Course, Step
from courses.querysets import lessons_in_use
from courses.search_index import lessons_ranked

#: Of each kind so many times the limit are looked at, to put those first that have the accents right.
_LOOKED_AT = 2


@dataclass(frozen=True)
class FoundLesson:
    """A lesson that holds the words, with its title and a part of its text in pieces."""

    step: Step
    title: list[Piece]
    excerpt: list[Piece]


@dataclass(frozen=True)
class FoundLessons:
    """The best lessons; ``has_more`` when there are others."""

    lessons: list[FoundLesson]
    has_more: bool = False

    def __bool__(self) -> bool:
        return bool(self.lessons)


def lessons_found(words: str, *, courses: QuerySet[Any] | None = None, limit: int = 12) -> FoundLessons:
    """Lessons of ``courses`` (all published ones) in which all the words stand; none without words.

    First those that the title names, then those where the words stand one after the other, then the rest; among equals
    those that have the accents as they were typed. At most four queries.
    """
    asked = search_words(words)
    if not asked:
        return FoundLessons([])
    courses = Course.objects.published() if courses is None else courses
    among = lessons_in_use().filter(course__in=courses.order_by().values("pk"))
    ranks = lessons_ranked(words, among=among, enough=limit, at_most=_LOOKED_AT * limit)
    shown = ("title", "path", "minutes", "text", "position", "course__title")
    steps = Step.objects.filter(pk__in=ranks).select_related("course").only(*shown)
    accents = nfc(words).casefold()
    ranked = sorted(steps, key=lambda step: (ranks[step.pk], not _says(step, accents), step.course_id, step.position))
    found = [FoundLesson(s, marked(s.title, words), excerpt(s.text, words)) for s in ranked[:limit]]
    return FoundLessons(found, has_more=len(ranked) > limit)


def _says(step: Step, typed: str) -> bool:
    """Whether the lesson has what was typed letter by letter, accents included."""
    return typed in unicodedata.normalize("NFC", f"{step.title}\n{step.text}").casefold()
