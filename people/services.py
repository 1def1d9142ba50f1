"""What can happen to people and units. One use case, one function."""

from __future__ import annotations

from django.db import transaction

from people import tree
from people.models import Structure, Unit, UnitAncestor, UnitSuccession


@transaction.atomic
def structures_rebuild() -> int:
    """Write the closure of every structure anew; return the number of rows. Figures of people and completions stay."""
    nodes = [tree.Node(*row) for row in Unit.objects.values_list("id", "parent_id", "valid_from", "valid_to")]
    links = [
        tree.Link(*row)
        for row in UnitSuccession.objects.filter(principal=True).values_list("predecessor_id", "successor_id")
    ]
    UnitAncestor.objects.all().delete()
    total = 0
    for structure in Structure.objects.all():
        rows = [
            UnitAncestor(structure=structure, ancestor_id=ancestor, descendant_id=descendant, depth=depth)
            for ancestor, descendant, depth in tree.closure(nodes, links, structure.valid_from)
        ]
        UnitAncestor.objects.bulk_create(rows, batch_size=5000)
        total += len(rows)
    return total
