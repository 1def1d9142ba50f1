"""A name that was given a moment ago and is wrong: mended in its own row, because that row never held for a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import Refusal
from people.models import Unit, UnitSuccession
from people.querysets import today
from people.units.change import Change, Decision, Done
from people.units.reads import heir_of

NO_DECISION = Decision()


def is_correctable(unit: Unit, on: date | None = None) -> bool:
    """Whether the row began through a rename, today or later, and (given a day) on that very day.

    A row that began because the unit moved, grew or was divided says more than a name: it is not mended so.
    """
    day = unit.valid_from
    if day < today() or unit.valid_to is not None or on not in (None, day):
        return False
    links = list(UnitSuccession.objects.filter(successor=unit).select_related("predecessor__parent")[:2])
    if len(links) != 1 or not links[0].principal or links[0].effective_on != day:
        return False
    before = links[0].predecessor
    if before.code != unit.code or before.successions.count() != 1:
        return False
    was, now = (heir_of(row.parent, day) if row.parent else None for row in (before, unit))
    return was == now


@transaction.atomic
def unit_correct(
    *,
    actor: Any,
    unit: Unit,
    name: str,
    kind: str,
    decision: Decision = NO_DECISION,
    expected: str | None = None,
) -> Done:
    """Give the row another name or kind in place; its day stays. Raises ``not_correctable``, ``nothing_changes``."""
    change = Change("unit_correct", actor, unit.valid_from, decision, expected, adding_to_history=True)
    row = Unit.objects.select_for_update().get(pk=unit.pk)
    if not is_correctable(row):
        raise Refusal(
            _("Tên «%(unit)s» đã có hiệu lực, không sửa tại chỗ được nữa.") % {"unit": row.name},
            code="not_correctable",
            fix=_("Đổi tên với một ngày hiệu lực mới."),
        )
    if (name, kind) == (row.name, row.kind):
        raise Refusal(_("Tên và loại vẫn như cũ."), code="nothing_changes", fix=_("Ghi tên mới hoặc chọn loại mới."))
    before = {"name": row.name, "kind": row.kind}
    row.name, row.kind = name, kind
    row.save(update_fields=["name", "kind", "search_key"])
    change.done.after.append(row)
    change.done.around += [above for above in [change.parent_of(row)] if above]
    change.log(row, before=before, after={"name": row.name, "kind": row.kind})
    return change.done
