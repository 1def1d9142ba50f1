"""Scoring a question's answers anew after its key was mended. docs/decisions/0016 says what is kept and why."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.errors import Refusal
from courses.models import Completion
from people.models import User
from people.notices import notices_send
from quizzes import grading, rules
from quizzes.grading import Grade
from quizzes.keys import key_problem, with_key
from quizzes.kinds import KINDS, Item
from quizzes.kinds.written import rubric_points
from quizzes.models import (
    OPEN_STATES,
    Answer,
    Attempt,
    AttemptEvent,
    AttemptState,
    EventKind,
    Question,
    Quiz,
    Regrade,
    RegradeChange,
)
from quizzes.services.closing import attempt_grade_by_rule, attempt_lock, mastery_of, step_settle

logger = logging.getLogger(__name__)

CHUNK = 200
#: How many attempts a preview looks at; of more it tells about the latest.
PREVIEWED = 2000
DONE_STATES = (AttemptState.GRADED, AttemptState.EXPIRED)


class Advancing(Protocol):
    """Whoever wants to know how far the work is; a job's progress."""

    def begin(self, total: int, note: str = "") -> None: ...
    def advance(self, count: int = 1) -> None: ...


@dataclass(frozen=True)
class Rescored:
    """What the new key makes of one attempt. ``grade`` None: it is not graded yet, only its paper changes.

    ``changed``: positions whose points change. ``passed`` never takes a pass away.
    """

    paper: list[Item]
    grade: Grade | None
    changed: tuple[int, ...]
    passed: bool


@dataclass(frozen=True)
class Previewed:
    """An attempt whose points would change."""

    attempt: Attempt
    score_before: Decimal
    score_after: Decimal
    passed_before: bool
    passed_after: bool

    @property
    def is_kept(self) -> bool:
        """Whether a pass stands that the new score alone would not give."""
        return self.passed_before and self.score_after < self.attempt.pass_percent


@dataclass
class Preview:
    """Who would change. ``closed``: attempts with the question; ``seen``: how many of them, the latest, were looked at,
    and ``since``: when the first of these was begun.

    ``stuck``: codes of ``keys.key_problem`` by attempt id.
    """

    closed: int = 0
    seen: int = 0
    since: datetime | None = None
    changes: list[Previewed] = field(default_factory=list)
    stuck: dict[int, str] = field(default_factory=dict)

    @property
    def unseen(self) -> int:
        return self.closed - self.seen

    @property
    def up(self) -> int:
        return sum(one.score_after > one.score_before for one in self.changes)

    @property
    def down(self) -> int:
        return sum(one.score_after < one.score_before for one in self.changes)

    @property
    def gained(self) -> int:
        return sum(one.passed_after and not one.passed_before for one in self.changes)

    @property
    def kept(self) -> int:
        return sum(one.is_kept for one in self.changes)


@dataclass
class RegradeReport:
    """What a regrade did, in numbers of attempts; ``failed`` and ``stuck`` by uuid. ``touched``: papers that took the
    new key, ``changed``: those whose points it changed."""

    looked_at: int = 0
    touched: int = 0
    changed: int = 0
    up: int = 0
    down: int = 0
    passes_gained: int = 0
    completions: int = 0
    stuck: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))


def question_regrade_preview(*, question: Question, most: int = PREVIEWED) -> Preview:
    """What scoring anew with the question's present version would change; writes nothing."""
    ids = _closed_ids(question)
    preview = Preview(closed=len(ids), seen=min(most, len(ids)))
    for attempt in _in_chunks(ids[-most:]):
        preview.since = preview.since or attempt.started_at
        if problem := _problem(attempt, question):
            preview.stuck[attempt.pk] = problem
            continue
        found = rescored(attempt, question)
        if found and found.grade and found.changed:
            assert found.grade.score is not None
            preview.changes.append(
                Previewed(attempt, attempt.score or Decimal(0), found.grade.score, bool(attempt.passed), found.passed)
            )
    return preview


def _closed_ids(question: Question) -> list[int]:
    """Attempts that were handed in and asked the question, in any version; the oldest first."""
    answers = Answer.objects.filter(question=question).order_by("attempt_id")
    return list(answers.values_list("attempt_id", flat=True).distinct())


def _open_ids(question: Question) -> list[int]:
    """Attempts under way that ask the question: they are graded by their paper when they are handed in."""
    slug = question.bank.slug
    quizzes = [
        quiz.pk
        for quiz in Quiz.objects.only("pk", "bank", "sections")
        if quiz.bank_id == question.bank_id or any(section.get("bank") == slug for section in quiz.sections)
    ]
    under_way = Attempt.objects.filter(quiz__in=quizzes, state__in=OPEN_STATES).values_list("pk", "paper")
    return [
        pk for pk, paper in under_way.iterator(chunk_size=CHUNK) if any(i["question"] == question.pk for i in paper)
    ]


def _in_chunks(ids: Sequence[int]) -> Iterator[Attempt]:
    """Attempts with their answers, a few at a time: a paper is some kilobytes."""
    for start in range(0, len(ids), CHUNK):
        found = Attempt.objects.filter(pk__in=ids[start : start + CHUNK]).select_related("enrolment__user")
        yield from found.prefetch_related("answers").order_by("pk")


def _problem(attempt: Attempt, question: Question) -> str:
    """Why this attempt cannot take the new key; empty when it can."""
    content = question.content
    asked = (item for item in attempt.paper if item["question"] == question.pk)
    return next((problem for item in asked if (problem := key_problem(item, content))), "")


def rescored(attempt: Attempt, question: Question) -> Rescored | None:
    """What the present key makes of the attempt; None where it has it already. The attempt stays as it is."""
    content = question.content
    paper = [
        with_key(item, content, question.version) if item["question"] == question.pk else item for item in attempt.paper
    ]
    if all(new is old for new, old in zip(paper, attempt.paper, strict=True)):
        return None
    if attempt.state not in DONE_STATES:
        return Rescored(paper, None, (), bool(attempt.passed))
    answers = {answer.position: answer for answer in attempt.answers.all()}
    result = grade_anew(attempt, paper, answers)
    changed = tuple(
        position
        for position, item in enumerate(paper, start=1)
        if item["question"] == question.pk
        and position in answers
        and answers[position].points != stored(result.points[position - 1])
    )
    return Rescored(paper, result, changed, bool(attempt.passed or result.passed))


def grade_anew(attempt: Attempt, paper: list[Item], answers: dict[int, Answer]) -> Grade:
    """The grade from scratch of what was answered, by a paper; what a person gave for a text stands."""
    kept, attempt.paper = attempt.paper, paper
    try:
        saves = AttemptEvent.objects.filter(attempt=attempt).saves() if _by_mastery(attempt) else []
        responses = {position: answer.response for position, answer in answers.items()}
        return attempt_grade_by_rule(attempt, responses, mastery_of(attempt, saves), marks_of(paper, answers))
    finally:
        attempt.paper = kept


def _by_mastery(attempt: Attempt) -> bool:
    return bool(rules.rule(attempt.rules, "mode") == rules.MASTERY)


def marks_of(paper: Sequence[Item], answers: dict[int, Answer]) -> dict[int, Fraction]:
    """What people gave for free texts, by position."""
    given = {
        position: rubric_points(item["settings"], answers[position].marks)
        for position, item in enumerate(paper, start=1)
        if KINDS[item["kind"]].by_hand and position in answers and answers[position].marks
    }
    return {position: points for position, points in given.items() if points is not None}


def stored(points: Fraction | None) -> Decimal | None:
    """Points as an answer keeps them."""
    return None if points is None else grading.as_decimal(points)


# --- Doing it -------------------------------------------------------------------------------------------------------
def question_regrade(
    *,
    question: Question,
    reason: str,
    actor: User,
    at: datetime | None = None,
    version: int | None = None,
    progress: Advancing | None = None,
) -> RegradeReport:
    """Score every attempt that asked the question anew with its present key, each in its own transaction.

    Safe to repeat: an attempt that has the key already is left alone. A pass that was given stays; a pass gained
    completes the step now. Attempts under way take the key too. ``version`` is the one that was previewed. Refuses with
    ``no_reason``, ``by_hand`` or ``changed_meanwhile``; whether the actor may is asked by the caller.
    """
    at = at or timezone.now()
    _require_regradable(question, reason, version)
    ids = [*_closed_ids(question), *_open_ids(question)]
    if progress:
        progress.begin(len(ids), _("Đang chấm lại"))
    report = RegradeReport(looked_at=len(ids))
    act = _Act(question, reason.strip()[:500], actor, at)
    for attempt in _in_chunks(ids):
        _one(attempt, act, report)
        if progress:
            progress.advance()
    if report.touched:
        audit.record(
            actor=actor,
            act="question_regrade",
            subject=question,
            reason=act.reason,
            code=question.code,
            changed=report.changed,
            passes_gained=report.passes_gained,
        )
    return report


def _require_regradable(question: Question, reason: str, version: int | None) -> None:
    if not reason.strip():
        raise Refusal(
            _("Chưa ghi lý do chấm lại."),
            code="no_reason",
            fix=_("Ghi điều đã sửa, ví dụ «đáp án đúng là B, không phải C». Người học đọc được dòng này."),
            status=400,
        )
    if KINDS[question.kind].by_hand:
        raise Refusal(
            _("Câu tự luận do người chấm nên không chấm lại hàng loạt."),
            code="by_hand",
            fix=_("Mở từng bài để sửa điểm đã cho."),
        )
    if version is not None and version != question.version:
        raise Refusal(
            _("Câu hỏi vừa được sửa thêm sau lần xem trước."),
            code="changed_meanwhile",
            fix=_("Xem lại những bài sẽ đổi điểm rồi hãy chấm lại."),
        )


@dataclass
class _Act:
    """One regrade; its row is written with the first paper that takes the key."""

    question: Question
    reason: str
    actor: User
    at: datetime

    def row(self) -> Regrade:
        """The row of this act; of one that was broken off, the row that it left."""
        told = {"question": self.question, "version": self.question.version, "reason": self.reason}
        found: Regrade | None = Regrade.objects.filter(**told, made_by=self.actor).first()
        return found or Regrade.objects.create(**told, made_by=self.actor, made_at=self.at)


def _one(attempt: Attempt, act: _Act, report: RegradeReport) -> None:
    """One attempt, isolated: what goes wrong with it does not reach the others."""
    try:
        if problem := _problem(attempt, act.question):
            report.stuck[str(attempt.uuid)] = problem
        elif rescored(attempt, act.question) is not None:
            _attempt_regrade(attempt, act, report)
    except Exception as error:
        logger.exception("Attempt %s could not be scored anew", attempt.uuid)
        report.failed[str(attempt.uuid)] = f"{type(error).__name__}: {error}"


def _attempt_regrade(attempt: Attempt, act: _Act, report: RegradeReport) -> None:
    """Lock, look again, store; counted only once it stands."""
    with transaction.atomic():
        locked = attempt_lock(attempt)
        found = rescored(locked, act.question)
        if found is None:
            return
        change = _store(locked, found, act)
    report.touched += 1
    if change:
        report.changed += 1
        report.up += change.score_after > change.score_before
        report.down += change.score_after < change.score_before
        report.passes_gained += change.passed_after and not change.passed_before
        report.completions += change.completed


def _store(attempt: Attempt, found: Rescored, act: _Act) -> RegradeChange | None:
    """Write the paper with its new key and what comes of it; the change, where points changed."""
    regrade = act.row()
    before = attempt.score or Decimal(0), bool(attempt.passed)
    attempt.paper = found.paper
    if found.grade is None or found.grade.score is None:
        attempt.save(update_fields=["paper"])
        _points_forward(attempt, act.question)
        return None
    after = attempt.score, attempt.passed = found.grade.score, found.passed
    attempt.save(update_fields=["paper", "score", "passed"])
    answers = list(attempt.answers.all())
    for answer in answers:
        answer.points = stored(found.grade.points[answer.position - 1])
    Answer.objects.bulk_update(answers, ["points"])
    if not found.changed:
        return None
    detail = {"regrade": str(regrade.uuid), "reason": act.reason, "positions": list(found.changed),
              "score_before": str(before[0]), "score_after": str(after[0])}  # fmt: skip
    AttemptEvent.objects.create(attempt=attempt, kind=EventKind.REGRADED, at=act.at, made_at=act.at, detail=detail)
    return RegradeChange.objects.create(
        regrade=regrade,
        attempt=attempt,
        score_before=before[0],
        score_after=after[0],
        passed_before=before[1],
        passed_after=after[1],
        completed=_settled_anew(attempt, before, act),
    )


def _points_forward(attempt: Attempt, question: Question) -> None:
    """An attempt that waits for a person: its answers to this question get their points by the new key already."""
    for answer in attempt.answers.filter(question=question, points__isnull=False):
        answer.points = stored(grading.points_of(attempt.paper[answer.position - 1], answer.response))
        answer.save(update_fields=["points"])


def _settled_anew(attempt: Attempt, before: tuple[Decimal, bool], act: _Act) -> bool:
    """Complete the step where a better result passes the quiz; say whether the course was finished by it."""
    if attempt.passed == before[1] and (attempt.score or 0) <= before[0]:
        return False
    finished = Completion.objects.filter(enrolment=attempt.enrolment_id)
    had = finished.exists()
    step_settle(attempt, act.at)
    if attempt.passed and not before[1]:
        notices_send(
            users=[attempt.enrolment.user],
            kind=f"regraded-{attempt.quiz_id}",
            subject="Bài kiểm tra được chấm lại: bạn đã đạt",
            body=f"Bài «{attempt.quiz.step.title}» được chấm lại vì: {act.reason}",
            path=f"/kiem-tra/{attempt.uuid}/",
            actor=act.actor,
        )
    return not had and finished.exists()
