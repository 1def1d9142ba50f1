"""The numbers of an approved list: given in portions, so that a worker that dies leaves no gap and no duplicate."""

from __future__ import annotations

import logging

from django.db import transaction
from django.db.models import Max, Min, QuerySet
from django.utils import timezone

from certificates.models import Batch, BatchItem, BatchState, Series
from certificates.services.issuing import Claim, certificates_issue, series_lock
from certificates.services.proposals import STANDING
from certificates.services.register import Decision
from common import audit
from common.queue import enqueue

logger = logging.getLogger(__name__)

#: Numbers given in one transaction: the series is locked for a second at most, and little is lost with a worker.
PORTION = 200


def enqueue_numbering(batch: Batch) -> None:
    """Ask a worker for the numbers. A queue that is down costs only time: the sweep finds the list."""
    from certificates import tasks  # tasks call this module

    enqueue(tasks.batch_number, batch.pk)


def batch_number(*, batch: Batch) -> int:
    """Number everybody on an approved list who has no number yet; return how many were numbered now.

    Safe to repeat, to run twice at once and to be killed: each portion is one transaction under the lock of the list,
    and who has a certificate is passed over. Stops at a list that is paused.
    """
    numbered = 0
    while portion := _portion_number(batch.pk):
        numbered += portion
    return numbered


@transaction.atomic
def _portion_number(batch_id: int) -> int:
    batches = Batch.objects.select_for_update(of=("self",)).select_related("course", "learning_path", "approved_by")
    batch = batches.get(pk=batch_id)
    if batch.state != BatchState.APPROVED or batch.paused_at:
        return 0
    items = _once_each(list(_without_number(batch)[:PORTION]), batch)
    if not items:
        _numbered(batch)
        return 0
    series = series_lock(pk=batch.series_id)
    assert series is not None  # a batch protects its series from deletion
    certificates_issue(
        series=series,
        claims=[_claim(batch, series, item) for item in items],
        at=timezone.now(),
        actor=batch.approved_by,
        decision=Decision(batch.decision_number, batch.decision_date),
        batch=batch,
    )
    return len(items)


def _without_number(batch: Batch) -> QuerySet[BatchItem]:
    """Those on the list who are still to be numbered, by given name."""
    fresh: QuerySet[BatchItem] = batch.items.listed().without_certificate(award=award_of(batch), standing=STANDING)
    return fresh.select_related("completion").order_by("completion__user__sort_key", "pk")


def _once_each(items: list[BatchItem], batch: Batch) -> list[BatchItem]:
    """Of a path each person gets one paper, even where two records of one person on the list became one since."""
    if batch.learning_path is None:
        return items
    first: dict[int, BatchItem] = {}
    for item in items:
        first.setdefault(item.completion.user_id, item)
    return list(first.values())


def _claim(batch: Batch, series: Series, item: BatchItem) -> Claim:
    title = batch.learning_path.title if batch.learning_path else series.award_title
    return Claim(
        completion=item.completion,
        holder_name=item.holder_name,
        holder_birth_date=item.holder_birth_date,
        title=item.completion.course_title if batch.course else title,
        hours=item.hours,
        score=item.score,
        award=award_of(batch),
    )


def award_of(batch: Batch) -> str:
    """What the certificates of a list are for, in the form of ``Certificate.award``."""
    if batch.course:
        return f"course:{batch.course.uuid}"
    return f"path:{batch.learning_path.uuid}" if batch.learning_path else "programme"


def _numbered(batch: Batch) -> None:
    """The last one has its number: the list is issued."""
    batch.state, batch.numbered_at = BatchState.ISSUED, timezone.now()
    batch.save(update_fields=["state", "numbered_at"])
    span = batch.certificates.aggregate(first=Min("seq"), last=Max("seq"))
    numbers = dict(batch.certificates.filter(seq__in=span.values()).values_list("seq", "number"))
    audit.record(
        actor=batch.approved_by,
        act="batch_number",
        subject=batch,
        unit=batch.unit,
        first=numbers.get(span["first"], ""),
        last=numbers.get(span["last"], ""),
        certificates=batch.certificates.count(),
    )


def batches_sweep() -> int:
    """Number the lists whose worker was lost; return how many certificates were numbered."""
    numbered = 0
    for batch in Batch.objects.filter(state=BatchState.APPROVED, paused_at=None):
        try:
            numbered += batch_number(batch=batch)
        except Exception:  # one bad list must not keep the others waiting
            logger.exception("Batch %s could not be numbered.", batch.pk)
    return numbered
