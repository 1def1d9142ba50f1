"""Bundles of a list as jobs that somebody waits for."""

from __future__ import annotations

import tempfile
from typing import Any, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from certificates import rights
from certificates.models import Batch
from certificates.services.bundles import bundle_papers, bundle_print, bundle_zip, require_complete
from common import audit, jobs
from common.models import Job
from common.text import slug
from people.models import User

ZIP, PRINT = "certificates.bundle_zip", "certificates.bundle_print"
_TITLES = {ZIP: gettext_noop("Gói tất cả tệp"), PRINT: gettext_noop("Tệp in cả đợt")}


def bundle_open(*, kind: str, batch: Batch, owner: User, back: str) -> Job:
    """Ask for a bundle of a list: ``ZIP`` or ``PRINT``. Raises Refusal ``files_missing`` at once."""
    require_complete(batch)
    title = f"{_(_TITLES[kind])}: {batch.title}"[:200]
    audit.record(actor=owner, act="certificates_bundle", subject=batch, unit=batch.unit, format=_TITLES[kind])
    return jobs.job_open(kind=kind, owner=owner, title=title, args={"batch": str(batch.uuid)}, next_path=back)


def _may_fetch(job: Job) -> bool:
    return rights.can_see_batch(job.owner, Batch.objects.get(uuid=job.args["batch"]))


@jobs.register(ZIP, may_fetch=_may_fetch)
def _zip(progress: jobs.Progress, *, batch: str) -> dict[str, Any]:
    found = Batch.objects.get(uuid=batch)
    progress.begin(bundle_papers(batch=found).count(), _("Đang đóng gói"))
    with tempfile.TemporaryFile() as target:
        packed = bundle_zip(batch=found, target=cast(Any, target), advance=progress.advance)
        target.seek(0)
        progress.hand_over(name=f"{_stem(found)}.zip", content=cast(Any, target))
    return {"certificates": packed}


@jobs.register(PRINT, may_fetch=_may_fetch)
def _print(progress: jobs.Progress, *, batch: str) -> dict[str, Any]:
    found = Batch.objects.get(uuid=batch)
    progress.begin(bundle_papers(batch=found).count(), _("Đang ghép tệp in"))
    with tempfile.TemporaryFile() as target:
        ending = bundle_print(batch=found, target=cast(Any, target), advance=progress.advance)
        target.seek(0)
        progress.hand_over(name=f"in-{_stem(found)}.{ending}", content=cast(Any, target))
    return {}


def _stem(batch: Batch) -> str:
    return slug(batch.title)[:60] or "dot-cap"
