"""Reports that are owed, as screens and services read them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q

#: Neither handed in nor excused.
OPEN = Q(handed_in_at=None, excused_at=None)


class ReportDueQuerySet(models.QuerySet[Any]):
    def open(self) -> ReportDueQuerySet:
        """What is still owed."""
        return self.filter(OPEN)

    def late(self, day: date) -> ReportDueQuerySet:
        """What is still owed after its last day on time."""
        return self.filter(OPEN, due_on__lt=day)

    def due_within(self, day: date, days: int) -> ReportDueQuerySet:
        """What is still owed and due from a day on, so many days ahead."""
        return self.filter(OPEN, due_on__gte=day, due_on__lte=day + timedelta(days=days))

    def for_calendar(self, year: int, day: date) -> ReportDueQuerySet:
        """Periods of a year; for the year of ``day`` also what earlier years still owe, until it is settled."""
        shown = Q(begins_on__year=year)
        if year == day.year:
            shown |= OPEN & Q(due_on__lt=day, begins_on__year__lt=year)
        return self.filter(shown)

    def outside_validity(self) -> ReportDueQuerySet:
        """What is owed for periods before or after the span of the decision."""
        before = Q(until__lt=F("duty__decision__valid_from"))
        return self.filter(before | Q(begins_on__gt=F("duty__decision__valid_until")))
