"""What changed in figures that were reported already: kept beside them, with a reason, never written over them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Max

from kpi.models import Closing, CorrectionReason, CountCorrection, Counted, Indicator, Recurrence
from kpi.rules import Closed

#: A row before and after; None: there was none, or there is none any more.
Change = tuple[Counted | None, Counted | None]


def closed_load() -> Closed:
    """Which days were reported: one query as long as nothing was, else two."""
    until = dict(Closing.objects.order_by().values_list("year").annotate(until=Max("until")))
    if not until:
        return Closed({})
    yearly = Indicator.objects.filter(recurrence=Recurrence.YEARLY).values_list("pk", flat=True)
    return Closed(until, frozenset(yearly))


def corrections_record(*, changes: Iterable[Change], closed: Closed, reason: CorrectionReason) -> list[CountCorrection]:
    """Keep those changes whose day, before or after, was reported; in the transaction that makes them."""
    if not closed.until:
        return []
    kept = [_correction(change, reason) for change in changes if any(_was_reported(row, closed) for row in change)]
    return CountCorrection.objects.bulk_create(kept, batch_size=500) if kept else []


def _was_reported(row: Counted | None, closed: Closed) -> bool:
    return row is not None and closed.holds(indicator_id=row.indicator_id, year=row.year, day=row.counted_on)


def _correction(change: Change, reason: CorrectionReason) -> CountCorrection:
    before, after = change
    row = before or after
    assert row is not None  # a change has a side at least
    return CountCorrection(
        indicator_id=row.indicator_id,
        user_id=row.user_id,
        year=row.year,
        reason=reason,
        before_unit_id=before.unit_id if before else None,
        before_on=before.counted_on if before else None,
        before_completion_id=before.completion_id if before else None,
        after_unit_id=after.unit_id if after else None,
        after_on=after.counted_on if after else None,
        after_completion_id=after.completion_id if after else None,
    )
