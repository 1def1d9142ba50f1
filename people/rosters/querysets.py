"""Reads of lists of people, named for the screens that ask."""

from __future__ import annotations

from django.db.models import QuerySet

from people.models import RosterImport, RosterRow


def rows_for_review(roster: RosterImport, outcome: str = "") -> QuerySet[RosterRow]:
    """The lines of a list in the file's order, of one outcome or (empty) of all, with whom and where they mean."""
    rows = RosterRow.objects.filter(roster=roster)
    if outcome:
        rows = rows.filter(outcome=outcome)
    return rows.select_related("user", "unit", "membership__user", "membership__unit", "membership__audience").order_by(
        "number", "id"
    )
