"""A change as it would be, before it is saved: run for real, looked at, and rolled back.

Rooms above add what they read of the tree by registering a reader::

    @effect_reader
    def figures(structure: Structure, units: Sequence[Unit]) -> list[Reading]: ...
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from people.models import Structure, Unit, UnitAncestor
from people.services import tree_version
from people.units.change import Done
from people.units.members import members_from
from people.units.reads import newest_structure


@dataclass(frozen=True)
class Reading:
    """One figure (an indicator, say) of several units: unit → number."""

    key: str
    title: str
    figures: dict[int, int]


Reader = Callable[[Structure, Sequence[Unit]], list[Reading]]
_READERS: list[Reader] = []


def effect_reader(reader: Reader) -> Reader:
    """Register what a room reads of units under a structure, to be shown before and after a change."""
    if reader not in _READERS:
        _READERS.append(reader)
    return reader


@dataclass(frozen=True)
class Line:
    """A unit's figure before and after; None where the unit does not stand then."""

    name: str
    before: int | None
    after: int | None
    is_whole: bool = False

    @property
    def changes(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class Effect:
    """What a change does to one figure of the units it touches."""

    title: str
    lines: list[Line]

    @property
    def changes(self) -> bool:
        return any(line.changes for line in self.lines)


@dataclass(frozen=True)
class Preview:
    """What would be saved, on the version of the tree that was looked at.

    ``shares``: how many people each unit has that stands after the change.
    """

    done: Done
    version: str
    effects: list[Effect] = field(default_factory=list)
    shares: list[tuple[Unit, int]] = field(default_factory=list)

    @property
    def changed(self) -> list[Effect]:
        return [effect for effect in self.effects if effect.changes]

    @property
    def unchanged(self) -> list[Effect]:
        return [effect for effect in self.effects if not effect.changes]

    @property
    def new_structure(self) -> bool:
        """Whether a new version of the tree begins, so that figures read under the one before stay."""
        return self.done.act not in ("unit_close", "unit_add", "unit_correct", "succession_set")


def preview(run: Callable[[], Done]) -> Preview:
    """Do the change inside a transaction that is rolled back. Raises what the change raises."""
    version, structure = tree_version(), newest_structure()
    with transaction.atomic():
        done = run()
        touched = _touched(done)
        whole = _top_of(touched)
        after = _read(newest_structure(), [*touched, *whole])
        shares = _shares(done)
        transaction.set_rollback(True)
    new = {unit.pk for unit in done.begun}
    before = _read(structure, [unit for unit in [*touched, *whole] if unit.pk not in new])
    return Preview(done, version, _effects(done, touched, whole, before, after), shares)


def _shares(done: Done) -> list[tuple[Unit, int]]:
    people: dict[int, set[int]] = {unit.pk: set() for unit in done.after}
    for membership in members_from(list(people), done.on):
        people[membership.unit_id].add(membership.user_id)
    return [(unit, len(people[unit.pk])) for unit in done.after]


def _touched(done: Done) -> list[Unit]:
    if done.act == "unit_add":
        return []
    return list(dict.fromkeys([*done.before, *done.after, *done.around]))


def _top_of(units: Sequence[Unit]) -> list[Unit]:
    """The unit at the top of those touched: its figure must stay what it is."""
    if not units:
        return []
    rows = UnitAncestor.objects.filter(structure=newest_structure(), descendant=units[-1]).order_by("-depth")
    top = rows.select_related("ancestor")[0].ancestor
    return [] if top in units else [top]


def _read(structure: Structure, units: Sequence[Unit]) -> dict[str, Reading]:
    return {reading.key: reading for reader in _READERS for reading in reader(structure, units)} if units else {}


def _effects(
    done: Done, touched: list[Unit], whole: list[Unit], before: dict[str, Reading], after: dict[str, Reading]
) -> list[Effect]:
    """One table for each figure that is not nought everywhere around the change."""
    gone, new = {unit.pk for unit in done.before}, {unit.pk for unit in done.begun}
    goes_on = done.act in ("unit_rename", "unit_move")
    found = []
    for key in [*before, *(key for key in after if key not in before)]:
        then, now = (side[key].figures if key in side else {} for side in (before, after))
        lines = []
        for unit in touched:
            if goes_on and unit in done.before:
                heir = done.after[0]
                name = unit.name if unit.name == heir.name else f"{unit.name} → {heir.name}"
                lines.append(Line(name, then.get(unit.pk, 0), now.get(heir.pk, 0)))
            elif not (goes_on and unit.pk in new):
                was = None if unit.pk in new else then.get(unit.pk, 0)
                stays = unit.pk not in gone or not done.after
                lines.append(Line(unit.name, was, now.get(unit.pk, 0) if stays else None))
        if any(line.before or line.after for line in lines):
            lines += [Line(u.name, then.get(u.pk, 0), now.get(u.pk, 0), is_whole=True) for u in whole]
            found.append(Effect((before.get(key) or after[key]).title, lines))
    return found
