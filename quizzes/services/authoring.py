"""Banks, questions and quizzes as editors and course files make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from common.errors import DataError, Refusal
from common.text import nfc
from courses.models import Step, StepKind, Topic
from quizzes.models import Bank, Purpose, Question, Quiz
from quizzes.questions import options_normal, question_problems

#: What a learner reads. A change here makes a new version of the question; the rest only steers the draw.
CONTENT_FIELDS = ("kind", "text", "options", "explanation")
STEERING_FIELDS = ("topic_id", "difficulty", "in_final", "is_active")
ENTRY_FIELDS = {"code", "kind", "topic", "difficulty", "final", "text", "options", "explanation"}


def quiz_problems(*, bank: Bank | None, purpose: str, question_codes: Sequence[str] = (), draw: int = 10) -> list[str]:
    """Why a quiz could not be asked, in Vietnamese, for the editor; empty when it could."""
    if bank is None:
        return ["Chưa chọn ngân hàng câu hỏi."]
    found = set(
        Question.objects.for_quiz(bank=bank, purpose=purpose, question_codes=question_codes).values_list(
            "code", flat=True
        )
    )
    if question_codes:
        problems = []
        if repeated := sorted({code for code in question_codes if question_codes.count(code) > 1}):
            problems.append(f"Câu hỏi được ghi hai lần: {', '.join(repeated)}.")
        if missing := [code for code in question_codes if code not in found]:
            problems.append(f"Ngân hàng «{bank.name}» không có câu hỏi đang dùng với mã: {', '.join(missing)}.")
        return problems
    if draw < 1:
        return ["Số câu hỏi mỗi lần làm phải từ 1 trở lên."]
    if len(found) < draw:
        where = " dùng cho bài cuối khoá" if purpose == Purpose.FINAL else ""
        return [f"Ngân hàng «{bank.name}» chỉ có {len(found)} câu hỏi{where}, mà mỗi lần làm cần {draw} câu."]
    return []


@transaction.atomic
def quiz_save(
    *,
    step: Step,
    bank: Bank,
    purpose: str = Purpose.FINAL,
    question_codes: Sequence[str] = (),
    draw: int = 10,
    pass_percent: int = 80,
    attempts_allowed: int | None = None,
    time_limit_minutes: int | None = None,
    shuffle_options: bool = True,
) -> tuple[Quiz, bool]:
    """Create or update the quiz of a step; attempts under way keep what they were given. Returns (quiz, created).

    Refuses with ``not_a_quiz``, ``no_questions`` (the reasons are in ``detail["problems"]``) or ``wrong_setting``.
    A pass mark of 0 makes a self-check that is done once it is handed in.
    """
    if step.kind != StepKind.QUIZ:
        raise Refusal("Phần này là bài học, không phải bài kiểm tra.", code="not_a_quiz")
    _require_settings(pass_percent, attempts_allowed, time_limit_minutes)
    if problems := quiz_problems(bank=bank, purpose=purpose, question_codes=question_codes, draw=draw):
        raise Refusal(
            f"Bài kiểm tra «{step.title}» chưa làm được. {' '.join(problems)}",
            code="no_questions",
            fix="Thêm câu hỏi vào ngân hàng, hoặc giảm số câu của bài, rồi xuất bản lại.",
            problems=problems,
        )
    return Quiz.objects.update_or_create(
        step=step,
        defaults={
            "bank": bank,
            "purpose": purpose,
            "question_codes": list(question_codes),
            "draw": draw,
            "pass_percent": pass_percent,
            "attempts_allowed": attempts_allowed,
            "time_limit_minutes": time_limit_minutes,
            "shuffle_options": shuffle_options,
        },
    )


def _require_settings(pass_percent: int, attempts_allowed: int | None, time_limit_minutes: int | None) -> None:
    """Refuse settings under which nobody could work."""
    wrong = ""
    if not 0 <= pass_percent <= 100:
        wrong = "Mức đạt phải từ 0 đến 100 %."
    elif attempts_allowed is not None and attempts_allowed < 1:
        wrong = "Số lần làm bài phải từ 1 trở lên, hoặc để trống nếu không giới hạn."
    elif time_limit_minutes is not None and time_limit_minutes < 1:
        wrong = "Thời gian làm bài phải từ 1 phút trở lên, hoặc để trống nếu không giới hạn."
    if wrong:
        raise Refusal(wrong, code="wrong_setting", fix="Sửa lại rồi lưu.")


@transaction.atomic
def question_save(
    *,
    bank: Bank,
    code: str,
    kind: str,
    text: str,
    options: Sequence[Mapping[str, Any]],
    explanation: str = "",
    topic: Topic | None = None,
    difficulty: int = 1,
    in_final: bool = True,
    is_active: bool = True,
) -> tuple[Question, bool]:
    """Create or change a question; ``version`` grows when what learners read changed. Returns (question, created).

    Refuses with ``wrong_question``; ``detail["problems"]`` lists (field, what is wrong).
    """
    problems = question_problems(kind=kind, text=text, options=options, difficulty=difficulty, explanation=explanation)
    if problems:
        raise Refusal(
            f"Câu hỏi {code} chưa dùng được: {'; '.join(text for _, text in problems)}.",
            code="wrong_question",
            fix="Sửa lại câu hỏi rồi lưu.",
            problems=problems,
        )
    values = _question_values(
        kind=kind, text=text, options=options, explanation=explanation, topic_id=topic.pk if topic else None,
        difficulty=difficulty, in_final=in_final, is_active=is_active,
    )  # fmt: skip
    question = Question.objects.select_for_update().filter(bank=bank, code=code).first()
    created = question is None
    question = question or Question(bank=bank, code=code)
    if created or _question_apply(question, values):
        for name, value in values.items():
            setattr(question, name, value)
        question.save()
    return question, created


def _question_values(
    *, text: str, options: Sequence[Mapping[str, Any]], explanation: str, **rest: Any
) -> dict[str, Any]:
    """The stored form of a question's fields."""
    return {"text": nfc(text), "options": options_normal(options), "explanation": nfc(explanation), **rest}


def _question_apply(question: Question, values: Mapping[str, Any]) -> bool:
    """Put the values on an existing question, with a new version if its content changed; say whether anything did."""
    changed = {name for name in (*CONTENT_FIELDS, *STEERING_FIELDS) if getattr(question, name) != values[name]}
    for name in changed:
        setattr(question, name, values[name])
    if changed & set(CONTENT_FIELDS):
        question.version += 1
    return bool(changed)


@dataclass(frozen=True)
class BankReport:
    """What loading a bank did."""

    created: int
    updated: int
    unchanged: int


@transaction.atomic
def bank_load(*, slug: str, name: str, entries: Sequence[Mapping[str, Any]], file: str = "course.yaml") -> BankReport:
    """Load the ``bank:`` entries of a course file. Idempotent; questions that the file does not name stay as they are.

    Raises DataError naming entry and field; then nothing was saved.
    """
    topics = dict(Topic.objects.values_list("code", "pk"))
    wanted = _entries_checked(entries, topics, file)
    bank, _ = Bank.objects.update_or_create(slug=slug, defaults={"name": name})
    present = {question.code: question for question in Question.objects.select_for_update().filter(bank=bank)}
    new, changed = [], []
    for code, values in wanted.items():
        if code not in present:
            new.append(Question(bank=bank, code=code, **values))
        elif _question_apply(present[code], values):
            changed.append(present[code])
    Question.objects.bulk_create(new)
    Question.objects.bulk_update(changed, [*CONTENT_FIELDS, "topic", "difficulty", "in_final", "is_active", "version"])
    return BankReport(created=len(new), updated=len(changed), unchanged=len(wanted) - len(new) - len(changed))


def _entries_checked(
    entries: Sequence[Mapping[str, Any]], topics: Mapping[str, int], file: str
) -> dict[str, dict[str, Any]]:
    """The values of every entry by code, or DataError at the first wrong field."""
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        raise DataError(file, "bank", "bank", "phải là danh sách câu hỏi")
    wanted: dict[str, dict[str, Any]] = {}
    for place, entry in enumerate(entries, start=1):
        if not isinstance(entry, Mapping):
            raise DataError(file, f"câu thứ {place}", "bank", "phải có dạng code, kind, text, options")
        code = entry.get("code")
        if not isinstance(code, str) or not 1 <= len(code.strip()) <= 60:
            raise DataError(file, f"câu thứ {place}", "code", "chưa có mã, hoặc mã dài hơn 60 ký tự")
        if code in wanted:
            raise DataError(file, f"câu {code}", "code", "mã này đã có ở trên")
        wanted[code] = _entry_values(entry, topics, file, f"câu {code}")
    return wanted


def _entry_values(entry: Mapping[str, Any], topics: Mapping[str, int], file: str, where: str) -> dict[str, Any]:
    """The values of one entry, or DataError at its first wrong field."""
    problems = question_problems(
        kind=entry.get("kind"), text=entry.get("text"), options=entry.get("options"),
        difficulty=entry.get("difficulty", 1), explanation=entry.get("explanation") or "",
    )  # fmt: skip
    topic = entry.get("topic")
    if topic and topic not in topics:
        problems.append(("topic", f"không có chủ đề nào mang mã {topic}"))
    if not isinstance(entry.get("final", True), bool):
        problems.append(("final", "phải là true hoặc false"))
    problems += [(str(name), "không có trường này") for name in entry if name not in ENTRY_FIELDS]
    if problems:
        raise DataError(file, where, *problems[0])
    # A file says what its options are by their order; keys are ours to give.
    options = [{key: value for key, value in option.items() if key != "key"} for option in entry["options"]]
    return _question_values(
        kind=entry["kind"], text=entry["text"], options=options, explanation=entry.get("explanation") or "",
        topic_id=topics[topic] if topic else None, difficulty=entry.get("difficulty", 1),
        in_final=entry.get("final", True), is_active=True,
    )  # fmt: skip
