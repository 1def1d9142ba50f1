"""Whose figures somebody may read by name."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from people import access
from people.models import Membership


def explained_by(viewer: Any, users: Collection[int]) -> set[int]:
    """Those of the people of whom ``viewer`` may read why they count or not: they may be seen, and are today in a unit
    whose figures ``viewer`` reads, or in none while ``viewer`` reads a whole province. Two queries, of these people
    alone: asked in one, the database gathers all whom the viewer reads, a million for a province. One more where
    somebody stands in no unit."""
    scope = access.scope_units(viewer, access.KPI_READING)
    standing = Membership.objects.in_force().filter(user__in=users).order_by()
    inside = set(standing.filter(unit__in=scope).values_list("user_id", flat=True))
    nowhere = set(users) - set(standing.values_list("user_id", flat=True))
    return inside | nowhere if nowhere and access.provinces_among(scope).exists() else inside
