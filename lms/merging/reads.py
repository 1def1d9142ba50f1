"""Records that may be of one person, as an official compares them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from certificates.models import Certificate
from common.text import fold
from courses.models import Completion
from people import access
from people.claims import is_waiting
from people.models import Membership, User
from people.phones import show_phone

#: Groups on a page: those that come later move up once these are settled.
MOST_GROUPS = 30
#: People of one name that are compared at once.
MOST_NAMED = 20


@dataclass(frozen=True)
class Record:
    """One of the records: who it says the person is, where they stand and what they have."""

    person: User
    places: list[str] = field(default_factory=list)
    completions: int = 0
    certificates: int = 0

    @property
    def is_waiting(self) -> bool:
        """Nobody has taken the account over yet."""
        return is_waiting(self.person)

    @property
    def phone(self) -> str:
        number = self.person.phone or self.person.contact_phone
        return show_phone(number) if number else ""


def kept_by(viewer: Any) -> QuerySet[User]:
    """Open records of the people whose lists ``viewer`` keeps; with those of nobody's unit for a whole province."""
    scope = access.scope_units(viewer, access.ROSTER_KEEPING)
    inside = Q(pk__in=Membership.objects.in_force().filter(unit__in=scope).values("user"))
    if access.provinces_among(scope).exists():
        inside |= Q(pk__in=access.people_without_unit(scope))
    found: QuerySet[User] = User.objects.filter(inside, is_active=True)
    return found


def alike_for(viewer: Any) -> list[list[Record]]:
    """Groups of records with one name and one day of birth, by name; the first so many."""
    same = (
        kept_by(viewer)
        .filter(birth_date__isnull=False)
        .order_by()
        .values("search_key", "birth_date")
        .annotate(number=Count("pk"))
        .filter(number__gt=1)
        .order_by("search_key", "birth_date")
    )
    keys = list(same.values_list("search_key", "birth_date")[:MOST_GROUPS])
    if not keys:
        return []
    meant = Q()
    for name, day in keys:
        meant |= Q(search_key=name, birth_date=day)
    people = kept_by(viewer).filter(meant).order_by("search_key", "birth_date", "pk")
    records = records_of(list(people))
    groups = groupby(records, key=lambda one: (one.person.search_key, one.person.birth_date))
    return [_best_first(list(group)) for _, group in groups]


def named_for(viewer: Any, name: str) -> list[Record]:
    """Records with just this name, accents optional; the first so many."""
    people = kept_by(viewer).filter(search_key=fold(name)).order_by(F("birth_date").asc(nulls_last=True), "pk")
    return _best_first(records_of(list(people[:MOST_NAMED])))


def records_of(people: Sequence[User]) -> list[Record]:
    """The records of people, in their order. Three queries, for two or a hundred."""
    places: dict[int, list[str]] = defaultdict(list)
    held = Membership.objects.in_force().filter(user__in=people).select_related("unit", "audience")
    for row in held.order_by("-is_main", "pk"):
        places[row.user_id].append(f"{row.unit.name} ({row.audience})")
    learnt = _number_of(Completion.objects.filter(user__in=people), "user")
    papers = _number_of(Certificate.objects.filter(holder__in=people), "holder")
    return [Record(one, places[one.pk], learnt.get(one.pk, 0), papers.get(one.pk, 0)) for one in people]


def _number_of(rows: QuerySet[Any], whose: str) -> dict[int, int]:
    return dict(rows.order_by().values(whose).annotate(number=Count("pk")).values_list(whose, "number"))


def _best_first(records: list[Record]) -> list[Record]:
    """The record that should go on first: one that somebody uses, then the one with more in it, then the older."""
    return sorted(records, key=lambda one: (one.is_waiting, -one.completions, -one.certificates, one.person.pk))
