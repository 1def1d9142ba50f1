"""Changes of the tree, one function each. A row is never rewritten: it ends on a day and another begins.

Every change takes ``actor``, the day ``on``, the ``decision`` it rests on, and ``expected``: the version of the tree
that was looked at. All of them raise Refusal, and then nothing is saved: ``stale_tree`` when the tree changed
meanwhile, the codes of ``people.units.checks``, and those named at each function.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.errors import Refusal
from people.models import Unit, UnitSuccession
from people.querysets import today
from people.services import structures_rebuild
from people.units import checks
from people.units.change import Change, Decision, Done
from people.units.members import members_from
from people.units.reads import children_of, heir_of

NO_DECISION = Decision()


@dataclass(frozen=True)
class Naming:
    """How a new unit is to be called. ``code`` may be that of a unit that ends on the same day."""

    code: str
    name: str
    kind: str


@dataclass(frozen=True)
class Part:
    """One part of a divided unit; ``principal`` where the whole is reckoned to it from now on."""

    naming: Naming
    principal: bool = False


@transaction.atomic
def unit_add(
    *,
    actor: Any,
    parent: Unit,
    naming: Naming,
    on: date,
    decision: Decision = NO_DECISION,
    expected: str | None = None,
) -> Done:
    """Begin a new unit under ``parent``. Raises ``code_taken``.

    No other unit changes, so no new structure begins; except under a unit that is itself younger than the newest
    structure: what does not stand on a structure's first day has nothing below it there.
    """
    change = Change("unit_add", actor, on, decision, expected)
    checks.stands(parent, on)
    checks.code_free(naming.code, on)
    unit = change.begin(naming, parent)
    change.log(unit, unit=parent, after=_shown(unit))
    return change.finish(new_structure=parent.valid_from > change.structure.valid_from)


@transaction.atomic
def unit_rename(
    *,
    actor: Any,
    unit: Unit,
    name: str,
    kind: str,
    on: date,
    decision: Decision = NO_DECISION,
    expected: str | None = None,
) -> Done:
    """Give a unit another name or kind from a day on. Raises ``nothing_changes``."""
    change = Change("unit_rename", actor, on, decision, expected)
    checks.may_change(unit, on)
    if (name, kind) == (unit.name, unit.kind):
        raise Refusal(_("Tên và loại vẫn như cũ."), code="nothing_changes", fix=_("Ghi tên mới hoặc chọn loại mới."))
    above = change.parent_of(unit)
    new = change.continue_as(unit, Naming(unit.code, name, kind), above)
    change.log(unit, before=_shown(unit, above), after=_shown(new))
    return change.finish()


@transaction.atomic
def unit_move(
    *,
    actor: Any,
    unit: Unit,
    parent: Unit,
    on: date,
    decision: Decision = NO_DECISION,
    expected: str | None = None,
) -> Done:
    """Put a unit, with everything below it, under another. Raises ``under_itself``, ``nothing_changes``."""
    change = Change("unit_move", actor, on, decision, expected)
    checks.may_change(unit, on)
    checks.stands(parent, on)
    checks.not_below(parent, [unit])
    above = change.parent_of(unit)
    if above == parent:
        raise Refusal(
            _("«%(unit)s» đang thuộc «%(above)s» rồi.") % {"unit": unit.name, "above": parent.name},
            code="nothing_changes",
            fix=_("Chọn một đơn vị cấp trên khác."),
        )
    new = change.continue_as(unit, Naming(unit.code, unit.name, unit.kind), parent)
    change.done.around += [u for u in (above, parent) if u]
    change.log(unit, before=_shown(unit, above), after=_shown(new))
    return change.finish()


@transaction.atomic
def units_merge(
    *,
    actor: Any,
    units: Sequence[Unit],
    into: Unit | None = None,
    naming: Naming | None = None,
    parent: Unit | None = None,
    on: date,
    decision: Decision = NO_DECISION,
    expected: str | None = None,
) -> Done:
    """Join units into one that exists (``into``, which goes on as it is) or into a new one (``naming``, ``parent``).

    Raises ``too_few_units``, ``under_itself``, ``code_taken``.
    """
    change = Change("unit_merge", actor, on, decision, expected)
    ending = [unit for unit in dict.fromkeys(units) if unit != into]
    if len(ending) + (into is not None) < 2:
        raise Refusal(
            _("Cần ít nhất hai đơn vị khác nhau để sáp nhập."),
            code="too_few_units",
            fix=_("Ghi thêm đơn vị cùng sáp nhập."),
        )
    for unit in ending:
        checks.may_change(unit, on)
    change.done.around += [above for unit in ending if (above := change.parent_of(unit))]
    target = _receiving(change, ending, into) if into else _begun(change, ending, naming, parent)
    for unit in ending:
        change.end(unit)
        change.succeed(unit, target, principal=True)
        change.carry(unit, target)
        change.log(unit, before=_shown(unit), after={"successor": target.code, "name": target.name})
    change.log(target, after=_shown(target), took_over=[f"{u.name} ({u.code})" for u in ending])
    return change.finish()


def _receiving(change: Change, ending: Sequence[Unit], into: Unit) -> Unit:
    """The unit that takes the others in and goes on as it is."""
    checks.may_receive(into, change.on)
    checks.not_below(into, ending)
    change.done.after.append(into)
    change.done.around += [above for above in [change.parent_of(into)] if above]
    return into


def _begun(change: Change, ending: Sequence[Unit], naming: Naming | None, parent: Unit | None) -> Unit:
    """The new unit that takes the others in."""
    if naming is None or parent is None:
        raise TypeError("A new unit needs naming and parent.")
    checks.stands(parent, change.on)
    checks.not_below(parent, ending)
    checks.code_free(naming.code, change.on, ending=ending)
    return change.begin(naming, parent)


@transaction.atomic
def unit_split(
    *,
    actor: Any,
    unit: Unit,
    parts: Sequence[Part],
    members: Mapping[int, int] | None = None,
    children: Mapping[int, int] | None = None,
    on: date,
    decision: Decision = NO_DECISION,
    expected: str | None = None,
) -> Done:
    """Divide a unit into new ones under the same parent.

    ``members`` (pk of a membership) and ``children`` (pk of a unit below) name the place of their part in ``parts``.
    Whoever is not named goes to the principal part; without one they stay visible under the parent as "chưa xếp đơn
    vị".
    Raises ``too_few_units``, ``two_principals``, ``code_taken``.
    """
    change = Change("unit_split", actor, on, decision, expected)
    checks.may_change(unit, on)
    _parts_allowed(parts)
    above = change.parent_of(unit)
    below = {child.pk: child for child in children_of(unit, change.structure, on)}
    change.end(unit)
    new: list[Unit] = []
    for part in parts:
        checks.code_free(part.naming.code, on, ending=[unit])
        new.append(change.begin(part.naming, above))
        change.succeed(unit, new[-1], principal=part.principal)
    principal = next((u for u, part in zip(new, parts, strict=True) if part.principal), None)
    change.carry(unit, principal, chosen={pk: new[number] for pk, number in (members or {}).items()})
    elsewhere = {pk: new[at] for pk, at in (children or {}).items() if pk in below and new[at] != principal}
    for pk, part_unit in elsewhere.items():
        change.reparent(below[pk], part_unit)
    change.done.children = [(part_unit, list(elsewhere.values()).count(part_unit)) for part_unit in new]
    change.done.children += [(principal or above or unit, len(below) - len(elsewhere))]
    change.done.around += [above] if above else []
    change.log(unit, before=_shown(unit), after={"parts": [f"{u.name} ({u.code})" for u in new]})
    return change.finish()


def _parts_allowed(parts: Sequence[Part]) -> None:
    if len(parts) < 2:
        raise Refusal(_("Chia tách cần ít nhất hai phần."), code="too_few_units", fix=_("Ghi tên và mã của từng phần."))
    if sum(part.principal for part in parts) > 1:
        raise Refusal(_("Chỉ một phần được là phần chính."), code="two_principals", fix=_("Chọn lại một phần chính."))
    checks.codes_differ([part.naming.code for part in parts])


@transaction.atomic
def unit_close(
    *,
    actor: Any,
    unit: Unit,
    receiver: Unit | None = None,
    end_members: bool = False,
    with_children: bool = False,
    on: date,
    decision: Decision = NO_DECISION,
    expected: str | None = None,
) -> Done:
    """Close a unit. Its people and what is below it go to ``receiver``, if there is one.

    Without a receiver: people are only let go with ``end_members``, units below only closed ``with_children``.
    Raises ``unit_has_members``, ``unit_has_children``.
    """
    if receiver is not None:
        return units_merge(actor=actor, units=[unit], into=receiver, on=on, decision=decision, expected=expected)
    change = Change("unit_close", actor, on, decision, expected)
    closing = _branch(change, unit)
    if len(closing) > 1 and not with_children:
        raise _has_children(unit, len(closing) - 1)
    people = len({m.user_id for m in members_from([at.pk for at in closing], on)})
    if people and not end_members:
        raise _has_members(unit, people)
    above = change.parent_of(unit)
    change.done.around += [above] if above else []
    for at in closing:
        change.end(at)
        change.let_go(at)
        change.log(at, before=_shown(at), after={"valid_to": on.isoformat()})
    return change.finish(new_structure=False)


def _has_children(unit: Unit, below: int) -> Refusal:
    said = ngettext(
        "Dưới «%(unit)s» còn %(count)s đơn vị đang hoạt động.",
        "Dưới «%(unit)s» còn %(count)s đơn vị đang hoạt động.",
        below,
    )
    fix = _("Chuyển các đơn vị đó đi trước, chọn đơn vị tiếp nhận, hoặc đánh dấu đóng cả các đơn vị bên dưới.")
    return Refusal(said % {"unit": unit.name, "count": below}, code="unit_has_children", fix=fix)


def _has_members(unit: Unit, people: int) -> Refusal:
    said = ngettext("«%(unit)s» còn %(count)s người.", "«%(unit)s» còn %(count)s người.", people)
    fix = _("Chọn đơn vị tiếp nhận họ, hoặc đánh dấu cho họ thôi là thành viên từ ngày đóng.")
    return Refusal(said % {"unit": unit.name, "count": people}, code="unit_has_members", fix=fix)


def _branch(change: Change, unit: Unit) -> list[Unit]:
    """A unit and everything below it, parents first; every one of them can end on the day."""
    found = [unit]
    for at in found:  # grows while it is walked
        checks.may_change(at, change.on)
        found += children_of(at, change.structure, change.on)
    return found


@transaction.atomic
def succession_set(
    *,
    actor: Any,
    unit: Unit,
    successor: Unit,
    decision: Decision = NO_DECISION,
    expected: str | None = None,
) -> Done:
    """Say by hand what took over from a unit that ended without a principal successor.

    Only how the past is read changes, never a fact. Raises ``has_principal``, ``unit_stands``, ``unit_has_ended``.
    """
    if unit.valid_to is None or unit.valid_to > today():
        raise Refusal(
            _("«%(unit)s» vẫn đang hoạt động.") % {"unit": unit.name},
            code="unit_stands",
            fix=_("Dùng thao tác sáp nhập hoặc đóng trên trang đơn vị."),
        )
    change = Change("succession_set", actor, unit.valid_to, decision, expected, adding_to_history=True)
    if known := UnitSuccession.objects.filter(predecessor=unit, principal=True).select_related("successor").first():
        raise Refusal(
            _("«%(unit)s» đã được quy đổi về «%(successor)s» (%(code)s).")
            % {"unit": unit.name, "successor": known.successor.name, "code": known.successor.code},
            code="has_principal",
            fix=_("Mỗi đơn vị cũ chỉ có một đơn vị kế thừa chính, để không ai bị đếm hai lần."),
        )
    checks.stands(successor, unit.valid_to)
    UnitSuccession.objects.update_or_create(
        predecessor=unit, successor=successor, defaults={"principal": True, "effective_on": unit.valid_to}
    )
    now = heir_of(successor, today()) or successor
    change.done.after.append(now)
    change.done.around += [above for above in [change.parent_of(now)] if above]
    change.log(unit, after={"successor": successor.code, "name": successor.name})
    structures_rebuild()
    return change.done


def _shown(unit: Unit, parent: Unit | None = None) -> dict[str, Any]:
    """The fields that a change is about, for the log."""
    above = parent or unit.parent
    return {"code": unit.code, "name": unit.name, "kind": unit.kind, "parent": above.name if above else ""}
