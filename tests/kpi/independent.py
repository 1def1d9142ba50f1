"""Figures reckoned once more, from the raw completions alone and with nothing of the ``kpi`` room but its tables.

Slow and simple on purpose: for each indicator and year every person's completions are walked through by hand, and the
people are gathered up the tree by sets, so that nobody can be in one twice.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from zoneinfo import ZoneInfo

from courses.models import Completion
from kpi.models import Indicator
from people.models import Audience, UnitAncestor

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
HIGH = "thanh_thao"
#: What counts people by their completions alone.
KINDS = ("completed", "passed", "level", "hours")
#: (indicator code, year, structure id, unit id) → people. The year of what does not begin anew is 0.
People = dict[tuple[str, int, int, int], set[int]]


def below(audiences: set[int]) -> set[int]:
    """The audiences with all those under them."""
    found, size = set(audiences), 0
    while len(found) > size:
        size = len(found)
        found |= set(Audience.objects.filter(parent__in=found).values_list("pk", flat=True))
    return found


def people_by_indicator() -> dict[tuple[str, int], dict[int, int | None]]:
    """Indicator and year → person → the unit where they count. Only of ``KINDS``."""
    found: dict[tuple[str, int], dict[int, int | None]] = defaultdict(dict)
    completions = list(
        Completion.objects.order_by("completed_at", "pk").prefetch_related("standings").select_related("course")
    )
    for indicator in Indicator.objects.filter(counts=True, counting__in=KINDS):
        audiences = below({audience.pk for audience in indicator.audiences.all()})
        courses = {course.pk for course in indicator.courses.all()}
        hours: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
        for one in completions:
            standings = [s for s in one.standings.all() if s.audience_id in audiences]
            if not standings or (courses and one.course_id not in courses):
                continue
            if indicator.min_score is not None and (one.score is None or one.score < indicator.min_score):
                continue
            if indicator.level == HIGH and one.course_level != HIGH:
                continue
            year = one.completed_at.astimezone(HERE).year if indicator.recurrence == "yearly" else 0
            hours[one.user_id, year] += one.course_hours
            if indicator.counting == "hours" and hours[one.user_id, year] < (indicator.min_hours or 0):
                continue
            standings.sort(key=lambda s: (not s.is_main, s.pk))
            found[indicator.code, year].setdefault(one.user_id, standings[0].unit_id)
    return found


def people_by_place() -> People:
    """Everybody under each unit of each structure."""
    above: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for structure, ancestor, descendant in UnitAncestor.objects.values_list("structure", "ancestor", "descendant"):
        above[descendant].append((structure, ancestor))
    found: People = defaultdict(set)
    for (code, year), people in people_by_indicator().items():
        for person, unit in people.items():
            for structure, ancestor in above[unit] if unit else ():
                found[code, year, structure, ancestor].add(person)
    return found
