"""Attempts: what was asked, what was answered, what came of it, and everything that happened on the way."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.models import AppendOnly, AppendOnlyQuerySet, PublicModel
from courses.models import Enrolment
from people.models import User
from quizzes import rules
from quizzes.models.banks import Question
from quizzes.models.design import Quiz
from quizzes.querysets import AttemptQuerySet


class AttemptState(models.TextChoices):
    OPEN = "open", pgettext_lazy("lần làm bài", "Đang làm")
    SUBMITTED = "submitted", pgettext_lazy("lần làm bài", "Đã nộp")
    GRADED = "graded", pgettext_lazy("lần làm bài", "Đã chấm")
    EXPIRED = "expired", _("Hết giờ, đã chấm phần đã lưu")


#: Answers may still change.
OPEN_STATES = frozenset({AttemptState.OPEN})

#: Answers that were on their way when time ran out are still taken.
GRACE = timedelta(seconds=30)


class Attempt(PublicModel):
    """One try at a quiz.

    States: open → submitted → graded, or → expired where the server's clock closed it (what was saved is graded).
    ``needs_grader`` says that a submitted one waits for a person; without it, it waits for the next sweep.
    ``paper`` freezes what was asked (see ``quizzes.grading``), ``pass_percent`` and ``rules`` how it is worked on and
    judged (see ``quizzes.rules``). ``reached`` is the furthest question opened, where there is no way back.
    """

    quiz = models.ForeignKey(Quiz, on_delete=models.PROTECT, related_name="attempts")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=AttemptState, default=AttemptState.OPEN)
    paper = models.JSONField()
    rules = models.JSONField(default=dict)
    pass_percent = models.PositiveSmallIntegerField()
    reached = models.PositiveSmallIntegerField(default=1)
    started_at = models.DateTimeField()
    deadline = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    idempotency_key = models.UUIDField(null=True, blank=True)
    timed_out = models.BooleanField(default=False)
    needs_grader = models.BooleanField(default=False)
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True, help_text="0–100")
    passed = models.BooleanField(null=True, blank=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(fields=["quiz", "enrolment", "number"], name="attempts_are_numbered"),
            models.UniqueConstraint(
                fields=["quiz", "enrolment"], condition=Q(state="open"), name="one_open_attempt_per_quiz_and_enrolment"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "submitted"]) | (Q(score__isnull=False) & Q(submitted_at__isnull=False)),
                name="closed_attempt_has_score_and_time",
            ),
        ]
        indexes = [
            models.Index(fields=["deadline"], condition=Q(state="open"), name="open_attempts_by_deadline"),
            models.Index(fields=["submitted_at"], condition=Q(state="submitted"), name="attempts_to_grade"),
        ]

    def __str__(self) -> str:
        return f"{self.quiz} · lần {self.number}"

    def is_overdue(self, at: datetime) -> bool:
        """Whether deadline and grace have passed: nothing more is taken."""
        return self.deadline is not None and at > self.deadline + GRACE

    def seconds_left(self, at: datetime) -> int | None:
        """Seconds to the deadline, at least 0; None without a time limit."""
        return None if self.deadline is None else max(0, int((self.deadline - at).total_seconds()))


class Answer(models.Model):
    """The answer to one question of a closed attempt, with its points once it is graded.

    Until the attempt closes, answers are the saves among its events. ``marks`` is what a person gave to a free text:
    {criterion key: level key}.
    """

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="answers")
    position = models.PositiveSmallIntegerField(help_text="1-based place in the attempt's paper")
    question = models.ForeignKey(Question, null=True, on_delete=models.SET_NULL, related_name="answers")
    version = models.PositiveIntegerField(default=1)
    response = models.JSONField(default=list, help_text="See quizzes.kinds")
    saved_at = models.DateTimeField()
    points = models.DecimalField(max_digits=6, decimal_places=5, null=True, blank=True, help_text="0 to 1")
    marks = models.JSONField(default=dict, blank=True)
    comment = models.TextField(_("Nhận xét"), max_length=2000, blank=True)
    graded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    graded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["attempt", "position"], name="one_answer_per_question")]

    def __str__(self) -> str:
        return f"{self.attempt_id} · {self.position}"


class EventKind(models.TextChoices):
    OPENED = "opened", _("Mở bài")
    SAVED = "saved", _("Lưu câu trả lời")
    CHECKED = "checked", _("Xem kết quả từng câu")
    LEFT = "left", _("Rời trang")
    RETURNED = "returned", _("Quay lại trang")
    LATE = "late", _("Gửi câu trả lời khi bài đã đóng")
    REFUSED = "refused", _("Bị từ chối")
    REGRADED = "regraded", _("Chấm lại")


#: Events whose answers count.
SAVING = frozenset({EventKind.SAVED, EventKind.CHECKED})


class AttemptEventQuerySet(AppendOnlyQuerySet):
    def saves(self) -> list[rules.Save]:
        """The saves among the events, as ``rules.fold`` reads them."""
        columns = ("pk", "made_at", "answers", "client", "seq", "kind")
        return [
            rules.Save(
                id=pk,
                made_at=made_at,
                answers={int(position): response for position, response in answers.items()},
                client=client,
                seq=seq,
                checked=kind == EventKind.CHECKED,
            )
            for pk, made_at, answers, client, seq, kind in self.filter(kind__in=SAVING)
            .order_by("pk")
            .values_list(*columns)
        ]


class AttemptEvent(AppendOnly):
    """Something that happened to an attempt; the saves among them are its answers while it is open.

    ``at`` is when the server heard of it, ``made_at`` when it was done by the server's clock: earlier where it waited
    for the network. ``client`` is the page that sent it (born with the page) and ``seq`` its number there: the same
    save that arrives twice is kept once. ``answers`` is {position: response}. ``detail`` says more, for whoever looks
    into a dispute. When it started, was handed in and was graded stands on the attempt.
    """

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=EventKind)
    at = models.DateTimeField()
    made_at = models.DateTimeField()
    client = models.UUIDField(null=True, blank=True)
    seq = models.PositiveIntegerField(null=True, blank=True)
    answers = models.JSONField(default=dict, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    objects: ClassVar[Any] = AttemptEventQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "client", "seq"], name="one_event_per_page_and_number")
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} · {self.kind}"
