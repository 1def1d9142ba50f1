"""The pages on which one works: the questions, how far one is, how much time is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quizzes import grading, rules
from quizzes.forms import position_from
from quizzes.kinds import KINDS
from quizzes.kinds.arranged import GAP
from quizzes.models import Attempt, Purpose
from quizzes.rules import Saved
from quizzes.screens.questions import questions_of


@dataclass(frozen=True)
class Step:
    """One of the last answers of a mastery quiz, or a place that is still free (``right`` None)."""

    right: bool | None

    @property
    def sign(self) -> str:
        return "·" if self.right is None else "✓" if self.right else "✗"

    @property
    def text(self) -> str:
        return _("chưa có") if self.right is None else _("đúng") if self.right else _("chưa đúng")


@dataclass(frozen=True)
class Line:
    """A question in the last look before handing in."""

    position: int
    text: str
    answered: bool


def time_left(seconds: int | None) -> str:
    """``Còn 11 phút``; empty without a time limit."""
    if seconds is None:
        return ""
    if seconds < 60:
        return _("Còn chưa đầy 1 phút")
    minutes = seconds // 60
    return ngettext("Còn %(minutes)s phút", "Còn %(minutes)s phút", minutes) % {"minutes": minutes}


def saved_text(saved_at: datetime | None) -> str:
    """``Đã lưu lúc 14:32``."""
    if saved_at is None:
        return ""
    return _("Đã lưu lúc %(time)s") % {"time": timezone.localtime(saved_at).strftime("%H:%M")}


def one_a_page(attempt: Attempt) -> bool:
    """Whether each question has a page of its own; an attempt from before there were rules goes by its quiz."""
    return bool(attempt.rules.get("one_a_page", attempt.quiz.one_a_page))


def mode(attempt: Attempt) -> str:
    """How the attempt is worked on: see ``quizzes.rules``."""
    return str(rules.rule(attempt.rules, "mode"))


def working(
    attempt: Attempt, answers: Mapping[int, Saved], at: datetime, *, only: Iterable[int] | None = None
) -> dict[str, Any]:
    """What every page of an open attempt shows; ``only`` names the questions that stand on it."""
    total, seconds = len(attempt.paper), attempt.seconds_left(at)
    answered = {position for position, saved in answers.items() if saved.response or saved.checked}
    return {
        "attempt": attempt,
        "quiz": attempt.quiz,
        "step": attempt.quiz.step,
        "questions": questions_of(attempt.paper, answers, only=only),
        "total": total,
        "answered": len(answered),
        "answered_percent": len(answered) * 100 // total if total else 0,
        "seconds_left": seconds,
        "time_left": time_left(seconds),
        "saved_text": saved_text(max((answer.at for answer in answers.values()), default=None)),
        "is_check": attempt.quiz.purpose == Purpose.CHECK,
        "one_a_page": one_a_page(attempt),
        "one_way": rules.goes_one_way(attempt.rules),
        "mode": mode(attempt),
        **_section(attempt, list(only) if only is not None else []),
        **practised(attempt, answers),
    }


def position_for(attempt: Attempt, answers: Mapping[int, Saved], asked: str | None) -> int:
    """The question to show: the one asked for; where there is no way back the one reached; in practice else the first
    that is not done, and in mastery none further than that."""
    total = len(attempt.paper)
    if rules.goes_one_way(attempt.rules):
        return min(attempt.reached, total)
    if mode(attempt) == rules.EXAM:
        return position_from(asked, total)
    left = practised(attempt, answers)["next_position"] or total
    position = position_from(asked, total) if asked else left
    return min(position, left) if mode(attempt) == rules.MASTERY else position


def review(attempt: Attempt, answers: Mapping[int, Saved], at: datetime) -> dict[str, Any]:
    """The last look before handing in. Nothing on it shows a picture, so no files are read."""
    page = working(attempt, answers, at, only=[])
    rows = [
        Line(n, shortened(attempt.paper[n - 1]), bool(n in answers and (answers[n].response or answers[n].checked)))
        for n in range(1, page["total"] + 1)
    ]
    left = [row for row in rows if not row.answered]
    return page | {"questions": rows, "unanswered": left, "by_hand": any(_by_hand(item) for item in attempt.paper)}


def shortened(item: Mapping[str, Any]) -> str:
    """A question in its first words, gaps as dots."""
    return str(Truncator(GAP.sub("……", item["text"])).words(14))


def _by_hand(item: Mapping[str, Any]) -> bool:
    return KINDS[item["kind"]].by_hand


def _section(attempt: Attempt, shown: list[int]) -> dict[str, Any]:
    """The title of the section that the only question on the page belongs to."""
    sections = rules.rule(attempt.rules, "sections")
    if len(shown) != 1 or not sections:
        return {}
    number = attempt.paper[shown[0] - 1].get("section", 0)
    return {"section": sections[number]["title"] if number < len(sections) else ""}


def practised(attempt: Attempt, answers: Mapping[int, Saved]) -> dict[str, Any]:
    """For practice and mastery: which question is next, how the last ones came out, whether there is nothing left.

    ``last`` are the answers that mastery looks at, in the order they were checked.
    """
    if mode(attempt) == rules.EXAM:
        return {}
    checked = sorted((saved.at, position) for position, saved in answers.items() if saved.checked)
    points = [_points(attempt, position, answers[position]) for _, position in checked]
    left = [n for n in range(1, len(attempt.paper) + 1) if n not in {position for _, position in checked}]
    needed, of = rules.rule(attempt.rules, "mastery")
    is_mastery = mode(attempt) == rules.MASTERY
    mastered = is_mastery and grading.mastered_at(points, needed, of) is not None
    last = [Step(one == 1) for one in points[-of:]]
    return {
        "checked": len(checked),
        "next_position": left[0] if left else None,
        "is_over": mastered or not left,
        "needed": needed,
        "of": of,
        "last": last + [Step(None)] * (of - len(last)),
        "recent_right": sum(bool(one.right) for one in last),
    }


def _points(attempt: Attempt, position: int, saved: Saved) -> Fraction:
    return grading.points_of(attempt.paper[position - 1], saved.response) or Fraction(0)
