"""A step is done; the last one completes the course."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

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
        raise Refusal(_("Bài này không còn thuộc khoá học."), code="foreign_step", fix=_("Mở lại trang khoá học."))
    done = done_of([enrolment])[enrolment.pk]
    if step.pk not in done.scores:  # the enrolment row is locked, so nobody else can insert it in between
        StepCompletion.objects.create(enrolment=enrolment, step=step, completed_at=at, score=score)
        done.scores[step.pk] = score
    Enrolment.objects.filter(pk=enrolment.pk).update(last_step=step, last_seen_at=at)
    if done.completion_id is not None:
        return Completion.objects.get(pk=done.completion_id)
    made = completions_create([(enrolment, done.scores)], at)
    return made[0] if made else None


def step_mark(*, enrolment: Enrolment, step: Step, at: datetime | None = None) -> Completion | None:
    """The person says that a lesson is learnt: enough for rule "marked", refused (``other_rule``) for all others."""
    if step.kind != StepKind.LESSON or step.rule != StepRule.MARKED:
        raise other_rule(step)
    return step_complete(enrolment=enrolment, step=step, at=at)


def other_rule(step: Step) -> Refusal:
    """The "no" to a button that does not finish this kind of step."""
    return Refusal(
        _("Bài này không được tính là xong bằng nút đó."),
        code="other_rule",
        fix=_("Cuối bài học có ghi rõ còn việc gì phải làm."),
        link=(step.path, _("Về bài học")),
    )


@dataclass
class Done:
    """What is done in an enrolment: score by step, and the completion if there is one."""

    scores: dict[int, Decimal | None] = field(default_factory=dict)
    completion_id: int | None = None


def done_of(enrolments: Collection[Enrolment]) -> dict[int, Done]:
    """What is done in each enrolment, by its pk; one query, asked after their rows are locked.

    The completion is read here and not with the lock: a row that was waited for is read anew by PostgreSQL, what was
    joined to it is not. Of two last steps sent at one instant the second would miss the completion of the first.
    """
    found = {enrolment.pk: Done() for enrolment in enrolments}
    rows = StepCompletion.objects.filter(enrolment__in=found)
    said = rows.values_list("enrolment_id", "step_id", "score", "enrolment__completion")
    for pk, step, score, completion in said:
        found[pk].scores[step] = score
        found[pk].completion_id = completion
    return found


def completions_create(
    learnt: Sequence[tuple[Enrolment, Mapping[int, Decimal | None]]], at: datetime
) -> list[Completion]:
    """Complete those enrolments of one course in which no required step is left; none of them has a completion yet.

    ``learnt`` holds enrolments, locked by the caller, with the scores of what is done. One or two hundred: the same
    queries, here and in the receivers.
    """
    in_use = Step.objects.filter(course=learnt[0][0].course_id, is_active=True).select_related("course")
    steps = list(in_use.defer("text", "search_key", "course__search_key"))
    due = [(enrolment, scores) for enrolment, scores in learnt if rules.progress(steps, scores).is_complete]
    if not due:
        return []
    course = steps[0].course
    for enrolment, _scores in due:
        enrolment.course = course
    completions = Completion.objects.bulk_create(
        [completion_frozen(enrolment, at, rules.final_score(steps, scores)) for enrolment, scores in due]
    )
    CompletionStanding.objects.bulk_create(standings_for(completions, at))
    paths_settle(users=[enrolment.user for enrolment, _scores in due], course=course, at=at)
    course_completed.send(sender=Completion, completions=completions)
    return completions


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


def standings_for(completions: Sequence[Completion], at: datetime) -> list[CompletionStanding]:
    """Unsaved standings, one per place that each person holds on that day.

    A citizen of unknown residence has one without a place.
    """
    places: dict[int, dict[tuple[int, int], Membership]] = defaultdict(dict)
    people = [completion.user_id for completion in completions]
    for membership in Membership.objects.in_force(timezone.localdate(at)).filter(user__in=people):
        places[membership.user_id].setdefault((membership.unit_id, membership.audience_id), membership)
    nowhere = [completion for completion in completions if completion.user_id not in places]
    citizen = Audience.objects.get(code=CITIZEN) if nowhere else None
    standings = [
        CompletionStanding(completion=completion, unit=None, audience=citizen, is_main=True) for completion in nowhere
    ]
    for completion in completions:
        held = places.get(completion.user_id, {})
        main = min(held.values(), key=lambda m: (not m.is_main, m.valid_from, m.pk), default=None)
        standings += [
            CompletionStanding(completion=completion, unit_id=unit, audience_id=audience, is_main=membership is main)
            for (unit, audience), membership in held.items()
        ]
    return standings
