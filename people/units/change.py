"""One change of the tree under way: rows that end and begin, people carried along, closures and log kept in step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from common import audit
from common.errors import Refusal
from common.text import nfc
from people.models import Structure, Unit, UnitAncestor, UnitSuccession
from people.services import structure_begin, structures_follow, structures_lock, tree_version
from people.units import checks
from people.units.members import Moved, members_carry, members_end
from people.units.reads import children_of, newest_structure

if TYPE_CHECKING:
    from people.units.changes import Naming


@dataclass(frozen=True)
class Decision:
    """The paper that a change rests on; every part may be empty."""

    number: str = ""
    day: date | None = None
    note: str = ""

    def as_detail(self) -> dict[str, str]:
        day = self.day.isoformat() if self.day else ""
        said = {"decision_number": self.number, "decision_date": day, "note": self.note}
        return {key: value for key, value in said.items() if value}


@dataclass
class Done:
    """What a change did. ``before`` are rows that ended, ``after`` those that stand in their place or received them,
    ``around`` the units above whose figures may be others; ``children`` says how many units below went where."""

    act: str
    on: date
    before: list[Unit] = field(default_factory=list)
    after: list[Unit] = field(default_factory=list)
    around: list[Unit] = field(default_factory=list)
    people: Moved = field(default_factory=Moved)
    children: list[tuple[Unit, int]] = field(default_factory=list)
    begun: list[Unit] = field(default_factory=list)

    @property
    def result(self) -> Unit:
        """The unit whose page shows what was done."""
        return (self.after or self.before)[0]


class Change:
    """Takes the lock, checks the version and the day, and ends with the closures brought up to date."""

    def __init__(
        self,
        act: str,
        actor: Any,
        on: date,
        decision: Decision,
        expected: str | None,
        *,
        adding_to_history: bool = False,
    ) -> None:
        structures_lock()
        if expected is not None and expected != tree_version():
            raise Refusal(
                _("Cây đơn vị vừa có thay đổi khác sau khi bạn xem trước."),
                code="stale_tree",
                fix=_("Xem lại ảnh hưởng theo cây đơn vị mới, rồi lưu. Chưa có gì bị thay đổi."),
            )
        self.actor, self.on, self.decision, self.expected = actor, on, decision, expected
        self.structure: Structure = newest_structure()
        if act != "unit_add" and not adding_to_history:
            checks.day_allowed(on, self.structure)
        self.done = Done(act, on)

    def parent_of(self, unit: Unit) -> Unit | None:
        """The unit that stands above today: the parent itself, or what took over from it."""
        row = UnitAncestor.objects.filter(structure=self.structure, descendant=unit, depth=1).select_related("ancestor")
        found = row.first()
        return found.ancestor if found else None

    def end(self, unit: Unit) -> None:
        unit.valid_to = self.on
        unit.save(update_fields=["valid_to", "name", "search_key"])
        self.done.before.append(unit)

    def begin(self, naming: Naming, parent: Unit | None) -> Unit:
        unit = Unit.objects.create(
            code=nfc(naming.code), name=naming.name, kind=naming.kind, parent=parent, valid_from=self.on
        )
        self.done.after.append(unit)
        self.done.begun.append(unit)
        if parent:
            self.done.around.append(parent)
        return unit

    def succeed(self, unit: Unit, successor: Unit, *, principal: bool) -> None:
        UnitSuccession.objects.create(predecessor=unit, successor=successor, effective_on=self.on, principal=principal)
        if principal and (below := children_of(unit, self.structure, self.on).count()):
            self.done.children.append((successor, below))

    def continue_as(self, unit: Unit, naming: Naming, parent: Unit | None) -> Unit:
        """The same unit goes on in a new row: its people with it, what is below it through the succession."""
        self.end(unit)
        new = self.begin(naming, parent)
        Unit.objects.filter(pk=new.pk).update(lat=unit.lat, lon=unit.lon)
        self.succeed(unit, new, principal=True)
        self.carry(unit, new)
        return new

    def reparent(self, unit: Unit, parent: Unit) -> Unit:
        """A unit below one that ends is put under another, in a row of its own."""
        checks.may_change(unit, self.on)
        before = {"parent": above.name} if (above := self.parent_of(unit)) else {}
        self.end(unit)
        new = Unit.objects.create(
            code=unit.code,
            name=unit.name,
            kind=unit.kind,
            parent=parent,
            valid_from=self.on,
            lat=unit.lat,
            lon=unit.lon,
        )
        self.done.begun.append(new)
        self.succeed(unit, new, principal=True)
        self.carry(unit, new)
        self.log(unit, before=before, after={"parent": parent.name})
        return new

    def carry(self, unit: Unit, target: Unit | None, chosen: Mapping[int, Unit] | None = None) -> None:
        self.done.people.add(members_carry(unit, self.on, target=target, chosen=chosen))

    def let_go(self, unit: Unit) -> None:
        self.done.people.add(members_end(unit, self.on))

    def log(
        self,
        subject: Unit,
        *,
        unit: Unit | None = None,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        **detail: Any,
    ) -> None:
        audit.record(
            actor=self.actor,
            act=self.done.act,
            subject=subject,
            unit=unit or subject,
            before=before,
            after=after,
            effective_on=self.on.isoformat(),
            form_version=self.expected or "",
            **self.decision.as_detail(),
            **detail,
        )

    def finish(self, *, new_structure: bool = True) -> Done:
        """Where something moved or was renamed a new version of the tree begins; the closures follow."""
        if new_structure:
            structure_begin(on=self.on, name=f"Cơ cấu từ {self.on.day}/{self.on.month}/{self.on.year}")
        structures_follow(since=self.on, new=[unit.pk for unit in self.done.begun])
        return self.done
