"""What can happen to courses and learning. One use case, one function; each is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.errors import Refusal
from common.queue import enqueue
from common.text import fold
from courses import rules
from courses.models import Completion, CompletionStanding, Course, Enrolment, Step, StepCompletion, Topic
from courses.signals import course_completed
from people.models import CITIZEN, Audience, Membership, User


@dataclass(frozen=True)
class OutlineStep:
    """A step as the editor published it."""

    key: UUID
    kind: str
    title: str
    path: str
    minutes: int
    required: bool
    text: str = ""  # what a learner reads there, for search


@dataclass(frozen=True)
class Outline:
    """A course as the editor published it."""

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


@transaction.atomic
def course_outline_publish(*, outline: Outline) -> Course:
    """Carry a published outline into the course that learners meet. Idempotent.

    Steps that left the outline stay as inactive rows, so nobody's history is lost; ``revision`` grows only when the
    steps really changed. Raises Refusal (``no_required_step``) when there is nothing that could be completed.
    """
    if outline.is_published and not any(step.required for step in outline.steps):
        raise Refusal(
            "Khoá học chưa có phần bắt buộc nào nên không ai có thể hoàn thành.",
            code="no_required_step",
            fix="Thêm ít nhất một bài học hoặc bài kiểm tra bắt buộc rồi xuất bản lại.",
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
        },
    )
    if outline.is_published and course.published_at is None:
        course.published_at = timezone.now()
    if _steps_replace(course, outline.steps):
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
    named = [outline.title, outline.summary, outline.code, *map(str, audiences), *map(str, topics)]
    course.search_key = fold(" ".join(named))


def course_close(*, key: UUID) -> None:
    """Close a course to learners; its steps and everybody's history stay. Publishing its outline opens it again."""
    Course.objects.filter(key=key).update(is_published=False)


def _steps_replace(course: Course, wanted: Sequence[OutlineStep]) -> bool:
    """Make the active steps of ``course`` the wanted ones; say whether anything a learner must do changed."""
    before = [(s.key, s.required) for s in course.steps.filter(is_active=True)]
    keys = [step.key for step in wanted]
    course.steps.exclude(key__in=keys).update(is_active=False)
    for position, step in enumerate(wanted, start=1):
        Step.objects.update_or_create(
            key=step.key,
            defaults={
                "course": course,
                "kind": step.kind,
                "title": step.title,
                "path": step.path,
                "position": position,
                "minutes": step.minutes,
                "required": step.required,
                "is_active": True,
                "search_key": fold(f"{step.title} {step.text}"),
            },
        )
    return before != [(step.key, step.required) for step in wanted]


@transaction.atomic
def enrolment_start(*, user: User, course: Course, at: datetime | None = None) -> tuple[Enrolment, bool]:
    """Enrol a person; a repeat gives the enrolment there is. Returns (enrolment, created)."""
    if not course.is_published:
        raise Refusal("Khoá học này hiện không mở.", code="course_closed", fix="Xem các khoá học khác trong danh mục.")
    at = at or timezone.now()
    return Enrolment.objects.get_or_create(user=user, course=course, defaults={"started_at": at, "last_seen_at": at})


def enrolment_seen(*, enrolment: Enrolment, step: Step, at: datetime | None = None) -> None:
    """Remember where the learner is, to resume there on any device."""
    Enrolment.objects.filter(pk=enrolment.pk).update(last_step=step, last_seen_at=at or timezone.now())


def enrolment_lock(*, enrolment: Enrolment) -> Enrolment:
    """Lock and return the enrolment row: the first lock of everything that may complete a course.

    Two last quizzes submitted at one instant would otherwise each see the other as missing, and lose the completion.
    """
    rows = Enrolment.objects.select_for_update(of=("self",)).select_related("course", "user", "completion")
    return rows.get(pk=enrolment.pk)


@transaction.atomic
def step_complete(
    *, enrolment: Enrolment, step: Step, at: datetime | None = None, score: Decimal | None = None
) -> Completion | None:
    """Record that a step is done; return the course's completion when this was the last one left.

    Idempotent: a step already done changes nothing, and an existing completion is returned again.
    """
    at = at or timezone.now()
    enrolment = enrolment_lock(enrolment=enrolment)
    if step.course_id != enrolment.course_id or not step.is_active:
        raise Refusal("Bài này không còn thuộc khoá học.", code="foreign_step", fix="Mở lại trang khoá học.")
    scores = dict(enrolment.step_completions.values_list("step_id", "score"))
    if step.pk not in scores:  # the enrolment row is locked, so nobody else can insert it in between
        StepCompletion.objects.create(enrolment=enrolment, step=step, completed_at=at, score=score)
        scores[step.pk] = score
    Enrolment.objects.filter(pk=enrolment.pk).update(last_step=step, last_seen_at=at)
    existing: Completion | None = getattr(enrolment, "completion", None)
    return existing or _completion_create(enrolment, scores, at)


def _completion_create(enrolment: Enrolment, scores: dict[int, Decimal | None], at: datetime) -> Completion | None:
    """Create the completion when no required step is left; the enrolment row is locked by the caller."""
    steps = list(enrolment.course.steps.filter(is_active=True))
    if not rules.progress(steps, scores).is_complete:
        return None
    graded = [score for s in steps if s.required and (score := scores.get(s.pk)) is not None]
    completion = Completion.objects.create(
        enrolment=enrolment,
        user=enrolment.user,
        course=enrolment.course,
        completed_at=at,
        learner_name=enrolment.user.full_name,
        learner_birth_date=enrolment.user.birth_date,
        course_title=enrolment.course.title,
        course_revision=enrolment.course.revision,
        course_hours=enrolment.course.hours,
        score=graded[-1] if graded else None,
    )
    CompletionStanding.objects.bulk_create(standings_for(completion, at))
    course_completed.send(sender=Completion, completion=completion)
    return completion


def enqueue_settling(course_id: int) -> None:
    """Ask for the completions that a changed outline leaves due; what the queue loses, the sweep finds."""
    from courses import tasks  # tasks call this module

    enqueue(tasks.settle, course_id)


def enrolments_settle(*, course_id: int | None = None, at: datetime | None = None) -> int:
    """Complete every enrolment that has no required step left (of one course, or of all); return how many.

    Needed when an editor takes out the last step that somebody had still to do. Each in a transaction of its own.
    """
    at = at or timezone.now()
    due = Enrolment.objects.nothing_left()
    if course_id is not None:
        due = due.filter(course=course_id)
    return sum(_enrolment_settle(enrolment, at) for enrolment in due.iterator(chunk_size=500))


@transaction.atomic
def _enrolment_settle(enrolment: Enrolment, at: datetime) -> bool:
    locked = enrolment_lock(enrolment=enrolment)
    if getattr(locked, "completion", None) is not None:
        return False
    scores = dict(locked.step_completions.values_list("step_id", "score"))
    return _completion_create(locked, scores, at) is not None


def standings_for(completion: Completion, at: datetime) -> list[CompletionStanding]:
    """Unsaved standings, one per place the person holds on that day; a citizen of unknown residence without any."""
    places: dict[tuple[int, int], Membership] = {}
    for membership in Membership.objects.in_force(timezone.localdate(at)).filter(user=completion.user_id):
        places.setdefault((membership.unit_id, membership.audience_id), membership)
    if not places:
        citizen = Audience.objects.get(code=CITIZEN)
        return [CompletionStanding(completion=completion, unit=None, audience=citizen, is_main=True)]
    main = min(places.values(), key=lambda m: (not m.is_main, m.valid_from, m.pk))
    return [
        CompletionStanding(completion=completion, unit_id=unit, audience_id=audience, is_main=membership is main)
        for (unit, audience), membership in places.items()
    ]
