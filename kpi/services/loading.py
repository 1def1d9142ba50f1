"""Decisions, programmes, indicators, targets and populations of a province, from the data files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db import transaction

from certificates.models import Series
from courses.models import Course, LearningPath
from kpi import duties_loading, findings, loading
from kpi.loading import Entry, Feed, Learning
from kpi.models import Decision, Indicator, Population, Programme, Target
from kpi.responsibility import Responsibilities
from kpi.services.duties import duties_load, spans_load
from kpi.services.targets_loading import target_load
from people.models import Audience, Unit

#: What an entry may name by its code, and how people call it.
KNOWN = {"audiences": "đối tượng", "courses": "khoá học", "paths": "lộ trình", "series": "loại giấy"}


class _Known:
    """Rows that entries name by code; an unknown code is a DataError of the entry that names it."""

    def __init__(self) -> None:
        self.audiences = {a.code: a for a in Audience.objects.all()}
        self.courses = {c.slug: c for c in Course.objects.all()}
        self.paths = {p.slug: p for p in LearningPath.objects.all()}
        self.series = {s.code: s for s in Series.objects.all()}

    def of(self, kind: str, entry: Entry, name: str, codes: Iterable[str]) -> list[Any]:
        known: dict[str, Any] = getattr(self, kind)
        missing = [code for code in codes if code not in known]
        if missing:
            what = KNOWN[kind]
            raise entry.wrong(name, f"hệ thống chưa có {what} «{missing[0]}»")
        return [known[code] for code in codes]


@transaction.atomic
def kpi_load(*, province: str = "Bắc Giang", unit: Unit, folder: Path = loading.DATA) -> dict[str, Any]:
    """Load decisions, programmes, indicators, targets and populations of a province. Idempotent, all or nothing.

    ``unit`` is the province's unit of the decisions' time. Audiences, courses and paths must be there before. Raises
    DataError naming file, line and field. Targets that people edited stay: ``kept_by_hand`` says how the files differ.
    After a change of what counts, run ``kpi_rebuild``.
    """
    source = loading.read(folder, province)
    known = _Known()
    decisions = _decisions_load(source, province)
    programmes = {e.code: _programme_load(e, source.learning.get(e.code), decisions, known) for e in source.programmes}
    kept_by_hand: list[str] = []
    responsibilities = Responsibilities.of(unit)
    for entry in source.indicators:
        feed = loading.feed_of(entry, source.feeds)
        indicator = _indicator_load(entry, feed, decisions, known)
        indicator.programmes.set([programmes[code] for code in entry.texts("programme_codes", needed=False)])
        if differs := target_load(indicator, entry, feed, unit):
            kept_by_hand.append(differs)
        _population_load(indicator, entry, feed, unit, source.baselines)
        responsibilities.give(indicator, entry)
    spans_load(spans=duties_loading.spans_read(folder))
    duties = duties_load(entries=duties_loading.read(folder, province))
    mine = Indicator.objects.filter(decision__province=province)
    return {
        "decisions": len(decisions),
        "programmes": len(programmes),
        "indicators": mine.count(),
        "counting": mine.counting().count(),
        "targets": Target.objects.filter(indicator__in=mine, unit=unit).count(),
        "populations": Population.objects.filter(indicator__in=mine, unit=unit).count(),
        "duties": duties,
        "findings": len(findings.read(folder)),
    } | ({"kept_by_hand": kept_by_hand} if kept_by_hand else {})


def _decisions_load(source: loading.Source, province: str) -> dict[str, Decision]:
    documents = {e.decision: e.text("source") for e in (*source.programmes, *source.indicators)}
    return {
        code: Decision.objects.update_or_create(
            code=code, defaults={"title": source.titles[file], "province": province, "source": file}
        )[0]
        for code, file in sorted(documents.items())
    }


def _programme_load(
    entry: Entry, learning: Learning | None, decisions: dict[str, Decision], known: _Known
) -> Programme:
    years = entry.part("period")
    kept = ("code", "title", "headcount", "recurrence", "lead_units", "quote", "period")
    programme, _ = Programme.objects.update_or_create(
        code=entry.code,
        defaults={
            "decision": decisions[entry.decision],
            "title": entry.text("title"),
            "headcount": entry.whole("headcount"),
            "year_from": years.whole("from", low=2000, high=2100),
            "year_to": years.whole("to", low=2000, high=2100),
            "recurrence": entry.text("recurrence", needed=False),
            "lead_units": entry.data.get("lead_units") or [],
            "quote": entry.text("quote"),
            "detail": {k: v for k, v in entry.data.items() if k not in kept} | _said_of(learning),
        },
    )
    programme.audiences.set(known.of("audiences", entry, "audience_codes", entry.texts("audience_codes", needed=False)))
    learning = learning or Learning(entry)
    programme.courses.set(known.of("courses", learning.entry, "courses", learning.courses))
    programme.paths.set(known.of("paths", learning.entry, "paths", learning.paths))
    return programme


def _said_of(learning: Learning | None) -> dict[str, Any]:
    """What ``learning.yaml`` says of a programme besides its courses and paths."""
    if learning is None:
        return {}
    return {"learning": {"audiences": learning.audiences, "due": learning.due, "why": learning.why}}


def _indicator_load(entry: Entry, feed: Feed, decisions: dict[str, Decision], known: _Known) -> Indicator:
    audiences = known.of("audiences", entry, "audience_codes", entry.texts("audience_codes", needed=False))
    if feed.audiences:
        audiences = known.of("audiences", feed.entry, "audiences", feed.audiences)
    if feed.counts and not audiences:
        raise feed.entry.wrong("audiences", "chỉ tiêu được tính phải có đối tượng")
    courses = known.of("courses", feed.entry, "courses", feed.courses)
    indicator, _ = Indicator.objects.update_or_create(
        code=entry.code,
        defaults={
            "decision": decisions[entry.decision],
            "text": entry.text("text"),
            "numerator": entry.text("numerator", needed=False),
            "denominator": entry.text("denominator", needed=False),
            "metric_kind": entry.text("metric_kind"),
            "measure": entry.text("measure"),
            "recurrence": entry.text("recurrence"),
            "base_year": loading.DECISION_YEARS[entry.decision],
            "counting": feed.counting,
            "counts": feed.counts,
            "min_score": feed.min_score,
            "level": feed.level,
            "min_hours": feed.min_hours,
            "counting_rule": loading.vietnamese_part(entry.text("counting_rule", needed=False)),
            "source": entry.text("source"),
            "section": entry.text("section", needed=False),
            "quote": entry.text("quote"),
            "note": feed.why,
            "caution": feed.caution,
        },
    )
    indicator.audiences.set(audiences)
    indicator.courses.set(courses)
    indicator.series.set(known.of("series", feed.entry, "series", feed.series))
    return indicator


def _population_load(indicator: Indicator, entry: Entry, feed: Feed, unit: Unit, baselines: dict[str, Entry]) -> None:
    """The official denominator with the document, words and year it comes from; what is stale goes."""
    size = entry.whole("denominator_size")
    stale = indicator.populations.filter(unit=unit)
    if size is None or feed.by_members:
        stale.delete()
        return
    said = baselines.get(entry.text("denominator_baseline", needed=False), entry)
    year = loading.DECISION_YEARS[entry.decision] if said is entry else loading.baseline_year(said)
    stale.exclude(year=year).delete()
    Population.objects.update_or_create(
        indicator=indicator,
        unit=unit,
        year=year,
        defaults={"value": size, "source": said.text("source"), "quote": said.text("quote")},
    )
