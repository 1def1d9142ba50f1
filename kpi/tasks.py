"""Jobs of the counting room. Each takes ids and calls one service."""

from __future__ import annotations

from celery import shared_task
from django.urls import reverse

from kpi import rollup
from kpi.assigning import assignments_carry
from kpi.histories import Cell
from kpi.services.correcting import closings_correct
from kpi.services.dues import dues_make
from kpi.services.reporting_reminders import dues_remind_daily
from people.models import Structure
from people.querysets import today


@shared_task(name="kpi.refresh")
def refresh(cells: list[list[int | str | None]]) -> int:
    """Recount the cells of the monthly summary that a completion touched."""
    return rollup.cells_refresh([Cell(*cell) for cell in cells])  # type: ignore[arg-type]


@shared_task(name="kpi.sweep")
def sweep() -> int:
    """Compare the whole summary with what was counted, and repair what a lost job left behind."""
    return len(rollup.cells_repair())


@shared_task(name="kpi.carry_assignments")
def carry_assignments() -> int:
    """Ask people for what the programmes in force this year ask them to learn; how many rows changed."""
    done = assignments_carry(year=today().year)
    return done.created + done.updated + done.removed


@shared_task(name="kpi.make_dues")
def make_dues() -> int:
    """Write down which unit owes which report this year; how many rows are new or moved."""
    made = dues_make(year=today().year)
    return made.created + made.moved


@shared_task(name="kpi.remind_dues")
def remind_dues() -> int:
    """Remind whoever owes a report that is late or comes due; how many were written to."""
    if not Structure.objects.exists():
        return 0
    return len(dues_remind_daily(path=reverse("kpi:calendar")).notices)


@shared_task(name="kpi.correct_figures")
def correct_figures(indicators: list[int] | None = None) -> int:
    """Write down why closed figures are said otherwise now; how many corrections are new."""
    return closings_correct(indicators=indicators or ())
