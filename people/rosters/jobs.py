"""The long work of lists: the check, and the import."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from common import jobs, wording
from common.errors import Refusal
from people.models import RosterImport, RosterState, User
from people.rosters.applying import Stale, apply_now
from people.rosters.checking import Counting, check_again, roster_check

CHECK, APPLY = "people.roster_check", "people.roster_apply"
_LOOK = gettext_noop("Danh sách đã được kiểm tra lại. Xem lại các dòng rồi nhập.")


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
        _check_again(roster, by, progress)
        raise Refusal(
            _what_changed(stale.numbers),
            code="stale",
            fix=_(_LOOK),
            lines=stale.numbers,
            link=_link(roster),
        ) from stale
    except IntegrityError as error:
        # Somebody was quicker with a number or a place, which a new look shows; else the fault is ours.
        before = _seen(roster)
        _check_again(roster, by, progress)
        if _seen(roster) == before:
            raise
        raise Refusal(_what_changed([]), code="stale", fix=_(_LOOK), link=_link(roster)) from error
    except BaseException:
        RosterImport.objects.filter(pk=roster.pk, state=RosterState.APPLYING).update(state=RosterState.READY)
        raise


def _what_changed(numbers: list[int]) -> str:
    if not numbers:
        return _("Dữ liệu đã thay đổi sau khi bạn xem. Chưa nhập gì.")
    lines = ", ".join(str(number) for number in numbers[:10]) + (", …" if len(numbers) > 10 else "")
    said = ngettext(
        "Dữ liệu đã thay đổi ở %(number)s dòng (%(lines)s) sau khi bạn xem. Chưa nhập gì.",
        "Dữ liệu đã thay đổi ở %(number)s dòng (%(lines)s) sau khi bạn xem. Chưa nhập gì.",
        len(numbers),
    )
    return said % {"number": wording.number(len(numbers)), "lines": lines}


def _check_again(roster: RosterImport, by: User, progress: Counting) -> None:
    if check_again(roster):
        roster.refresh_from_db()
        roster_check(roster=roster, progress=progress, by=by)


def _seen(roster: RosterImport) -> str:
    """A digest of what the lines mean: equal where a new look shows nothing new."""
    digest = hashlib.sha256()
    shown = roster.rows.order_by("number", "membership_id", "pk").values_list(
        "number", "outcome", "user_id", "membership_id", "changes", "candidates"
    )
    for line in shown.iterator(chunk_size=1000):
        digest.update(json.dumps(line).encode())
    return digest.hexdigest()


def _link(roster: RosterImport) -> tuple[str, str]:
    return f"/quan-ly/danh-sach/{roster.uuid}/", _("Xem lại danh sách")
