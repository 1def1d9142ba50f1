"""Printing many slips at once: a job, because two thousand sheets take minutes."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from common import jobs
from common.jobs import Progress
from common.models import Job
from people import access
from people.models import Unit, User
from people.slips import slip_people, slips_make

#: Slips in one file of a large print: twenty sheets, as much as one hands out in a day.
PER_FILE = 160
JOB = "people.slips_print"
#: The file holds codes that open accounts.
KEPT = timedelta(hours=1)


def _may_fetch(job: Job) -> bool:
    return access.can_lead_team(job.owner, Unit.objects.get(uuid=job.args["unit"]))


@jobs.register(JOB, may_fetch=_may_fetch, kept=KEPT, once=True)
def _print_many(progress: Progress, *, unit: str, by: str, people: list[str], claimed: bool) -> dict[str, Any]:
    """Slips for the people with these uuids, as a zip of files of twenty sheets each."""
    from people.slips_pdf import slips_drawn  # loads the renderer, which nobody else needs

    at, printer = Unit.objects.get(uuid=unit), User.objects.get(uuid=by)
    access.require(access.can_lead_team(printer, at), printer, what=_("việc in phiếu của %(unit)s") % {"unit": at.name})
    chosen = set(people)
    # Who claimed since the job was opened needs no slip any more.
    wanted = [person for person in slip_people(unit=at, by=printer, claimed=claimed) if str(person.uuid) in chosen]
    printed = slips_make(people=wanted, unit=at, by=printer)
    progress.begin(len(printed), _("Đang in phiếu"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, start in enumerate(range(0, len(printed), PER_FILE), start=1):
            part = printed[start : start + PER_FILE]
            archive.writestr(f"phieu-{number:03d}.pdf", slips_drawn(part))
            progress.advance(len(part))
    progress.hand_over(name="phieu-tai-khoan.zip", content=packed.getvalue())
    return {"slips": len(printed)}
