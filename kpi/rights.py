"""Whose figures somebody may read by name."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from people import access


def explained_by(viewer: Any, users: Collection[int]) -> set[int]:
    """Those of the people of whom ``viewer`` may read why they count or not: they are today in a unit whose figures
    ``viewer`` reads, or in none while ``viewer`` reads a whole province."""
    return access.people_answered_for(viewer, users, access.KPI_READING)
