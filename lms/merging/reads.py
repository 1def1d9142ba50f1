"""Records that may be of one person, as an official compares them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

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
    def rank(self) -> tuple[bool, int, int, int]:
        """The least should go on: one that somebody uses, then the one with more in it, then the older."""
        return self.is_waiting, -self.completions, -self.certificates, self.person.pk

    def better_than(self, other: Record) -> str:
        """Why this record should go on and not the other."""
        reasons = (_("đã có người đăng nhập"), _("đã học nhiều hơn"), _("có nhiều giấy hơn"), _("được lập trước"))
        return next(why for why, ours, theirs in zip(reasons, self.rank, other.rank, strict=True) if ours != theirs)

    @property
    def phone(self) -> str:
        number = self.person.phone or self.person.contact_phone
        return show_phone(number) if number else ""


@dataclass(frozen=True)
class Group:
    """Records that may be of one person: the one that should go on, why that one, and the others."""

    best: Record
    others: list[Record]

    @property
    def why(self) -> str:
        return self.best.better_than(self.others[0]) if self.others else ""


def alike_for(viewer: Any) -> list[Group]:
    """Groups of records with one name and one day of birth, by name; the first so many."""
    people = _within_scope(viewer).filter(birth_date__isnull=False)
    same = people.order_by().values("search_key", "birth_date").annotate(number=Count("pk")).filter(number__gt=1)
    keys = list(same.order_by("search_key", "birth_date").values_list("search_key", "birth_date")[:MOST_GROUPS])
    meant = Q(pk__in=[])
    for name, day in keys:
        meant |= Q(search_key=name, birth_date=day)
    found = _kept_by(viewer, User.objects.filter(meant, is_active=True).order_by("search_key", "birth_date", "pk"))
    groups = groupby(found, key=lambda one: (one.person.search_key, one.person.birth_date))
    return [_group(records) for _key, some in groups if len(records := list(some)) > 1]


def named_for(viewer: Any, name: str) -> list[Group]:
    """Records with just this name, accents optional, as one group; the first so many."""
    people = _within_scope(viewer).filter(search_key=fold(name))
    records = _kept_by(viewer, people.order_by(F("birth_date").asc(nulls_last=True), "pk")[:MOST_NAMED])
    return [_group(records)] if records else []


def _within_scope(viewer: Any) -> QuerySet[User]:
    """Open records of the people whose lists ``viewer`` keeps; of a whole province nobody is asked for singly, which is
    half of the work, so that ``_kept_by`` has the last word."""
    scope = access.scope_units(viewer, access.ROSTER_KEEPING)
    people: QuerySet[User] = User.objects.filter(is_active=True)
    if access.provinces_among(scope).exists():
        return people
    return people.filter(pk__in=Membership.objects.in_force().filter(unit__in=scope).values("user"))


def _kept_by(viewer: Any, people: Iterable[User]) -> list[Record]:
    """The records of those whose lists ``viewer`` keeps, in their order."""
    found = list(people)
    kept = access.people_answered_for(viewer, {one.pk for one in found}, access.ROSTER_KEEPING)
    return records_of([one for one in found if one.pk in kept])


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


def _group(records: list[Record]) -> Group:
    best, *others = sorted(records, key=attrgetter("rank"))
    return Group(best, others)
