"""A person begins a course, begins it anew, and is remembered where they are."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from common.errors import Refusal
from common.wording import day
from courses import rules
from courses.models import Completion, Course, Enrolment, Step
from courses.services.reminding import reminders_answered
from people.models import User


@transaction.atomic
def enrolment_start(*, user: User, course: Course, at: datetime | None = None) -> tuple[Enrolment, bool]:
    """Enrol a person; a repeat gives the enrolment there is, of the latest round. Returns (enrolment, created).

    Refuses with ``course_closed`` or ``prerequisites_missing`` (``left``: the courses to finish first).
    """
    if not course.is_published:
        raise _closed()
    at = at or timezone.now()
    current: Enrolment | None = Enrolment.objects.rounds_of(user=user, course=course).first()
    if current is not None:
        return current, False
    if left := prerequisites_left(user=user, course=course, on=timezone.localdate(at)):
        raise _other_course_first(left)
    return Enrolment.objects.get_or_create(
        user=user, course=course, round=1, defaults={"started_at": at, "last_seen_at": at}
    )


def _closed() -> Refusal:
    return Refusal(
        _("Khoá học này hiện không mở."), code="course_closed", fix=_("Xem các khoá học khác trong danh mục.")
    )


def _other_course_first(left: list[Any]) -> Refusal:
    first = {"title": left[0].title}
    again = _("Hãy học lại khoá «%(title)s» trước, rồi quay lại ghi danh khoá này.")
    finish = _("Hãy học xong khoá «%(title)s» trước, rồi quay lại ghi danh khoá này.")
    return Refusal(
        _("Khoá này học sau khoá %(courses)s.") % {"courses": _(" và khoá ").join(_named(other) for other in left)},
        code="prerequisites_missing",
        fix=(again if left[0].ran_out_on else finish) % first,
        left=[str(other.uuid) for other in left],
        link=(left[0].path, _("Mở khoá «%(title)s»") % first),
    )


def _named(course: Any) -> str:
    if not course.ran_out_on:
        return _("«%(title)s»") % {"title": course.title}
    said = _("«%(title)s» (kết quả của bạn hết hiệu lực sau ngày %(day)s)")
    return said % {"title": course.title, "day": day(course.ran_out_on)}


def prerequisites_left(*, user: User, course: Course, on: date | None = None) -> list[Any]:
    """Published courses that the person must have finished before this one, and of which nothing holds on a day.

    By title, each with ``ran_out_on``: the last day on which a completion held; None where there never was one.
    """
    own = Completion.objects.filter(user=user)
    holding = own.filter(Q(valid_until=None) | Q(valid_until__gte=on or timezone.localdate()))
    latest = own.filter(course=OuterRef("pk")).order_by("-valid_until").values("valid_until")[:1]
    left = course.prerequisites.filter(is_published=True).exclude(pk__in=holding.values("course"))
    return list(left.annotate(ran_out_on=Subquery(latest)).order_by("title", "pk"))


@transaction.atomic
def enrolment_renew(*, user: User, course: Course, at: datetime | None = None) -> tuple[Enrolment, bool]:
    """Begin the next round of a course whose last completion ran out or is of an earlier year. (enrolment, created).

    A round that is still open is given back. Refuses with ``course_closed``, ``not_finished`` or ``still_valid``.
    """
    at = at or timezone.now()
    if not course.is_published:
        raise _closed()
    rounds = Enrolment.objects.rounds_of(user=user, course=course).select_for_update(of=("self",))
    last = rounds.select_related("completion").first()
    if last is None:
        raise Refusal(
            _("Bạn chưa học khoá này."),
            code="not_finished",
            fix=_("Mở trang khoá học rồi bấm «Ghi danh»."),
            link=(course.path, _("Về trang khoá học")),
        )
    completion: Completion | None = getattr(last, "completion", None)
    if completion is None:
        return last, False
    if not renewal_due(completion=completion, course=course, on=timezone.localdate(at)):
        raise Refusal(
            _("Lần học trước của bạn vẫn còn giá trị."),
            code="still_valid",
            fix=_("Chưa cần học lại. Các bài học vẫn mở để bạn xem lại."),
            link=(course.path, _("Về trang khoá học")),
        )
    # A second press waits for the row locked above, and then finds the round that the first one began.
    # Two presses at one instant each see the same last round: the constraint gives them one new round.
    return Enrolment.objects.get_or_create(
        user=user, course=course, round=last.round + 1, defaults={"started_at": at, "last_seen_at": at}
    )


def renewal_due(*, completion: Completion, course: Course, on: date) -> bool:
    """Whether the course may be learnt anew on a day, as its rules of validity say."""
    return rules.renewal_due(
        completed_on=timezone.localdate(completion.completed_at),
        valid_until=completion.valid_until,
        yearly=course.yearly_refresh,
        on=on,
    )


def enrolment_seen(*, enrolment: Enrolment, step: Step, at: datetime | None = None) -> None:
    """Remember where the learner is, to resume there on any device; reminders of the course fall silent."""
    at = at or timezone.now()
    reminders_answered(enrolment=enrolment, at=at)
    Enrolment.objects.filter(pk=enrolment.pk).update(last_step=step, last_seen_at=at)


def enrolment_lock(*, enrolment: Enrolment) -> Enrolment:
    """Lock and return the enrolment row: the first lock of everything that may complete a course.

    Two last quizzes submitted at one instant would otherwise each see the other as missing, and lose the completion.
    """
    rows = Enrolment.objects.select_for_update(of=("self",)).select_related("course", "user", "completion")
    try:
        return rows.get(pk=enrolment.pk)
    except Enrolment.DoesNotExist:
        # Given to another record of the person while it was waited for: PostgreSQL finds the joined user no longer.
        return rows.get(pk=enrolment.pk)
