"""No sequence of moves, mergers, splits, renamings and closings changes a past figure or counts a person twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.errors import Refusal
from people import access
from people.models import Membership, Role, Structure, Unit, UnitAncestor, UnitKind
from people.querysets import today
from people.services import structures_rebuild
from people.units import changes
from people.units.changes import Naming, Part
from tests.lanes import draws

KINDS = ["unit_add", "unit_rename", "unit_move", "units_merge", "merge_into", "unit_split", "unit_close"]


def closure_rows():
    return set(UnitAncestor.objects.values_list("structure_id", "ancestor_id", "descendant_id", "depth"))


def figures(rows, facts):
    """(structure, unit, month) → people, by the closure."""
    found = Counter()
    months = defaultdict(list)
    for (unit, month), people in facts.items():
        months[unit].append((month, people))
    for structure, ancestor, descendant, _ in rows:
        for month, people in months[descendant]:
            found[structure, ancestor, month] += people
    return found


def one_way_up(rows):
    """Every unit stands once under each ancestor, and what is above its parent is what is above it: sums add up."""
    above = defaultdict(list)
    for structure, ancestor, descendant, depth in sorted(rows, key=lambda row: row[3]):
        assert ancestor not in above[structure, descendant]
        assert depth == len(above[structure, descendant])
        above[structure, descendant].append(ancestor)
    for (structure, _), chain in above.items():
        if len(chain) > 1:
            assert chain[1:] == above[structure, chain[1]]
    return above


def a_change(draw, world, day, number):
    """Try one random change; a refusal is an answer too."""
    units = list(Unit.objects.filter(valid_to=None).exclude(pk=world.root.pk).order_by("pk"))
    common = {"actor": world.lead, "on": day}
    naming = Naming(f"N{number}", f"Xã Mới {number}", UnitKind.COMMUNE)
    if not units:  # all of them were closed
        return changes.unit_add(parent=world.root, naming=naming, **common)
    any_unit = st.sampled_from(units)
    what = draw(st.sampled_from(KINDS))
    unit = draw(any_unit)
    if what == "unit_add":
        return changes.unit_add(parent=unit, naming=naming, **common)
    if what == "unit_rename":
        return changes.unit_rename(unit=unit, name=naming.name, kind=unit.kind, **common)
    if what == "unit_move":
        return changes.unit_move(unit=unit, parent=draw(st.sampled_from([*units, world.root])), **common)
    if what == "units_merge":
        code = draw(st.sampled_from([naming.code, unit.code]))
        naming = Naming(code, naming.name, naming.kind)
        return changes.units_merge(units=[unit, draw(any_unit)], naming=naming, parent=world.root, **common)
    if what == "merge_into":
        return changes.units_merge(units=[unit], into=draw(any_unit), **common)
    if what == "unit_split":
        chosen = draw(st.integers(0, 2))
        parts = [Part(Naming(f"N{number}-{n}", f"Phần {number}-{n}", "commune"), principal=n == chosen) for n in (0, 1)]
        members = dict.fromkeys(Membership.objects.filter(unit=unit).values_list("pk", flat=True)[:1], 1)
        children = dict.fromkeys(Unit.objects.filter(parent=unit, valid_to=None).values_list("pk", flat=True)[:1], 1)
        return changes.unit_split(unit=unit, parts=parts, members=members, children=children, **common)
    with_children = draw(st.booleans())
    return changes.unit_close(unit=unit, end_members=True, with_children=with_children, **common)


def in_force(day):
    return Counter(Membership.objects.in_force(day).values_list("user_id", flat=True))


@pytest.mark.slow
@settings(max_examples=draws(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_sequence_of_changes_moves_the_past(world, data):
    with transaction.atomic():
        _run(world, data.draw)
        transaction.set_rollback(True)


def _run(world, draw):
    day, facts = today() - timedelta(days=20), {}
    for unit in Unit.objects.order_by("pk"):
        facts[unit.pk, "before"] = draw(st.integers(0, 3))
    for number in range(draw(st.integers(1, 6))):
        day += timedelta(days=draw(st.integers(0, 4)))
        rows, structures = closure_rows(), dict(Structure.objects.values_list("pk", "valid_from"))
        seen, people = figures(rows, facts), in_force(day - timedelta(days=1))
        heads_then = in_force(day)
        try:
            with transaction.atomic():
                done = a_change(draw, world, day, number)
        except Refusal:
            assert closure_rows() == rows
            continue
        after = closure_rows()
        structures_rebuild()
        assert closure_rows() == after, "what was kept up to date is what a rebuild finds"
        shown = figures(after, facts)
        past = {pk for pk, begins in structures.items() if begins < day}
        for key in seen.keys() | shown.keys():
            if key[0] in past:
                assert seen[key] == shown[key], (done.act, key)
        assert in_force(day - timedelta(days=1)) == people, "who was where before the day stays"
        heads = in_force(day)
        assert all(heads[user] <= heads_then[user] for user in heads), "nobody is in force twice for one membership"
        if done.act != "unit_close":
            assert heads.keys() == heads_then.keys(), "nobody is lost"
        _nobody_twice(after, facts)
        _scope_of_today(world)
        for unit in Unit.objects.filter(valid_to=None):
            facts[unit.pk, day.isoformat()] = draw(st.integers(0, 2))


def _nobody_twice(rows, facts):
    above = one_way_up(rows)
    total = sum(facts.values())
    for structure in Structure.objects.all():
        tops = Counter()
        for (unit, _), people in facts.items():
            tops[above[structure.pk, unit][-1]] += people
        roots = {
            top for (structure_id, _), chain in above.items() if structure_id == structure.pk for top in chain[-1:]
        }
        assert tops.keys() <= roots
        assert sum(tops.values()) == total


def _scope_of_today(world):
    """What the coordinator may see is what stands under the units they coordinate today, read from the tree itself."""
    now = access.current_structure()
    held = set(
        Membership.objects.in_force().filter(user=world.head, role=Role.COORDINATOR).values_list("unit", flat=True)
    )
    below = set(UnitAncestor.objects.filter(structure=now, ancestor__in=held).values_list("descendant_id", flat=True))
    assert set(access.scope_units(world.head).values_list("descendant", flat=True)) == below
    assert held <= below
