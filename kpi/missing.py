"""Who ought to be trained and is not counted: members on the list, without a count for the indicator in the year.

Everybody who is on the list and counted, and everybody who is on it and missing, together are the list: the same day,
audiences and units as the denominator by list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from common.text import fold
from kpi.denominators import by_list, list_day
from kpi.models import Counted, CountingKind, Indicator
from kpi.places import Place
from people import access
from people.audiences import audience_parents, with_descendants
from people.models import Membership, Unit, UnitAncestor, User


def listed_memberships(indicator: Indicator, units: Collection[int], day: date) -> QuerySet[Membership]:
    """Rows of the list of a day that make up the denominator of the indicator in some units."""
    audiences = with_descendants({a.pk for a in indicator.all_audiences}, audience_parents())
    found: QuerySet[Membership] = Membership.objects.in_force(day).filter(audience__in=audiences, unit_id__any_of=units)
    return found


@dataclass(frozen=True)
class Missing:
    """The question behind a list: which indicator, where, in which year; of one unit below where ``below`` is given."""

    indicator: Indicator
    place: Place
    year: int
    viewer: Any
    below: Unit | None = None

    @cached_property
    def units(self) -> set[int]:
        """Ids of the units inside what the viewer reads."""
        found = set(self.place.units)
        if self.below is not None:
            inside = UnitAncestor.objects.filter(structure=self.place.structure, ancestor=self.below)
            found &= set(inside.values_list("descendant", flat=True))
        return found & set(access.scope_units(self.viewer, access.KPI_READING).values_list("descendant", flat=True))

    def memberships(self) -> QuerySet[Membership]:
        """Rows on the list of the day, inside what the viewer reads, of people who are not counted."""
        counted = Counted.objects.of(self.indicator, self.year).filter(user=OuterRef("user"))
        return listed_memberships(self.indicator, self.units, list_day(self.year)).filter(~Exists(counted))

    def count(self) -> int:
        """How many people that is: from the list alone, without their names."""
        return self.memberships().order_by().values("user").distinct().count()

    def people(self, words: str = "") -> QuerySet[User]:
        """The people, each once, by given name; ``words`` need no accents."""
        rows = self.memberships().filter(user=OuterRef("pk"))
        found = User.objects.filter(Exists(rows))
        for word in fold(words).split():
            found = found.filter(search_key__contains=word)
        ordered: QuerySet[User] = found.order_by("sort_key", "pk")
        return ordered

    def rows(self, words: str = "") -> QuerySet[Membership]:
        """For a file: every row of the list with its person, unit and audience, person by person."""
        found = self.memberships()
        for word in fold(words).split():
            found = found.filter(user__search_key__contains=word)
        return found.select_related("user", "unit", "audience").order_by("user__sort_key", "user_id", "-is_main", "pk")

    def places_of(self, people: Collection[User]) -> dict[int, list[Membership]]:
        """Where each of some people is on the list; one query."""
        found: dict[int, list[Membership]] = defaultdict(list)
        rows = self.memberships().filter(user__in=people).select_related("unit", "audience")
        for row in rows.order_by("-is_main", "pk"):
            found[row.user_id].append(row)
        return found


def why_no_list(indicator: Indicator) -> str:
    """Why nobody can be named who is missing; empty where a list names them."""
    if indicator.counting in (CountingKind.ACTIVITY, CountingKind.DECLARED):
        return _("Chỉ tiêu này tính theo đơn vị, không theo từng người, nên không có danh sách người chưa học.")
    if not indicator.counts:
        return _("Hệ thống chưa tính được chỉ tiêu này, nên chưa biết ai đã học, ai chưa.")
    if not by_list(indicator):
        return _(
            "Chỉ tiêu này tính trên toàn bộ người dân. Không có danh sách nào ghi tên từng người dân phải học, "
            "nên chỉ biết còn thiếu bao nhiêu người, không biết là những ai."
        )
    return ""
