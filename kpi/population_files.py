"""An uploaded table of head-counts, and what a look at it said, kept privately between the look and the go-ahead; for
its sender alone."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, BinaryIO, cast
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _

from common import jobs
from common.errors import Refusal
from common.language import on_record
from common.models import Job, private_storage
from common.sheets import MAX_BYTES, MB
from common.wording import day
from kpi.population_sheet import Change, Plan, faults_file, plan_of
from people.models import User

FOLDER = "kpi/populations"
KEPT = timedelta(days=1)
#: A larger table is checked and taken over by a job: some three thousand lines.
LARGE = 100 * 1024
#: Faults and differences that a page shows; all faults stand in the file of faults.
MOST_SHOWN = 100
CHECK, IMPORT = "kpi.population_check", "kpi.population_import"
_LOOK, _FAULTS = ".json", ".can-sua.xlsx"


@dataclass(frozen=True)
class Look:
    """What a table would do, as its page shows it: how much of each, and the first of what may be many.

    ``digest`` says what exactly was seen, see ``Plan.digest``.
    """

    name: str
    lines: int = 0
    faults: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    empty: int = 0
    below: int = 0
    first_faults: list[dict[str, Any]] = field(default_factory=list)
    first_differing: list[dict[str, Any]] = field(default_factory=list)
    first_below: list[dict[str, Any]] = field(default_factory=list)
    digest: str = ""

    @property
    def differing(self) -> int:
        return self.added + self.changed

    @property
    def more_faults(self) -> int:
        return self.faults - len(self.first_faults)

    @property
    def more_differing(self) -> int:
        return self.differing - len(self.first_differing)

    @classmethod
    def of(cls, plan: Plan, name: str) -> Look:
        return cls(
            name=name,
            lines=len(plan.cells),
            faults=len(plan.faults),
            added=len(plan.added),
            changed=len(plan.changed),
            unchanged=plan.unchanged,
            empty=plan.empty,
            below=len(plan.below),
            first_faults=[fault.as_json() for fault in plan.faults[:MOST_SHOWN]],
            first_differing=[_said(change) for change in plan.differing[:MOST_SHOWN]],
            first_below=[
                _said(one.change) | {"counted": one.counted, "indicator": one.indicator}
                for one in plan.below[:MOST_SHOWN]
            ],
            digest=plan.digest,
        )


def _said(change: Change) -> dict[str, Any]:
    return {
        "line": change.line,
        "unit": str(change.unit),
        "audience": str(change.audience),
        "year": change.year,
        "before": change.before.value if change.before else None,
        "value": change.value,
        "source": change.source,
        "day": day(change.source_date),
    }


def file_keep(upload: UploadedFile, *, owner: User) -> str:
    """Keep an upload; returns the name by which its sender finds it again. What nobody took over for a day goes."""
    if (upload.size or 0) > MAX_BYTES:
        said = _("Tệp nặng hơn %(most)s MB.") % {"most": MAX_BYTES // MB}
        raise Refusal(said, code="too_large", fix=_("Chia thành nhiều tệp nhỏ hơn."))
    _forget()
    name = uuid4().hex
    private_storage().save(_path(name, owner), upload)
    return name


def is_large(name: str, *, owner: User) -> bool:
    """Whether a kept file is one for a job."""
    return bool(private_storage().size(_kept(name, owner)) > LARGE)


def file_look(name: str, *, owner: User, file_name: str, progress: jobs.Progress | None = None) -> Look:
    """Read a kept file and keep what was seen, with the lines to be mended as a file of their own."""
    plan = file_plan(name, owner=owner, progress=progress)
    look = Look.of(plan, file_name)
    _write(_path(name, owner) + _LOOK, json.dumps(asdict(look)).encode())
    if plan.faults:
        with on_record():
            _write(_path(name, owner) + _FAULTS, faults_file(plan))
    return look


def look_read(name: str, *, owner: User) -> Look:
    """What the last look at a kept file said. Raises Refusal ``file_gone``."""
    with private_storage().open(_kept(name, owner, _LOOK), "rb") as file:
        return Look(**json.load(file))


def faults_read(name: str, *, owner: User) -> bytes:
    """The lines to be mended of a kept file. Raises Refusal ``file_gone``."""
    with private_storage().open(_kept(name, owner, _FAULTS), "rb") as file:
        content: bytes = file.read()
    return content


def file_plan(name: str, *, owner: User, progress: jobs.Progress | None = None) -> Plan:
    """What a kept file would do. Raises Refusal ``file_gone``, or why it cannot be read."""
    with private_storage().open(_kept(name, owner), "rb") as file:
        return plan_of(cast(BinaryIO, file), actor=owner, progress=progress)


def file_drop(name: str, *, owner: User) -> None:
    """The file was taken over."""
    for kind in ("", _LOOK, _FAULTS):
        private_storage().delete(_path(name, owner) + kind)


def _path(name: str, owner: User) -> str:
    return f"{FOLDER}/{owner.uuid.hex}-{name}"


def _kept(name: str, owner: User, kind: str = "") -> str:
    path = _path(name, owner) + kind
    if not name.isalnum() or not private_storage().exists(path):
        raise Refusal(_("Tệp này không còn nữa."), code="file_gone", fix=_("Gửi lại tệp."), status=404)
    return path


def _write(path: str, content: bytes) -> None:
    storage = private_storage()
    storage.delete(path)
    storage.save(path, ContentFile(content))


def _forget() -> None:
    storage, limit = private_storage(), timezone.now() - KEPT
    needed = {job.args["kept"] for job in Job.objects.filter(kind__in=(CHECK, IMPORT), state__in=jobs.UNFINISHED)}
    for name in storage.listdir(FOLDER)[1] if storage.exists(FOLDER) else []:
        is_needed = name.partition("-")[2].partition(".")[0] in needed
        if not is_needed and storage.get_modified_time(f"{FOLDER}/{name}") < limit:
            storage.delete(f"{FOLDER}/{name}")
