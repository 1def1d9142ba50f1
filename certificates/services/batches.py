"""Lists of certificates: proposed by one person, approved by another under a decision."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from functools import partial

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from certificates.models import Batch, BatchItem, BatchState, Certificate, Series
from certificates.services.decisions import checked_decision
from certificates.services.issuing import checked_reason, require_issuing_right, series_lock
from certificates.services.numbering import enqueue_numbering
from certificates.services.proposals import STANDING, proposal_for
from common import audit
from common.errors import Refusal
from common.text import nfc
from courses.models import Completion, Course
from people import access
from people.models import Unit, User

#: Why a decision to issue cannot be older than that day.
APPROVED_AFTER = "ngày người cuối cùng trong danh sách hoàn thành khoá học"


@transaction.atomic
def batch_propose(
    *,
    proposer: User,
    series: Series,
    course: Course,
    unit: Unit,
    title: str,
    completions: Iterable[Completion],
) -> Batch:
    """Put a list of completions forward. Raises Refusal ``not_allowed``, ``automatic_series``, ``batch_empty`` or
    ``not_eligible`` (with the names)."""
    if not access.can_propose_certificates(proposer, unit):
        raise Refusal(
            f"Bạn không có quyền đề nghị cấp chứng nhận cho {unit.name}.",
            code="not_allowed",
            fix="Hãy nhờ đầu mối của đơn vị đó lập danh sách.",
            status=403,
        )
    # One list at a time in a series: two proposals of one moment must not both take the same person.
    if series.is_automatic or series_lock(pk=series.pk) is None:
        raise Refusal(
            "Loại giấy này được cấp tự động, không cần lập danh sách.",
            code="automatic_series",
            fix="Chọn loại giấy cấp theo quyết định.",
        )
    wanted = list(completions)
    _require_eligible(series, course, unit, wanted)
    batch = Batch.objects.create(
        series=series,
        course=course,
        unit=unit,
        title=nfc(title)[:200],
        proposed_by=proposer,
        proposed_at=timezone.now(),
    )
    BatchItem.objects.bulk_create([_listed(batch, completion) for completion in wanted], batch_size=400)
    audit.record(
        actor=proposer, act="batch_propose", subject=batch, unit=batch.unit, title=batch.title, people=len(wanted)
    )
    return batch


def _listed(batch: Batch, completion: Completion) -> BatchItem:
    """Somebody on a list, with what the paper is to say of them."""
    return BatchItem(
        batch=batch,
        completion=completion,
        holder_name=nfc(completion.learner_name),
        holder_birth_date=completion.learner_birth_date,
        hours=completion.course_hours,
        score=completion.score,
    )


def _require_eligible(series: Series, course: Course, unit: Unit, wanted: Collection[Completion]) -> None:
    if not wanted:
        raise Refusal(
            "Danh sách chưa có ai.", code="batch_empty", fix="Chọn khoá học và đơn vị đã có người hoàn thành."
        )
    eligible = set(proposal_for(series=series, course=course, unit=unit).eligible.values_list("pk", flat=True))
    names = [completion.learner_name for completion in wanted if completion.pk not in eligible]
    if names:
        raise Refusal(
            f"{len(names)} người không đủ điều kiện: {', '.join(names[:5])}.",
            code="not_eligible",
            fix="Lập lại danh sách từ trang đề nghị cấp.",
            names=names,
        )


def _batch_lock(batch: Batch) -> Batch:
    locked: Batch = (
        Batch.objects.select_for_update(of=("self",)).select_related("series__unit", "unit").get(pk=batch.pk)
    )
    return locked


def _require_open(batch: Batch) -> None:
    if not batch.is_open:
        raise Refusal(
            f"Đợt cấp này đã kết thúc: {batch.get_state_display().lower()}.",
            code="batch_closed",
            fix="Lập đợt cấp mới nếu còn người cần cấp.",
            back=_page(batch),
        )


def _page(batch: Batch) -> str:
    return reverse("issuing:batch", args=[batch.uuid])


@transaction.atomic
def batch_item_exclude(*, item: BatchItem, reason: str, actor: User) -> BatchItem:
    """Take a person off a list before approval, with a reason; by whoever may propose or approve it."""
    batch = _batch_lock(item.batch)
    if not access.can_propose_certificates(actor, batch.unit):
        require_issuing_right(actor, batch.series.unit)
    _require_open(batch)
    reason = checked_reason(reason, "loại khỏi danh sách")
    item.excluded_reason = reason[:200]
    item.save(update_fields=["excluded_reason"])
    audit.record(
        actor=actor,
        act="batch_item_exclude",
        subject=batch,
        unit=batch.unit,
        completion=str(item.completion.uuid),
        reason=reason,
    )
    return item


@transaction.atomic
def batch_approve(*, batch: Batch, approver: User, decision_number: str, decision_date: date) -> tuple[Batch, bool]:
    """Approve a list by a decision. Returns (batch, approved now); numbering follows after commit, by a worker
    (``batch_number``), and the list can no longer be changed.

    Raises Refusal ``four_eyes`` when the proposer approves, ``not_allowed``, ``no_signer``, ``batch_closed``
    (rejected), ``batch_empty`` or one of the decision's: ``decision_missing``, ``decision_number_unclear``,
    ``decision_too_early`` (before somebody on the list had finished), ``decision_in_future``. Approving again issues
    nothing.
    """
    batch = _batch_lock(batch)
    require_issuing_right(approver, batch.series.unit)
    if batch.state in (BatchState.APPROVED, BatchState.ISSUED):
        return batch, False
    _require_open(batch)
    _require_second_person(batch, approver)
    decision = checked_decision(
        decision_number, decision_date, earliest=batch_last_completed_on(batch=batch), because=APPROVED_AFTER
    )
    _require_signer(batch, batch.series)
    people = _people_to_issue(batch)
    batch.approved_by, batch.approved_at = approver, timezone.now()
    batch.decision_number, batch.decision_date = decision.number, decision.day
    batch.state = BatchState.APPROVED
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


def batch_last_completed_on(*, batch: Batch) -> date | None:
    """The day on which the last person of the list finished the course; no decision can be older. None: nobody left."""
    listed = batch.items.filter(excluded_reason="", held_reason="")
    last = listed.aggregate(last=Max("completion__completed_at"))["last"]
    return timezone.localdate(last) if last else None


def _require_second_person(batch: Batch, approver: User) -> None:
    if approver.pk == batch.proposed_by_id:
        raise Refusal(
            "Người lập danh sách không tự duyệt danh sách của mình.",
            code="four_eyes",
            fix="Nhờ một người ký cấp chứng nhận khác duyệt.",
            back=_page(batch),
        )


def _require_signer(batch: Batch, series: Series) -> None:
    """What is issued is frozen: a certificate by decision that names nobody could never be completed."""
    if not series.has_signer:
        raise Refusal(
            f"Chưa có họ tên và chức danh người ký của «{series.name}».",
            code="no_signer",
            fix=f"Quản trị hệ thống điền người ký tại /quan-tri-he-thong/, mục Series, dòng «{series.name}»; "
            "sau đó duyệt lại.",
            back=_page(batch),
        )


def _people_to_issue(batch: Batch) -> int:
    """How many are left on the list; who got the same certificate another way meanwhile is taken off and told."""
    elsewhere = Certificate.objects.filter(series=batch.series, state__in=STANDING).values("completion")
    batch.items.filter(excluded_reason="", completion__in=elsewhere).update(
        excluded_reason="Đã được cấp trong một đợt khác"
    )
    people: int = batch.items.filter(excluded_reason="", held_reason="").count()
    if not people:
        raise Refusal(
            "Danh sách không còn ai để cấp.",
            code="batch_empty",
            fix="Ghi không duyệt đợt cấp này, hoặc lập đợt mới.",
            back=_page(batch),
        )
    return people


@transaction.atomic
def batch_reject(*, batch: Batch, actor: User, reason: str) -> tuple[Batch, bool]:
    """Turn a list down with a reason; its people can be proposed again. Returns (batch, changed)."""
    batch = _batch_lock(batch)
    require_issuing_right(actor, batch.series.unit)
    if batch.state == BatchState.REJECTED:
        return batch, False
    _require_open(batch)
    reason = checked_reason(reason, "không duyệt")
    batch.state, batch.note = BatchState.REJECTED, reason
    batch.save(update_fields=["state", "note"])
    audit.record(actor=actor, act="batch_reject", subject=batch, unit=batch.unit, reason=reason)
    return batch, True
