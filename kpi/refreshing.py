"""Has the monthly summary counted again where facts changed."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from common.queue import enqueue
from kpi.histories import Cell


def refresh_after_commit(cells: Collection[Cell]) -> None:
    """Ask a worker to recount some cells once the facts stand."""
    from kpi.tasks import refresh

    wanted = sorted(cells, key=str)
    # A queue that is down must neither undo a learner's answer nor keep the learner waiting: the sweep repairs it.
    transaction.on_commit(lambda: enqueue(refresh, [list(cell) for cell in wanted]), robust=True)
