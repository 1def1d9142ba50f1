"""Targets as the data files say them: version 1, and a new version only when a file changed."""

from __future__ import annotations

from common.language import on_record
from kpi.loading import Entry, Feed
from kpi.models import Indicator, Target, TargetVersion
from kpi.services.targets import newest_version, target_put, version_write
from kpi.target_rules import Said, said_by
from people.models import Unit


def target_load(indicator: Indicator, entry: Entry, feed: Feed, unit: Unit) -> str:
    """Load the target of an entry; returns what differs from it where somebody edited the target by hand.

    What a person set stays: the file is not newer than their decision. A target that the file no longer confirms is
    withdrawn, unless a person set it.
    """
    said = _said(entry) if feed.target_confirmed else None
    last = newest_version(indicator, unit)
    now = said_by(last) if last and not last.is_withdrawn else None
    if last and last.set_by_id is not None:
        return "" if now == said else _differs(indicator, last, now, said)
    if said is None:
        Target.objects.filter(indicator=indicator, unit=unit).delete()
    else:
        target_put(indicator, unit, said)
    if now != said:
        version_write(
            indicator=indicator,
            unit=unit,
            said=said,
            decision_no=indicator.decision.code,
            reason=f"Theo văn bản: {indicator.decision.title}"[:300],
        )
    return ""


def _said(entry: Entry) -> Said:
    return Said(
        value=entry.number("target_value"),
        measured_in=entry.text("unit", needed=False),
        comparator=entry.text("comparator"),
        year=entry.whole("target_year", low=2000, high=2100),
    )


@on_record()
def _differs(indicator: Indicator, last: TargetVersion, now: Said | None, said: Said | None) -> str:
    held = now.words if now else "đã rút"
    filed = said.words if said else "chưa xác nhận"
    by = f"{last.decision_no}, {last.set_by}" if last.decision_no else str(last.set_by)
    return f"{indicator.code}: giữ «{held}» ({by}); tệp dữ liệu ghi «{filed}»"
