"""What the pages of an attempt show, made from its frozen paper and saved answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from common.templatetags.vi import duration
from courses.models import Completion, Enrolment, Step, StepCompletion, StepKind
from courses.rules import steps_left
from quizzes.forms import field_name
from quizzes.kinds import KINDS
from quizzes.models import Answer, Attempt, AttemptState, Purpose, Quiz
from quizzes.rules import Saved

DASH = "–"


@dataclass(frozen=True)
class Choice:
    """An option of a question on the page."""

    key: str
    text: str
    chosen: bool
    correct: bool
    feedback: str


@dataclass(frozen=True)
class Row:
    """A question on the page, with what the learner chose; ``points`` once it is graded."""

    position: int
    text: str
    how: str
    name: str
    several: bool
    choices: Sequence[Choice]
    answered: bool
    points: Decimal | None
    explanation: str

    @property
    def right(self) -> bool:
        return self.points == 1

    @property
    def incomplete(self) -> bool:
        """Nothing wrong was chosen, but not everything right either."""
        chosen = [choice for choice in self.choices if choice.chosen]
        return not self.right and bool(chosen) and all(choice.correct for choice in chosen)


def rows(attempt: Attempt, answers: Mapping[int, Answer | Saved]) -> list[Row]:
    """Every question of the attempt in order."""
    made = []
    for position, item in enumerate(attempt.paper, start=1):
        answer = answers.get(position)
        kind = KINDS[item["kind"]]
        chosen, correct = set(answer.response) if answer else set(), set(kind.right(item))
        made.append(
            Row(
                position=position,
                text=item["text"],
                how=kind.how,
                name=field_name(position),
                several=item["kind"] == "multiple",
                choices=[
                    Choice(o["key"], o["text"], o["key"] in chosen, o["key"] in correct, o.get("feedback", ""))
                    for o in item["options"]
                ],
                answered=bool(chosen),
                points=answer.points if isinstance(answer, Answer) else None,
                explanation=item.get("explanation", ""),
            )
        )
    return made


def time_left(seconds: int | None) -> str:
    """``Còn 11 phút``; empty without a time limit."""
    if seconds is None:
        return ""
    return f"Còn {seconds // 60} phút" if seconds >= 60 else "Còn chưa đầy 1 phút"


def working(attempt: Attempt, answers: Mapping[int, Saved], at: datetime) -> dict[str, Any]:
    """What every page of an open attempt shows: questions, how many are answered, time left, when it was saved."""
    questions = rows(attempt, answers)
    seconds = attempt.seconds_left(at)
    answered = sum(row.answered for row in questions)
    return {
        "attempt": attempt,
        "quiz": attempt.quiz,
        "step": attempt.quiz.step,
        "questions": questions,
        "total": len(questions),
        "answered": answered,
        "answered_percent": answered * 100 // len(questions) if questions else 0,
        "seconds_left": seconds,
        "time_left": time_left(seconds),
        "saved_text": saved_text(max((answer.at for answer in answers.values()), default=None)),
    }


def saved_text(saved_at: datetime | None) -> str:
    """``Đã lưu lúc 14:32``."""
    return f"Đã lưu lúc {timezone.localtime(saved_at):%H:%M}" if saved_at else ""


def attempts_left(quiz: Quiz, used: int) -> int | None:
    """How often the quiz may still be begun; None when there is no limit."""
    return None if quiz.attempts_allowed is None else max(0, quiz.attempts_allowed - used)


def start(quiz: Quiz, attempts: Sequence[Attempt], at: datetime, *, viewer: Any) -> dict[str, Any]:
    """What awaits somebody who opens the quiz: of a self-check also the way past it, of a final what to learn first."""
    count = quiz.question_count
    is_check = quiz.purpose == Purpose.CHECK
    has_passed = any(a.passed for a in attempts) and bool(quiz.pass_percent)
    left = attempts_left(quiz, len(attempts))
    current = next((a for a in attempts if a.state == AttemptState.OPEN), None)
    return {
        "quiz": quiz,
        "step": quiz.step,
        "course": quiz.step.course,
        "count": count,
        "must_be_right": must_be_right(count, quiz.pass_percent),
        "left": left,
        "earlier": [a for a in attempts if a.state != AttemptState.OPEN],
        "current": current,
        "time_left": time_left(current.seconds_left(at)) if current else "",
        "has_passed": has_passed,
        "may_start": current is not None or left is None or left > 0,
        "is_check": is_check,
        "is_done": any(a.passed for a in attempts),
        "time_allowed": time_allowed(quiz),
        "following": following_step(quiz.step) if is_check else None,
        # Whoever is already at work has a clock running: no word of what to read first.
        "lessons_left": [] if is_check or has_passed or current else lessons_left(quiz, viewer),
    }


def time_allowed(quiz: Quiz) -> str:
    """The limit, and beside it how long the quiz usually takes, as the course's outline says."""
    minutes, limit = quiz.step.minutes, quiz.time_limit_minutes
    usual = f" (thường mất khoảng {duration(minutes)})" if minutes and (limit is None or minutes < limit) else ""
    return f"Tối đa {duration(limit)}{usual}, tính từ lúc bấm Bắt đầu" if limit else f"Không giới hạn{usual}"


def following_step(step: Step) -> Step | None:
    """What comes after a step in its course, done or not."""
    return step.course.steps.filter(is_active=True, position__gt=step.position).first()


def lessons_left(quiz: Quiz, viewer: Any) -> list[Step]:
    """Required lessons that the viewer has not finished in this round; none for a guest, of whom nothing is known."""
    if not viewer.is_authenticated:
        return []
    lessons = quiz.step.course.steps.filter(is_active=True, required=True, kind=StepKind.LESSON)
    rounds = Enrolment.objects.rounds_of(user=viewer, course=quiz.step.course_id)
    done = StepCompletion.objects.filter(enrolment__in=rounds.values("pk")[:1]).values("step")
    return list(lessons.exclude(pk__in=done))


def must_be_right(count: int, pass_percent: int) -> int:
    """How many questions must be right: 80 % of 10 is 8, of 3 is 3."""
    return -(-count * pass_percent // 100)


def result(attempt: Attempt, answers: Mapping[int, Answer], tries: Sequence[Attempt]) -> dict[str, Any]:
    """What a closed attempt shows: the result, each question, and what comes next.

    A self-check is practice: no verdict and no score, and always a way on.
    """
    questions = rows(attempt, answers)
    step = attempt.quiz.step
    left = attempts_left(attempt.quiz, len(tries))
    has_passed = any(one.passed for one in tries)
    is_check = attempt.quiz.purpose == Purpose.CHECK
    return {
        "attempt": attempt,
        "quiz": attempt.quiz,
        "step": step,
        "course": step.course,
        "questions": questions,
        "total": len(questions),
        "right": sum(row.right for row in questions),
        "must_be_right": must_be_right(len(questions), attempt.pass_percent),
        "expired": attempt.state == AttemptState.EXPIRED,
        "is_check": is_check,
        "has_passed": has_passed,
        "left": left,
        "may_retry": (left is None or left > 0) and step.is_active,
        # Telling which option is right would make the next try of a final quiz a memory test.
        "reveal": is_check or has_passed or left == 0,
        **(after_check(attempt) if is_check else whats_next(attempt)),
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
