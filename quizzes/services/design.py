"""Quizzes as editors and course files make them, and what one person is given beyond the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import audit
from common.errors import Refusal
from courses.models import Step, StepKind
from people.models import User
from quizzes import rules
from quizzes.models import Accommodation, Bank, Mode, Paging, Purpose, Question, Quiz, Scoring

#: Everything about a quiz beside its questions, and what holds where nothing is said.
SETTINGS: Mapping[str, Any] = {
    "pass_percent": 80,
    "attempts_allowed": None,
    "wait_minutes": 0,
    "time_limit_minutes": None,
    "opens_at": None,
    "closes_at": None,
    "mode": Mode.EXAM,
    "mastery_needed": 4,
    "mastery_of": 5,
    "scoring": Scoring.BEST,
    "paging": "",
    "may_go_back": True,
    "shuffle_questions": False,
    "shuffle_options": True,
    "review": {},
}


def quiz_problems(
    *,
    bank: Bank | None,
    purpose: str,
    question_codes: Sequence[str] = (),
    draw: int = 10,
    sections: Sequence[Mapping[str, Any]] = (),
) -> list[str]:
    """Why a quiz could not be asked, in Vietnamese, for the editor; empty when it could."""
    if bank is None:
        return [_("Chưa chọn ngân hàng câu hỏi.")]
    if not sections:
        return _section_problems(bank, purpose, {"codes": list(question_codes), "draw": draw}, frozenset(), "")[0]
    banks = {one.slug: one for one in Bank.objects.filter(slug__in=[s["bank"] for s in sections if s.get("bank")])}
    problems: list[str] = []
    taken: frozenset[int] = frozenset()
    for number, section in enumerate(sections, start=1):
        where = _("Phần %(number)s: ") % {"number": number}
        source = banks.get(section["bank"]) if section.get("bank") else bank
        if source is None:
            problems.append(where + _("không có ngân hàng câu hỏi «%(bank)s».") % {"bank": section["bank"]})
            continue
        found, taken = _section_problems(source, purpose, section, taken, where)
        problems += found
    return problems


def _section_problems(
    bank: Bank, purpose: str, section: Mapping[str, Any], taken: frozenset[int], where: str
) -> tuple[list[str], frozenset[int]]:
    """What keeps one section from being asked when the sections before it may take ``taken``; and those with its own.

    A random section may take any of what it draws from, so whatever overlaps must leave enough for both.
    """
    codes: list[str] = list(section.get("codes") or ())
    questions = Question.objects.for_section(bank=bank, purpose=purpose, section=section)
    found = {code: pk for pk, code in questions.values_list("pk", "code") if pk not in taken}
    if codes:
        problems = []
        if repeated := sorted(code for code, times in Counter(codes).items() if times > 1):
            problems.append(where + _("Câu hỏi được ghi hai lần: %(codes)s.") % {"codes": ", ".join(repeated)})
        if missing := [code for code in codes if code not in found]:
            problems.append(
                where
                + _("Ngân hàng «%(bank)s» không có câu hỏi đang dùng với mã: %(codes)s.")
                % {"bank": bank.name, "codes": ", ".join(missing)}
            )
        return problems, taken | frozenset(found.values())
    draw = int(section.get("draw") or 0)
    if draw < 1:
        return [where + _("Số câu hỏi mỗi lần làm phải từ 1 trở lên.")], taken
    if len(found) < draw:
        return [where + _too_few(bank, purpose, section, len(found), draw)], taken
    # Which ones it will take is not known; only a section that takes all leaves none.
    return [], taken | frozenset(found.values()) if len(found) == draw else taken


def _too_few(bank: Bank, purpose: str, section: Mapping[str, Any], count: int, draw: int) -> str:
    """That a bank has too few of the questions that a section may draw."""
    kept = _(" dùng cho bài cuối khoá") if purpose == Purpose.FINAL else ""
    fitting = _(" hợp với các điều kiện đã chọn") if any(map(section.get, ("tags", "topic", "difficulty"))) else ""
    said = ngettext(
        "Ngân hàng «%(bank)s» chỉ có %(count)s câu hỏi%(kept)s%(fitting)s, mà mỗi lần làm cần %(draw)s câu.",
        "Ngân hàng «%(bank)s» chỉ có %(count)s câu hỏi%(kept)s%(fitting)s, mà mỗi lần làm cần %(draw)s câu.",
        count,
    )
    return said % {"bank": bank.name, "count": count, "kept": kept, "fitting": fitting, "draw": draw}


@transaction.atomic
def quiz_save(
    *,
    step: Step,
    bank: Bank,
    purpose: str = Purpose.FINAL,
    question_codes: Sequence[str] = (),
    draw: int = 10,
    sections: Sequence[Mapping[str, Any]] = (),
    **settings: Any,
) -> tuple[Quiz, bool]:
    """Create or update the quiz of a step; attempts under way keep what they were given. Returns (quiz, created).

    ``settings`` are those of ``SETTINGS``; what is not named goes back to its default. Refuses with ``not_a_quiz``,
    ``no_questions`` (the reasons are in ``detail["problems"]``) or ``wrong_setting``. A pass mark of 0 makes a
    self-check that is done once it is handed in.
    """
    if unknown := set(settings) - set(SETTINGS):
        raise TypeError(f"quiz_save has no settings {sorted(unknown)}")
    values = {**SETTINGS, **settings}
    if step.kind != StepKind.QUIZ:
        raise Refusal(_("Phần này là bài học, không phải bài kiểm tra."), code="not_a_quiz")
    if wrong := setting_problems(values):
        raise Refusal(" ".join(wrong), code="wrong_setting", fix=_("Sửa lại rồi lưu."))
    asked: dict[str, Any] = {
        "question_codes": list(question_codes),
        "draw": draw,
        "sections": [dict(one) for one in sections],
    }
    if problems := quiz_problems(bank=bank, purpose=purpose, **asked):
        raise Refusal(
            _("Bài kiểm tra «%(title)s» chưa làm được. %(problems)s")
            % {"title": step.title, "problems": " ".join(problems)},
            code="no_questions",
            fix=_("Thêm câu hỏi vào ngân hàng, hoặc giảm số câu của bài, rồi xuất bản lại."),
            problems=problems,
        )
    return Quiz.objects.update_or_create(step=step, defaults={"bank": bank, "purpose": purpose, **asked, **values})


def setting_problems(values: Mapping[str, Any]) -> list[str]:
    """Settings under which nobody could work, in words for the editor."""
    rules_of_thumb = [
        (not 0 <= values["pass_percent"] <= 100, _("Mức đạt phải từ 0 đến 100 %.")),
        (
            values["attempts_allowed"] is not None and values["attempts_allowed"] < 1,
            _("Số lần làm bài phải từ 1 trở lên, hoặc để trống nếu không giới hạn."),
        ),
        (
            values["time_limit_minutes"] is not None and values["time_limit_minutes"] < 1,
            _("Thời gian làm bài phải từ 1 phút trở lên, hoặc để trống nếu không giới hạn."),
        ),
        (values["wait_minutes"] < 0, _("Thời gian chờ giữa hai lần làm phải từ 0 phút trở lên.")),
        (
            bool(values["opens_at"] and values["closes_at"] and values["closes_at"] <= values["opens_at"]),
            _("Giờ đóng bài phải sau giờ mở bài."),
        ),
        (
            not 1 <= values["mastery_needed"] <= values["mastery_of"],
            _("Số câu cần đúng để thành thạo phải từ 1 đến số câu xét."),
        ),
        (values["mode"] not in Mode.values, _("Cách làm bài không có trong danh sách.")),
        (values["scoring"] not in Scoring.values, _("Cách tính điểm không có trong danh sách.")),
        (values["paging"] not in ("", *Paging.values), _("Cách chia trang không có trong danh sách.")),
        (not review_fits(values["review"]), _("Quy định xem kết quả không đúng.")),
    ]
    return [text for is_wrong, text in rules_of_thumb if is_wrong]


def review_fits(review: Any) -> bool:
    """Whether this says, for parts of the result, when they are shown."""
    return isinstance(review, Mapping) and set(review) <= set(rules.REVIEW) and set(review.values()) <= set(rules.WHEN)


@transaction.atomic
def accommodation_grant(
    *,
    quiz: Quiz,
    user: User,
    extra_minutes: int,
    extra_attempts: int,
    reason: str,
    actor: User,
    at: datetime | None = None,
) -> Accommodation:
    """Give one person more time or attempts at a quiz; a later grant replaces the earlier one. Audited.

    Refuses with ``nothing_granted`` or ``no_reason``. An attempt under way keeps its deadline.
    """
    _must_say_what_and_why(extra_minutes, extra_attempts, reason)
    before = Accommodation.objects.filter(quiz=quiz, user=user).first()
    granted, _made = Accommodation.objects.update_or_create(
        quiz=quiz,
        user=user,
        defaults={
            "extra_minutes": max(0, extra_minutes),
            "extra_attempts": max(0, extra_attempts),
            "reason": reason.strip()[:300],
            "granted_by": actor,
            "granted_at": at or timezone.now(),
        },
    )
    told = ("extra_minutes", "extra_attempts", "reason")
    audit.record(
        act="quiz_accommodate",
        actor=actor,
        subject=user,
        before={name: getattr(before, name) for name in told} if before else {},
        after={name: getattr(granted, name) for name in told},
        quiz=str(quiz.uuid),
    )
    return granted


def _must_say_what_and_why(extra_minutes: int, extra_attempts: int, reason: str) -> None:
    if not reason.strip():
        fix = _("Ghi lý do, ví dụ «người khuyết tật nhìn».")
        raise Refusal(_("Chưa ghi lý do."), code="no_reason", fix=fix, status=400)
    if extra_minutes <= 0 and extra_attempts <= 0:
        fix = _("Nhập số phút hoặc số lần.")
        raise Refusal(_("Chưa cho thêm phút hay lần làm bài nào."), code="nothing_granted", fix=fix, status=400)


def accommodations_reassign(*, kept: User, lost: User) -> int:
    """What a record that is merged was granted holds for the one that goes on, unless that was granted something of
    its own at the same quiz. Returns how many changed hands."""
    own = Accommodation.objects.filter(user=kept).values_list("quiz", flat=True)
    return Accommodation.objects.filter(user=lost).exclude(quiz__in=list(own)).update(user=kept)
