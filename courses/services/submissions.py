"""Practical tasks: a learner hands in, an instructor signs off or asks for another try."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.errors import Forbidden, Refusal
from common.uploads import plain_name, upload_kind
from courses.models import Enrolment, Step, StepRule, Submission, SubmissionState
from courses.services.completing import other_rule, step_complete
from courses.services.enrolments import enrolment_lock
from people.models import Membership, Unit, User
from people.notices import notices_send

LONGEST_TEXT = 5000


@transaction.atomic
def submission_create(
    *, enrolment: Enrolment, step: Step, text: str = "", file: Any = None, at: datetime | None = None
) -> Submission:
    """Hand in words, a file, or both, for an instructor to look at; ``file`` is an uploaded file.

    Refuses with ``other_rule``, ``submission_empty``, ``text_too_long``, ``already_done``, ``already_waiting``, or what
    ``upload_kind`` says of the file. One submission of a step waits at a time; the enrolment's lock keeps it so.
    """
    at = at or timezone.now()
    if step.rule != StepRule.SIGNED_OFF:
        raise other_rule(step)
    text = text.strip()
    if not text and not file:
        raise Refusal(
            _("Bạn chưa viết gì và chưa chọn tệp."),
            code="submission_empty",
            fix=_("Hãy kể bạn đã làm thế nào, hoặc chọn một tệp."),
            status=400,
        )
    if len(text) > LONGEST_TEXT:
        raise Refusal(
            _("Bài viết dài %(length)s chữ cái, chỉ nhận đến %(longest)s.")
            % {"length": len(text), "longest": LONGEST_TEXT},
            code="text_too_long",
            fix=_("Hãy viết ngắn hơn, hoặc nộp bằng tệp."),
            status=400,
        )
    kind = upload_kind(file) if file else None
    enrolment = enrolment_lock(enrolment=enrolment)
    _require_open(enrolment, step)
    submission = Submission(enrolment=enrolment, step=step, text=text, submitted_at=at)
    if kind:
        submission.file_name = plain_name(file.name, kind)
        # In the store it has a name that says nothing and cannot be guessed.
        submission.file.save(f"{uuid4().hex}.{kind.extensions[0]}", file, save=False)
    submission.save()
    return submission


def _require_open(enrolment: Enrolment, step: Step) -> None:
    """Refuse work for a step that is done, or that waits for an instructor already."""
    if not step.is_active or step.course_id != enrolment.course_id:
        raise Refusal(_("Bài này không còn thuộc khoá học."), code="foreign_step", fix=_("Mở lại trang khoá học."))
    if enrolment.step_completions.filter(step=step).exists():
        raise Refusal(
            _("Bài thực hành này của bạn đã được xác nhận."),
            code="already_done",
            fix=_("Bạn không cần nộp lại."),
            link=(step.path, _("Về bài học")),
        )
    if Submission.objects.filter(enrolment=enrolment, step=step, state=SubmissionState.WAITING).exists():
        raise Refusal(
            _("Bài bạn nộp trước đang chờ giảng viên xem."),
            code="already_waiting",
            fix=_("Khi có nhận xét, bạn được báo trong Việc học của tôi."),
            link=(step.path, _("Về bài học")),
        )


@transaction.atomic
def submission_review(
    *, submission: Submission, reviewer: User, accepted: bool, comment: str = "", at: datetime | None = None
) -> Submission:
    """Sign work off, which completes its step, or return it with a word on what is missing. The learner is told.

    Whether the reviewer is in charge is asked by the caller. Refuses with ``own_work``, ``already_reviewed`` (another
    instructor was faster) or ``comment_missing`` (work is never returned without a reason).
    """
    at = at or timezone.now()
    comment = comment.strip()
    enrolment = enrolment_lock(enrolment=submission.enrolment)
    locked: Submission = Submission.objects.select_for_update(of=("self",)).select_related("step").get(pk=submission.pk)
    _require_reviewable(locked, enrolment, reviewer, accepted=accepted, comment=comment)
    locked.state = SubmissionState.ACCEPTED if accepted else SubmissionState.RETURNED
    locked.reviewer, locked.reviewed_at, locked.comment = reviewer, at, comment
    locked.save(update_fields=["state", "reviewer", "reviewed_at", "comment"])
    # A task taken out of the course meanwhile is still answered; it just completes nothing any more.
    if accepted and locked.step.is_active:
        step_complete(enrolment=enrolment, step=locked.step, at=at)
    audit.record(
        actor=reviewer,
        act="submission_accept" if accepted else "submission_return",
        subject=locked,
        unit=_main_unit(enrolment.user),
        user=str(enrolment.user.uuid),
        step=locked.step.title,
        comment=comment,
    )
    _tell(locked, enrolment.user)
    return locked


def _require_reviewable(
    submission: Submission, enrolment: Enrolment, reviewer: User, *, accepted: bool, comment: str
) -> None:
    if enrolment.user_id == reviewer.pk:
        raise Forbidden(
            _("Bạn không tự xác nhận bài của mình."), code="own_work", fix=_("Hãy nhờ một giảng viên khác xem bài.")
        )
    if submission.state != SubmissionState.WAITING:
        raise Refusal(
            _("Bài này đã có người xem rồi."),
            code="already_reviewed",
            fix=_("Mở lại danh sách để xem bài đang chờ."),
        )
    if not accepted and not comment:
        raise Refusal(
            _("Chưa ghi vì sao cần làm lại."),
            code="comment_missing",
            fix=_("Hãy viết cho người học biết còn thiếu gì, làm thế nào cho đúng."),
            status=400,
        )


def _main_unit(person: User) -> Unit | None:
    """The unit in whose scope the act lies: where the learner stands today; None for "chưa rõ"."""
    places = Membership.objects.in_force().filter(user=person).select_related("unit")
    main = places.order_by("-is_main", "valid_from", "pk").first()
    return main.unit if main else None


def _tell(submission: Submission, learner: User) -> None:
    """Say to the learner how it went; several tasks do not hide each other, so each has a kind of its own."""
    accepted = submission.state == SubmissionState.ACCEPTED
    words = f"Nhận xét: {submission.comment}" if submission.comment else ""
    notices_send(
        users=[learner],
        kind=f"submission-{submission.step_id}",
        subject="Bài thực hành đã được xác nhận" if accepted else "Bài thực hành cần làm lại",
        body=f"Bài «{submission.step.title}». {words}".strip(),
        path=submission.step.path,
        actor=submission.reviewer,
    )
