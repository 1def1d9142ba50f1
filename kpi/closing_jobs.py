"""The long work of closings: freezing a period."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.urls import reverse

from common import jobs
from common.models import Job
from kpi.periods import period_name
from kpi.services.closings import closing_make, closing_place
from people.models import Structure, Unit, User

CLOSE = "kpi.close"


def closing_open(*, actor: User, unit: Unit, structure: Structure, period: str, until: date, note: str) -> Job:
    """Ask for a closing; what can be refused at once is refused at once."""
    closing_place(actor=actor, unit=unit, structure=structure, period=period, until=until)
    promised = uuid4()
    return jobs.job_open(
        kind=CLOSE,
        owner=actor,
        title=f"Chốt số liệu {period_name(period, until)}: {unit.name}"[:200],
        args={
            "actor": str(actor.uuid),
            "unit": str(unit.uuid),
            "structure": structure.code,
            "period": period,
            "until": until.isoformat(),
            "note": note,
            "promised": str(promised),
        },
        next_path=reverse("kpi:closing", args=[promised]),
    )


@jobs.register(CLOSE)
def _close(progress: jobs.Progress, **args: str) -> dict[str, Any]:
    made = closing_make(
        actor=User.objects.get(uuid=args["actor"]),
        unit=Unit.objects.get(uuid=args["unit"]),
        structure=Structure.objects.get(code=args["structure"]),
        period=args["period"],
        until=date.fromisoformat(args["until"]),
        note=args["note"],
        uuid=UUID(args["promised"]),
        progress=progress,
    )
    return {"figures": made.figures_count, "checksum": made.checksum}
