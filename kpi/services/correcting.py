"""Changes of figures that were closed and that no single person explains: declared values, teams, the unit tree.

Of people every change has its own ``CountCorrection``. What else moves a figure of a closed day (a value approved
late, a team whose list was mended, a unit that was given a successor) is found by reckoning the closed day once more:
what differs from the closed figure and all corrections so far becomes a ``FigureCorrection``, with every cause that can
be told. So closed figure and corrections add up to what is said now, and a repeat writes nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, F, Max, Sum

from common.language import on_record
from common.models import AuditEntry
from common.text import vi_date
from kpi import places
from kpi.closed import corrections_of
from kpi.models import (
    DECLARED_KINDS,
    ClosedFigure,
    Closing,
    CorrectionReason,
    CountCorrection,
    CountingKind,
    Declaration,
    DeclarationState,
    FigureCorrection,
    Indicator,
)
from kpi.part import Part
from kpi.tree_figures import tree_figures
from kpi.units_counted import UNIT_KINDS
from people.models import UnitAncestor

#: Acts that change to which unit facts of the past are reckoned.
UNIT_ACTS = ("succession_set", "structure_import", "unit_move", "unit_merge", "unit_split", "unit_close")
#: Letters of what happened, as ``FigureCorrection.said`` holds them.
LONGEST = 300
#: Indicator and unit.
Where = tuple[int, int]


@transaction.atomic
def figures_correct(*, closing: Closing, indicators: Collection[int] = ()) -> list[FigureCorrection]:
    """Write down what of a closing is said otherwise now and is not explained yet; ``indicators``: only of these.

    A difference without a reason that can be told is left as it is: the page of the closing shows it. Queries follow
    from the indicators alone, never from units or people.
    """
    with on_record():
        return _correct(closing, indicators)


def _correct(closing: Closing, indicators: Collection[int]) -> list[FigureCorrection]:
    Closing.objects.select_for_update(of=("self",)).get(pk=closing.pk)
    asked = Indicator.objects.for_figures()
    known = list(asked.filter(pk__in=indicators) if indicators else asked)
    expected = _expected(closing, known)
    why = _Reasons(closing, [one.pk for one in known])
    found = []
    for (one, unit), (indicator, count) in _now(closing, known).items():
        before = expected.pop((one, unit), Decimal(0))
        if count != before and (causes := why.of(indicator, unit)):
            found.append(
                FigureCorrection(
                    closing=closing, indicator=indicator, unit_id=unit, reason=causes[0].reason, before=before,
                    after=count, said=said(causes),
                )
            )  # fmt: skip
    return FigureCorrection.objects.bulk_create(found, batch_size=500)


def closings_correct(*, indicators: Collection[int] = ()) -> int:
    """The same for every closing; how many corrections were written."""
    closings = Closing.objects.for_page().order_by("pk")
    return sum(len(figures_correct(closing=one, indicators=indicators)) for one in closings)


def _now(closing: Closing, indicators: list[Indicator]) -> Mapping[Where, tuple[Indicator, Decimal]]:
    """What is said now of the closed day, unit by unit."""
    known = places.structures()
    place = places.place_of(closing.unit, closing.structure, known)
    read = tree_figures(indicators, place, known, closing.year, as_of=closing.until)
    return {
        (one.indicator.pk, one.unit.pk): (
            one.indicator,
            Decimal(one.figure.count) if one.figure.is_known else Decimal(0),
        )
        for one in read
        if one.figure.part == Part.TOTAL
    }


# --- What is explained ----------------------------------------------------------------------------------------------
def _expected(closing: Closing, indicators: list[Indicator]) -> dict[Where, Decimal]:
    """The closed figures with all corrections so far."""
    asked = [one.pk for one in indicators]
    found: defaultdict[Where, Decimal] = defaultdict(Decimal)
    closed = ClosedFigure.objects.filter(closing=closing, part=Part.TOTAL, indicator__in=asked)
    for indicator, unit, count in closed.values_list("indicator_id", "unit_id", "count"):
        found[indicator, unit] += count
    steps = FigureCorrection.objects.filter(closing=closing, indicator__in=asked).order_by()
    for indicator, unit, step in steps.values_list("indicator_id", "unit_id").annotate(
        steps=Sum(F("after") - F("before"))
    ):
        found[indicator, unit] += step
    for where, people in _people(closing, asked).items():
        found[where] += people
    return dict(found)


def _people(closing: Closing, indicators: Collection[int]) -> Counter[Where]:
    """What corrections of people add to the figure of each unit, or take from it."""
    rows = corrections_of(closing).filter(indicator__in=indicators).exclude(indicator__counting__in=UNIT_KINDS)
    rows = rows.order_by()
    steps: Counter[tuple[int, int | None]] = Counter()
    for side, sign in (("after", 1), ("before", -1)):
        dated = rows.filter(**{f"{side}_on__lte": closing.until}).values_list("indicator_id", f"{side}_unit_id")
        for indicator, unit, people in dated.annotate(people=Count("pk")):
            steps[indicator, unit] += sign * people
    place = places.place_of(closing.unit, closing.structure, places.structures(), with_rows=False)
    above: dict[int | None, list[int]] = defaultdict(list)
    if place.holds_unknown:
        above[None].append(place.unit.pk)
    links = UnitAncestor.objects.filter(
        structure=place.home, ancestor__in=place.subtree(), descendant__in={unit for _, unit in steps if unit}
    )
    for descendant, ancestor in links.values_list("descendant_id", "ancestor_id"):
        above[descendant].append(ancestor)
    found: Counter[Where] = Counter()
    for (indicator, unit), people in steps.items():
        for ancestor in above[unit]:
            found[indicator, ancestor] += people
    return found


# --- Why ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Cause:
    """Something that moves such a figure, and what happened, in words; these may be empty."""

    reason: CorrectionReason
    words: str


class _Reasons:
    """Why a figure of a closing may have changed: what was approved, what changed in teams, what was done to units.

    Only what happened after the last correction of that very figure, or else after the closing. Five queries.
    """

    def __init__(self, closing: Closing, indicators: Collection[int]) -> None:
        self.closed_at = closing.closed_at
        written = FigureCorrection.objects.filter(closing=closing, indicator__in=indicators).order_by()
        self.last: dict[Where, datetime] = {
            (indicator, unit): at
            for indicator, unit, at in written.values_list("indicator_id", "unit_id").annotate(at=Max("recorded_at"))
        }
        late = Declaration.objects.filter(
            state=DeclarationState.APPROVED, decided_at__gt=closing.closed_at, until__lte=closing.until
        )
        declared = list(late.select_related("unit").order_by("-decided_at"))
        members = list(corrections_of(closing).filter(indicator__counting=CountingKind.TEAM).order_by("-pk"))
        sides = {pk for row in members for pk in (row.before_unit_id, row.after_unit_id) if pk}
        above = _above(closing, sides | {row.unit_id for row in declared})
        self.declared: dict[Where, list[Declaration]] = defaultdict(list)
        for row in declared:
            for unit in above[row.unit_id]:
                self.declared[row.indicator_id, unit].append(row)
        self.members: dict[Where, list[CountCorrection]] = defaultdict(list)
        for change in members:
            units = above[change.before_unit_id or 0] | above[change.after_unit_id or 0]
            for unit in units:
                self.members[change.indicator_id, unit].append(change)
        acts = AuditEntry.objects.filter(act__in=UNIT_ACTS, at__gt=closing.closed_at).order_by("-at", "-pk")
        self.units = list(acts.values_list("at", "subject_name")[:50])

    def of(self, indicator: Indicator, unit: int) -> list[Cause]:
        """Every cause that is known, the likeliest first; none where nothing is known that moves such a figure."""
        where = (indicator.pk, unit)
        since = self.last.get(where, self.closed_at)
        found = []
        approved = [row for row in self.declared[where] if row.decided_at and row.decided_at > since]
        if indicator.counting in DECLARED_KINDS and approved:
            named = [f"{row.unit}, số đến {vi_date(row.until)}" for row in approved]
            found.append(Cause(CorrectionReason.DECLARED, _some(named)))
        if indicator.counting == CountingKind.TEAM:
            found.append(Cause(CorrectionReason.TEAM, self._of_members(where, since)))
        if units := list(dict.fromkeys(name for at, name in self.units if at > since)):
            found.append(Cause(CorrectionReason.UNITS, _some(units)))
        return found

    def _of_members(self, where: Where, since: datetime) -> str:
        """What changed of members' results, each reason by itself: «kết quả gửi muộn: 2 người»."""
        people: dict[str, set[int]] = defaultdict(set)
        for row in self.members[where]:
            if row.recorded_at > since:
                people[row.reason].add(row.user_id)
        told = [f"{CorrectionReason(why).label.lower()}: {len(some)} người" for why, some in sorted(people.items())]
        return "; ".join(told)


def _above(closing: Closing, units: Collection[int]) -> defaultdict[int, set[int]]:
    """Unit → the units to whose figures it is reckoned, itself included; one query."""
    place = places.place_of(closing.unit, closing.structure, places.structures(), with_rows=False)
    found: defaultdict[int, set[int]] = defaultdict(set)
    links = UnitAncestor.objects.filter(structure=place.home, ancestor__in=place.subtree(), descendant__in=units)
    for descendant, ancestor in links.values_list("descendant_id", "ancestor_id"):
        found[descendant].add(ancestor)
    return found


def _some(named: list[str]) -> str:
    more = f" và {len(named) - 2} nơi khác" if len(named) > 2 else ""
    return "; ".join(named[:2]) + more


def said(causes: list[Cause]) -> str:
    """What happened, in words; where several things did, each under its name: nobody can say what moved how much."""
    if len(causes) == 1:
        return causes[0].words[:LONGEST]
    told = [f"{one.reason.label}: {one.words}" if one.words else str(one.reason.label) for one in causes]
    return ". ".join([*told, "Chưa tách được phần của từng nguyên nhân"])[:LONGEST]
