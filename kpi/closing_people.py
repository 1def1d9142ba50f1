"""The people behind a closed figure and its difference to the one of today: who stayed, came in, and went out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from kpi import places
from kpi.closed import corrections_of
from kpi.models import Closing, CorrectionReason, CountCorrection, Counted, Indicator
from kpi.querysets import CountedQuerySet
from people import access
from people.models import Unit


@dataclass(frozen=True)
class Moved:
    """``stayed``: who counted when it was closed and does so now. ``came``: who counts now and did not then. ``went``:
    the corrections (``CountCorrection``) of who counts no longer.

    Where only people move a figure, ``stayed`` and ``went`` are the closed one, ``stayed`` and ``came`` the one of
    today. The last two carry ``why``, the last reason of a correction since; ``came`` has none for who learnt after the
    closed day.
    """

    stayed: CountedQuerySet
    came: CountedQuerySet
    went: QuerySet[Any]


def moved_since(closing: Closing, unit: Unit, indicator: Indicator, viewer: Any) -> Moved:
    """Who stayed in the figure of a unit, came in and went out since a closing, by name; scoped to the viewer.

    Who had counted is told by the facts and the corrections since: the first one of a person says what the closing saw.
    """
    known = places.structures()
    place = places.place_of(unit, closing.structure, known, with_rows=False)
    since = corrections_of(closing).filter(indicator=indicator).order_by()
    first = since.values("user").annotate(first=Min("pk")).values("first")
    inside = Q(before_unit__in=place.subtree())
    if place.holds_unknown:
        inside |= Q(before_unit__isnull=True)
    gone = CountCorrection.objects.filter(inside, pk__in=first, before_on__lte=closing.until).order_by()
    why = Subquery(since.filter(user=OuterRef("user")).order_by("-pk").values("reason")[:1])

    now = Counted.objects.filter(place.inside(), indicator=indicator).within(closing.year)
    later = Q(counted_on__gt=closing.until) | Q(Exists(since.filter(user=OuterRef("user"))))
    came = Counted.objects.for_people_page(indicator, closing.year).filter(place.inside(), later)
    went = gone.exclude(user__in=now.values("user")).filter(_visible(viewer, unit, place))
    stayed = Counted.objects.for_people_page(indicator, closing.year).filter(
        place.inside(named=True), ~later | Q(user__in=gone.values("user"))
    )
    return Moved(
        # Read as units stood before, a place may hold some that are in somebody else's scope today.
        stayed if place.home == places.structure_now(known) else stayed.visible_to(viewer),
        came.exclude(user__in=gone.values("user")).visible_to(viewer).annotate(why=why),
        went.select_related("user", "before_unit", "before_completion").annotate(why=why).order_by(
            "user__sort_key", "pk"
        ),
    )  # fmt: skip


def _visible(viewer: Any, unit: Unit, place: places.Place) -> Q:
    """As ``kpi.closed.corrections_for_page``: people of unknown unit are seen by who answers for the whole province."""
    seen = Q(before_unit__in=access.scope_units(viewer, access.KPI_READING))
    if place.holds_unknown and access.can_read_kpi(viewer, unit):
        seen |= Q(before_unit__isnull=True)
    return seen


def why_named(reason: str | None) -> str:
    """A reason in words; of no correction: learnt since."""
    return str(CorrectionReason(reason).label) if reason else _("Học xong sau ngày chốt")
