"""The long work of closings: freezing a period, and a sheet of two closings with every unit below."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.urls import reverse
from django.utils.translation import gettext as _

from common import jobs
from common.models import Job
from kpi.models import Closing
from kpi.periods import period_name
from kpi.services.closings import closing_make, closing_place
from kpi.services.comparing import closings_export, export_name
from people import access
from people.models import Structure, Unit, User

CLOSE, COMPARE = "kpi.close", "kpi.compare"


def closing_open(*, actor: User, unit: Unit, structure: Structure, period: str, until: date, note: str) -> Job:
    """Ask for a closing; what can be refused at once is refused at once."""
    closing_place(actor=actor, unit=unit, structure=structure, period=period, until=until)
    promised = uuid4()
    title = _("Chốt số liệu %(period)s: %(unit)s") % {"period": period_name(period, until), "unit": unit.name}
    return jobs.job_open(
        kind=CLOSE,
        owner=actor,
        title=title[:200],
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


# --- Two closings ---------------------------------------------------------------------------------------------------
def comparison_open(*, actor: User, first: Closing, second: Closing, unit: Unit, form: str) -> Job:
    """Ask for the sheet of two closings; its file is fetched from the page of the job."""
    access.require(access.can_read_kpi(actor, unit), actor, what=_("số liệu của %(unit)s") % {"unit": unit})
    words = {"first": first.name, "second": second.name, "unit": unit.name}
    return jobs.job_open(
        kind=COMPARE,
        owner=actor,
        title=(_("So sánh %(first)s với %(second)s: %(unit)s") % words)[:200],
        args={"first": str(first.uuid), "second": str(second.uuid), "unit": str(unit.uuid), "form": form},
    )


def _may_fetch(job: Job) -> bool:
    return access.can_read_kpi(job.owner, Unit.objects.get(uuid=job.args["unit"]))


@jobs.register(COMPARE, may_fetch=_may_fetch)
def _compare(progress: jobs.Progress, *, first: str, second: str, unit: str, form: str) -> dict[str, Any]:
    earlier, later = (Closing.objects.select_related("unit", "structure").get(uuid=one) for one in (first, second))
    content = closings_export(
        actor=User.objects.get(pk=progress.job.owner_id),
        first=earlier,
        second=later,
        unit=Unit.objects.get(uuid=unit),
        form=form,
        progress=progress,
    )
    progress.hand_over(name=export_name(earlier, later, form), content=content)
    return {"bytes": len(content)}
