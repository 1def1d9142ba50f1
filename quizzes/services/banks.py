"""Banks and what is done with whole questions: kept apart by unit, moved, reviewed, put away."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q

from common import audit
from common.errors import Forbidden, Refusal
from common.text import fold, nfc, search_key, slug
from courses.models import Competence
from people import access
from people.models import Role, Unit, User
from quizzes.models import Answer, Bank, MediaFile, Question, QuestionState, QuestionVersion, Quiz, Tag
from quizzes.services.questions import versions_write

#: Who says that a question may be asked.
REVIEWING = frozenset({Role.CONTENT_REVIEWER, Role.PUBLISHER, Role.ADMINISTRATOR})
DRAFT, WAITING, APPROVED = QuestionState.DRAFT, QuestionState.WAITING, QuestionState.APPROVED
#: Which state may follow which, and whether only a reviewer may bring it about.
STEPS: dict[tuple[str, str], bool] = {
    (DRAFT, WAITING): False,
    (WAITING, DRAFT): False,
    (WAITING, APPROVED): True,
    (APPROVED, DRAFT): True,
}


# --- Who may --------------------------------------------------------------------------------------------------------
def can_read_bank(user: Any, bank: Bank) -> bool:
    """The same answer as ``Bank.objects.readable_by``."""
    return bool(Bank.objects.readable_by(user).filter(pk=bank.pk).exists())


def can_write_bank(user: Any, bank: Bank) -> bool:
    """The same answer as ``Bank.objects.writable_by``."""
    return bool(Bank.objects.writable_by(user).filter(pk=bank.pk).exists())


def bank_require(bank: Bank, actor: User | None, *, writing: bool = True) -> None:
    """Raise Forbidden (``bank_out_of_scope``) where the bank belongs to others; a command has no actor and may all."""
    if actor is None or (can_write_bank if writing else can_read_bank)(actor, bank):
        return
    holder = f"«{bank.owner.name}»" if bank.owner else "đơn vị khác"
    raise Forbidden(
        f"Ngân hàng «{bank.name}» thuộc {holder}; bạn {'chỉ xem được' if can_read_bank(actor, bank) else 'chưa xem được'}.",
        code="bank_out_of_scope",
        fix="Hãy hỏi biên tập viên của đơn vị đó, hoặc sao câu hỏi sang ngân hàng của bạn nếu xem được.",
    )


def may_review(user: Any, question: Question) -> bool:
    """Whether ``user`` may approve this question as it stands: a reviewer, and not of their own text."""
    return not _review_refusal(user, question)


def _review_refusal(user: Any, question: Question) -> Refusal | None:
    bank = question.bank
    held = user.is_superuser or access.scope_units(user, REVIEWING).filter(descendant=bank.owner_id).exists()
    if bank.owner_id is None and not held:
        held = bool(access.roles_of(user) & REVIEWING)
    if not held:
        return Forbidden(
            "Bạn không thẩm định câu hỏi của ngân hàng này.",
            code="not_reviewer",
            fix="Hãy gửi duyệt; người thẩm định nội dung sẽ xem.",
        )
    version = QuestionVersion.objects.filter(question=question, number=question.version).first()
    if bank.needs_review and version and version.made_by_id == user.pk:
        return Refusal("Không ai tự duyệt câu mình viết.", code="own_question", fix="Hãy nhờ người thẩm định khác.")
    return None


# --- Banks ----------------------------------------------------------------------------------------------------------
@transaction.atomic
def bank_save(
    *,
    bank: Bank | None = None,
    name: str,
    slug: str,
    parent: Bank | None = None,
    owner: Unit | None = None,
    is_shared: bool = False,
    needs_review: bool = False,
    actor: User | None = None,
) -> Bank:
    """Create or change a bank. Audited when its holder or its rules change.

    Refuses with ``bank_cycle`` (a bank below itself), ``bank_out_of_scope`` or ``owner_out_of_scope``.
    """
    if bank is not None:
        bank_require(bank, actor)
        # Two moves at once could close a ring that neither sees.
        list(Bank.objects.select_for_update().order_by("pk").values_list("pk"))
    if parent is not None and (bank is None or parent.pk != bank.parent_id):
        bank_require(parent, actor)
    _owner_check(bank, owner, actor)
    if bank is not None and parent is not None and bank.pk in {one.pk for one in bank_path(parent)}:
        raise Refusal(
            f"«{parent.name}» nằm trong «{bank.name}» nên không thể chứa nó.",
            code="bank_cycle",
            fix="Chọn ngân hàng khác, hoặc để trống.",
        )
    changed = bank or Bank()
    told = ("slug", "name", "parent_id", "owner_id", "is_shared", "needs_review")
    before = {one: getattr(changed, one) for one in told} if bank else {}
    changed.name, changed.slug, changed.parent, changed.owner = nfc(name), slug, parent, owner
    changed.is_shared, changed.needs_review = is_shared, needs_review
    changed.save()
    after = {one: getattr(changed, one) for one in told}
    if actor and before != after:
        act = "bank_change" if bank else "bank_add"
        audit.record(actor=actor, act=act, subject=changed, unit=owner, before=before, after=after)
    return changed


def _owner_check(bank: Bank | None, owner: Unit | None, actor: User | None) -> None:
    """A bank is given to a unit only by its editors; the province's is everybody's already."""
    if actor is None or actor.is_superuser or owner is None or (bank is not None and bank.owner_id == owner.pk):
        return
    if not access.scope_units(actor, access.EDITING).filter(descendant=owner.pk).exists():
        raise Forbidden(
            f"Bạn không biên tập cho «{owner.name}».", code="owner_out_of_scope", fix="Chọn đơn vị của bạn."
        )


def bank_path(bank: Bank) -> list[Bank]:
    """The bank and those above it, itself first; ends even where a ring was made by other means."""
    found: list[Bank] = []
    step: Bank | None = bank
    while step is not None and step not in found:
        found.append(step)
        step = step.parent
    return found


@transaction.atomic
def bank_delete(*, bank: Bank, actor: User) -> None:
    """Delete an empty bank. Refuses with ``bank_used`` while it holds something or a quiz asks from it."""
    bank_require(bank, actor)
    reasons = []
    if count := bank.questions.count():
        reasons.append(f"còn {count} câu hỏi")
    if bank.children.exists():
        reasons.append("còn ngân hàng con")
    if Quiz.objects.filter(bank=bank).exists() or any(_sections_name(quiz, bank) for quiz in _sectioned()):
        reasons.append("có bài kiểm tra đang dùng")
    if reasons:
        raise Refusal(
            f"Chưa xoá được ngân hàng «{bank.name}»: {', '.join(reasons)}.",
            code="bank_used",
            fix="Chuyển câu hỏi sang ngân hàng khác và đổi ngân hàng ở các bài trước.",
        )
    audit.record(actor=actor, act="bank_delete", subject=bank, unit=bank.owner, before={"slug": bank.slug})
    media = list(bank.media_files.all())
    bank.media_files.all().delete()
    bank.delete()
    transaction.on_commit(lambda: [one.file.delete(save=False) for one in media])


def _sectioned() -> Iterable[Quiz]:
    return Quiz.objects.exclude(sections=[]).only("sections", "bank", "step")


def _sections_name(quiz: Quiz, bank: Bank) -> bool:
    return any(section.get("bank") == bank.slug for section in quiz.sections)


# --- Files and labels -----------------------------------------------------------------------------------------------
@transaction.atomic
def media_keep(
    *, bank: Bank, name: str, mime: str, data: bytes, size: tuple[int, int] | None = None, actor: User | None = None
) -> MediaFile:
    """Keep the bytes of a picture or sound that was judged already; the same bytes are kept once in a bank.

    ``size`` is width and height in pixels.
    """
    bank_require(bank, actor)
    digest = hashlib.sha256(data).hexdigest()
    if known := MediaFile.objects.filter(bank=bank, sha256=digest).first():
        return known
    stem, _, ending = name.rpartition(".")
    width, height = size or (None, None)
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


def tags_ensure(names: Iterable[str]) -> list[Tag]:
    """Tags of these words, made where there is none; words that differ in capitals or accents alone are one tag."""
    wanted: dict[str, str] = {}
    for name in names:
        tidy = nfc(name)
        if key := slug(tidy)[:60]:
            wanted.setdefault(key, tidy)
    known = {tag.slug: tag for tag in Tag.objects.filter(slug__in=wanted)}
    for key, name in wanted.items():
        if key not in known:
            known[key], _ = Tag.objects.get_or_create(slug=key, defaults={"name": name[:60]})
    return [known[key] for key in wanted]


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
    made.state = DRAFT if to.needs_review else APPROVED
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
        _refuse_used(question, "chuyển", named)
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
        question.state = DRAFT
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
                size = (one.width, one.height) if one.width and one.height else None
                kept = media_keep(bank=to, name=one.name, mime=one.mime, data=file.read(), size=size, actor=actor)
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


def _refuse_used(question: Question, act: str, quizzes: Sequence[Quiz]) -> None:
    named = ", ".join(f"«{quiz.step.title}» ({quiz.step.course.title})" for quiz in quizzes[:3])
    raise Refusal(
        f"Chưa {act} được câu {question.code}: đang dùng ở {named}{' và bài khác' if quizzes[3:] else ''}.",
        code="question_used",
        fix="Sửa các bài đó trước, hoặc sao câu hỏi thay vì chuyển.",
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
        _refuse_used(question, "xoá", named)
    if Answer.objects.filter(question=question).exists() or asked_in_open(question) or question.regrades.exists():
        raise Refusal(
            f"Chưa xoá được câu {question.code}: đã có người làm câu này.",
            code="question_used",
            fix="Hãy cất câu đi: câu không ra trong bài mới, kết quả cũ vẫn còn.",
        )
    audit.record(
        actor=actor, act="question_delete", subject=question, unit=question.bank.owner, before={"code": question.code}
    )
    # Versions are append-only so that attempts can be explained; of a question that nobody met there is nothing to explain.
    versions = QuestionVersion.objects.filter(question=question)
    versions._raw_delete(versions.db)
    question.tags.clear()
    question.competences.clear()
    question.delete()


def asked_in_open(question: Question) -> int:
    """How many attempts that are not graded yet ask this question."""
    from quizzes.models import Attempt

    open_ones = Attempt.objects.filter(state__in=["open", "submitted"], quiz__in=_drawing_from(question.bank))
    return sum(any(item["question"] == question.pk for item in paper) for paper in open_ones.values_list("paper", flat=True))


def _drawing_from(bank: Bank) -> list[int]:
    """Ids of the quizzes that may ask from the bank."""
    own = list(Quiz.objects.filter(bank=bank).values_list("pk", flat=True))
    return own + [quiz.pk for quiz in _sectioned() if _sections_name(quiz, bank)]


# --- Review ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def question_review(*, question: Question, state: str, actor: User, note: str = "") -> Question:
    """Take a question one step through its review; see ``STEPS``. Audited.

    Refuses with ``wrong_step``, ``not_reviewer`` or ``own_question``; Forbidden where the bank belongs to others.
    """
    question = Question.objects.select_for_update(of=("self",)).select_related("bank__owner").get(pk=question.pk)
    needs_reviewer = STEPS.get((question.state, state))
    if needs_reviewer is None:
        raise Refusal(
            f"Câu này đang ở trạng thái «{question.get_state_display()}» nên chưa làm được bước này.",
            code="wrong_step",
            fix="Tải lại trang để xem trạng thái hiện nay.",
        )
    if needs_reviewer:
        if refused := _review_refusal(actor, question):
            raise refused
    elif not can_write_bank(actor, question.bank) and _review_refusal(actor, question):
        bank_require(question.bank, actor)
    before, question.state = question.state, state
    question.save(update_fields=["state"])
    audit.record(
        actor=actor,
        act="question_review",
        subject=question,
        unit=question.bank.owner,
        before={"state": before},
        after={"state": state},
        version=question.version,
        note=nfc(note)[:500],
    )
    return question


# --- Finding --------------------------------------------------------------------------------------------------------
def questions_saying(questions: Any, words: str) -> Any:
    """Those whose code or text holds every word, accents and capitals aside."""
    wanted = search_key(words).split()
    if not wanted:
        return questions
    found = [
        pk
        for pk, code, text in questions.values_list("pk", "code", "text")
        if all(word in f"{search_key(text)} {fold(code)}" for word in wanted)
    ]
    return questions.filter(pk__in=found)


def duplicates_in(banks: Any) -> list[list[Question]]:
    """Questions in use that ask the same, across these banks: groups of two and more."""
    from django.db.models import Count

    found = Question.objects.filter(bank__in=banks, is_active=True).exclude(fingerprint="")
    prints = found.values("fingerprint").annotate(n=Count("pk")).filter(n__gt=1).values("fingerprint")
    groups: dict[str, list[Question]] = {}
    for question in found.filter(fingerprint__in=prints).select_related("bank").order_by("fingerprint", "pk"):
        groups.setdefault(question.fingerprint, []).append(question)
    return list(groups.values())
