"""An editor's outline becomes the course that learners meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from common.errors import Refusal
from common.text import search_key
from courses.models import Competence, Course, Module, Step, StepKind, StepRule, Topic
from courses.services.settling import enqueue_settling
from people.models import Audience


@dataclass(frozen=True)
class OutlineModule:
    """A heading over steps, as the editor published it."""

    key: UUID
    title: str
    summary: str = ""


@dataclass(frozen=True)
class OutlineStep:
    """A step as the editor published it. ``scenarios``: block id → numbers (from 1) of the right choices."""

    key: UUID
    kind: str
    title: str
    path: str
    minutes: int
    required: bool
    text: str = ""  # what a learner reads or hears there, for search
    module: UUID | None = None
    rule: str = ""  # empty: passed for a quiz, marked for a lesson
    min_seconds: int = 0
    scenarios: Mapping[str, Sequence[int]] = field(default_factory=dict)
    task: str = ""

    @property
    def effective_rule(self) -> str:
        """Quizzes are done by passing, whatever was said; lessons as the editor chose.

        A lesson that waits for scenarios and has none would block everybody: it is marked as done.
        """
        if self.kind == StepKind.QUIZ:
            return StepRule.PASSED
        if self.rule == StepRule.SCENARIO and not self.scenarios:
            return StepRule.MARKED
        return self.rule or StepRule.MARKED


@dataclass(frozen=True)
class Outline:
    """A course as the editor published it. ``prerequisites`` are keys of courses; unknown ones are left out."""

    key: UUID
    slug: str
    code: str
    title: str
    summary: str
    path: str
    level: str
    hours: Decimal
    audience_codes: Sequence[str]
    topic_codes: Sequence[str]
    steps: Sequence[OutlineStep]
    automatic_confirmation: bool = True
    is_published: bool = True
    modules: Sequence[OutlineModule] = ()
    language: str = "vi"
    valid_months: int | None = None
    yearly_refresh: bool = False
    prerequisites: Sequence[UUID] = ()
    competence_ids: Sequence[int] = ()
    is_captioned: bool = False
    is_narrated: bool = False
    is_light: bool = False


#: So many letters of a lesson can be found; PostgreSQL refuses rows with an index of more than a megabyte.
LONGEST_KEY = 200_000

#: What an outline and a course call by the same name.
SAME_NAMED = ("language", "valid_months", "yearly_refresh", "is_captioned", "is_narrated", "is_light")


@transaction.atomic
def course_outline_publish(*, outline: Outline) -> Course:
    """Carry a published outline into the course that learners meet. Idempotent.

    Steps that left the outline stay as inactive rows, so nobody's history is lost; ``revision`` grows only when the
    steps really changed. Raises Refusal (``no_required_step``) when there is nothing that could be completed.
    """
    if outline.is_published and not any(step.required for step in outline.steps):
        raise Refusal(
            gettext("Khoá học chưa có phần bắt buộc nào nên không ai có thể hoàn thành."),
            code="no_required_step",
            fix=gettext("Thêm ít nhất một bài học hoặc bài kiểm tra bắt buộc rồi xuất bản lại."),
        )
    course, _ = Course.objects.update_or_create(
        key=outline.key,
        defaults={
            "slug": outline.slug,
            "code": outline.code,
            "title": outline.title,
            "summary": outline.summary,
            "path": outline.path,
            "level": outline.level,
            "hours": outline.hours,
            "minutes": sum(step.minutes for step in outline.steps if step.required),
            "automatic_confirmation": outline.automatic_confirmation,
            "is_published": outline.is_published,
            **{name: getattr(outline, name) for name in SAME_NAMED},
        },
    )
    if outline.is_published and course.published_at is None:
        course.published_at = timezone.now()
    modules = _modules_replace(course, outline.modules)
    if _steps_replace(course, outline.steps, modules):
        course.revision += 1
        # Whoever had only the step to do that was taken out has nothing left to press: complete them by a job.
        transaction.on_commit(lambda: enqueue_settling(course.pk))
    _tags_replace(course, outline)
    course.save()
    return course


def _tags_replace(course: Course, outline: Outline) -> None:
    """Set audiences and topics, and let the course be found by their names."""
    audiences = list(Audience.objects.filter(code__in=outline.audience_codes))
    topics = list(Topic.objects.filter(code__in=outline.topic_codes))
    course.audiences.set(audiences)
    course.topics.set(topics)
    course.competences.set(Competence.objects.filter(pk__in=outline.competence_ids))
    course.prerequisites.set(Course.objects.filter(key__in=outline.prerequisites).exclude(pk=course.pk))
    named = [outline.title, outline.summary, outline.code, *map(str, audiences), *map(str, topics)]
    course.search_key = search_key(*named)


def course_close(*, key: UUID) -> None:
    """Close a course to learners; its steps and everybody's history stay. Publishing its outline opens it again."""
    Course.objects.filter(key=key).update(is_published=False)


def _rows_replace(model: type[Any], wanted: Sequence[tuple[UUID, dict[str, Any]]]) -> dict[UUID, Any]:
    """Give the rows of these keys these values, making those that are missing; by key. Two or three queries in all."""
    found = {row.key: row for row in model.objects.select_for_update().filter(key__in=[key for key, _ in wanted])}
    made, changed, names = [], [], set()
    for key, values in wanted:
        row = found.get(key)
        if row is None:
            made.append(model(key=key, **values))
        elif other := {name for name, value in values.items() if getattr(row, name) != value}:
            names |= other
            changed.append(row)
            for name in other:
                setattr(row, name, values[name])
    if changed:
        model.objects.bulk_update(changed, sorted(names), batch_size=200)
    return found | {row.key: row for row in model.objects.bulk_create(made)}


def _modules_replace(course: Course, wanted: Sequence[OutlineModule]) -> dict[UUID, Module]:
    """Make the active modules of ``course`` the wanted ones; by key."""
    course.modules.exclude(key__in=[module.key for module in wanted]).update(is_active=False)
    values = [
        (
            module.key,
            {
                "course_id": course.pk,
                "title": module.title,
                "summary": module.summary,
                "position": position,
                "is_active": True,
            },
        )
        for position, module in enumerate(wanted, start=1)
    ]
    return _rows_replace(Module, values)


def _steps_replace(course: Course, wanted: Sequence[OutlineStep], modules: Mapping[UUID, Module]) -> bool:
    """Make the active steps of ``course`` the wanted ones; say whether anything a learner must do changed."""
    before = [(s.key, s.required, s.rule) for s in course.steps.filter(is_active=True)]
    course.steps.exclude(key__in=[step.key for step in wanted]).update(is_active=False)
    values = [
        (step.key, {"course_id": course.pk, **_step_values(step, position, modules)})
        for position, step in enumerate(wanted, start=1)
    ]
    _rows_replace(Step, values)
    return before != [(step.key, step.required, step.effective_rule) for step in wanted]


def _step_values(step: OutlineStep, position: int, modules: Mapping[UUID, Module]) -> dict[str, Any]:
    """What a row of ``Step`` holds of a step."""
    module = modules.get(step.module) if step.module else None
    return {
        "kind": step.kind,
        "title": step.title,
        "path": step.path,
        "position": position,
        "minutes": step.minutes,
        "required": step.required,
        "module_id": module.pk if module else None,
        "rule": step.effective_rule,
        "min_seconds": step.min_seconds,
        "scenarios": {block: list(right) for block, right in step.scenarios.items()},
        "task": step.task,
        "is_active": True,
        "text": step.text,
        "title_key": search_key(step.title),
        "search_key": search_key(step.title, step.text)[:LONGEST_KEY],
    }
