"""Two changes of one unit at the same time: one is saved, the other is refused as stale."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from common.errors import Refusal
from people.models import Structure, Unit, UnitAncestor
from people.services import structures_rebuild, tree_version
from people.units import changes

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_of_two_changes_at_once_the_second_is_refused(on_postgres, world):
    for attempt in range(5):
        unit = Unit.objects.get(code="0X", valid_to=None)
        day = world.day.fromordinal(world.day.toordinal() + attempt)
        version, gate, said = tree_version(), threading.Barrier(2), []

        def rename(name, unit=unit, day=day, version=version, gate=gate, said=said):
            try:
                mine = Unit.objects.get(pk=unit.pk)
                gate.wait(timeout=10)
                changes.unit_rename(actor=world.lead, unit=mine, name=name, kind="commune", on=day, expected=version)
                said.append("saved")
            except Refusal as refusal:
                said.append(refusal.code)
            finally:
                connection.close()

        threads = [threading.Thread(target=rename, args=(f"Xã {name} {attempt}",)) for name in ("Một", "Hai")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
        assert sorted(said) == ["saved", "stale_tree"]
        assert Unit.objects.filter(code="0X", valid_to=None).count() == 1
    assert Structure.objects.count() == 7
    rows = set(UnitAncestor.objects.values_list("structure", "ancestor", "descendant", "depth"))
    structures_rebuild()
    assert set(UnitAncestor.objects.values_list("structure", "ancestor", "descendant", "depth")) == rows
