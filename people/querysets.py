"""Reads of people, units and memberships, named for the screens that ask."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Case, Q, When
from django.utils import timezone

from common.text import fold

if TYPE_CHECKING:
    from people.models import Structure


def today() -> date:
    """The day it is in the province."""
    return timezone.localdate()


class MembershipQuerySet(models.QuerySet[Any]):
    def in_force(self, on: date | None = None) -> MembershipQuerySet:
        """Memberships that hold on a day (today by default)."""
        on = on or today()
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), valid_from__lte=on)

    def under(self, unit_ids: models.QuerySet[Any] | list[int], structure: Structure) -> MembershipQuerySet:
        """Memberships in the given units and everything below them, under one structure."""
        from people.models import UnitAncestor

        below = UnitAncestor.objects.filter(structure=structure, ancestor__in=unit_ids).values("descendant")
        return self.filter(unit__in=below)


class UserQuerySet(models.QuerySet[Any]):
    def visible_to(self, viewer: Any) -> UserQuerySet:
        """People whom ``viewer`` may see: themselves, and those with a membership in force in their scope."""
        from people import access

        if not viewer.is_authenticated:
            return self.none()
        scope = access.scope_units(viewer)
        from people.models import Membership

        inside = Membership.objects.in_force().filter(unit__in=scope).values("user")
        return self.filter(Q(pk=viewer.pk) | Q(pk__in=inside))

    def search(self, words: str) -> UserQuerySet:
        """People whose name contains the words, whatever the accents."""
        return self.filter(search_key__contains=fold(words))


class UnitQuerySet(models.QuerySet[Any]):
    def standing_on(self, day: date | None = None) -> UnitQuerySet:
        """Units that stand on a day (today by default)."""
        day = day or today()
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)

    def search(self, words: str) -> UnitQuerySet:
        """Units in whose name every word stands (accents optional), or whose code begins so; no words ask nothing."""
        named = Q()
        for word in fold(words).split():
            named &= Q(search_key__contains=word)
        return self.filter(named | Q(code__istartswith=words.strip()))

    def best_first(self, words: str) -> UnitQuerySet:
        """In the order in which people look for them: the exact name or code, names that begin so, administrative
        levels, then schools, teams and all others; by name within each, and what stands before what ended."""
        from people.models import ADMINISTRATIVE_KINDS

        said = fold(words)
        is_administrative = Q(kind__in=ADMINISTRATIVE_KINDS)
        if not said:
            return self.order_by("search_key", "-valid_from", "pk")
        rank = Case(
            When(Q(search_key=said) | Q(code__iexact=words.strip()), then=0),
            When(Q(search_key__startswith=said) & is_administrative, then=1),
            When(search_key__startswith=said, then=2),
            When(is_administrative, then=3),
            default=4,
        )
        return self.order_by(rank, "search_key", "-valid_from", "pk")

    def communes_for_choice(self) -> UnitQuerySet:
        """Today's communes and wards, for "where do you live?"."""
        from people.models import COMMUNE_KINDS

        return self.standing_on().filter(kind__in=COMMUNE_KINDS).order_by("search_key")
