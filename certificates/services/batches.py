"""Lists of certificates: proposed by one person, approved by another under a decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from typing import Any, Protocol

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from certificates.models import Batch, BatchItem, BatchState, Series
from certificates.rights import on_issuing_side
from certificates.services.decisions import checked_decision
from certificates.services.issuing import checked_reason, require_issuing_right, series_lock
from certificates.services.lists import batch_lock, batch_page, require_decided, require_open
from certificates.services.numbering import award_of, enqueue_numbering
from certificates.services.proposals import STANDING, Candidate, Proposal, proposal_for
from common import audit
from common.errors import Refusal
from common.text import nfc
from common.uploads import JPEG, PDF, PNG, plain_name, upload_kind
from courses.models import Completion, Course, LearningPath
from people import access
from people.models import Unit, User

#: Why a decision to issue cannot be older than that day.
APPROVED_AFTER = gettext_noop("ngày người cuối cùng trong danh sách hoàn thành khoá học")
#: What is said to whoever would check, or approve, their own list: that, and who can.
_CHECKS_OWN = (
    gettext_noop("Người lập danh sách không tự kiểm tra danh sách của mình."),
    gettext_noop("Nhờ một đầu mối hoặc người của đơn vị cấp giấy khác kiểm tra."),
)
_APPROVES_OWN = (
    gettext_noop("Người lập danh sách không tự duyệt danh sách của mình."),
    gettext_noop("Nhờ một người ký cấp chứng nhận khác duyệt."),
)
#: What the file of a decision may be.
DECISION_KINDS = (PDF, JPEG, PNG)
DECISION_MEGABYTES = 20


class HasPk(Protocol):
    """A completion, or a candidate of a proposal."""

    @property
    def pk(self) -> int: ...


@transaction.atomic
def batch_propose(
    *,
    proposer: User,
    series: Series,
    unit: Unit,
    title: str,
    completions: Iterable[HasPk],
    course: Course | None = None,
    learning_path: LearningPath | None = None,
) -> Batch:
    """Put a list of completions forward. Raises Refusal ``not_allowed``, ``automatic_series``, ``batch_empty``,
    ``not_eligible`` (with the names), or those of ``aim_of``."""
    _require_proposing(proposer, unit)
    # One list at a time in a series: two proposals of one moment must not both take the same person.
    if series.is_automatic or series_lock(pk=series.pk) is None:
        raise Refusal(
            _("Loại giấy này được cấp tự động, không cần lập danh sách."),
            code="automatic_series",
            fix=_("Chọn loại giấy cấp theo quyết định."),
        )
    proposal = proposal_for(series=series, unit=unit, course=course, learning_path=learning_path)
    wanted = _eligible(proposal, [completion.pk for completion in completions])
    batch = Batch.objects.create(
        series=series,
        course=course,
        learning_path=learning_path,
        unit=unit,
        title=nfc(title)[:200],
        proposed_by=proposer,
        proposed_at=timezone.now(),
    )
    BatchItem.objects.bulk_create([_listed(batch, one) for one in wanted], batch_size=400)
    audit.record(
        actor=proposer, act="batch_propose", subject=batch, unit=batch.unit, title=batch.title, people=len(wanted)
    )
    return batch


def _require_proposing(proposer: User, unit: Unit) -> None:
    if not access.can_propose_certificates(proposer, unit):
        raise Refusal(
            _("Bạn không có quyền đề nghị cấp chứng nhận cho %(unit)s.") % {"unit": unit.name},
            code="not_allowed",
            fix=_("Hãy nhờ đầu mối của đơn vị đó lập danh sách."),
            status=403,
        )


def _listed(batch: Batch, one: Candidate) -> BatchItem:
    """Somebody on a list, with what the paper is to say of them."""
    return BatchItem(
        batch=batch,
        completion_id=one.pk,
        holder_name=nfc(one.name),
        holder_birth_date=one.birth_date,
        hours=one.hours,
        score=one.score,
    )


def _eligible(proposal: Proposal, wanted: Sequence[int]) -> list[Candidate]:
    """The candidates behind the wanted completions, when all of them are eligible."""
    if not wanted:
        raise Refusal(
            _("Danh sách chưa có ai."), code="batch_empty", fix=_("Chọn khoá học và đơn vị đã có người hoàn thành.")
        )
    eligible = {one.pk: one for one in proposal.eligible}
    refused = [pk for pk in wanted if pk not in eligible]
    if refused:
        names = list(Completion.objects.filter(pk__in=refused[:5]).values_list("learner_name", flat=True))
        text = ngettext(
            "%(count)s người không đủ điều kiện: %(names)s.",
            "%(count)s người không đủ điều kiện: %(names)s.",
            len(refused),
        )
        raise Refusal(
            text % {"count": len(refused), "names": ", ".join(names)},
            code="not_eligible",
            fix=_("Lập lại danh sách từ trang đề nghị cấp."),
            names=names,
        )
    return [eligible[pk] for pk in wanted]


@transaction.atomic
def batch_check(*, batch: Batch, actor: User) -> tuple[Batch, bool]:
    """Say that a list was gone through: by the issuing side, or a second coordinator. Returns (batch, changed).

    Raises Refusal ``not_allowed``, ``four_eyes``, ``batch_closed`` or ``differences_undecided``.
    """
    batch = batch_lock(batch)
    if not (access.can_propose_certificates(actor, batch.unit) or on_issuing_side(actor, batch)):
        require_issuing_right(actor, batch.series.unit)
    require_open(batch)
    if batch.state == BatchState.CHECKED:
        return batch, False
    _require_second_person(batch, actor, _CHECKS_OWN)
    require_decided(batch)
    batch.state, batch.checked_by, batch.checked_at = BatchState.CHECKED, actor, timezone.now()
    batch.save(update_fields=["state", "checked_by", "checked_at"])
    audit.record(actor=actor, act="batch_check", subject=batch, unit=batch.unit, people=batch.items.listed().count())
    return batch, True


@transaction.atomic
def batch_approve(
    *, batch: Batch, approver: User, decision_number: str, decision_date: date, decision_file: Any = None
) -> tuple[Batch, bool]:
    """Approve a list by a decision. Returns (batch, approved now); numbering follows after commit, by a worker
    (``batch_number``), and the list can no longer be changed. ``decision_file``: an upload, PDF or picture.

    Raises Refusal ``four_eyes`` when the proposer approves, ``not_allowed``, ``no_signer``, ``batch_closed``
    (rejected), ``batch_empty``, ``differences_undecided``, those of ``upload_kind``, or one of the decision's:
    ``decision_missing``, ``decision_number_unclear``, ``decision_too_early`` (before somebody on the list had
    finished), ``decision_in_future``. Approving again issues nothing.
    """
    batch = batch_lock(batch)
    require_issuing_right(approver, batch.series.unit)
    if batch.state in (BatchState.APPROVED, BatchState.ISSUED):
        return batch, False
    require_open(batch)
    _require_second_person(batch, approver, _APPROVES_OWN)
    require_decided(batch)
    decision = checked_decision(
        decision_number, decision_date, earliest=batch_last_completed_on(batch=batch), because=APPROVED_AFTER
    )
    _require_signer(batch, batch.series)
    people = _people_to_issue(batch)
    batch.approved_by, batch.approved_at = approver, timezone.now()
    batch.decision_number, batch.decision_date = decision.number, decision.day
    batch.state = BatchState.APPROVED
    if decision_file:
        _decision_file_keep(batch, decision_file)
    batch.save()
    audit.record(
        actor=approver,
        act="batch_approve",
        subject=batch,
        unit=batch.unit,
        decision_number=decision.number,
        decision_date=decision_date.isoformat(),
        people=people,
    )
    transaction.on_commit(partial(enqueue_numbering, batch))
    return batch, True


def _decision_file_keep(batch: Batch, upload: Any) -> None:
    kind = upload_kind(upload, kinds=DECISION_KINDS, most_megabytes=DECISION_MEGABYTES)
    batch.decision_file.save(plain_name(upload.name, kind), upload, save=False)


def batch_last_completed_on(*, batch: Batch) -> date | None:
    """The day on which the last person of the list finished the course; no decision can be older. None: nobody left."""
    last = batch.items.listed().aggregate(last=Max("completion__completed_at"))["last"]
    return timezone.localdate(last) if last else None


def _require_second_person(batch: Batch, actor: User, said: tuple[str, str]) -> None:
    if actor.pk == batch.proposed_by_id:
        raise Refusal(_(said[0]), code="four_eyes", fix=_(said[1]), back=batch_page(batch))


def _require_signer(batch: Batch, series: Series) -> None:
    """What is issued is frozen: a certificate by decision that names nobody could never be completed."""
    if not series.has_signer:
        raise Refusal(
            _("Chưa có họ tên và chức danh người ký của «%(series)s».") % {"series": series.name},
            code="no_signer",
            fix=_("Mở mục Loại giấy, dòng «%(series)s», điền người ký; sau đó duyệt lại.") % {"series": series.name},
            back=batch_page(batch),
        )


def _people_to_issue(batch: Batch) -> int:
    """How many are left on the list; who got the same certificate another way meanwhile is taken off and told."""
    free = batch.items.listed().without_certificate(award=award_of(batch), standing=STANDING)
    batch.items.listed().exclude(pk__in=free.values("pk")).update(excluded_reason="Đã được cấp trong một đợt khác")
    people: int = batch.items.listed().count()
    if not people:
        raise Refusal(
            _("Danh sách không còn ai để cấp."),
            code="batch_empty",
            fix=_("Ghi không duyệt đợt cấp này, hoặc lập đợt mới."),
            back=batch_page(batch),
        )
    return people


@transaction.atomic
def batch_reject(*, batch: Batch, actor: User, reason: str) -> tuple[Batch, bool]:
    """Turn a list down with a reason; its people can be proposed again. Returns (batch, changed)."""
    batch = batch_lock(batch)
    require_issuing_right(actor, batch.series.unit)
    if batch.state == BatchState.REJECTED:
        return batch, False
    require_open(batch)
    reason = checked_reason(reason, "không duyệt")
    batch.state, batch.note = BatchState.REJECTED, reason
    batch.save(update_fields=["state", "note"])
    audit.record(actor=actor, act="batch_reject", subject=batch, unit=batch.unit, reason=reason)
    return batch, True
