"""How an enrolled person goes through a step: opened, read, watched, answered. Some rules are met by that alone.

A visit is written first, in a transaction of its own; what it completes follows in another, which begins with the lock
on the enrolment like everything that may complete a course. If the second fails, the next report does it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.errors import Refusal
from common.wording import seconds as seconds_said
from courses import rules
from courses.models import Completion, Enrolment, Step, StepCompletion, StepRule, StepVisit
from courses.services.completing import other_rule, step_complete
from courses.services.enrolments import enrolment_seen

#: Reading on within this time is the same visit: opening the page again needs no write.
SAME_VISIT = timedelta(minutes=5)


def visit_open(*, enrolment: Enrolment, step: Step, at: datetime | None = None) -> StepVisit:
    """An enrolled person opens a step: their visit there, and the place to resume at. One query when all is fresh.

    Not locked and not one transaction, because it happens on every page: each write stands for itself.
    """
    at = at or timezone.now()
    visit: StepVisit | None = StepVisit.objects.filter(enrolment=enrolment, step=step).first()
    if visit is None:
        visit = StepVisit(enrolment=enrolment, step=step, first_at=at, last_at=at)
        StepVisit.objects.bulk_create([visit], ignore_conflicts=True)  # another device may open it at this instant
    elif at - visit.last_at >= SAME_VISIT:
        StepVisit.objects.filter(pk=visit.pk, last_at__lt=at).update(last_at=at)
    if enrolment.last_step_id != step.pk or at - enrolment.last_seen_at >= SAME_VISIT:
        enrolment_seen(enrolment=enrolment, step=step, at=at)
    return visit


def visit_record(
    *,
    enrolment: Enrolment,
    step: Step,
    seconds: int = 0,
    reached_end: bool = False,
    media: Mapping[str, int] | None = None,
    at: datetime | None = None,
) -> tuple[StepVisit, bool]:
    """Add what a browser tells of a visit. Returns (visit, whether the step is done by it).

    ``seconds`` since the last report count as far as the server's clock allows; the end once reached stays reached;
    ``media`` holds only the blocks that moved. Reports of several devices add up: the row is locked while one is added.
    """
    at = at or timezone.now()
    with transaction.atomic():
        visit = _visit_lock(enrolment, step, at)
        visit.seconds += rules.seconds_credited(told=seconds, visit=visit, at=at)
        visit.reached_end |= reached_end
        visit.media = rules.media_merged(visit.media, media or {})
        visit.last_at = max(visit.last_at, at)
        visit.save(update_fields=["seconds", "reached_end", "media", "last_at"])
    return visit, _complete_if_met(enrolment, visit, at)


def step_read(*, enrolment: Enrolment, step: Step, at: datetime | None = None) -> Completion | None:
    """The person says that they read a step of rule "opened" to its end; the course's completion if it was the last.

    The server's clock answers for the time. Refuses with ``other_rule``, or ``too_early`` (``seconds``: still to wait).
    """
    at = at or timezone.now()
    if step.rule != StepRule.OPENED:
        raise other_rule(step)
    with transaction.atomic():
        visit = _visit_lock(enrolment, step, at)
        visit.reached_end = True
        visit.last_at = max(visit.last_at, at)
        visit.save(update_fields=["reached_end", "last_at"])
    if left := rules.seconds_to_wait(step, visit, at):
        raise Refusal(
            _("Bài này cần đọc ít nhất %(asked)s, còn %(left)s nữa.")
            % {"asked": seconds_said(step.min_seconds), "left": seconds_said(left)},
            code="too_early",
            fix=_("Hãy đọc lại chỗ bạn thấy khó, rồi bấm nút ở cuối bài."),
            back=step.path,
            seconds=left,
        )
    return step_complete(enrolment=enrolment, step=step, at=at)


def scenario_answer(
    *, enrolment: Enrolment, step: Step, block: str, choice: int, at: datetime | None = None
) -> tuple[StepVisit, bool]:
    """Keep the choice (from 1) taken in a scenario of a lesson. Returns (visit, whether the step is done by it).

    The last choice counts. Refuses with ``unknown_scenario`` or ``unknown_choice``.
    """
    at = at or timezone.now()
    if block not in step.scenarios:
        raise Refusal(
            _("Tình huống này không còn trong bài."),
            code="unknown_scenario",
            fix=_("Hãy mở lại bài học."),
            back=step.path,
            status=400,
        )
    if not 1 <= choice <= rules.MOST_CHOICES:
        raise Refusal(
            _("Cách làm gửi lên không có trong tình huống."),
            code="unknown_choice",
            fix=_("Hãy mở lại bài rồi chọn lại."),
            back=step.path,
            status=400,
        )
    with transaction.atomic():
        visit = _visit_lock(enrolment, step, at)
        visit.answers = {**visit.answers, block: choice}
        visit.last_at = max(visit.last_at, at)
        visit.save(update_fields=["answers", "last_at"])
    return visit, _complete_if_met(enrolment, visit, at)


def _visit_lock(enrolment: Enrolment, step: Step, at: datetime) -> StepVisit:
    """The visit, locked; made when the person never opened the page (their report came first)."""
    fresh = StepVisit(enrolment=enrolment, step=step, first_at=at, last_at=at)
    rows = StepVisit.objects.select_for_update(of=("self",)).select_related("step")
    visit: StepVisit | None = rows.filter(enrolment=enrolment, step=step).first()
    if visit is None:
        StepVisit.objects.bulk_create([fresh], ignore_conflicts=True)
        visit = rows.get(enrolment=enrolment, step=step)
    return visit


def _complete_if_met(enrolment: Enrolment, visit: StepVisit, at: datetime) -> bool:
    """Complete the step where the visit has met its rule; say whether it was done just now."""
    step = visit.step
    if not step.is_active or not rules.step_is_met(step, visit):
        return False
    if StepCompletion.objects.filter(enrolment=enrolment, step=step).exists():
        return False
    step_complete(enrolment=enrolment, step=step, at=at)
    return True
