"""The long work of lists: the check, and the import."""

from __future__ import annotations

from typing import Any

from common import jobs
from common.errors import Refusal
from common.text import vi_number
from people.models import RosterImport, RosterState, User
from people.rosters.applying import Stale, apply_now
from people.rosters.checking import Counting, check_again, roster_check

CHECK, APPLY = "people.roster_check", "people.roster_apply"


@jobs.register(CHECK)
def _check(progress: jobs.Progress, *, roster: str) -> dict[str, Any]:
    found = RosterImport.objects.select_related("unit", "made_by").get(uuid=roster)
    if found.state != RosterState.CHECKING:
        return dict(found.counts)
    return roster_check(roster=found, progress=progress)


@jobs.register(APPLY)
def _apply(progress: jobs.Progress, *, roster: str) -> dict[str, Any]:
    found = RosterImport.objects.select_related("unit", "made_by").get(uuid=roster)
    owner = User.objects.get(pk=progress.job.owner_id)
    return apply_or_check_again(roster=found, by=owner, progress=progress)


def apply_or_check_again(*, roster: RosterImport, by: User, progress: Counting) -> dict[str, Any]:
    """Apply a list; where the data changed meanwhile, check it anew instead and say so (Refusal ``stale``).

    Whatever goes wrong, nothing of the list is in and it waits to be looked at again.
    """
    try:
        return apply_now(roster=roster, by=by, progress=progress)
    except Stale as stale:
        if check_again(roster):
            roster.refresh_from_db()
            roster_check(roster=roster, progress=progress)
        lines = ", ".join(str(number) for number in stale.numbers[:10])
        where = f" ở {vi_number(len(stale.numbers))} dòng ({lines}{', …' if len(stale.numbers) > 10 else ''})"
        raise Refusal(
            f"Dữ liệu đã thay đổi{where if lines else ''} sau khi bạn xem. Chưa nhập gì.",
            code="stale",
            fix="Danh sách đã được kiểm tra lại. Xem lại các dòng rồi nhập.",
            lines=stale.numbers,
        ) from stale
    except BaseException:
        RosterImport.objects.filter(pk=roster.pk, state=RosterState.APPLYING).update(state=RosterState.READY)
        raise
