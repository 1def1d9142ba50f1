"""Jobs of the counting room. Each takes ids and calls one service."""

from __future__ import annotations

from celery import shared_task

from kpi import rollup
from kpi.counting import Cell


@shared_task(name="kpi.refresh")
def refresh(cells: list[list[int | str | None]]) -> int:
    """Recount the cells of the monthly summary that a completion touched."""
    return rollup.cells_refresh([Cell(*cell) for cell in cells])  # type: ignore[arg-type]


@shared_task(name="kpi.sweep")
def sweep() -> int:
    """Compare the whole summary with what was counted, and repair what a lost job left behind."""
    return len(rollup.cells_repair())
