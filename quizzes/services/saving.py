"""Keeping answers while an attempt is open, and everything else that happens to it.

Autosave takes the attempt's lock alone; whoever closes an attempt takes the enrolment's first, so the two never wait
for each other in a ring.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import Refusal
from quizzes import grading, rules
from quizzes.grading import Answers
from quizzes.models import OPEN_STATES, Attempt, AttemptEvent, EventKind
from quizzes.models.attempts import SAVING

#: Notes that one attempt may have beside its answers: somebody who leaves the page a hundred times is told of, no more.
MOST_NOTES = 300
WRONG_SHAPE = {
    "unknown_question": gettext_lazy("Câu hỏi này không có trong bài làm."),
    "unknown_option": gettext_lazy("Đáp án gửi lên không có trong câu hỏi."),
    "too_many_options": gettext_lazy("Câu hỏi này chỉ được chọn một đáp án."),
    "wrong_shape": gettext_lazy("Câu trả lời gửi lên không đúng dạng của câu hỏi, hoặc quá dài."),
}


@dataclass(frozen=True)
class Sending:
    """How answers came: the page (``client``) and its number there (``seq``), and how long they were on the way.

    A page without JavaScript numbers nothing; its answers count as given when they arrive.
    """

    client: UUID | None = None
    seq: int | None = None
    delay: timedelta = timedelta(0)


def answers_save(
    *,
    attempt: Attempt,
    answers: Answers,
    sending: Sending | None = None,
    at: datetime | None = None,
    held: bool = False,
) -> Attempt:
    """Save the answers to some questions while the attempt is open; an empty one takes an answer back.

    ``held`` says that the caller has just read the attempt ``for_saving``, in the transaction it is in. Refuses with
    ``attempt_closed`` or ``time_up``, and what was sent is kept beside the result; with a code of ``WRONG_SHAPE``; or
    with ``passed_by`` where there is no way back to a question.
    """
    at = at or timezone.now()
    sending = sending or Sending()
    with transaction.atomic(savepoint=not held):
        attempt = attempt if held else Attempt.objects.for_saving().get(pk=attempt.pk)
        late = closed_refusal(attempt, at)
        refusal = late or fitting_refusal(attempt, answers) or passed_refusal(attempt, answers)
        kind = EventKind.SAVED if refusal is None else EventKind.LATE if late else EventKind.REFUSED
        if answers:
            event_write(attempt, kind, answers, sending, at, detail={"code": refusal.code} if refusal else {})
    # Raised out here, so that what came too late is kept for whoever looks into it.
    if refusal:
        raise refusal
    return attempt


def closed_refusal(attempt: Attempt, at: datetime) -> Refusal | None:
    """Why nothing more is taken; None while it is."""
    if attempt.state not in OPEN_STATES:
        return Refusal(
            _("Bài này đã nộp nên không sửa được nữa."), code="attempt_closed", fix=_("Mở lại bài để xem kết quả.")
        )
    if attempt.is_overdue(at):
        return Refusal(
            _("Đã hết giờ làm bài. Những câu đã lưu trước đó vẫn được chấm."),
            code="time_up",
            fix=_("Mở bài để xem kết quả."),
        )
    return None


def fitting_refusal(attempt: Attempt, answers: Answers) -> Refusal | None:
    """Why these answers cannot belong to the paper; None when they can."""
    problem = grading.answer_problem(attempt.paper, answers)
    if not problem:
        return None
    return Refusal(str(WRONG_SHAPE[problem]), code=problem, fix=_("Tải lại trang rồi chọn lại."), status=400)


def passed_refusal(attempt: Attempt, answers: Answers) -> Refusal | None:
    """Why these answers come too late where there is no way back; None when they do not."""
    if not rules.passed_by(attempt.rules, attempt.reached, answers):
        return None
    return Refusal(
        _("Bài này không quay lại được câu trước, nên câu trả lời đó không được lưu."),
        code="passed_by",
        fix=_("Làm tiếp ở câu hiện tại."),
    )


def attempt_advance(*, attempt: Attempt, to: int) -> None:
    """Open question ``to`` where there is no way back, which closes the one before it; never skips one."""
    if 1 < to <= len(attempt.paper):
        Attempt.objects.filter(pk=attempt.pk, state__in=OPEN_STATES, reached=to - 1).update(reached=to)


def event_write(
    attempt: Attempt, kind: str, answers: Answers, sending: Sending, at: datetime, *, detail: Mapping[str, Any]
) -> None:
    """Write an event with answers; the same sending twice is kept once, and no delay reaches behind the start."""
    if kind not in SAVING and _is_full(attempt):
        return
    fits = kind != EventKind.REFUSED
    told = {str(p): r for p, r in (grading.tidied(attempt.paper, answers) if fits else {}).items()}
    event = AttemptEvent(
        attempt=attempt,
        kind=kind,
        at=at,
        made_at=max(attempt.started_at, at - max(sending.delay, timedelta(0))),
        client=sending.client,
        seq=sending.seq,
        answers=told,
        detail={**detail, **({} if fits else {"positions": sorted(answers)[:20]})},
    )
    AttemptEvent.objects.bulk_create([event], ignore_conflicts=True)


@dataclass(frozen=True)
class Checked:
    """What checking one answer told: its points, and whether the attempt has come to its end by it."""

    points: Fraction
    is_over: bool


@transaction.atomic
def answer_check(*, attempt: Attempt, position: int, response: Any, at: datetime | None = None) -> Checked:
    """Give the answer to one question for good and learn at once whether it is right: practice and mastery only.

    The first check of a question counts. Refuses with ``attempt_closed``, ``time_up``, ``no_checking`` or a code of
    ``WRONG_SHAPE``.
    """
    at = at or timezone.now()
    attempt = Attempt.objects.for_saving().get(pk=attempt.pk)
    if rules.rule(attempt.rules, "mode") == rules.EXAM:
        raise Refusal(_("Bài này chấm sau khi nộp."), code="no_checking", fix=_("Làm tiếp rồi nộp bài."), status=400)
    if refusal := closed_refusal(attempt, at) or fitting_refusal(attempt, {position: response}):
        raise refusal
    before = rules.fold(AttemptEvent.objects.filter(attempt=attempt).saves())
    if not (position in before and before[position].checked):
        event_write(attempt, EventKind.CHECKED, {position: response}, Sending(), at, detail={})
    saves = AttemptEvent.objects.filter(attempt=attempt).saves()
    points = checked_points(attempt, saves)
    needed, of = rules.rule(attempt.rules, "mastery")
    mastery = rules.rule(attempt.rules, "mode") == rules.MASTERY
    is_over = len(points) == len(attempt.paper) or (
        mastery and grading.mastered_at(list(points.values()), needed, of) is not None
    )
    return Checked(points[position], is_over)


def checked_points(attempt: Attempt, saves: list[rules.Save]) -> dict[int, Fraction]:
    """Points of the checked questions by position, in the order in which they were checked."""
    found: dict[int, Fraction] = {}
    for save in saves:
        for position, response in save.answers.items() if save.checked else ():
            if position not in found:
                found[position] = grading.points_of(attempt.paper[position - 1], response) or Fraction(0)
    return found


def attempt_note(
    *, attempt: Attempt, kind: str, at: datetime | None = None, detail: Mapping[str, Any] | None = None
) -> None:
    """Write down that a learner opened, left or came back to an attempt, or that something was refused."""
    at = at or timezone.now()
    if not _is_full(attempt):
        AttemptEvent.objects.create(attempt=attempt, kind=kind, at=at, made_at=at, detail=dict(detail or {}))


def _is_full(attempt: Attempt) -> bool:
    """Whether so much is noted of the attempt that more would only fill the disk; answers are always kept."""
    return AttemptEvent.objects.filter(attempt=attempt).exclude(kind__in=SAVING).count() >= MOST_NOTES


def answers_of(attempt: Attempt) -> dict[int, rules.Saved]:
    """The answers that stand in an open attempt, by position."""
    return rules.fold(AttemptEvent.objects.filter(attempt=attempt).saves())
