"""How many people of each audience finished each course in the last year: what recommendations lean on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from courses.models import CompletionStanding, CourseUptake
from courses.recommending import MIN_PEOPLE
from people.audiences import audience_parents, with_descendants

WINDOW = timedelta(days=365)


@transaction.atomic
def uptake_rebuild(*, at: datetime | None = None) -> dict[str, int]:
    """Count anew who finished what in the year before ``at``; return the rows and people counted, and rows held back.

    A person counts once for an audience, whether they stood in it or in one below it. Fewer than ``MIN_PEOPLE`` people
    are not kept at all: so small a number could point at somebody.
    """
    at = at or timezone.now()
    recent = CompletionStanding.objects.filter(
        completion__completed_at__gt=at - WINDOW,
        completion__completed_at__lte=at,
        completion__course__is_published=True,
    )
    parents = audience_parents()
    wide = {parent for parent in parents.values() if parent is not None}
    counts: dict[tuple[int, int], int] = {}
    for audience, course, people in _people(recent.exclude(audience__in=wide), "audience"):
        counts[audience, course] = people
    for audience in wide:
        below = recent.filter(audience__in=with_descendants([audience], parents))
        for course, people in _people(below):
            counts[audience, course] = people
    rows = [CourseUptake(audience_id=a, course_id=c, people=n) for (a, c), n in counts.items() if n >= MIN_PEOPLE]
    CourseUptake.objects.all().delete()
    CourseUptake.objects.bulk_create(rows, batch_size=1000)
    return {"rows": len(rows), "people": sum(row.people for row in rows), "held_back": len(counts) - len(rows)}


def _people(standings: QuerySet[CompletionStanding], *by: str) -> Any:
    """Distinct people by course (and what else is named), of the standings given."""
    groups = standings.order_by().values_list(*by, "completion__course")
    return groups.annotate(people=Count("completion__user", distinct=True))
