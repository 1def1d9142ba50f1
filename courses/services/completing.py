"""A step is done; the last one completes the course."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from common.errors import Refusal
from courses import rules
from courses.models import Completion, CompletionStanding, Enrolment, Step, StepCompletion, StepKind, StepRule
from courses.services.enrolments import enrolment_lock
from courses.services.paths import paths_settle
from courses.signals import course_completed
from people.models import CITIZEN, Audience, Membership


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
    return existing or completion_create(enrolment, scores, at)


def step_mark(*, enrolment: Enrolment, step: Step, at: datetime | None = None) -> Completion | None:
    """The person says that a lesson is learnt: enough for rule "marked", refused (``other_rule``) for all others."""
    if step.kind != StepKind.LESSON or step.rule != StepRule.MARKED:
        raise other_rule(step)
    return step_complete(enrolment=enrolment, step=step, at=at)


def other_rule(step: Step) -> Refusal:
    """The "no" to a button that does not finish this kind of step."""
    return Refusal(
        "Bài này không được tính là xong bằng nút đó.",
        code="other_rule",
        fix="Cuối bài học có ghi rõ còn việc gì phải làm.",
        link=(step.path, "Về bài học"),
    )


def completion_create(enrolment: Enrolment, scores: dict[int, Decimal | None], at: datetime) -> Completion | None:
    """Create the completion when no required step is left; the enrolment row is locked by the caller."""
    steps = list(enrolment.course.steps.filter(is_active=True))
    if not rules.progress(steps, scores).is_complete:
        return None
    graded = [score for s in steps if s.required and (score := scores.get(s.pk)) is not None]
    completion = completion_frozen(enrolment, at, graded[-1] if graded else None)
    completion.save()
    CompletionStanding.objects.bulk_create(standings_for(completion, at))
    paths_settle(user=enrolment.user, course=enrolment.course, at=at)
    course_completed.send(sender=Completion, completion=completion)
    return completion


def completion_frozen(enrolment: Enrolment, at: datetime, score: Decimal | None) -> Completion:
    """The unsaved completion, with all that it claims as it stands at that moment."""
    course = enrolment.course
    return Completion(
        enrolment=enrolment,
        user=enrolment.user,
        course=course,
        completed_at=at,
        learner_name=enrolment.user.full_name,
        learner_birth_date=enrolment.user.birth_date,
        course_title=course.title,
        course_revision=course.revision,
        course_hours=course.hours,
        course_level=course.level,
        valid_until=rules.valid_until(timezone.localdate(at), course.valid_months),
        score=score,
    )


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
