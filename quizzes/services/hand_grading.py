"""Free texts: an instructor gives a level per criterion; with the last one the attempt gets its result."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.errors import Forbidden, Refusal
from common.templatetags.vi import moment
from people.models import Membership, Unit, User
from people.notices import notices_send
from quizzes.kinds import KINDS
from quizzes.kinds.written import rubric_points
from quizzes.models import OPEN_STATES, Answer, Attempt, AttemptEvent, AttemptState, EventKind
from quizzes.services.closing import attempt_lock, attempt_settle, step_settle
from quizzes.services.regrading import grade_anew, stored


@transaction.atomic
def attempt_grade_by_hand(
    *,
    attempt: Attempt,
    position: int,
    marks: Mapping[str, str],
    grader: User,
    comment: str = "",
    reason: str = "",
    at: datetime | None = None,
) -> Attempt:
    """Give one free text its levels ({criterion: level}); the learner is told once the attempt has its result.

    ``reason`` is needed to change what was given before; a pass that was given stays. Whether the grader is in charge
    is asked by the caller. Refuses with ``own_work``, ``not_by_hand``, ``still_open``, ``already_graded`` (another
    grader was faster) or ``marks_missing``.
    """
    at = at or timezone.now()
    attempt = attempt_lock(attempt)
    answer = _require_gradable(attempt, position, grader, again=bool(reason.strip()))
    item = attempt.paper[position - 1]
    points = rubric_points(item["settings"], marks)
    if points is None:
        raise Refusal(
            _("Còn tiêu chí chưa chọn mức."), code="marks_missing", fix=_("Chọn mức cho mọi tiêu chí."), status=400
        )
    before = {"marks": answer.marks, "points": str(answer.points)} if answer.graded_at else {}
    keys = {row["key"] for row in item["settings"]["rubric"]}
    answer.marks = {key: level for key, level in marks.items() if key in keys}
    answer.points, answer.comment = stored(points), comment.strip()[:2000]
    answer.graded_by, answer.graded_at = grader, at
    answer.save(update_fields=["marks", "points", "comment", "graded_by", "graded_at"])
    _settle(attempt, position, reason.strip(), at, changed=bool(before))
    _log(attempt, answer, before, reason.strip(), grader)
    if attempt.score is not None:
        _tell(attempt, grader, changed=bool(before))
    return attempt


def _require_gradable(attempt: Attempt, position: int, grader: User, *, again: bool) -> Answer:
    """The answer to grade, or the refusal."""
    if attempt.enrolment.user_id == grader.pk:
        raise Forbidden(
            _("Bạn không tự chấm bài của mình."), code="own_work", fix=_("Hãy nhờ một giảng viên khác chấm bài.")
        )
    if not 1 <= position <= len(attempt.paper) or not KINDS[attempt.paper[position - 1]["kind"]].by_hand:
        raise Refusal(_("Câu này hệ thống tự chấm."), code="not_by_hand", fix=_("Mở lại danh sách bài chờ chấm."))
    if attempt.state in OPEN_STATES:
        raise Refusal(_("Bài này chưa nộp."), code="still_open", fix=_("Đợi người học nộp bài rồi chấm."))
    answer: Answer = attempt.answers.select_related("graded_by").get(position=position)
    if answer.graded_at and answer.graded_by and not again:
        raise Refusal(
            _("%(name)s đã chấm câu này lúc %(at)s.")
            % {"name": answer.graded_by.full_name, "at": moment(answer.graded_at)},
            code="already_graded",
            fix=_("Mở lại bài để xem. Muốn sửa điểm thì ghi lý do."),
        )
    return answer


def _settle(attempt: Attempt, position: int, reason: str, at: datetime, *, changed: bool) -> None:
    """Give the attempt its result where nothing is missing any more; a result that stood is worked out anew."""
    answers = {answer.position: answer for answer in attempt.answers.all()}
    result = grade_anew(attempt, attempt.paper, answers)
    if attempt.state == AttemptState.SUBMITTED:
        if not result.waits:
            attempt_settle(attempt, result)
        return
    if result.score is None:
        return
    before, attempt.score = attempt.score or Decimal(0), result.score
    attempt.passed = bool(attempt.passed or result.passed)
    attempt.save(update_fields=["score", "passed"])
    if changed and before != attempt.score:
        detail = {
            "reason": reason,
            "positions": [position],
            "score_before": str(before),
            "score_after": str(attempt.score),
        }
        AttemptEvent.objects.create(attempt=attempt, kind=EventKind.REGRADED, at=at, made_at=at, detail=detail)
    step_settle(attempt, at)


def main_unit(person: User) -> Unit | None:
    """The unit in whose scope an act on a learner lies: where they stand today; None for "chưa rõ"."""
    places = Membership.objects.in_force().filter(user=person).select_related("unit")
    main = places.order_by("-is_main", "valid_from", "pk").first()
    return main.unit if main else None


def _log(attempt: Attempt, answer: Answer, before: dict[str, Any], reason: str, grader: User) -> None:
    learner = attempt.enrolment.user
    audit.record(
        actor=grader,
        act="essay_regrade" if before else "essay_grade",
        subject=attempt,
        unit=main_unit(learner),
        before={"points": before["points"]} if before else {},
        after={"points": str(answer.points)},
        user=str(learner.uuid),
        step=attempt.quiz.step.title,
        number=answer.position,
        comment=answer.comment,
        **({"reason": reason} if reason else {}),
    )


def _tell(attempt: Attempt, grader: User, *, changed: bool) -> None:
    """Say to the learner that the result is there; several attempts do not hide each other."""
    verdict = "Bạn đã đạt." if attempt.passed else "Bài chưa đạt; mở bài để xem nhận xét."
    notices_send(
        users=[attempt.enrolment.user],
        kind=f"essay-{attempt.pk}",
        subject="Điểm bài tự luận đã được sửa" if changed else "Bài tự luận đã được chấm",
        body=f"Bài «{attempt.quiz.step.title}». {verdict}",
        path=f"/kiem-tra/{attempt.uuid}/",
        actor=grader,
    )
