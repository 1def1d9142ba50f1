"""Courses that ask for other courses first: never in a ring, or nobody could begin."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from cms.checks import rules
from courses.models import Course


def prerequisite_ring(*, key: UUID, wanted: Sequence[int]) -> list[str]:
    """The titles along the ring that a course closes when it asks for the ``wanted`` ones; empty when there is none.

    ``key`` is the page's. A course that was never published is asked for by nobody, so it closes no ring.
    """
    own = Course.objects.filter(key=key).values_list("pk", flat=True).first()
    if not wanted or own is None:
        return []
    asks: dict[int, set[int]] = {}
    for asking, asked in Course.prerequisites.through.objects.values_list("from_course", "to_course"):
        asks.setdefault(asking, set()).add(asked)
    ring = rules.circle(own, wanted, asks)
    titles = dict(Course.objects.filter(pk__in=ring).values_list("pk", "title"))
    return [titles[pk] for pk in ring]


def ring_problem(*, key: UUID, wanted: Sequence[int]) -> str:
    """``prerequisite_ring`` in words for the editor; empty when there is none."""
    ring = prerequisite_ring(key=key, wanted=wanted)
    way = " → ".join(f"«{title}»" for title in ring)
    return _("Các khoá đòi lẫn nhau thành vòng: %(way)s. Bỏ bớt một khoá.") % {"way": way} if ring else ""
