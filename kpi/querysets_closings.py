"""Closed periods as screens read them."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef

from common.models import AppendOnlyQuerySet
from people.models import Unit, UnitAncestor


class ClosingQuerySet(AppendOnlyQuerySet):
    def for_page(self) -> ClosingQuerySet:
        """With what a line of a list names."""
        return self.select_related("unit", "structure", "closed_by")

    def holding(self, unit: Unit) -> ClosingQuerySet:
        """Closings that froze figures of the unit."""
        return self.filter(_inside(descendant=unit))

    def visible_to(self, viewer: Any) -> ClosingQuerySet:
        """Closings that hold a unit whose figures the viewer may read."""
        from people import access

        return self.filter(_inside(descendant__in=access.scope_units(viewer, access.KPI_READING)))


def _inside(**where: Any) -> Exists:
    below = UnitAncestor.objects.filter(structure=OuterRef("structure"), ancestor=OuterRef("unit"), **where)
    return Exists(below)
