"""A whole new structure from a file: what differs from the tree that stands, and doing it whole or not at all.

The file names every unit that stands from the first day on. Administrative levels are always whole: a commune that the
file does not name ends. Other kinds (teams, schools, departments) are whole only where the file names any of the kind;
otherwise they stay as they are and follow what they belong to.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import audit, wording
from common.errors import Refusal
from people.models import ADMINISTRATIVE_KINDS, Membership, Structure, Unit, UnitAncestor, UnitKind, UnitSuccession
from people.services import structure_begin, structures_follow, structures_lock, tree_version
from people.units.change import Decision
from people.units.members import Moved, members_carry_all
from people.units.reads import newest_structure
from people.units.structure_file import COLUMNS, NAMES, Fault, Row

WHOLE_FILE = 0


@dataclass(frozen=True)
class Standing:
    """The tree as it stands: units by code, the unit above each, and how many people each has itself."""

    units: dict[str, Unit]
    above: dict[int, int]
    people: dict[int, int]

    def code_above(self, unit: Unit) -> str:
        """The code of the unit above; empty for the highest."""
        return self._codes.get(self.above.get(unit.pk, 0), "")

    @cached_property
    def _codes(self) -> dict[int, str]:
        return {unit.pk: code for code, unit in self.units.items()}


@dataclass
class Plan:
    """What a file would do. The lists hold rows, or (for ``ended``) units; ``begun`` are rows that need a new unit."""

    rows: dict[str, Row] = field(default_factory=dict)
    added: list[Row] = field(default_factory=list)
    unchanged: list[Row] = field(default_factory=list)
    renamed: list[tuple[Row, Unit]] = field(default_factory=list)
    moved: list[tuple[Row, Unit]] = field(default_factory=list)
    merged: list[Row] = field(default_factory=list)
    split: list[tuple[Unit, list[Row]]] = field(default_factory=list)
    ended: list[Unit] = field(default_factory=list)
    unplaced: list[tuple[Unit, int]] = field(default_factory=list)
    reused: list[tuple[Row, Unit]] = field(default_factory=list)
    begun: list[Row] = field(default_factory=list)
    links: list[tuple[str, str, bool]] = field(default_factory=list)
    people: int = 0
    faults: list[Fault] = field(default_factory=list)

    @cached_property
    def before(self) -> dict[str, list[str]]:
        """New code → the codes that it takes over from; read once all links are known."""
        found: dict[str, list[str]] = defaultdict(list)
        for old, new, _principal in self.links:
            found[new].append(old)
        return found

    @cached_property
    def after(self) -> dict[str, list[tuple[str, bool]]]:
        """Old code → the new codes that take over from it, and which one is the principal."""
        found: dict[str, list[tuple[str, bool]]] = defaultdict(list)
        for old, new, principal in self.links:
            found[old].append((new, principal))
        return found

    def counts(self) -> dict[str, int]:
        """How many of each, for people and programs."""
        names = ("added", "unchanged", "renamed", "moved", "merged", "split", "ended", "reused", "faults")
        return {name: len(getattr(self, name)) for name in names} | {
            "people": self.people,
            "unplaced": sum(number for _unit, number in self.unplaced),
        }


def standing_on(on: date) -> Standing:
    """Read the tree that a new structure of that day would follow: three queries."""
    structure = newest_structure()
    units = list(Unit.objects.standing_on(on))
    pairs = UnitAncestor.objects.filter(structure=structure, depth=1).values_list("descendant_id", "ancestor_id")
    held = Membership.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on)).order_by()
    return Standing({unit.code: unit for unit in units}, dict(pairs), Counter(held.values_list("unit_id", flat=True)))


def plan_of(rows: Iterable[Row], standing: Standing, faults: Iterable[Fault] = ()) -> Plan:
    """Compare a file with the tree that stands. Nothing is written."""
    plan, lines = Plan(faults=list(faults)), list(rows)
    for row in lines:
        if row.code in plan.rows:
            first = plan.rows[row.code].line
            plan.faults.append(
                Fault(
                    row.line,
                    "code",
                    row.code,
                    _("Mã này đã có ở dòng %(line)s.") % {"line": first},
                    _("Mỗi đơn vị một mã riêng."),
                )
            )
        elif row.code:
            plan.rows[row.code] = row
    whole = ADMINISTRATIVE_KINDS | {row.kind for row in lines}
    covered = {code: unit for code, unit in standing.units.items() if unit.kind in whole}
    _link(plan, lines, covered)
    _check_parents(plan, lines, standing, covered)
    heirs = {before: after for before, after, principal in plan.links if principal}
    for row in plan.rows.values():
        _sort(plan, row, standing, covered, heirs)
    _sort_ended(plan, lines, standing, covered)
    plan.faults.sort(key=lambda fault: (fault.line == WHOLE_FILE, fault.line, COLUMNS.index(fault.column)))
    return plan


def _link(plan: Plan, lines: list[Row], covered: dict[str, Unit]) -> None:
    """Who takes over from whom; a unit that the file names again without more takes over from itself."""
    principal: dict[str, Row] = {}
    for row in lines:
        own = ((row.code, True),) if not row.predecessors and row.code in covered else ()
        for code, is_principal in row.predecessors or own:
            if code not in covered:
                said, fix = _("Không có đơn vị đang hoạt động nào mang mã này."), _("Ghi mã của đơn vị trước sắp xếp.")
                plan.faults.append(Fault(row.line, "predecessors", code, said, fix))
            elif is_principal and code in principal:
                said = _("Đơn vị này đã có đơn vị kế thừa chính ở dòng %(line)s.") % {"line": principal[code].line}
                fix = _("Chỉ để dấu * ở một dòng; một người không được đếm hai lần.")
                plan.faults.append(Fault(row.line, "predecessors", f"{code}*", said, fix))
            else:
                if row.code:
                    plan.links.append((code, row.code, is_principal))
                if is_principal:
                    principal[code] = row


def _check_parents(plan: Plan, lines: list[Row], standing: Standing, covered: dict[str, Unit]) -> None:
    for row in lines:
        above = row.parent_code
        if not above:
            if row.kind and row.kind != UnitKind.PROVINCE:
                fix = _("Ghi mã của đơn vị cấp trên.")
                plan.faults.append(Fault(row.line, "parent_code", "", _("Thiếu đơn vị cấp trên."), fix))
        elif above not in plan.rows and (above not in standing.units or above in covered):
            fix = _("Thêm đơn vị đó vào tệp, hoặc ghi mã khác.")
            plan.faults.append(Fault(row.line, "parent_code", above, _("Không có đơn vị này trong cơ cấu mới."), fix))
    for row in plan.rows.values():
        seen, at = [row.code], row.parent_code
        while at in plan.rows and at not in seen:
            seen.append(at)
            at = plan.rows[at].parent_code
        if at == row.code:
            said = _("Các đơn vị này là cấp trên của nhau thành vòng.")
            fix = _("Sửa cấp trên của: %(codes)s.") % {"codes": ", ".join(seen)}
            plan.faults.append(Fault(row.line, "parent_code", row.parent_code, said, fix))


def _sort(plan: Plan, row: Row, standing: Standing, covered: dict[str, Unit], heirs: dict[str, str]) -> None:
    """Say what a line does, and whether it needs a new row."""
    before = plan.before.get(row.code, []) if row.predecessors else []
    own = covered.get(row.code)
    if own is None and not row.predecessors:
        plan.added.append(row)
    elif row.predecessors and row.code not in before:
        if own is not None:
            plan.reused.append((row, own))
        if len(before) == 1 and heirs.get(before[0]) == row.code:
            plan.renamed.append((row, covered[before[0]]))
    if len(before) > 1:
        plan.merged.append(row)
    elif own is not None and heirs.get(row.code) == row.code:
        changed = False
        if (row.name, row.kind) != (own.name, own.kind):
            plan.renamed.append((row, own))
            changed = True
        if not _same_parent(row, own, standing, heirs):
            plan.moved.append((row, own))
            changed = True
        if not changed and len(plan.after[row.code]) == 1:
            plan.unchanged.append(row)
            return
    plan.begun.append(row)


def _same_parent(row: Row, own: Unit, standing: Standing, heirs: dict[str, str]) -> bool:
    """Whether what the unit belongs to goes on as what the file says."""
    above = standing.code_above(own)
    return heirs.get(above, above) == row.parent_code


def _sort_ended(plan: Plan, lines: list[Row], standing: Standing, covered: dict[str, Unit]) -> None:
    """What ends without a successor, what is divided, and the people who are touched."""
    after = plan.after
    named = {code for row in lines for code, _principal in row.predecessors}
    unchanged = {row.code for row in plan.unchanged}
    for code, unit in covered.items():
        people = standing.people.get(unit.pk, 0)
        if code not in unchanged:
            plan.people += people
        if not after.get(code):
            plan.ended.append(unit)
            if people and code not in named:
                plan.faults.append(_without_heir(unit, code, people))
        elif people and not any(principal for _to, principal in after[code]):
            plan.unplaced.append((unit, people))
        if len(after[code]) > 1:
            plan.split.append((unit, [plan.rows[to] for to, _principal in after[code]]))


def _without_heir(unit: Unit, code: str, people: int) -> Fault:
    """A unit would end while people are in it, and the file does not say who takes them over."""
    said = ngettext(
        "Đơn vị «%(unit)s» kết thúc mà còn %(count)s người, không có đơn vị kế thừa.",
        "Đơn vị «%(unit)s» kết thúc mà còn %(count)s người, không có đơn vị kế thừa.",
        people,
    )
    fix = _("Ghi %(code)s* vào cột %(column)s của đơn vị nhận họ.")
    named = {"code": code, "column": NAMES["predecessors"]}
    return Fault(WHOLE_FILE, "predecessors", code, said % {"unit": unit.name, "count": people}, fix % named)


# --- Applying -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Imported:
    """What was done."""

    structure: Structure
    counts: dict[str, int]
    people: Moved


def day_check(on: date) -> None:
    """A new structure begins after the newest one. Raises ``before_structure``."""
    newest = newest_structure()
    if on <= newest.valid_from:
        raise Refusal(
            _("Đã có cơ cấu từ ngày %(day)s.") % {"day": wording.day(newest.valid_from)},
            code="before_structure",
            fix=_("Chọn ngày bắt đầu sau ngày đó, để số liệu đã báo cáo không đổi."),
        )


@transaction.atomic
def structure_import(
    *,
    actor: Any,
    rows: Iterable[Row],
    faults: Iterable[Fault] = (),
    on: date,
    name: str,
    decision: Decision = Decision(),  # noqa: B008  (frozen)
    expected: str | None = None,
) -> Imported:
    """Begin a whole new structure, or change nothing.

    Raises Refusal: ``stale_tree``, ``before_structure``, ``structure_has_faults`` with the list in ``faults``.
    """
    structures_lock()
    if expected is not None and expected != tree_version():
        raise Refusal(
            _("Cây đơn vị vừa có thay đổi khác sau khi bạn xem báo cáo."),
            code="stale_tree",
            fix=_("Gửi lại tệp để xem báo cáo theo cây đơn vị mới. Chưa có gì bị thay đổi."),
        )
    day_check(on)
    standing = standing_on(on)
    plan = plan_of(rows, standing, faults)
    if plan.faults:
        raise _has_faults(plan.faults)
    structure = structure_begin(on=on, name=name, is_reform=True)
    units = _units_begin(plan, standing, on)
    moved = _units_end(plan, standing, units, on)
    structures_follow(since=on, new=[units[row.code].pk for row in plan.begun])
    _log(plan, standing, units, actor, structure, decision, expected)
    return Imported(structure, plan.counts(), moved)


def _has_faults(faults: list[Fault]) -> Refusal:
    said = ngettext(
        "Tệp còn %(count)s chỗ sai; chưa có gì được nhập. Chỗ đầu tiên: %(first)s",
        "Tệp còn %(count)s chỗ sai; chưa có gì được nhập. Chỗ đầu tiên: %(first)s",
        len(faults),
    )
    fix = _("Sửa các chỗ nêu trong báo cáo rồi gửi lại tệp.")
    return Refusal(
        said % {"count": len(faults), "first": faults[0]}, code="structure_has_faults", fix=fix, faults=faults
    )


def _units_begin(plan: Plan, standing: Standing, on: date) -> dict[str, Unit]:
    """Make the new units, those above first; return the units of the new structure by code."""
    begun = {row.code for row in plan.begun}
    units = {code: unit for code, unit in standing.units.items() if code not in begun}
    waiting = list(plan.begun)
    while waiting:
        ready = [row for row in waiting if not row.parent_code or row.parent_code in units]
        made = []
        for row in ready:
            own = standing.units.get(row.code)
            unit = Unit(
                code=row.code,
                name=row.name,
                kind=row.kind,
                parent=units[row.parent_code] if row.parent_code else None,
                valid_from=on,
                lat=own.lat if own else None,
                lon=own.lon if own else None,
                search_key=Unit.search_key_for(row.name),
            )
            made.append(unit)
        Unit.objects.bulk_create(made, batch_size=1000)
        units |= {unit.code: unit for unit in made}
        taken = {row.code for row in ready}
        waiting = [row for row in waiting if row.code not in taken]
    return units


def _units_end(plan: Plan, standing: Standing, units: dict[str, Unit], on: date) -> Moved:
    """End what ends, write the successions, and take the people along."""
    unchanged = {row.code for row in plan.unchanged}
    links = [(before, after, principal) for before, after, principal in plan.links if before not in unchanged]
    ending = {before for before, *_rest in links} | {unit.code for unit in plan.ended}
    for code in ending:
        standing.units[code].valid_to = on
    Unit.objects.bulk_update([standing.units[code] for code in sorted(ending)], ["valid_to"], batch_size=500)
    UnitSuccession.objects.bulk_create(
        [
            UnitSuccession(
                predecessor=standing.units[before], successor=units[after], effective_on=on, principal=principal
            )
            for before, after, principal in links
        ],
        batch_size=1000,
    )
    heirs = {standing.units[before].pk: units[after].pk for before, after, principal in links if principal}
    return members_carry_all(heirs, on)


def _log(
    plan: Plan,
    standing: Standing,
    units: dict[str, Unit],
    actor: Any,
    structure: Structure,
    decision: Decision,
    expected: str | None,
) -> None:
    """One row for the whole, one for each unit that ended or changed."""
    detail = {"structure": structure.name, "effective_on": structure.valid_from.isoformat(), **decision.as_detail()}
    root = next((units[row.code] for row in plan.rows.values() if not row.parent_code), None)
    rows: list[dict[str, Any]] = []
    if root is not None:
        counts = {key: number for key, number in plan.counts().items() if number}
        rows.append({"subject": root, "unit": root, "detail": {**detail, **counts, "form_version": expected or ""}})
    for before, after, _principal in plan.links:
        old, new = standing.units[before], units[after]
        if old.pk != new.pk:
            said = {"code": new.code, "name": new.name, "kind": new.kind}
            was = {"code": old.code, "name": old.name, "kind": old.kind}
            rows.append({"subject": old, "unit": old, "before": was, "after": said, "detail": detail})
    rows += [{"subject": unit, "unit": unit, "detail": detail} for unit in plan.ended]
    audit.record_many(actor=actor, act="structure_import", rows=rows)
