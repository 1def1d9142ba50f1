"""Reads of indicators and counted people, named for the screens that ask."""

from __future__ import annotations

from typing import Any

from django.db import models


class IndicatorQuerySet(models.QuerySet[Any]):
    def counting(self) -> IndicatorQuerySet:
        """Indicators that completions of this platform feed."""
        return self.filter(counts=True)


class CountedQuerySet(models.QuerySet[Any]):
    def visible_to(self, viewer: Any) -> CountedQuerySet:
        """People counted under the units whose figures the viewer may read."""
        from people import access

        return self.filter(unit__in=access.scope_units(viewer, access.KPI_READING))
