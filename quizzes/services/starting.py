"""Beginning an attempt: who may, what is drawn, what is frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random, SystemRandom
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.errors import Refusal
from common.templatetags.vi import moment
from courses.models import Enrolment
from courses.services import enrolment_lock
from quizzes import grading
from quizzes.kinds import Item
from quizzes.models import OPEN_STATES, Accommodation, Attempt, Bank, Question, Quiz
from quizzes.services.closing import attempt_expire


def attempt_start(
    *, quiz: Quiz, enrolment: Enrolment | None, at: datetime | None = None, rng: Random | None = None
) -> tuple[Attempt, bool]:
    """Begin an attempt, or give the open one there is. Returns (attempt, created).

    Refuses with ``no_enrolment``, ``quiz_closed``, ``not_open_yet``, ``closed_for_good``, ``attempts_used_up``,
    ``wait`` or ``not_enough_questions``.
    """
    at = at or timezone.now()
    enrolment = _require_enrolment(quiz, enrolment)
    with transaction.atomic():
        enrolment = enrolment_lock(enrolment=enrolment)
        before = list(Attempt.objects.filter(quiz=quiz, enrolment=enrolment).defer("paper"))
        open_one = next((a for a in before if a.state in OPEN_STATES), None)
        if open_one and not open_one.is_overdue(at):
            return open_one, False
        if open_one:
            open_one.submitted_at = attempt_expire(attempt=open_one, at=at).submitted_at
        extra = Accommodation.objects.filter(quiz=quiz, user=enrolment.user_id).first()
        refusal = start_refusal(quiz, before=before, extra=extra, at=at)
        if refusal is None:
            drawn = _paper(quiz, rng or SystemRandom())
            if isinstance(drawn, list):
                return _attempt_create(quiz, enrolment, drawn, len(before) + 1, at, extra), True
            refusal = drawn
    # Raised out here, so that an attempt that has just expired stays expired.
    raise refusal


def _require_enrolment(quiz: Quiz, enrolment: Enrolment | None) -> Enrolment:
    """The enrolment, if it is one in the quiz's course and the quiz is still part of it."""
    if enrolment is None or enrolment.course_id != quiz.step.course_id:
        raise Refusal(
            _("Bạn chưa ghi danh khoá học này."),
            code="no_enrolment",
            fix=_("Mở trang khoá học, ghi danh rồi làm bài."),
        )
    if not quiz.step.is_active:
        raise Refusal(
            _("Bài kiểm tra này không còn thuộc khoá học."),
            code="quiz_closed",
            fix=_("Mở lại trang khoá học để học tiếp."),
        )
    return enrolment


def attempts_allowed(quiz: Quiz, extra: Accommodation | None) -> int | None:
    """How often this person may begin; None without a limit."""
    if quiz.attempts_allowed is None:
        return None
    return quiz.attempts_allowed + (extra.extra_attempts if extra else 0)


def start_refusal(
    quiz: Quiz, *, before: Sequence[Attempt], extra: Accommodation | None, at: datetime
) -> Refusal | None:
    """Why this person cannot begin a new attempt now; None when nothing stands against it."""
    if quiz.opens_at and at < quiz.opens_at:
        text = _("Bài này mở lúc %(at)s.") % {"at": moment(quiz.opens_at)}
        return Refusal(text, code="not_open_yet", fix=_("Hãy quay lại từ lúc đó."))
    if quiz.closes_at and at >= quiz.closes_at:
        return Refusal(
            _("Bài này đã đóng lúc %(at)s.") % {"at": moment(quiz.closes_at)},
            code="closed_for_good",
            fix=_("Xem lại kết quả các lần trước, hoặc hỏi giảng viên của khoá học."),
        )
    allowed = attempts_allowed(quiz, extra)
    if allowed is not None and len(before) >= allowed:
        return Refusal(
            ngettext("Bạn đã dùng hết %(n)s lần làm bài này.", "Bạn đã dùng hết %(n)s lần làm bài này.", allowed)
            % {"n": allowed},
            code="attempts_used_up",
            fix=_("Xem lại kết quả các lần trước. Nếu cần làm thêm lần nữa, hãy hỏi đầu mối của đơn vị bạn."),
        )
    until = may_start_from(quiz, before)
    if until and at < until:
        return Refusal(
            _("Bạn làm lại được bài này từ %(at)s.") % {"at": moment(until)},
            code="wait",
            fix=_("Trong lúc chờ, hãy xem lại bài học và lời giải thích của lần trước."),
        )
    return None


def may_start_from(quiz: Quiz, before: Sequence[Attempt]) -> datetime | None:
    """When the wait after the last attempt ends; None without one."""
    last = max((one.submitted_at for one in before if one.submitted_at), default=None)
    return last + timedelta(minutes=quiz.wait_minutes) if last and quiz.wait_minutes else None


def _paper(quiz: Quiz, rng: Random) -> list[Item] | Refusal:
    """The questions of a new attempt, section by section, no question twice; or why there are too few."""
    banks = _banks_of(quiz)
    paper: list[Item] = []
    for number, section in enumerate(quiz.section_list):
        bank = banks.get(section.get("bank") or "", quiz.bank_id)
        fitting = Question.objects.for_section(bank=bank, purpose=quiz.purpose, section=section)
        found = dict(fitting.exclude(pk__in=[item["question"] for item in paper]).values_list("code", "pk"))
        codes = section.get("codes") or []
        wanted = len(codes) or section.get("draw") or 0
        if len(found) < wanted or wanted == 0:
            return Refusal(
                _("Bài kiểm tra này chưa có đủ câu hỏi nên chưa làm được."),
                code="not_enough_questions",
                fix=_("Hãy học các bài khác trước rồi quay lại sau. Người biên tập cần bổ sung câu hỏi."),
                wanted=wanted,
                available=len(found),
            )
        drawn = [found[code] for code in codes] if codes else rng.sample(sorted(found.values()), wanted)
        if codes and quiz.shuffle_questions:
            rng.shuffle(drawn)
        # Of a large bank only what was drawn is read: in a rush of starts the rest would be most of the work.
        questions = Question.objects.in_bulk(drawn)
        paper += [grading.frozen(questions[pk], rng=rng, shuffle=quiz.shuffle_options, section=number) for pk in drawn]
    return paper


def _banks_of(quiz: Quiz) -> Mapping[str, int]:
    """Ids of the banks that the sections name, by slug; no query where they name none."""
    slugs = {section["bank"] for section in quiz.section_list if section.get("bank")}
    return dict(Bank.objects.filter(slug__in=slugs).values_list("slug", "pk")) if slugs else {}


def frozen_rules(quiz: Quiz) -> dict[str, Any]:
    """How an attempt at the quiz is worked on and judged, as it is now; see ``quizzes.rules``."""
    sections = [
        {"title": section.get("title") or "", "pass_percent": section.get("pass_percent")} for section in quiz.sections
    ]
    return {
        "mode": str(quiz.mode),
        "mastery": [quiz.mastery_needed, quiz.mastery_of],
        "scoring": str(quiz.scoring),
        "one_a_page": quiz.one_a_page,
        "may_go_back": quiz.may_go_back,
        "review": quiz.review,
        "sections": sections,
    }


def _attempt_create(
    quiz: Quiz, enrolment: Enrolment, paper: list[Item], number: int, at: datetime, extra: Accommodation | None
) -> Attempt:
    """Write the attempt with its frozen paper, rules, pass mark and deadline."""
    limit = quiz.time_limit_minutes
    ends = [quiz.closes_at] if quiz.closes_at else []
    if limit:
        ends.append(at + timedelta(minutes=limit + (extra.extra_minutes if extra else 0)))
    return Attempt.objects.create(
        quiz=quiz,
        enrolment=enrolment,
        number=number,
        paper=paper,
        rules=frozen_rules(quiz),
        pass_percent=quiz.pass_percent,
        started_at=at,
        deadline=min(ends, default=None),
    )
