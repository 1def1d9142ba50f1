"""Reads of what a learner left beside lessons: on the lesson itself, and all of it on one page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import CharField, F, QuerySet, TextField, UUIDField, Value

from courses.models import Bookmark, Course, LessonFeedback, LessonNote, Step, Verdict


class Note(NamedTuple):
    """A note as it is shown."""

    uuid: UUID
    text: str
    made_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class Beside:
    """What a learner has beside one lesson: notes, oldest first. ``verdict`` is empty while they have said nothing."""

    notes: list[Note] = field(default_factory=list)
    is_kept: bool = False
    verdict: str = ""
    comment: str = ""

    @property
    def said(self) -> str:
        """The verdict in words."""
        return str(Verdict(self.verdict).label) if self.verdict else ""


def beside_lesson(*, user: Any, step: Step) -> Beside:
    """What a learner has beside a lesson; one query, for a lesson's page may cost few."""
    notes = _lines(LessonNote, "note", uuid="uuid", text="text", made_at="made_at", changed_at="changed_at")
    kept = _lines(Bookmark, "kept", made_at="made_at", changed_at="made_at")
    said = _lines(LessonFeedback, "said", text="comment", verdict="verdict", made_at="given_at", changed_at="given_at")
    mine = [lines.filter(user=user, step=step) for lines in (notes, kept, said)]
    found: dict[str, list[Any]] = {"note": [], "kept": [], "said": []}
    for what, verdict, *note in mine[0].union(*mine[1:], all=True):
        found[what].append(Note(*note) if what == "note" else (verdict, note[1]))
    verdict, comment = found["said"][0] if found["said"] else ("", "")
    return Beside(sorted(found["note"], key=lambda note: note.made_at), bool(found["kept"]), verdict, comment)


def _lines(model: Any, what: str, **fields: str) -> QuerySet[Any]:
    """Rows of one kind as lines of the one query; what a kind lacks is empty."""
    columns: dict[str, Any] = {
        "what": Value(what, output_field=CharField()),
        "verdict": Value("", output_field=CharField()),
        "uuid": Value(None, output_field=UUIDField()),
        "text": Value("", output_field=TextField()),
        "made_at": None,
        "changed_at": None,
    }
    columns |= {name: F(at) for name, at in fields.items()}
    # No name of ours may be that of a field.
    named = {f"of_{name}": column for name, column in columns.items()}
    lines: QuerySet[Any] = model.objects.order_by().annotate(**named).values_list(*named)
    return lines


def bookmarks_for_my_notes(user: Any) -> QuerySet[Bookmark]:
    """The lessons a learner kept, newest first."""
    return Bookmark.objects.filter(user=user).select_related("step__course").defer(*_LONG)


def notes_for_my_notes(user: Any) -> QuerySet[LessonNote]:
    """A learner's notes in the order of the courses: course, lesson, time."""
    notes = LessonNote.objects.filter(user=user).select_related("step__course").defer(*_LONG)
    return notes.order_by("step__course__title", "step__course", "step__position", "step", "made_at", "pk")


_LONG = ("step__text", "step__search_key", "step__course__search_key")


@dataclass(frozen=True)
class NotedLesson:
    """A lesson with one's notes on it. ``is_open``: it can still be read."""

    step: Step
    notes: list[LessonNote]

    @property
    def is_open(self) -> bool:
        return self.step.is_active and self.step.course.is_published


def by_course(notes: Iterable[LessonNote]) -> Iterator[tuple[Course, list[NotedLesson]]]:
    """Notes in the order of ``notes_for_my_notes``, under their courses and lessons."""
    for _, of_course in groupby(notes, key=lambda note: note.step.course_id):
        lessons = [list(run) for _, run in groupby(of_course, key=lambda note: note.step_id)]
        yield lessons[0][0].step.course, [NotedLesson(run[0].step, run) for run in lessons]
