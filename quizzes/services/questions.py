"""Questions as editors and course files write them: checked, stored in one form, versioned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import DataError, Refusal
from common.text import nfc
from common.text import slug as plain
from courses.models import Topic
from people.models import User
from quizzes.kinds import Problem
from quizzes.models import CONTENT_FIELDS, Bank, Question, QuestionState, QuestionVersion, Tag
from quizzes.questions import content_normal, content_problems, fingerprint

#: What a question is drawn by; a change here is no new version.
STEERING_FIELDS = ("topic_id", "difficulty", "in_final", "is_active", "state")
ENTRY_FIELDS = {*CONTENT_FIELDS, "code", "topic", "difficulty", "final", "tags"}


def question_problems(content: Mapping[str, Any], difficulty: Any = 1) -> list[Problem]:
    """What keeps a question from being kept, field by field; empty when nothing does."""
    wrong = isinstance(difficulty, bool) or difficulty not in (1, 2, 3)
    return content_problems(content) + ([("difficulty", _("phải là 1, 2 hoặc 3"))] if wrong else [])


@transaction.atomic
def question_save(
    *,
    bank: Bank,
    code: str,
    content: Mapping[str, Any],
    topic: Topic | None = None,
    difficulty: int = 1,
    in_final: bool = True,
    is_active: bool = True,
    state: str | None = None,
    actor: User | None = None,
) -> tuple[Question, bool]:
    """Create or change a question; ``version`` grows when its content changed. Returns (question, created).

    ``state`` None: a new question of a bank that needs review begins as a draft, a changed one goes back there. Tags
    and competences are the caller's to set. Refuses with ``wrong_question`` (``detail["problems"]``: field, what).
    """
    if problems := question_problems(content, difficulty):
        raise Refusal(
            _("Câu hỏi %(code)s chưa dùng được: %(problems)s.")
            % {"code": code, "problems": "; ".join(text for _field, text in problems)},
            code="wrong_question",
            fix=_("Sửa lại câu hỏi rồi lưu."),
            problems=problems,
        )
    values = question_values(
        content, topic_id=topic.pk if topic else None, difficulty=difficulty, in_final=in_final, is_active=is_active
    )
    question = Question.objects.select_for_update().filter(bank=bank, code=code).first()
    created = question is None
    question = question or Question(bank=bank, code=code)
    before = {} if created else question.content
    fresh = created or before != {name: values[name] for name in CONTENT_FIELDS}
    unapproved = QuestionState.DRAFT if bank.needs_review and fresh else question.state
    changed = question_apply(question, {**values, "state": state or unapproved})
    if created or changed:
        question.save()
    if fresh:
        versions_write([question], actor=actor)
    return question, created


def question_values(content: Mapping[str, Any], **steering: Any) -> dict[str, Any]:
    """The stored form of a question's fields."""
    normal = content_normal(content)
    return {**normal, "fingerprint": fingerprint(normal), **steering}


def question_apply(question: Question, values: Mapping[str, Any]) -> bool:
    """Put the values on a question, with a new version if its content changed; say whether anything did."""
    changed = {name for name, value in values.items() if getattr(question, name) != value}
    for name in changed:
        setattr(question, name, values[name])
    if question.pk and changed & set(CONTENT_FIELDS):
        question.version += 1
    return bool(changed)


def versions_write(questions: Iterable[Question], *, actor: User | None = None) -> None:
    """Keep the present content of questions under their present version."""
    QuestionVersion.objects.bulk_create(
        [QuestionVersion(question=q, number=q.version, content=q.content, made_by=actor) for q in questions],
        batch_size=500,
        ignore_conflicts=True,
    )


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
    report = questions_write(bank=bank, wanted=wanted)
    tags_write(bank=bank, words={entry["code"]: entry["tags"] for entry in entries if entry.get("tags")})
    return report


def tags_write(*, bank: Bank, words: Mapping[str, Iterable[str]]) -> None:
    """Add tags, as words by the code of the question; those that are there stay."""
    keyed = {code: {plain(nfc(word)) for word in given} for code, given in words.items()}
    tags = {tag.slug: tag.pk for tag in tags_ensure(word for given in words.values() for word in given)}
    questions = dict(bank.questions.filter(code__in=keyed).values_list("code", "pk"))
    through = Question.tags.through
    rows = {(questions[code], tags[key]) for code, keys in keyed.items() for key in keys if key in tags}
    links = [through(question_id=question, tag_id=tag) for question, tag in sorted(rows)]
    through.objects.bulk_create(links, batch_size=500, ignore_conflicts=True)


def tags_ensure(names: Iterable[str]) -> list[Tag]:
    """Tags of these words, made where there is none; words that differ in capitals or accents alone are one tag."""
    wanted: dict[str, str] = {}
    for name in names:
        tidy = nfc(name)
        if key := plain(tidy):
            wanted.setdefault(key, tidy)
    known = {tag.slug: tag for tag in Tag.objects.filter(slug__in=wanted)}
    for key, name in wanted.items():
        if key not in known:
            known[key], _ = Tag.objects.get_or_create(slug=key, defaults={"name": name[:60]})
    return [known[key] for key in wanted]


def questions_write(*, bank: Bank, wanted: Mapping[str, Mapping[str, Any]], actor: User | None = None) -> BankReport:
    """Write the values of many questions by code (see ``question_values``), each with its version; in one transaction
    that the caller has begun."""
    present = {q.code: q for q in Question.objects.select_for_update().filter(bank=bank, code__in=wanted)}
    new, changed, fresh = [], [], []
    for code, values in wanted.items():
        if code not in present:
            new.append(Question(bank=bank, code=code, **values))
            continue
        version = present[code].version
        if question_apply(present[code], values):
            changed.append(present[code])
            fresh += [present[code]] if present[code].version != version else []
    Question.objects.bulk_create(new, batch_size=500)
    fields = [*CONTENT_FIELDS, "topic", "difficulty", "in_final", "is_active", "state", "version", "fingerprint"]
    Question.objects.bulk_update(changed, fields, batch_size=200)
    versions_write([*new, *fresh], actor=actor)
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
    problems = question_problems(entry, entry.get("difficulty", 1))
    topic = entry.get("topic")
    if topic and topic not in topics:
        problems.append(("topic", f"không có chủ đề nào mang mã {topic}"))
    if not isinstance(entry.get("final", True), bool):
        problems.append(("final", "phải là true hoặc false"))
    tags = entry.get("tags") or []
    if not isinstance(tags, Sequence) or isinstance(tags, str) or not all(isinstance(one, str) for one in tags):
        problems.append(("tags", "phải là danh sách chữ"))
    problems += [(str(name), "không có trường này") for name in entry if name not in ENTRY_FIELDS]
    if problems:
        raise DataError(file, where, *problems[0])
    # A file says what its options are by their order; keys are ours to give.
    options = [{name: value for name, value in o.items() if name != "key"} for o in entry.get("options") or ()]
    return question_values(
        {**entry, "options": options},
        topic_id=topics[topic] if topic else None,
        difficulty=entry.get("difficulty", 1),
        in_final=entry.get("final", True),
        is_active=True,
    )
