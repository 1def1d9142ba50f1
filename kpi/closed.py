"""What was closed beside what is said now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.translation import gettext, pgettext

from common.wording import score
from kpi import places
from kpi.figure import Figure
from kpi.figures import table
from kpi.models import (
    ClosedFigure,
    Closing,
    CorrectionReason,
    CountCorrection,
    CountingKind,
    FigureCorrection,
    Indicator,
)
from kpi.part import PART_NAMES, Part
from kpi.tree_figures import tree_figures
from kpi.units_counted import UNIT_KINDS
from kpi.wording import counted_in
from people import access
from people.models import Unit


@dataclass(frozen=True)
class Said:
    """What was or is said of an indicator somewhere. ``count`` None: nothing is said."""

    count: Decimal | None = None
    denominator: int | None = None
    goal: int | None = None
    target: str = ""
    measured_in: str = ""

    @classmethod
    def of_closed(cls, row: ClosedFigure | None) -> Said:
        if row is None:
            return cls()
        target = _target(row.comparator, row.target_value, row.measured_in)
        return cls(row.count, row.denominator, row.goal, target, row.measured_in)

    @classmethod
    def of_figure(cls, figure: Figure | None) -> Said:
        if figure is None or not figure.is_known:
            return cls()
        target = figure.target
        words = _target(target.comparator, target.value, target.measured_in) if target else ""
        measured_in = target.measured_in if target else ""
        return cls(Decimal(figure.count), figure.denominator.value, figure.goal, words, measured_in)


def _target(comparator: str, value: Decimal | None, measured_in: str) -> str:
    """How a target is read, as on the page of its indicator."""
    if value is None:
        return ""
    compared = {
        ">": pgettext("mục tiêu", "trên %(number)s"),
        ">=": pgettext("mục tiêu", "ít nhất %(number)s"),
        "<=": pgettext("mục tiêu", "trong %(number)s"),
    }
    number = f"{score(value)} {counted_in(measured_in, value)}".strip()
    return compared.get(comparator, "%(number)s") % {"number": number}


@dataclass(frozen=True)
class Line:
    """An indicator in a unit, or a part of it: before and after. ``why``: reason of a correction → its net effect.

    ``today``: beside a closing, what is said by now, with everything that came after its last day.
    """

    indicator: Indicator
    unit: Unit
    part: Part
    before: Said
    after: Said
    why: dict[str, Decimal] = field(default_factory=dict)
    today: Said = field(default_factory=Said)

    @property
    def since(self) -> Decimal | None:
        """What is said today less what was closed; None where neither says anything."""
        if self.before.count is None and self.today.count is None:
            return None
        return (self.today.count or Decimal(0)) - (self.before.count or Decimal(0))

    @property
    def asked(self) -> int | None:
        """How many the closed target asked for by itself, as ``Figure.asked_number``."""
        by_itself = self.before.measured_in != "%" and self.indicator.counting != CountingKind.DECLARED
        return self.before.goal if by_itself else None

    @property
    def names_people(self) -> bool:
        """Whether there are people behind the difference; teams, schools and declared values have none."""
        return self.indicator.counts and self.indicator.counting not in UNIT_KINDS

    @property
    def name(self) -> str:
        name = PART_NAMES.get(self.part)
        return gettext(name) if name else self.unit.name

    @property
    def difference(self) -> Decimal | None:
        """After less before; None where either says nothing."""
        if self.before.count is None and self.after.count is None:
            return None
        return (self.after.count or Decimal(0)) - (self.before.count or Decimal(0))

    @property
    def has_changed(self) -> bool:
        return self.before != self.after

    @property
    def explained(self) -> list[tuple[str, Decimal]]:
        """Reason in words, with its net effect."""
        return [(str(CorrectionReason(reason).label), effect) for reason, effect in sorted(self.why.items()) if effect]

    @property
    def unexplained(self) -> Decimal:
        """What of the difference no correction accounts for yet."""
        return (self.difference or Decimal(0)) - sum(self.why.values())


# --- Closed and now -------------------------------------------------------------------------------------------------
def closed_and_now(closing: Closing, unit: Unit) -> list[Line]:
    """Every indicator of a unit as it was closed, as it is said now of the same day, and as it is said today."""
    known = places.structures()
    place = places.place_of(unit, closing.structure, known)
    indicators = list(Indicator.objects.for_figures())
    now, today = (
        {
            one.indicator.pk: one.figure
            for one in tree_figures(indicators, place, known, closing.year, as_of=day, units=[unit])
            if one.figure.part == Part.TOTAL
        }
        for day in (closing.until, None)
    )
    before = {row.indicator_id: row for row in closing.figures.filter(unit=unit, part=Part.TOTAL)}
    why = corrections_by_reason(closing, place)
    lines = []
    for indicator in indicators:
        row, figures = before.get(indicator.pk), (now.get(indicator.pk), today.get(indicator.pk))
        if row is None and not any(one and one.says_something for one in figures):
            continue
        said, (is_said, by_now) = Said.of_closed(row), (Said.of_figure(one) for one in figures)
        lines.append(Line(indicator, unit, Part.TOTAL, said, is_said, why.get(indicator.pk, {}), by_now))
    return lines


def closed_and_now_below(closing: Closing, unit: Unit, indicator: Indicator) -> list[Line]:
    """One indicator in the units below a unit, as it was closed, as it is said now of the same day and as of today.

    Who belongs to the unit and to none below it stands in a line of the unit's own: the lines add up to its figure.
    """
    place = places.place_of(unit, closing.structure, places.structures())
    rows = table(indicator, place, closing.year, as_of=closing.until).rows
    by_now = table(indicator, place, closing.year, exact=True).rows
    today = {row.unit.pk: row for row in by_now if row.unit}
    held = closing.figures.filter(indicator=indicator, unit__in=[unit.pk, *(u.pk for u in place.rows)], part=Part.TOTAL)
    before = {row.unit_id: row for row in held}
    whole = before.pop(unit.pk, None)
    lines = [
        Line(
            indicator,
            row.unit,
            Part.TOTAL,
            Said.of_closed(before.get(row.unit.pk)),
            Said.of_figure(row),
            today=Said.of_figure(today.get(row.unit.pk)),
        )
        for row in rows
        if row.unit and (row.says_something or row.unit.pk in before or today[row.unit.pk].says_something)
    ]
    if indicator.counting == CountingKind.DECLARED:  # each unit's own word: nothing is added up
        return lines
    was = whole.count - sum(row.count for row in before.values()) if whole else None
    now, later = (Decimal(sum(row.count for row in some if not row.unit)) for some in (rows, by_now))
    own = Line(indicator, unit, Part.OWN, Said(was), Said(now), today=Said(later))
    return [*lines, own] if was or now or later else lines


def corrections_of(closing: Closing) -> QuerySet[CountCorrection]:
    """Corrections recorded after a closing that change what it said."""
    touched = Q(before_on__lte=closing.until) | Q(after_on__lte=closing.until)
    rows = CountCorrection.objects.filter(touched, recorded_at__gt=closing.closed_at)
    return rows.filter(Q(year=closing.year) | ~Q(indicator__recurrence="yearly"))


def corrections_by_reason(closing: Closing, place: places.Place) -> dict[int, dict[str, Decimal]]:
    """Indicator → reason → how much the corrections add to, or take from, what a place had at the closing; two queries.

    Corrections of people say nothing of figures that count teams or schools: those have corrections of their own.
    """
    inside = place.subtree()
    came = Q(after_on__lte=closing.until, after_unit__in=inside)
    went = Q(before_on__lte=closing.until, before_unit__in=inside)
    if place.holds_unknown:
        came |= Q(after_on__lte=closing.until, after_unit__isnull=True)
        went |= Q(before_on__lte=closing.until, before_unit__isnull=True)
    people = corrections_of(closing).exclude(indicator__counting__in=UNIT_KINDS).order_by()
    rows = people.values_list("indicator_id", "reason")
    found: dict[int, dict[str, Decimal]] = {}
    for indicator, reason, plus, minus in rows.annotate(plus=Count("pk", filter=came), minus=Count("pk", filter=went)):
        if plus != minus:
            found.setdefault(indicator, {})[reason] = Decimal(plus - minus)
    figures = FigureCorrection.objects.filter(closing=closing, unit=place.unit).order_by()
    steps = figures.values_list("indicator_id", "reason").annotate(steps=Sum(F("after") - F("before")))
    for indicator, reason, step in steps:
        reasons = found.setdefault(indicator, {})
        reasons[reason] = reasons.get(reason, Decimal(0)) + step
    return found


def corrections_for_page(closing: Closing, unit: Unit, indicator: Indicator, viewer: Any) -> QuerySet[CountCorrection]:
    """The people whose corrections change what was closed of an indicator in a unit, by name; scoped to the viewer.

    People of unknown unit belong to a province as a whole, and are shown to those who answer for it.
    """
    place = places.place_of(unit, closing.structure, places.structures())
    mine = access.scope_units(viewer, access.KPI_READING)
    here = Q(before_unit__in=place.subtree()) | Q(after_unit__in=place.subtree())
    visible = Q(before_unit__in=mine) | Q(after_unit__in=mine)
    if place.holds_unknown and access.can_read_kpi(viewer, unit):
        unknown = Q(before_on__isnull=False, before_unit__isnull=True)
        unknown |= Q(after_on__isnull=False, after_unit__isnull=True)
        here, visible = here | unknown, visible | unknown
    rows = corrections_of(closing).filter(here & visible, indicator=indicator)
    return rows.select_related("user", "before_unit", "after_unit", "after_completion", "before_completion").order_by(
        "user__sort_key", "pk"
    )


# --- The last closing beside a live figure --------------------------------------------------------------------------
@dataclass(frozen=True)
class LastClosed:
    """What the last closing of a year said of an indicator in a unit, and what came since.

    ``since``: what was added after its last day. ``corrected``: what corrections changed of what it said.
    """

    closing: Closing
    count: Decimal
    since: Decimal
    corrected: Decimal


def last_closed(
    shown: Mapping[int, Figure], place: places.Place, year: int, *, with_corrections: bool
) -> dict[int, LastClosed]:
    """Indicator → its last closed figure beside the live one; one query, and one more for the corrections.

    Without them ``since`` is the whole difference.
    """
    rows = ClosedFigure.objects.filter(
        unit=place.unit, part=Part.TOTAL, closing__year=year, closing__structure=place.home, indicator__in=shown
    ).select_related("closing")
    newest = {row.indicator_id: row for row in rows.order_by("closing__until", "closing__closed_at")}
    corrected: dict[tuple[int, int], Decimal] = {}
    for closing in {row.closing for row in newest.values()} if with_corrections else ():
        why = corrections_by_reason(closing, place)
        corrected |= {(closing.pk, indicator): sum(effects.values(), Decimal(0)) for indicator, effects in why.items()}
    found = {}
    for indicator, row in newest.items():
        effect = corrected.get((row.closing_id, indicator), Decimal(0))
        since = Decimal(shown[indicator].count) - row.count - effect
        found[indicator] = LastClosed(row.closing, row.count, since, effect)
    return found
