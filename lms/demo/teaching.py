"""What an instructor finds: visits with their times, where people stopped, a word on lessons, work that waits."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from django.utils import timezone

from courses.models import Enrolment, LessonFeedback, Step, StepRule, StepVisit, Submission, Verdict
from courses.teaching import people_of
from people.access import current_structure
from people.models import Unit, UnitAncestor

#: Words that a learner of a demo leaves, by verdict.
COMMENTS = {
    Verdict.USEFUL: ["Dễ hiểu, làm theo được ngay.", "Ảnh chụp rõ, chữ to.", ""],
    Verdict.UNCLEAR: ["Đoạn nhập mã xác nhận hơi nhanh.", "Chưa biết quên mật khẩu thì làm thế nào.", ""],
}
HANDED_IN = 4


def traces_create(rng: random.Random, unit: Unit) -> int:
    """Let the people of a unit leave what learning leaves beside completions; returns the number of visits."""
    below = UnitAncestor.objects.filter(ancestor=unit, structure=current_structure()).values("descendant")
    enrolments = list(
        Enrolment.objects.filter(user__in=people_of(below))
        .select_related("completion")
        .prefetch_related("step_completions__step")
        .order_by("pk")
    )
    visits: list[StepVisit] = []
    said: list[LessonFeedback] = []
    steps = _steps(enrolments)
    for enrolment in enrolments:
        rows = _visits(rng, enrolment, steps[enrolment.course_id])
        visits += rows
        said += [_opinion(rng, enrolment, row.step) for row in rows if row.step.kind == "lesson" and rng.random() < 0.2]
        enrolment.last_step = rows[-1].step if rows else None
    StepVisit.objects.bulk_create(visits, batch_size=1000)
    LessonFeedback.objects.bulk_create(said, batch_size=1000, ignore_conflicts=True)
    Enrolment.objects.bulk_update(enrolments, ["last_step"], batch_size=500)
    _hand_in(enrolments)
    return len(visits)


def _steps(enrolments: list[Enrolment]) -> dict[int, list[Step]]:
    found: dict[int, list[Step]] = {}
    for step in Step.objects.filter(is_active=True, course__in={e.course_id for e in enrolments}):
        found.setdefault(step.course_id, []).append(step)
    return found


def _visits(rng: random.Random, enrolment: Enrolment, steps: list[Step]) -> list[StepVisit]:
    """What was done was visited; whoever has not finished also opened what comes next."""
    done = {row.step_id: row.completed_at for row in enrolment.step_completions.all()}
    opened = [step for step in steps if step.pk in done]
    if not hasattr(enrolment, "completion"):
        opened += [step for step in steps if step.pk not in done][:1]
    rows = []
    for step in opened:
        at = done.get(step.pk, enrolment.last_seen_at)
        seconds = int(step.minutes * 60 * rng.lognormvariate(-0.2, 0.5))
        rows.append(StepVisit(enrolment=enrolment, step=step, first_at=at, last_at=at, seconds=seconds))
    return rows


def _opinion(rng: random.Random, enrolment: Enrolment, step: Step) -> LessonFeedback:
    verdict = Verdict.USEFUL if rng.random() < 0.75 else Verdict.UNCLEAR
    return LessonFeedback(user_id=enrolment.user_id, step=step, verdict=verdict, comment=rng.choice(COMMENTS[verdict]))


def _hand_in(enrolments: list[Enrolment]) -> None:
    """Some work that waits, where a course asks for any."""
    tasks: dict[int, Any] = {
        step.course_id: step for step in Step.objects.filter(rule=StepRule.SIGNED_OFF, is_active=True)
    }
    going = [e for e in enrolments if e.course_id in tasks and not hasattr(e, "completion")][:HANDED_IN]
    Submission.objects.bulk_create(
        Submission(
            enrolment=enrolment,
            step=tasks[enrolment.course_id],
            text="Tôi đã làm theo từng bước trong bài, hồ sơ báo đã gửi thành công.",
            submitted_at=timezone.now() - timedelta(days=days),
        )
        for days, enrolment in enumerate(going, start=1)
    )
