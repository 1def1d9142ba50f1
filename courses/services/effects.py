"""What a new outline would do to the people who are learning the course: shown before it is published."""

from __future__ import annotations

from collections import Counter

from django.db.models import Count, Q

from courses import rules
from courses.models import Enrolment, Step, StepCompletion
from courses.rules import OutlineEffect
from courses.services.outline import Outline


def outline_effect(*, outline: Outline) -> OutlineEffect:
    """How the learners in progress would stand under ``outline``, were it published now. Nothing is written.

    Four queries and one row per learner who has done something, whatever the length of the course.
    """
    required_now = set(
        Step.objects.filter(course__key=outline.key, is_active=True, required=True).values_list("pk", flat=True)
    )
    wanted = [step.key for step in outline.steps if step.required]
    required_then = set(Step.objects.filter(course__key=outline.key, key__in=wanted).values_list("pk", flat=True))
    learners = Enrolment.objects.filter(course__key=outline.key, completion=None)
    done = (
        StepCompletion.objects.filter(enrolment__in=learners)
        .values("enrolment")
        .annotate(
            before=Count("pk", filter=Q(step__in=required_now)),
            after=Count("pk", filter=Q(step__in=required_then)),
        )
    )
    people = Counter((row["before"], row["after"]) for row in done)
    people[0, 0] += learners.count() - people.total()
    return rules.outline_effect(
        people, total_before=len(required_now), total_after=len(wanted), is_open=outline.is_published
    )
