"""What awaits somebody who opens a quiz: every rule in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from common.templatetags.vi import duration, moment
from courses.models import Enrolment, Step, StepCompletion, StepKind
from quizzes import rules, services
from quizzes.models import Accommodation, Attempt, AttemptState, Mode, Purpose, Quiz, Scoring
from quizzes.screens.working import time_left

#: How the attempts come to one result.
SCORING = {
    Scoring.BEST: "Lấy lần có điểm cao nhất",
    Scoring.LAST: "Lấy lần làm cuối cùng",
    Scoring.FIRST: "Lấy lần làm đầu tiên; các lần sau chỉ để ôn",
    Scoring.AVERAGE: "Lấy điểm trung bình của các lần",
}
#: When something is shown of the result.
REVEALED = {
    rules.ALWAYS: "ngay sau khi nộp",
    rules.SETTLED: "khi bạn đã đạt hoặc đã dùng hết số lần làm bài",
    rules.CLOSED: "sau khi bài đóng",
    rules.NEVER: "không công bố",
}


def start(quiz: Quiz, attempts: Sequence[Attempt], at: datetime, *, viewer: Any) -> dict[str, Any]:
    """What awaits somebody who opens the quiz: of a self-check also the way past it, of a final what to learn first."""
    is_check = quiz.purpose == Purpose.CHECK
    counted, has_passed = standing(attempts, quiz.scoring)
    extra = accommodation(quiz, viewer)
    current = next((a for a in attempts if a.state == AttemptState.OPEN), None)
    refusal = None if current else services.start_refusal(quiz, before=attempts, extra=extra, at=at)
    settled = is_settled(quiz, attempts, extra)
    tries = [earlier(one, settled, at) for one in attempts if one.state != AttemptState.OPEN]
    is_told = all(row["told"] for row in tries)
    passed_for_good = has_passed and bool(quiz.pass_percent)
    return {
        "quiz": quiz,
        "step": quiz.step,
        "course": quiz.step.course,
        "count": quiz.question_count,
        "must_be_right": must_be_right(quiz.question_count, quiz.pass_percent),
        "left": attempts_left(quiz, len(attempts), extra),
        "allowed": services.attempts_allowed(quiz, extra),
        "earlier": tries,
        "counted": counted if is_told and len(tries) > 1 else None,
        "counting": SCORING[Scoring(quiz.scoring)],
        "current": current,
        "time_left": time_left(current.seconds_left(at)) if current else "",
        "has_passed": passed_for_good and is_told,
        "refusal": refusal,
        "is_check": is_check,
        "is_done": has_passed,
        "time_allowed": time_allowed(quiz, extra),
        "rules": rules_told(quiz, extra, at),
        "following": following_step(quiz.step) if is_check else None,
        # Whoever is already at work has a clock running: no word of what to read first.
        "lessons_left": [] if is_check or passed_for_good or current else lessons_left(quiz, viewer),
    }


def earlier(attempt: Attempt, settled: bool, at: datetime) -> dict[str, Any]:
    """A try that is over, with whether its result may be told."""
    return {"attempt": attempt, "told": reveals(attempt, "score", settled=settled, at=at)}


def reveals(attempt: Attempt, part: str, *, settled: bool, at: datetime) -> bool:
    """Whether a part of an attempt's result is shown. A self-check keeps its key from nobody unless it says so."""
    said = attempt.rules.get("review") or {}
    if part == "key" and "key" not in said and attempt.quiz.purpose == Purpose.CHECK:
        return True
    closed = attempt.quiz.closes_at is not None and at >= attempt.quiz.closes_at
    return rules.reveals(attempt.rules, part, settled=settled, closed=closed)


def is_settled(quiz: Quiz, tries: Sequence[Attempt], extra: Accommodation | None) -> bool:
    """Whether the quiz is behind this person: passed, or no attempt left."""
    return standing(tries, quiz.scoring)[1] or attempts_left(quiz, len(tries), extra) == 0


def standing(tries: Sequence[Attempt], scoring: str) -> tuple[Decimal | None, bool]:
    """Score and verdict of all tries together."""
    return rules.standing(
        [
            rules.Result(one.number, one.score, bool(one.passed), one.pass_percent)
            for one in tries
            if one.score is not None
        ],
        scoring,
    )


def accommodation(quiz: Quiz, viewer: Any) -> Accommodation | None:
    """What this person is given beyond the others; not asked where it would change nothing."""
    if not viewer.is_authenticated or (quiz.attempts_allowed is None and quiz.time_limit_minutes is None):
        return None
    return Accommodation.objects.filter(quiz=quiz, user=viewer).first()


def attempts_left(quiz: Quiz, used: int, extra: Accommodation | None) -> int | None:
    """How often the quiz may still be begun; None when there is no limit."""
    allowed = services.attempts_allowed(quiz, extra)
    return None if allowed is None else max(0, allowed - used)


def must_be_right(count: int, pass_percent: int) -> int:
    """How many questions must be right: 80 % of 10 is 8, of 3 is 3."""
    return -(-count * pass_percent // 100)


def time_allowed(quiz: Quiz, extra: Accommodation | None = None) -> str:
    """The limit, and beside it how long the quiz usually takes, as the course's outline says."""
    minutes, limit = quiz.step.minutes, quiz.time_limit_minutes
    usual = f" (thường mất khoảng {duration(minutes)})" if minutes and (limit is None or minutes < limit) else ""
    if limit is None:
        return f"Không giới hạn{usual}"
    own = limit + (extra.extra_minutes if extra else 0)
    return f"Tối đa {duration(own)}{usual}, tính từ lúc bấm Bắt đầu"


# --- Rules in words -------------------------------------------------------------------------------------------------
def rules_told(quiz: Quiz, extra: Accommodation | None, at: datetime) -> list[tuple[str, list[str]]]:
    """Every rule that differs from what anybody would expect, as (name, sentences)."""
    told = [
        ("Các phần", _sections(quiz)),
        ("Cách làm", _ways(quiz)),
        ("Mở và đóng", _window(quiz)),
        ("Làm lại", _again(quiz)),
        ("Dành riêng cho bạn", _extra(extra)),
        ("Xem kết quả", _review(quiz)),
    ]
    return [(name, sentences) for name, sentences in told if sentences]


def _sections(quiz: Quiz) -> list[str]:
    return [
        f"{section.get('title') or f'Phần {number}'}: {len(section.get('codes') or ()) or section.get('draw') or 0} câu"
        + (f", riêng phần này cần từ {section['pass_percent']} % số điểm" if section.get("pass_percent") else "")
        for number, section in enumerate(quiz.sections, start=1)
    ]


def _ways(quiz: Quiz) -> list[str]:
    found = []
    if quiz.mode == Mode.PRACTICE:
        found.append("Luyện tập: trả lời xong mỗi câu, bấm «Kiểm tra» để biết đúng sai và xem giải thích ngay.")
    if quiz.mode == Mode.MASTERY:
        found.append(
            f"Luyện đến khi thành thạo: bài kết thúc khi bạn đúng {quiz.mastery_needed} trong {quiz.mastery_of} câu "
            "gần nhất, hoặc khi hết câu hỏi. Sau mỗi câu bạn biết ngay đúng sai."
        )
    if quiz.one_a_page and not quiz.may_go_back and quiz.mode == Mode.EXAM:
        found.append("Không quay lại được câu trước: bấm «Câu tiếp» là chốt câu đang làm.")
    return found


def _window(quiz: Quiz) -> list[str]:
    opens = f"Mở từ {moment(quiz.opens_at)}." if quiz.opens_at else ""
    closes = f"Đóng lúc {moment(quiz.closes_at)}: bài đang làm dở cũng được đóng và chấm." if quiz.closes_at else ""
    return [sentence for sentence in (opens, closes) if sentence]


def _again(quiz: Quiz) -> list[str]:
    if quiz.attempts_allowed == 1:
        return []
    found = []
    if quiz.wait_minutes:
        found.append(f"Sau khi nộp, chờ {duration(quiz.wait_minutes)} mới làm lại được.")
    if quiz.scoring != Scoring.BEST:
        found.append(f"Kết quả: {SCORING[Scoring(quiz.scoring)].lower()}.")
    return found


def _extra(extra: Accommodation | None) -> list[str]:
    if extra is None:
        return []
    minutes = f"{extra.extra_minutes} phút làm bài" if extra.extra_minutes else ""
    attempts = f"{extra.extra_attempts} lần làm bài" if extra.extra_attempts else ""
    return [f"Bạn được thêm {' và '.join(filter(None, (minutes, attempts)))}."]


def _review(quiz: Quiz) -> list[str]:
    """When result, answers and right answers are shown, where that is not what is usual."""
    review = {**rules.REVIEW, **(quiz.review or {})}
    names = {
        "score": "Điểm và kết quả",
        "answers": "Câu nào đúng, câu nào sai",
        "feedback": "Lời giải thích",
        "key": "Đáp án đúng",
    }
    return [f"{names[part]}: {REVEALED[when]}." for part, when in review.items() if when != rules.REVIEW[part]]


# --- The course around it -------------------------------------------------------------------------------------------
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
