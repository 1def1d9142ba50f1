"""What a closed attempt shows: the result, each question as far as it may be told, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from common.templatetags.vi import moment
from courses.models import Completion, Step, StepKind
from courses.rules import steps_left
from quizzes import grading, rules, services
from quizzes.grading import SectionGrade
from quizzes.kinds.base import NOTHING
from quizzes.models import Answer, Attempt, AttemptState, Purpose, Scoring
from quizzes.screens.questions import exact, questions_of
from quizzes.screens.shown import Tells
from quizzes.screens.starting import (
    REVEALED,
    SCORING,
    accommodation,
    attempts_left,
    is_settled,
    must_be_right,
    reveals,
    standing,
)
from quizzes.screens.working import mode


def result(
    attempt: Attempt, answers: Mapping[int, Answer], tries: Sequence[Attempt], *, viewer: Any, at: datetime
) -> dict[str, Any]:
    """What a graded attempt shows. A self-check is practice: no verdict and no score, and always a way on."""
    quiz, step = attempt.quiz, attempt.quiz.step
    extra = accommodation(quiz, viewer)
    scoring = rules.rule(attempt.rules, "scoring")
    counted, has_passed = standing(tries, scoring)
    settled = is_settled(quiz, tries, extra)
    told = {part: reveals(attempt, part, settled=settled, at=at) for part in rules.REVIEW}
    tells = Tells(answers=told["answers"], feedback=told["feedback"], key=told["key"])
    total, is_check = len(attempt.paper), quiz.purpose == Purpose.CHECK
    refusal = services.start_refusal(quiz, before=tries, extra=extra, at=at)
    return {
        "attempt": attempt,
        "quiz": quiz,
        "step": step,
        "course": step.course,
        "questions": questions_of(attempt.paper, answers, tells=tells, only=_met(attempt)) if tells else [],
        "total": total,
        "right": sum(answer.points == 1 for answer in answers.values()),
        "must_be_right": must_be_right(total, attempt.pass_percent),
        "expired": attempt.state == AttemptState.EXPIRED,
        "is_check": is_check,
        "is_mastery": mode(attempt) == rules.MASTERY,
        "mastery": rules.rule(attempt.rules, "mastery"),
        "sections": sections(attempt, answers) if told["score"] else [],
        "score_told": told["score"],
        "has_passed": has_passed,
        "counted": counted,
        "counting": SCORING[Scoring(scoring)] if len(tries) > 1 or scoring != Scoring.BEST else "",
        "left": attempts_left(quiz, len(tries), extra),
        "allowed": services.attempts_allowed(quiz, extra),
        "refusal": refusal,
        "may_retry": refusal is None and step.is_active,
        "reveal": tells.key,
        "untold": untold(attempt, told),
        **(after_check(attempt) if is_check else whats_next(attempt)),
    }


def _met(attempt: Attempt) -> list[int] | None:
    """Of a mastery quiz the questions that were asked before it ended; None for all."""
    if mode(attempt) != rules.MASTERY:
        return None
    return [position for position, saved in services.answers_of(attempt).items() if saved.checked]


def untold(attempt: Attempt, told: Mapping[str, bool]) -> list[str]:
    """What is kept back and until when, in whole sentences."""
    names = {
        "score": _("Điểm và kết quả của bài"),
        "answers": _("Câu nào đúng, câu nào chưa đúng"),
        "feedback": _("Lời giải thích"),
        "key": _("Đáp án đầy đủ"),
    }
    review = {**rules.REVIEW, **(rules.rule(attempt.rules, "review") or {})}
    closes = attempt.quiz.closes_at
    found = []
    for part, name in names.items():
        if told[part]:
            continue
        if review[part] == rules.NEVER:
            found.append(_("%(part)s không được công bố.") % {"part": name})
            continue
        when = str(REVEALED[review[part]])
        if review[part] == rules.CLOSED and closes:
            when = _("sau khi bài đóng lúc %(at)s") % {"at": moment(closes)}
        found.append(_("%(part)s hiện %(when)s.") % {"part": name, "when": when})
    return found


def sections(attempt: Attempt, answers: Mapping[int, Answer]) -> list[SectionGrade]:
    """What each section earned, from the points that are stored; none where the quiz has no sections."""
    found = []
    for number, section in enumerate(rules.rule(attempt.rules, "sections")):
        places = [n for n, item in enumerate(attempt.paper, start=1) if item.get("section", 0) == number]
        points = [(exact(answers[n].points) if n in answers else None) or NOTHING for n in places]
        mark = section.get("pass_percent")
        passed = mark is None or grading.reaches(points, mark)
        found.append(SectionGrade(str(section.get("title") or ""), grading.score_of(points), mark, passed))
    return found


def waiting(attempt: Attempt, answers: Mapping[int, Answer]) -> dict[str, Any]:
    """A paper that waits for a person: what was answered, and which questions somebody has to read.

    Of an attempt whose answers are never shown, not even one's own are.
    """
    never = {**rules.REVIEW, **(rules.rule(attempt.rules, "review") or {})}["answers"] == rules.NEVER
    by_hand = [n for n, answer in sorted(answers.items()) if answer.points is None and answer.response]
    return {
        "attempt": attempt,
        "quiz": attempt.quiz,
        "step": attempt.quiz.step,
        "course": attempt.quiz.step.course,
        "by_hand": by_hand if attempt.needs_grader else [],
        "questions": [] if never else questions_of(attempt.paper, answers),
        "total": len(attempt.paper),
        "expired": attempt.timed_out,
    }


def after_check(attempt: Attempt) -> dict[str, Any]:
    """What is next in the course, done or not, and the lesson before the check; a completion only if it counted."""
    step: Step = attempt.quiz.step
    steps = list(step.course.steps.filter(is_active=True))
    lessons = [s for s in steps if s.kind == StepKind.LESSON and s.position < step.position]
    completion = Completion.objects.filter(enrolment=attempt.enrolment_id).first() if step.required else None
    return {
        "completion": completion if attempt.passed else None,
        "following": next((s for s in steps if s.position > step.position), None),
        "lesson_before": lessons[-1] if lessons else None,
    }


def whats_next(attempt: Attempt) -> dict[str, Any]:
    """The course's completion if there is one, and the next step to learn: first after this one, then from the top."""
    step: Step = attempt.quiz.step
    completion = Completion.objects.filter(enrolment=attempt.enrolment_id).first()
    if completion:
        return {"completion": completion, "next_step": None}
    steps = list(step.course.steps.filter(is_active=True))
    done = set(attempt.enrolment.step_completions.values_list("step_id", flat=True))
    left = [s for s in steps_left(steps, done) if s.pk != step.pk]
    after = [s for s in left if s.position > step.position]
    return {"completion": None, "next_step": next(iter(after or left), None)}
