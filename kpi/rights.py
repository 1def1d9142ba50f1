"""Whose figures somebody may read by name."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q

from people import access
from people.models import Membership, User


def explained_by(viewer: Any, users: Collection[int]) -> set[int]:
    """Those of the people of whom ``viewer`` may read why they count or not: they may be seen, and are today in a unit
    whose figures ``viewer`` reads, or in none while ``viewer`` reads a whole province. One query."""
    scope = access.scope_units(viewer, access.KPI_READING)
    inside = Membership.objects.in_force().filter(unit__in=scope).values("user")
    found = User.objects.filter(pk__in=users).filter(Q(pk__in=inside) | Q(pk__in=access.people_without_unit(scope)))
    return set(found.values_list("pk", flat=True))
