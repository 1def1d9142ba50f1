"""Banks: whose they are, where they stand, who approves their questions."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import audit
from common.errors import Forbidden, Refusal
from common.text import fold, nfc, search_key
from people import access
from people.models import Role, Unit, User
from quizzes.models import Bank, MediaFile, Question, QuestionState, QuestionVersion, Quiz

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
    said = _("Ngân hàng «%(bank)s» thuộc %(holder)s; bạn chưa xem được.")
    if can_read_bank(actor, bank):
        said = _("Ngân hàng «%(bank)s» thuộc %(holder)s; bạn chỉ xem được.")
    holder = _("«%(name)s»") % {"name": bank.owner.name} if bank.owner else _("đơn vị khác")
    raise Forbidden(
        said % {"bank": bank.name, "holder": holder},
        code="bank_out_of_scope",
        fix=_("Hãy hỏi biên tập viên của đơn vị đó, hoặc sao câu hỏi sang ngân hàng của bạn nếu xem được."),
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
            _("Bạn không thẩm định câu hỏi của ngân hàng này."),
            code="not_reviewer",
            fix=_("Hãy gửi duyệt; người thẩm định nội dung sẽ xem."),
        )
    version = QuestionVersion.objects.filter(question=question, number=question.version).first()
    if bank.needs_review and version and version.made_by_id == user.pk:
        return Refusal(
            _("Không ai tự duyệt câu mình viết."), code="own_question", fix=_("Hãy nhờ người thẩm định khác.")
        )
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
            _("«%(parent)s» nằm trong «%(bank)s» nên không thể chứa nó.") % {"parent": parent.name, "bank": bank.name},
            code="bank_cycle",
            fix=_("Chọn ngân hàng khác, hoặc để trống."),
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
            _("Bạn không biên tập cho «%(unit)s».") % {"unit": owner.name},
            code="owner_out_of_scope",
            fix=_("Chọn đơn vị của bạn."),
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
        reasons.append(ngettext("còn %(count)s câu hỏi", "còn %(count)s câu hỏi", count) % {"count": count})
    if bank.children.exists():
        reasons.append(_("còn ngân hàng con"))
    if asking_from(bank):
        reasons.append(_("có bài kiểm tra đang dùng"))
    if reasons:
        raise Refusal(
            _("Chưa xoá được ngân hàng «%(bank)s»: %(reasons)s.") % {"bank": bank.name, "reasons": ", ".join(reasons)},
            code="bank_used",
            fix=_("Chuyển câu hỏi sang ngân hàng khác và đổi ngân hàng ở các bài trước."),
        )
    audit.record(actor=actor, act="bank_delete", subject=bank, unit=bank.owner, before={"slug": bank.slug})
    media = list(bank.media_files.all())
    bank.media_files.all().delete()
    bank.delete()
    transaction.on_commit(lambda: _files_delete(media))


def _files_delete(media: list[MediaFile]) -> None:
    for one in media:
        one.file.delete(save=False)


def asking_from(bank: Bank) -> list[int]:
    """Ids of the quizzes that may ask from the bank, as a whole or in one of their sections."""
    own = set(Quiz.objects.filter(bank=bank).values_list("pk", flat=True))
    sectioned = Quiz.objects.exclude(sections=[]).only("sections")
    return sorted(own | {quiz.pk for quiz in sectioned if any(s.get("bank") == bank.slug for s in quiz.sections)})


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
            _("Câu này đang ở trạng thái «%(state)s» nên chưa làm được bước này.")
            % {"state": question.get_state_display()},
            code="wrong_step",
            fix=_("Tải lại trang để xem trạng thái hiện nay."),
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
    found = Question.objects.filter(bank__in=banks, is_active=True).exclude(fingerprint="")
    prints = found.values("fingerprint").annotate(n=Count("pk")).filter(n__gt=1).values("fingerprint")
    groups: dict[str, list[Question]] = {}
    for question in found.filter(fingerprint__in=prints).select_related("bank").order_by("fingerprint", "pk"):
        groups.setdefault(question.fingerprint, []).append(question)
    return list(groups.values())
