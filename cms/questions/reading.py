"""What the pages of questions show: kinds in words, where a question is used, what changed, what may be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cms.models import QuizPage
from cms.questions import pages
from people.models import User
from quizzes.kinds import KINDS, Kind
from quizzes.models import Answer, Attempt, Bank, Question, QuestionState, QuestionVersion
from quizzes.services.banks import may_review
from quizzes.services.library import asked_in_open

#: Each kind in one line for whoever has never written one.
EXPLAINED = {
    "single": gettext_noop("Có đúng một đáp án đúng trong vài đáp án. Dùng được cho hầu hết mọi việc."),
    "multiple": gettext_noop("Có từ hai đáp án đúng trở lên; tính tất cả hoặc tính từng phần."),
    "true_false": gettext_noop("Một câu khẳng định: đúng hay sai."),
    "short_text": gettext_noop("Người học gõ một từ hay một cụm từ; có thể bỏ qua chữ hoa và dấu."),
    "numeric": gettext_noop("Người học gõ một con số; có sai số và đơn vị."),
    "matching": gettext_noop("Mỗi dòng bên trái ghép với một vế bên phải."),
    "ordering": gettext_noop("Xếp các việc theo thứ tự đúng."),
    "blanks": gettext_noop("Một đoạn văn có chỗ trống để gõ hoặc chọn."),
    "hotspot": gettext_noop("Chỉ vào chỗ đúng trên một hình, ví dụ nút cần bấm."),
    "scenario": gettext_noop("Một tình huống với vài câu hỏi nối nhau."),
    "essay": gettext_noop("Người học viết đoạn văn; giảng viên chấm theo thang."),
}
#: Parts of a question in words, for what changed.
PARTS = {
    "kind": gettext_noop("loại câu"),
    "text": gettext_noop("nội dung câu hỏi"),
    "options": gettext_noop("các đáp án"),
    "settings": gettext_noop("đáp án và cách tính điểm"),
    "explanation": gettext_noop("giải thích"),
    "media": gettext_noop("hình, tiếng"),
    "source": gettext_noop("nguồn"),
}
LIVE, DRAFT = "live", "draft"


def kinds_explained() -> list[tuple[Kind, str]]:
    return [(kind, _(EXPLAINED[code])) for code, kind in KINDS.items()]


# --- Where it is used -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Use:
    """A quiz that asks, or may ask: in which of its sections, by name or by chance, live or in a draft."""

    page: QuizPage
    state: str
    how: str

    @property
    def course(self) -> str:
        return str(self.page.get_parent().title)


def _faces(page: QuizPage) -> list[tuple[str, QuizPage]]:
    """A page as learners meet it and as its newest draft has it, as far as there are both."""
    faces = [(LIVE, page)] if page.live else []
    if not page.live or page.has_unpublished_changes:
        faces.append((DRAFT, page.get_latest_revision_as_object()))
    return faces


def bank_uses(bank: Bank) -> list[Use]:
    """The quizzes that ask from a bank, also by one of their sections, also in drafts."""
    found = []
    for page in QuizPage.objects.order_by("path").select_related("latest_revision"):
        for state, face in _faces(page):
            numbers = [str(n) for n, s in enumerate(face.quiz_sections, start=1) if _bank_slug(face, s) == bank.slug]
            if face.quiz_sections and numbers:
                found.append(Use(page, state, _("phần %(numbers)s") % {"numbers": ", ".join(numbers)}))
            elif not face.quiz_sections and face.bank_id == bank.pk:
                found.append(Use(page, state, _("cả bài")))
    return found


def _bank_slug(page: QuizPage, section: dict[str, Any]) -> str:
    return str(section.get("bank") or (page.bank.slug if page.bank else ""))


def uses_of(question: Question) -> list[Use]:
    """The quizzes that name the question, or may draw it."""
    found = []
    for use in bank_uses(question.bank):
        face = dict(_faces(use.page))[use.state]
        sections = face.quiz_sections or [{"codes": face.codes}]
        for number, section in enumerate(sections, start=1):
            if face.quiz_sections and _bank_slug(face, section) != question.bank.slug:
                continue
            how = _how(question, section, face.purpose)
            if how:
                where = _("phần %(number)s: ") % {"number": number} if face.quiz_sections else ""
                found.append(Use(use.page, use.state, where + how))
    return found


def _how(question: Question, section: dict[str, Any], purpose: str) -> str:
    """How a section asks the question; empty when it cannot."""
    if section.get("codes"):
        return _("câu cố định") if question.code in section["codes"] else ""
    drawn = Question.objects.for_section(bank=question.bank_id, purpose=purpose, section=section)
    return _("có thể rút trúng") if drawn.filter(pk=question.pk).exists() else ""


def attempts_asking(question: Question) -> int:
    """How many attempts asked it: closed ones that have an answer row, and open ones."""
    closed = Answer.objects.filter(question=question).values("attempt").distinct().count()
    return closed + asked_in_open(question)


def attempts_from(bank: Bank) -> int:
    """How many attempts there were at quizzes of the bank."""
    return Attempt.objects.filter(quiz__bank=bank).count()


# --- What changed ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Change:
    """One part of a question before and after, in words."""

    part: str
    before: str
    after: str


@dataclass(frozen=True)
class VersionRow:
    version: QuestionVersion
    changes: list[Change]
    is_first: bool


def versions_of(question: Question) -> list[VersionRow]:
    """Newest first."""
    kept = list(question.versions.select_related("made_by").order_by("number"))
    rows = []
    for place, version in enumerate(kept):
        before = kept[place - 1].content if place else {}
        rows.append(VersionRow(version, changes_between(before, version.content) if place else [], not place))
    return rows[::-1]


def changes_between(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """The parts that differ, each as text."""
    return [
        Change(_(words), plain_words(before.get(part)), plain_words(after.get(part)))
        for part, words in PARTS.items()
        if before.get(part) != after.get(part)
    ]


#: Words for what settings and options hold.
NAMES = {
    "text": "",
    "left": gettext_noop("trái"),
    "right": gettext_noop("phải"),
    "correct": gettext_noop("đúng"),
    "feedback": gettext_noop("phản hồi"),
    "weight": gettext_noop("tỉ lệ điểm"),
    "value": gettext_noop("số"),
    "tolerance": gettext_noop("sai số"),
    "unit": gettext_noop("đơn vị"),
    "accepted": gettext_noop("chấp nhận"),
    "fallback": gettext_noop("phản hồi chung"),
    "pairs": gettext_noop("các cặp"),
    "choices": gettext_noop("các vế phải"),
    "credit": gettext_noop("cách tính điểm"),
    "gaps": gettext_noop("chỗ trống"),
    "parts": gettext_noop("các câu"),
    "kind": gettext_noop("loại"),
    "title": gettext_noop("tên"),
    "levels": gettext_noop("các mức"),
    "points": gettext_noop("điểm"),
    "rubric": gettext_noop("thang chấm"),
    "url": gettext_noop("đường dẫn"),
    "file": gettext_noop("tệp"),
    "alt": gettext_noop("mô tả"),
    "several": gettext_noop("chọn nhiều"),
    "options": gettext_noop("đáp án"),
    "explanation": gettext_noop("giải thích"),
    "fold_case": gettext_noop("không phân biệt hoa thường"),
    "fold_accents": gettext_noop("không phân biệt dấu"),
    "x": gettext_noop("trái"),
    "y": gettext_noop("trên"),
    "width": gettext_noop("rộng"),
    "height": gettext_noop("cao"),
    "least_words": gettext_noop("ít nhất"),
    "most_words": gettext_noop("nhiều nhất"),
    "media": gettext_noop("hình"),
}
VALUES = {"all": gettext_noop("tất cả"), "partial": gettext_noop("một phần")}


def plain_words(value: Any) -> str:
    """A part of a content in words, a line for each row."""
    if isinstance(value, dict):
        told = [(_(str(NAMES.get(name, name))), _short(name, one)) for name, one in value.items() if name != "key"]
        return "; ".join(f"{name}: {words}" if name else words for name, words in told if words)
    if isinstance(value, list):
        return "\n".join(plain_words(one) for one in value)
    return _short("", value)


def _short(name: str, value: Any) -> str:
    if name == "kind":
        return _(KINDS[value].label) if value in KINDS else str(value)
    if isinstance(value, bool):
        return _("có") if value else ""
    if isinstance(value, (dict, list)):
        return plain_words(value).replace("\n", " | ")
    if value in (None, ""):
        return ""
    return _(VALUES[str(value)]) if str(value) in VALUES else str(value)


# --- What may be done -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Action:
    """A button: what it sends and what it says; ``needs_note`` asks for a word of why."""

    value: str
    label: str
    needs_note: bool = False
    is_grave: bool = False


def actions_of(question: Question, user: User) -> list[Action]:
    """What this person may do with the whole question now."""
    writing, reviewing = pages.may_write(user, question.bank), may_review(user, question)
    found = []
    if question.state == QuestionState.DRAFT and writing:
        found.append(Action(QuestionState.WAITING, _("Gửi duyệt")))
    if question.state == QuestionState.WAITING and reviewing:
        found.append(Action(QuestionState.APPROVED, _("Duyệt")))
    if question.state == QuestionState.WAITING and (reviewing or writing):
        found.append(
            Action(QuestionState.DRAFT, _("Trả lại để sửa") if reviewing else _("Rút lại"), needs_note=reviewing)
        )
    if question.state == QuestionState.APPROVED and question.bank.needs_review and reviewing:
        found.append(Action(QuestionState.DRAFT, _("Rút duyệt"), needs_note=True))
    if writing:
        found.append(
            Action("cat", _("Cất câu này")) if question.is_active else Action("lay-lai", _("Đưa vào dùng lại"))
        )
        found.append(Action("xoa", _("Xoá hẳn"), is_grave=True))
    return found


# --- Banks ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class BankRow:
    bank: Bank
    depth: int
    is_writable: bool


def bank_tree(user: Any) -> list[BankRow]:
    """The banks that a person reads, each below the one to which it belongs, with counts of questions.

    A bank whose parent they do not read stands at the top.
    """
    used, waiting = Q(questions__is_active=True), Q(questions__state=QuestionState.WAITING, questions__is_active=True)
    banks = list(
        Bank.objects.readable_by(user)
        .select_related("owner")
        .annotate(
            in_use=Count("questions", filter=used), waiting=Count("questions", filter=waiting), total=Count("questions")
        )
    )
    writable = set(Bank.objects.writable_by(user).values_list("pk", flat=True)) if pages.writes(user) else set()
    known = {bank.pk for bank in banks}
    below: dict[int | None, list[Bank]] = {}
    for bank in banks:
        below.setdefault(bank.parent_id if bank.parent_id in known else None, []).append(bank)
    rows: list[BankRow] = []

    def walk(parent: int | None, depth: int) -> None:
        for bank in below.pop(parent, []):
            rows.append(BankRow(bank, depth, bank.pk in writable))
            walk(bank.pk, depth + 1)

    walk(None, 0)
    return rows
