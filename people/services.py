"""Keeping the closure of the unit tree: written by difference, under one lock."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterable
from datetime import date

from django.db import connection, transaction
from django.db.models import Count, Max, Q

from common.models import AuditEntry
from people import tree
from people.models import Structure, Unit, UnitAncestor, UnitSuccession

_CHUNK = 500
Row = tuple[int, int, int]


def structures_lock() -> None:
    """Make every other change of the tree wait until this transaction ends."""
    list(Structure.objects.select_for_update().order_by("pk"))


def lists_lock(*, wait: bool = True) -> None:
    """Make every other change of lists of people wait until this transaction ends: of two that name the same new
    person the second must see the first one's. Without ``wait`` raises DatabaseError where another one is under way."""
    rows = Structure.objects.select_for_update(no_key=True, nowait=not wait).order_by("valid_from")
    list(rows.values_list("pk", flat=True))


def tree_version() -> str:
    """A word for the tree as it stands: another one after every change of units, successions or structures."""
    units = Unit.objects.aggregate(number=Count("pk"), newest=Max("pk"), ended=Count("valid_to"))
    principal = Count("pk", filter=Q(principal=True))
    links = UnitSuccession.objects.aggregate(number=Count("pk"), newest=Max("pk"), principal=principal)
    structures = Structure.objects.aggregate(number=Count("pk"), newest=Max("valid_from"))
    corrected = AuditEntry.objects.filter(act="unit_correct").count()  # names mended in their own rows
    said = [*units.values(), *links.values(), *structures.values(), corrected]
    return str(uuid.UUID(hashlib.sha256(repr(said).encode()).hexdigest()[:32]))


def tree_load() -> tree.Tree:
    """The units and successions of all times: two queries."""
    nodes = [
        tree.Node(*row) for row in Unit.objects.order_by().values_list("id", "parent_id", "valid_from", "valid_to")
    ]
    links = UnitSuccession.objects.order_by().values_list("predecessor_id", "successor_id", "principal")
    return tree.Tree(nodes, [tree.Link(*row) for row in links])


@transaction.atomic
def structures_rebuild() -> int:
    """Make the closure of every structure what the tree says; return the number of its rows.

    Only what differs is written. Figures of people and completions stay.
    """
    structures_lock()
    known = tree_load()
    total = 0
    for structure in Structure.objects.all():
        wanted = known.closure(structure.valid_from)
        _write_difference(structure, wanted)
        total += len(wanted)
    return total


@transaction.atomic
def structures_follow(*, since: date, new: Collection[int]) -> None:
    """Bring the closures up to date after a change on the day ``since`` that made the units ``new``.

    Structures that began before that day read every older unit as they did: they only learn of the new ones.
    """
    known = tree_load()
    for structure in Structure.objects.all():
        if structure.valid_from >= since:
            _write_difference(structure, known.closure(structure.valid_from))
        else:
            _insert(structure, known.closure(structure.valid_from, of=new))


def structure_begin(*, on: date, name: str, is_reform: bool = False) -> Structure:
    """The structure that begins on a day: the one there is, or a new one with the closure of the one before it."""
    before = Structure.objects.filter(valid_from__lte=on).order_by("-valid_from").first()
    if before and before.valid_from == on:
        return before
    structure = Structure.objects.create(
        code=on.isoformat(), name=name, valid_from=on, is_reform=is_reform, valid_to=before.valid_to if before else None
    )
    if before:
        Structure.objects.filter(pk=before.pk).update(valid_to=on)
        _copy(before, structure)
    return structure


def _table() -> str:
    return connection.ops.quote_name(UnitAncestor._meta.db_table)


def _copy(source: Structure, target: Structure) -> None:
    """Two neighbouring structures differ in a few units: most rows are copied inside the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_table()} (structure_id, ancestor_id, descendant_id, depth) "
            f"SELECT %s, ancestor_id, descendant_id, depth FROM {_table()} WHERE structure_id = %s",
            [target.pk, source.pk],
        )


def _insert(structure: Structure, rows: Iterable[Row]) -> None:
    values = [(structure.pk, *row) for row in rows]
    if not values:
        return
    if connection.vendor == "postgresql":  # one statement for thousands of rows; SQLite takes row after row faster
        made = [UnitAncestor(structure_id=s, ancestor_id=a, descendant_id=d, depth=n) for s, a, d, n in values]
        UnitAncestor.objects.bulk_create(made, batch_size=10_000)
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {_table()} (structure_id, ancestor_id, descendant_id, depth) VALUES (%s, %s, %s, %s)", values
        )


def _write_difference(structure: Structure, rows: list[Row]) -> None:
    held = set(
        UnitAncestor.objects.filter(structure=structure).values_list("ancestor_id", "descendant_id", "depth").iterator()
    )
    differing = sorted({descendant for _, descendant, _ in held.symmetric_difference(rows)})
    if not differing:
        return
    for start in range(0, len(differing), _CHUNK):
        UnitAncestor.objects.filter(structure=structure, descendant__in=differing[start : start + _CHUNK]).delete()
    wanted = set(differing)
    _insert(structure, (row for row in rows if row[1] in wanted))
