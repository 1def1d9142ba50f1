"""What programmes in force ask people to learn, carried to where learners read it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db import transaction

from courses.services import AssignmentWish, Replaced, assignments_replace
from kpi.models import Programme, Target

SOURCE = "kpi"
#: Asked for anew in each year of the period; any other recurrence asks once within it.
YEARLY = frozenset({"yearly", "quarterly", "continuous"})
END_OF_YEAR = "12-31"


def period_of(programme: Programme, year: int) -> tuple[str, date, date] | None:
    """The part of the source that names the span, its first and its last day; None where nothing is asked in a year.

    Yearly programmes ask for each calendar year, up to the day that the data say (31/12 by default); others for their
    whole period, whatever the year. A programme without years is not in force: nobody can be late for it.
    """
    first, last = programme.year_from, programme.year_to
    if first is None or last is None or last < first:
        return None
    day = programme.detail.get("learning", {}).get("due") or END_OF_YEAR
    if programme.recurrence not in YEARLY:
        return "period", date(first, 1, 1), date.fromisoformat(f"{last}-{day}")
    return (str(year), date(year, 1, 1), date.fromisoformat(f"{year}-{day}")) if first <= year <= last else None


@transaction.atomic
def assignments_carry(*, year: int) -> Replaced:
    """Make the assignments of a year what the programmes say now; those of other years stay. Idempotent.

    Each programme with courses or paths asks its audiences (or those that the data name) in the unit for which its
    decision set targets, and below.
    """
    units = _units()
    wishes = [wish for programme in _programmes() for wish in _wishes(programme, units, year)]
    spans = [wish for wish in wishes if wish.source.startswith(f"{SOURCE}:period:")]
    yearly = [wish for wish in wishes if wish not in spans]
    results = [
        assignments_replace(source_prefix=f"{SOURCE}:{year}:", wanted=yearly),
        assignments_replace(source_prefix=f"{SOURCE}:period:", wanted=spans),
    ]
    return Replaced(
        created=sum(one.created for one in results),
        updated=sum(one.updated for one in results),
        removed=sum(one.removed for one in results),
        unchanged=sum(one.unchanged for one in results),
    )


def _programmes() -> list[Programme]:
    rows = Programme.objects.select_related("decision").prefetch_related("audiences", "courses", "paths")
    return list(rows.order_by("code"))


def _units() -> dict[int, int | None]:
    """Decision → the one unit for which it set targets; None where there are several: it then holds everywhere."""
    found: dict[int, set[int]] = {}
    for decision, unit in Target.objects.values_list("indicator__decision", "unit").distinct().order_by():
        found.setdefault(decision, set()).add(unit)
    return {decision: next(iter(units)) if len(units) == 1 else None for decision, units in found.items()}


def _wishes(programme: Programme, units: dict[int, int | None], year: int) -> Iterator[AssignmentWish]:
    """What one programme asks, one wish for each audience and course or path."""
    span = period_of(programme, year)
    if span is None:
        return
    name, begins_on, due_on = span
    only = programme.detail.get("learning", {}).get("audiences")
    things: list[tuple[int | None, int | None]] = [(course.pk, None) for course in programme.courses.all()]
    things += [(None, path.pk) for path in programme.paths.all()]
    for audience in programme.audiences.all():
        if only and audience.code not in only:
            continue
        for course, path in things:
            yield AssignmentWish(
                source=f"{SOURCE}:{name}:{programme.code}",
                title=programme.title[:300],
                reference=_reference(programme),
                audience_id=audience.pk,
                unit_id=units.get(programme.decision_id),
                course_id=course,
                learning_path_id=path,
                begins_on=begins_on,
                due_on=due_on,
            )


def _reference(programme: Programme) -> str:
    """Where it stands: the decision, and the place in it that the quote comes from."""
    section = programme.detail.get("section") or ""
    return ", ".join(part for part in (programme.decision.title, section) if part)[:300]
