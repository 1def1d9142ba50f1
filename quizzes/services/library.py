"""Whole questions: their files and labels, put into another bank, put away, taken out."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from PIL import Image

from common import audit
from common.errors import Refusal
from common.text import nfc, slug
from courses.models import Competence
from people.models import User
from quizzes.models import Answer, Attempt, Bank, MediaFile, Question, QuestionState, QuestionVersion, Quiz
from quizzes.services.banks import asking_from, bank_require
from quizzes.services.questions import tags_ensure, versions_write


# --- Files and labels -----------------------------------------------------------------------------------------------
@transaction.atomic
def media_keep(*, bank: Bank, name: str, mime: str, data: bytes, actor: User | None = None) -> MediaFile:
    """Keep the bytes of a picture or sound that was judged already; the same bytes are kept once in a bank."""
    bank_require(bank, actor)
    digest = hashlib.sha256(data).hexdigest()
    if known := MediaFile.objects.filter(bank=bank, sha256=digest).first():
        return known
    stem, _, ending = name.rpartition(".")
    width, height = _pixels(data) if mime.startswith("image/") else (None, None)
    kept = MediaFile(
        bank=bank,
        name=nfc(name)[-120:],
        mime=mime,
        size=len(data),
        width=width,
        height=height,
        sha256=digest,
    )
    # The name that people gave stays in the table; the one on the disk is plain.
    kept.file.save(f"{slug(stem)[:60] or 'tep'}.{ending.lower()}", ContentFile(data), save=False)
    kept.save()
    return kept


def _pixels(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data)) as picture:
        return picture.size


def question_label(*, question: Question, tags: Iterable[str], competences: Iterable[Competence] | None = None) -> None:
    """Set the tags, and the competences where they are given. No new version: they steer, nobody reads them."""
    question.tags.set(tags_ensure(tags))
    if competences is not None:
        question.competences.set(competences)


# --- Whole questions ------------------------------------------------------------------------------------------------
def free_code(bank: Bank, wanted: str) -> str:
    """The code, or the code with a number behind where the bank has it already."""
    taken = set(bank.questions.values_list("code", flat=True))
    code, number = wanted, 1
    while code in taken:
        number += 1
        code = f"{wanted[:55]}-{number}"
    return code


@transaction.atomic
def question_copy(*, question: Question, to: Bank, actor: User) -> Question:
    """A new question of another bank that begins as this one stands, with its labels and its files.

    Needs a readable source and a writable goal. In a bank that needs review it begins as a draft.
    """
    bank_require(question.bank, actor, writing=False)
    bank_require(to, actor)
    made = Question(bank=to, code=free_code(to, question.code), topic=question.topic, fingerprint=question.fingerprint)
    for name, value in _content_in(question, to, actor).items():
        setattr(made, name, value)
    made.difficulty, made.in_final, made.is_active = question.difficulty, question.in_final, True
    made.state = QuestionState.DRAFT if to.needs_review else QuestionState.APPROVED
    made.save()
    made.tags.set(question.tags.all())
    made.competences.set(question.competences.all())
    versions_write([made], actor=actor)
    return made


@transaction.atomic
def question_move(*, question: Question, to: Bank, actor: User) -> Question:
    """Put a question into another bank under its code, or that with a number where it is taken.

    Refuses with ``question_used`` while a quiz names it by its code; both banks must be writable.
    """
    bank_require(question.bank, actor)
    bank_require(to, actor)
    if to.pk == question.bank_id:
        return question
    if named := quizzes_naming(question):
        _refuse_used(question, _("Chưa chuyển được câu %(code)s: đang dùng ở %(quizzes)s."), named)
    before = {"bank": question.bank.slug, "code": question.code}
    content = _content_in(question, to, actor)
    changed = content != question.content
    question.code = free_code(to, question.code)
    question.bank = to
    for name, value in content.items():
        setattr(question, name, value)
    if changed:
        question.version += 1
    if to.needs_review:
        question.state = QuestionState.DRAFT
    question.save()
    if changed:
        versions_write([question], actor=actor)
    after = {"bank": to.slug, "code": question.code}
    audit.record(actor=actor, act="question_move", subject=question, unit=to.owner, before=before, after=after)
    return question


def _content_in(question: Question, to: Bank, actor: User) -> dict[str, Any]:
    """The content with its files kept in the other bank: a bank that goes takes its files along."""
    content = question.content
    rows = media_rows(content)
    known = {str(one.uuid): one for one in MediaFile.objects.filter(uuid__in={row["file"] for row in rows})}
    names: dict[str, str] = {}
    for name, one in known.items():
        if one.bank_id != to.pk:
            with one.file.open("rb") as file:
                kept = media_keep(bank=to, name=one.name, mime=one.mime, data=file.read(), actor=actor)
            names[name] = str(kept.uuid)
    return media_renamed(content, names)


def media_rows(content: Any) -> list[dict[str, Any]]:
    """Every mention of a file anywhere in a content: its own media, and those of its options."""
    options = [row["media"] for row in content.get("options") or () if row.get("media")]
    return [row for row in [*(content.get("media") or ()), *options] if row.get("file")]


def media_renamed(content: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """The content with other names for its files."""

    def renamed(row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "file": names.get(row["file"], row["file"])}

    options = [{**o, "media": renamed(o["media"])} if o.get("media") else o for o in content["options"]]
    return {**content, "media": [renamed(row) for row in content["media"]], "options": options}


def quizzes_naming(question: Question) -> list[Quiz]:
    """Quizzes that ask this very question, by its code."""
    slugs = question.bank.slug
    found = []
    for quiz in Quiz.objects.filter(Q(bank=question.bank_id) | ~Q(sections=[])).select_related("step__course", "bank"):
        own = [{"codes": quiz.question_codes}] if not quiz.sections else quiz.sections
        if any(question.code in (s.get("codes") or ()) and (s.get("bank") or quiz.bank.slug) == slugs for s in own):
            found.append(quiz)
    return found


def _refuse_used(question: Question, said: str, quizzes: Sequence[Quiz]) -> None:
    named = ", ".join(f"«{quiz.step.title}» ({quiz.step.course.title})" for quiz in quizzes[:3])
    if quizzes[3:]:
        named = _("%(quizzes)s và bài khác") % {"quizzes": named}
    raise Refusal(
        said % {"code": question.code, "quizzes": named},
        code="question_used",
        fix=_("Sửa các bài đó trước, hoặc sao câu hỏi thay vì chuyển."),
    )


@transaction.atomic
def question_archive(*, question: Question, is_active: bool, actor: User) -> None:
    """Put a question away, or take it out again: put away it is asked in no new attempt, and nothing is lost."""
    bank_require(question.bank, actor)
    if question.is_active == is_active:
        return
    question.is_active = is_active
    question.save(update_fields=["is_active"])
    act = "question_restore" if is_active else "question_archive"
    audit.record(actor=actor, act=act, subject=question, unit=question.bank.owner, code=question.code)


@transaction.atomic
def question_delete(*, question: Question, actor: User) -> None:
    """Delete a question that was never asked. Refuses with ``question_used``: then it can be archived."""
    bank_require(question.bank, actor)
    if named := quizzes_naming(question):
        _refuse_used(question, _("Chưa xoá được câu %(code)s: đang dùng ở %(quizzes)s."), named)
    if Answer.objects.filter(question=question).exists() or asked_in_open(question) or question.regrades.exists():
        raise Refusal(
            _("Chưa xoá được câu %(code)s: đã có người làm câu này.") % {"code": question.code},
            code="question_used",
            fix=_("Hãy cất câu đi: câu không ra trong bài mới, kết quả cũ vẫn còn."),
        )
    audit.record(
        actor=actor, act="question_delete", subject=question, unit=question.bank.owner, before={"code": question.code}
    )
    # Versions are append-only so that attempts can be explained; of .
    versions = QuestionVersion.objects.filter(question=question)
    versions._raw_delete(versions.db)
    question.tags.clear()
    question.competences.clear()
    question.delete()


def asked_in_open(question: Question) -> int:
    """How many attempts that are not graded yet ask this question."""
    open_ones = Attempt.objects.filter(state__in=["open", "submitted"], quiz__in=asking_from(question.bank))
    papers = open_ones.values_list("paper", flat=True)
    return sum(any(item["question"] == question.pk for item in paper) for paper in papers)
