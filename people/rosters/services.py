"""What can happen to a list of people. One use case, one function; the work itself is in the other modules."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import date, timedelta
from pathlib import PurePath
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit, jobs, wording
from common.errors import Refusal
from common.models import Job, JobState, private_storage
from common.sheets import MAX_BYTES, MB, kind_of
from people import access
from people.models import Decided, Outcome, RosterImport, RosterRow, RosterState, Unit, UnitSuccession, User
from people.querysets import today
from people.rosters.bounds import day_refusal
from people.rosters.checking import entry_from
from people.rosters.jobs import APPLY, CHECK
from people.rosters.leavers import Leavers
from people.rosters.places import setting_of
from people.rosters.planning import Planner

#: How long the file and its lines stay after the import ended.
KEPT = timedelta(days=30)


def roster_upload(
    *, user: User, unit: Unit, file: Any, file_name: str, whole_unit: bool, effective_on: date
) -> tuple[RosterImport, Job]:
    """Keep an uploaded list and open the job that checks it. ``file`` is a Django File.

    Raises Forbidden outside the person's scope; Refusal ``unit_closed``, ``day_far``, ``day_closed``, ``day_leaving``,
    ``too_large``, ``empty``, ``not_a_sheet``, ``old_xls``, ``encrypted``. What only shows in reading (``no_header``,
    ``broken``, ``too_many_rows``) fails the job and leaves the list unreadable.
    """
    roster = roster_keep(
        user=user, unit=unit, file=file, file_name=file_name, whole_unit=whole_unit, effective_on=effective_on
    )
    return roster, _job(roster, user, CHECK, _("Kiểm tra danh sách «%(file)s»") % {"file": roster.file_name})


@transaction.atomic
def roster_keep(
    *, user: User, unit: Unit, file: Any, file_name: str, whole_unit: bool, effective_on: date
) -> RosterImport:
    """Keep an uploaded list that nobody has checked yet; refuses what ``roster_upload`` says."""
    access.require(access.can_keep_roster(user, unit), user, what=_("danh sách của «%(unit)s»") % {"unit": unit.name})
    _require_standing(unit)
    if refused := day_refusal(effective_on, whole_unit=whole_unit):
        raise refused
    if file.size > MAX_BYTES:
        raise Refusal(
            _("Tệp nặng hơn %(size)s MB.") % {"size": MAX_BYTES // MB},
            code="too_large",
            fix=_("Xoá hình ảnh và các trang tính khác trong tệp, hoặc chia thành nhiều tệp."),
        )
    kind = kind_of(file)
    digest = hashlib.sha256()
    for part in file.chunks():
        digest.update(part)
    file.seek(0)
    name = unicodedata.normalize("NFC", PurePath(file_name.replace("\\", "/")).name)[-200:] or f"danh-sach.{kind}"
    roster = RosterImport(
        unit=unit,
        file_name=name,
        sha256=digest.hexdigest(),
        whole_unit=whole_unit,
        effective_on=effective_on,
        made_by=user,
    )
    roster.file.save(f"{roster.uuid}.{kind}", file, save=False)
    roster.save()
    audit.record(
        actor=user, act="roster_upload", subject=roster, unit=unit, whole_unit=whole_unit, sha256=roster.sha256
    )
    return roster


def _require_standing(unit: Unit) -> None:
    if unit.stands_on(today()):
        return
    took_over = (
        UnitSuccession.objects.filter(predecessor=unit).select_related("successor").order_by(F("principal").desc())
    )
    if not took_over:
        raise Refusal(
            _("«%(unit)s» không còn hoạt động.") % {"unit": unit.name},
            code="unit_closed",
            fix=_("Chọn đơn vị đang hoạt động."),
        )
    named = ", ".join(f"«{row.successor.name}»" for row in took_over)
    raise Refusal(
        _("«%(unit)s» đã sáp nhập vào %(successors)s từ ngày %(day)s.")
        % {"unit": unit.name, "successors": named, "day": wording.day(took_over[0].effective_on)},
        code="unit_closed",
        fix=_("Hãy nhập danh sách này cho đơn vị mới."),
        successors=[row.successor for row in took_over],
    )


def _job(roster: RosterImport, owner: User, kind: str, title: str) -> Job:
    return jobs.job_open(
        kind=kind,
        owner=owner,
        title=title[:200],
        args={"roster": str(roster.uuid)},
        next_path=f"/quan-ly/danh-sach/{roster.uuid}/",
    )


# --- Looking ----------------------------------------------------------------------------------------------------------
def _locked(roster: RosterImport, by: User) -> RosterImport:
    """The list, locked; Refusal where it no longer waits for a decision."""
    found = RosterImport.objects.select_for_update(of=("self",)).select_related("unit").get(pk=roster.pk)
    access.require(
        access.can_keep_roster(by, found.unit), by, what=_("danh sách của «%(unit)s»") % {"unit": found.unit.name}
    )
    if found.state != RosterState.READY:
        raise Refusal(
            _("Danh sách này không còn chờ xem lại: %(state)s.")
            % {"state": _(str(RosterState(found.state).label)).lower()},
            code="not_ready",
            fix=_("Mở lại trang của danh sách để xem tình trạng."),
        )
    return found


@transaction.atomic
def roster_decide(
    *, roster: RosterImport, row: RosterRow, decided: Decided, candidate: User | None, by: User
) -> RosterRow:
    """Say what a doubtful line means. SAME needs one of the line's candidates, or an earlier line that it may repeat.

    The line then shows what it would change. Deciding again replaces the decision. Raises Refusal ``not_ready``,
    ``not_doubtful``, ``no_candidate``.
    """
    found = _locked(roster, by)
    row = RosterRow.objects.get(pk=row.pk, roster=found)
    if row.outcome != Outcome.DOUBTFUL:
        raise Refusal(_("Dòng %(number)s không cần quyết định.") % {"number": row.number}, code="not_doubtful")
    offered = {one["uuid"] for one in row.candidates}
    whom = candidate if decided == Decided.SAME else None
    if decided == Decided.SAME and (str(whom.uuid) not in offered if whom else not row.data.get("twin")):
        raise Refusal(
            _("Chưa rõ dòng %(number)s là ai.") % {"number": row.number},
            code="no_candidate",
            fix=_("Chọn một người trong những người được nêu."),
        )
    row.decided, row.user = decided, whom
    row.data = {key: value for key, value in row.data.items() if key != "whom"}
    if whom:
        row.data["whom"] = str(whom.uuid)
    row.changes = []
    repeats = decided == Decided.SAME and whom is None and _stand_alike(row)
    if decided != Decided.SKIP and not repeats:
        planner = Planner(setting_of(unit=found.unit, by=by, effective_on=found.effective_on))
        row.changes = planner.plans([entry_from(row)])[0].changes
    row.save(update_fields=["decided", "user", "data", "changes"])
    return row


def _stand_alike(row: RosterRow) -> bool:
    """Whether a line and the one that it repeats put the person into one place."""
    twin = RosterRow.objects.filter(roster=row.roster_id, number=row.data["twin"]).exclude(outcome=Outcome.LEFT).first()
    if twin is None:
        return False
    first, second = entry_from(twin), entry_from(row)
    return (first.unit_id, first.role, first.audience_id) == (second.unit_id, second.role, second.audience_id)


@transaction.atomic
def rows_decide_all(*, roster: RosterImport, decided: Decided, by: User) -> int:
    """Say SKIP or OTHER of every doubtful line that is still open; return how many. SAME needs a person for each."""
    found = _locked(roster, by)
    if decided == Decided.SAME:
        raise Refusal(_("Mỗi dòng cần chọn riêng là ai."), code="no_candidate", fix=_("Chọn ở từng dòng."))
    return found.rows.filter(outcome=Outcome.DOUBTFUL, decided="").update(decided=decided)


@transaction.atomic
def leavers_confirm(*, roster: RosterImport, by: User) -> None:
    """Say that the many who would leave were looked at. Kept in the log."""
    found = _locked(roster, by)
    RosterImport.objects.filter(pk=found.pk).update(leavers_confirmed=True)
    roster.leavers_confirmed = True
    audit.record(
        actor=by, act="roster_leavers_confirm", subject=found, unit=found.unit, left=found.counts.get(Outcome.LEFT, 0)
    )


@transaction.atomic
def roster_apply(*, roster: RosterImport, by: User) -> Job:
    """Open the job that imports a list that was looked at. Doubtful lines without a decision stay out.

    Raises Refusal ``not_ready``, ``leavers_unconfirmed``, ``nothing``; the job fails with ``stale`` where the data
    changed meanwhile, and the list is checked again by itself. Asked twice, the second gets the first one's job.
    """
    # The second of two presses waits here for the first, and then sees its job.
    found = RosterImport.objects.select_for_update(of=("self",)).select_related("unit").get(pk=roster.pk)
    access.require(
        access.can_keep_roster(by, found.unit), by, what=_("danh sách của «%(unit)s»") % {"unit": found.unit.name}
    )
    if job := _running(found):
        return job
    RosterImport.objects.filter(pk=found.pk, state=RosterState.APPLYING).update(state=RosterState.READY)
    found = roster_begin(roster=found, by=by)
    return _job(found, by, APPLY, _("Nhập danh sách «%(file)s»") % {"file": found.file_name})


@transaction.atomic
def roster_begin(*, roster: RosterImport, by: User) -> RosterImport:
    """Mark a list as being applied; refuses what ``roster_apply`` says."""
    found = _locked(roster, by)
    if found.problem and found.counts.get(Outcome.LEFT) and not found.leavers_confirmed:
        raise Refusal(
            Leavers.counted(found.counts).problem or found.problem,
            code="leavers_unconfirmed",
            fix=_("Xem những người sẽ thôi thuộc đơn vị, rồi bấm xác nhận."),
        )
    useful = found.rows.exclude(outcome=Outcome.REJECTED).exclude(outcome=Outcome.DOUBTFUL, decided="")
    if not useful.exclude(decided=Decided.SKIP).exists():
        raise Refusal(
            _("Không có dòng nào nhập được."),
            code="nothing",
            fix=_("Sửa các dòng lỗi theo tệp «cần sửa» rồi tải lên lại."),
        )
    found.state = RosterState.APPLYING
    found.save(update_fields=["state"])
    return found


def _running(roster: RosterImport) -> Job | None:
    """The job that applies the list at this moment, or will."""
    return Job.objects.filter(
        kind=APPLY, args__roster=str(roster.uuid), state__in=(JobState.WAITING, JobState.RUNNING)
    ).first()


@transaction.atomic
def roster_cancel(*, roster: RosterImport, by: User) -> None:
    """Give a list up; nobody is changed. Its lines and its file go some weeks later."""
    found = RosterImport.objects.select_for_update(of=("self",)).select_related("unit").get(pk=roster.pk)
    access.require(
        access.can_keep_roster(by, found.unit), by, what=_("danh sách của «%(unit)s»") % {"unit": found.unit.name}
    )
    if found.state == RosterState.CANCELLED:
        return
    if found.state in (RosterState.APPLYING, RosterState.APPLIED):
        raise Refusal(
            _("Danh sách này đã hoặc đang được nhập nên không bỏ được."),
            code="not_ready",
            fix=_("Nếu nhập nhầm, tải lên danh sách đúng."),
        )
    found.state = RosterState.CANCELLED
    found.save(update_fields=["state"])
    audit.record(actor=by, act="roster_cancel", subject=found, unit=found.unit)


def roster_forget_old() -> int:
    """Delete files and lines of lists that ended, or were never finished, some weeks ago; return how many lists.

    What remains says who brought which file when, and how many people it changed.
    """
    limit = timezone.now() - KEPT
    ended = RosterImport.objects.exclude(file="").exclude(state=RosterState.APPLYING)
    old = ended.filter(applied_at__lt=limit) | ended.filter(applied_at__isnull=True, made_at__lt=limit)
    count = 0
    for roster in old:
        with transaction.atomic():
            roster.rows.all().delete()
            name, roster.file.name = str(roster.file.name), ""
            if roster.state in (RosterState.CHECKING, RosterState.READY):
                roster.state = RosterState.CANCELLED
            roster.save(update_fields=["file", "state"])
        private_storage().delete(name)
        count += 1
    return count
