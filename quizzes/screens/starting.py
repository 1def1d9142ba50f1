"""What awaits somebody who opens a quiz: every rule in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from common.templatetags.vi import duration, moment
from courses.models import Enrolment, Step, StepCompletion, StepKind
from quizzes import rules, services
from quizzes.models import Accommodation, Attempt, AttemptState, Mode, Purpose, Quiz, Scoring
from quizzes.screens.working import time_left

#: How the attempts come to one result.
SCORING = {
    Scoring.BEST: gettext_lazy("Lấy lần có điểm cao nhất"),
    Scoring.LAST: gettext_lazy("Lấy lần làm cuối cùng"),
    Scoring.FIRST: gettext_lazy("Lấy lần làm đầu tiên; các lần sau chỉ để ôn"),
    Scoring.AVERAGE: gettext_lazy("Lấy điểm trung bình của các lần"),
}
#: When something is shown of the result.
REVEALED = {
    rules.ALWAYS: gettext_lazy("ngay sau khi nộp"),
    rules.SETTLED: gettext_lazy("khi bạn đã đạt hoặc đã dùng hết số lần làm bài"),
    rules.CLOSED: gettext_lazy("sau khi bài đóng"),
    rules.NEVER: gettext_lazy("không công bố"),
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
    usual = ""
    if minutes and (limit is None or minutes < limit):
        usual = " " + _("(thường mất khoảng %(time)s)") % {"time": duration(minutes)}
    if limit is None:
        return _("Không giới hạn") + usual
    said = {"time": duration(limit + (extra.extra_minutes if extra else 0)), "usual": usual}
    return _("Tối đa %(time)s%(usual)s, tính từ lúc bấm Bắt đầu làm bài") % said


# --- Rules in words -------------------------------------------------------------------------------------------------
def rules_told(quiz: Quiz, extra: Accommodation | None, at: datetime) -> list[tuple[str, list[str]]]:
    """Every rule that differs from what anybody would expect, as (name, sentences)."""
    told = [
        (_("Các phần"), _sections(quiz)),
        (_("Cách làm"), _ways(quiz)),
        (_("Mở và đóng"), _window(quiz)),
        (pgettext("bài kiểm tra", "Làm lại"), _again(quiz)),
        (_("Dành riêng cho bạn"), _extra(extra)),
        (_("Xem kết quả"), _review(quiz)),
    ]
    return [(name, sentences) for name, sentences in told if sentences]


def _sections(quiz: Quiz) -> list[str]:
    return [_section(number, section) for number, section in enumerate(quiz.sections, start=1)]


def _section(number: int, section: Mapping[str, Any]) -> str:
    """One section: its name, which is the author's, how many questions it asks and what it needs for itself."""
    count = len(section.get("codes") or ()) or section.get("draw") or 0
    asked = ngettext("%(count)s câu", "%(count)s câu", count) % {"count": count}
    if section.get("pass_percent"):
        asked += _(", riêng phần này cần từ %(percent)s %% số điểm") % {"percent": section["pass_percent"]}
    if section.get("title"):
        return format_html('<span lang="vi">{}</span>: {}', section["title"], asked)
    return _("Phần %(number)s") % {"number": number} + f": {asked}"


def _ways(quiz: Quiz) -> list[str]:
    found = []
    if quiz.mode == Mode.PRACTICE:
        found.append(_("Luyện tập: trả lời xong mỗi câu, bấm «Kiểm tra» để biết đúng sai và xem giải thích ngay."))
    if quiz.mode == Mode.MASTERY:
        found.append(
            _(
                "Luyện đến khi thành thạo: bài kết thúc khi bạn đúng %(needed)s trong %(of)s câu gần nhất, hoặc khi "
                "hết câu hỏi. Sau mỗi câu bạn biết ngay đúng sai."
            )
            % {"needed": quiz.mastery_needed, "of": quiz.mastery_of}
        )
    if quiz.one_a_page and not quiz.may_go_back and quiz.mode == Mode.EXAM:
        found.append(_("Không quay lại được câu trước: bấm «Câu tiếp» là chốt câu đang làm."))
    return found


def _window(quiz: Quiz) -> list[str]:
    found = []
    if quiz.opens_at:
        found.append(_("Mở từ %(at)s.") % {"at": moment(quiz.opens_at)})
    if quiz.closes_at:
        said = {"at": moment(quiz.closes_at)}
        found.append(_("Đóng lúc %(at)s: bài đang làm dở cũng được đóng và chấm.") % said)
    return found


def _again(quiz: Quiz) -> list[str]:
    if quiz.attempts_allowed == 1:
        return []
    found = []
    if quiz.wait_minutes:
        found.append(_("Sau khi nộp, chờ %(time)s mới làm lại được.") % {"time": duration(quiz.wait_minutes)})
    if quiz.scoring != Scoring.BEST:
        found.append(_("Kết quả: %(way)s.") % {"way": str(SCORING[Scoring(quiz.scoring)]).lower()})
    return found


def _extra(extra: Accommodation | None) -> list[str]:
    if extra is None:
        return []
    minutes, attempts = extra.extra_minutes, extra.extra_attempts
    more = []
    if minutes:
        more.append(ngettext("%(n)s phút làm bài", "%(n)s phút làm bài", minutes) % {"n": minutes})
    if attempts:
        more.append(ngettext("%(n)s lần làm bài", "%(n)s lần làm bài", attempts) % {"n": attempts})
    return [_("Bạn được thêm %(more)s.") % {"more": _(" và ").join(more)}]


def _review(quiz: Quiz) -> list[str]:
    """When result, answers and right answers are shown, where that is not what is usual."""
    review = {**rules.REVIEW, **(quiz.review or {})}
    names = {
        "score": _("Điểm và kết quả"),
        "answers": _("Câu nào đúng, câu nào sai"),
        "feedback": _("Lời giải thích"),
        "key": _("Đáp án đúng"),
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
