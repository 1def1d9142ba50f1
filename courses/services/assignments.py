"""Who ought to learn what by when, as programmes say it elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from courses.models import Assignment


@dataclass(frozen=True)
class AssignmentWish:
    """An assignment that ought to be there. Ids; exactly one of ``course_id`` and ``learning_path_id`` is given."""

    source: str
    title: str
    reference: str
    audience_id: int
    begins_on: date
    due_on: date
    unit_id: int | None = None
    course_id: int | None = None
    learning_path_id: int | None = None

    @property
    def key(self) -> tuple[str, int, int | None, int | None, int | None]:
        """What makes it the same assignment when its words or days change."""
        return self.source, self.audience_id, self.unit_id, self.course_id, self.learning_path_id


@dataclass(frozen=True)
class Replaced:
    """What replacing did, in rows."""

    created: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0


SAID = ("title", "reference", "begins_on", "due_on")


@transaction.atomic
def assignments_replace(*, source_prefix: str, wanted: Iterable[AssignmentWish]) -> Replaced:
    """Make the assignments whose source begins with ``source_prefix`` the wanted ones. Idempotent.

    Raises ValueError when a wish is of another source: it would never be taken away again.
    """
    wishes = {wish.key: wish for wish in wanted}
    if foreign := [wish.source for wish in wishes.values() if not wish.source.startswith(source_prefix)]:
        raise ValueError(f"{foreign[0]} does not begin with {source_prefix}")
    created = updated = unchanged = 0
    stale = []
    for row in Assignment.objects.filter(source__startswith=source_prefix):
        wish = wishes.pop((row.source, row.audience_id, row.unit_id, row.course_id, row.learning_path_id), None)
        if wish is None:
            stale.append(row.pk)
        elif all(getattr(row, name) == getattr(wish, name) for name in SAID):
            unchanged += 1
        else:
            for name in SAID:
                setattr(row, name, getattr(wish, name))
            row.save()
            updated += 1
    Assignment.objects.filter(pk__in=stale).delete()
    for wish in wishes.values():
        Assignment.objects.create(**vars(wish))
        created += 1
    return Replaced(created, updated, len(stale), unchanged)
