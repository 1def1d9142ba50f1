"""Reading an uploaded file line by line into rows that can be looked at. Changes nobody; safe to repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, BinaryIO, Protocol, cast

from django.db import transaction
from django.utils.translation import gettext as _

from common import wording
from common.errors import Refusal
from common.language import on_record
from common.sheets import Book, book_open
from people.models import Decided, Membership, Outcome, RosterImport, RosterRow, RosterState, User
from people.rosters.columns import EXAMPLE_NAME, HEADINGS, PERSON_HEADING, Header, header_of, is_counter
from people.rosters.leavers import Leavers, Named, leavers_write, numbers_with
from people.rosters.places import Setting, setting_of
from people.rosters.planning import LABELS, Plan, Planner, standing_words
from people.rosters.understanding import Entry, entry_of

CHUNK = 500
MAX_ROWS = 200_000


class Counting(Protocol):
    """Something that shows how far the work is: a job's Progress, or a bar in a terminal."""

    def begin(self, total: int, note: str = "") -> None: ...
    def advance(self, count: int = 1) -> None: ...


@contextmanager
def table_open(roster: RosterImport) -> Iterator[tuple[Book, str, Header]]:
    """Open the uploaded file at the first sheet that has a table of people. Refusal (``no_header``) where none has."""
    with roster.file.open("rb") as file, book_open(cast(BinaryIO, file.file)) as book:
        for sheet in sorted(book.sheets, key=lambda sheet: sheet.hidden):
            if header := header_of(book.lines(sheet.name)):
                yield book, sheet.name, header
                return
        sheets = ", ".join(f"«{sheet.name}»" for sheet in book.sheets)
        raise Refusal(
            _("Không thấy cột «Họ và tên» ở đầu trang tính nào (%(sheets)s).") % {"sheets": sheets},
            code="no_header",
            fix=_("Ghi tên cột ở dòng đầu của bảng, trong đó phải có cột «Họ và tên». Có thể tải tệp mẫu về để so."),
        )


def roster_check(*, roster: RosterImport, progress: Counting, by: User | None = None) -> dict[str, Any]:
    """Read the file of a list into its rows and count them; decisions made before are kept where they still fit.

    Seen with the rights of ``by``: who brought the list, or later who wants to import it.
    What cannot be read leaves the list ``unreadable``, with the reason as it is said to who brought it; what is kept of
    a list that can be read is Vietnamese. Returns the counts.
    """
    kept = _decisions(roster)
    roster.rows.all().delete()
    try:
        with table_open(roster) as (book, sheet, header):
            setting = setting_of(unit=roster.unit, by=by or roster.made_by, effective_on=roster.effective_on)
            counts, leavers = _read(roster, book, sheet, header, kept, setting, progress)
    except Refusal as refusal:
        roster.rows.all().delete()
        RosterImport.objects.filter(pk=roster.pk, state=RosterState.CHECKING).update(
            state=RosterState.UNREADABLE, problem=f"{refusal.text} {refusal.fix}".strip()
        )
        # The same file is refused however often it is tried.
        refusal.detail["link"] = (f"/quan-ly/danh-sach/nhap/?don-vi={roster.unit.uuid}", _("Chọn tệp khác"))
        raise
    used = {header.heading_of(name) for name in header.fields}
    facts = {
        "sheet": sheet,
        "header_row": header.number,
        "ignored_columns": [h for h in header.ignored if h not in used],
    }
    roster.counts = numbers_with(counts, leavers) | facts
    with on_record():
        roster.problem = leavers.problem
    RosterImport.objects.filter(pk=roster.pk, state=RosterState.CHECKING).update(
        state=RosterState.READY, counts=roster.counts, problem=roster.problem, leavers_confirmed=False
    )
    roster.refresh_from_db()
    return dict(roster.counts)


def _decisions(roster: RosterImport) -> dict[int, RosterRow]:
    """The lines about which somebody decided so far, by number."""
    made = roster.rows.exclude(decided="").only("number", "decided", "user", "changes", "data")
    return {row.number: row for row in made}


def _still(made: RosterRow | None, plan: Plan) -> RosterRow | None:
    """A decision that still fits: whom it names may still be meant, or the earlier line that it repeats."""
    if made is None or plan.outcome != Outcome.DOUBTFUL:
        return None
    if made.decided != Decided.SAME:
        return made
    whom = made.data.get("whom")
    offered = any(found["uuid"] == whom for found in plan.candidates)
    return made if (offered if whom else plan.twin) else None


def _read(
    roster: RosterImport,
    book: Book,
    sheet: str,
    header: Header,
    kept: dict[int, RosterRow],
    setting: Setting,
    progress: Counting,
) -> tuple[dict[str, int], Leavers]:
    planner, named, counts = Planner(setting, header), Named(), Counter[str]()
    progress.begin(book.about(sheet), _("Kiểm tra danh sách"))
    entries = _entries(book, sheet, header, setting)
    while chunk := list(islice(entries, CHUNK)):
        plans = planner.plans(chunk)
        for entry, plan in zip(chunk, plans, strict=True):
            counts[plan.outcome] += 1
            counts["again"] += plan.outcome == Outcome.NEW and plan.same_as is not None
            counts["rows"] += 1
            named.note(entry, plan, planner)
        if counts["rows"] > MAX_ROWS:
            raise Refusal(
                _("Tệp có hơn %(number)s dòng.") % {"number": wording.number(MAX_ROWS)},
                code="too_many_rows",
                fix=_("Chia tệp thành nhiều tệp nhỏ hơn, ví dụ mỗi xã một tệp."),
            )
        RosterRow.objects.bulk_create(
            [row_of(roster, entry, plan, kept) for entry, plan in zip(chunk, plans, strict=True)]
        )
        progress.advance(len(chunk))
    _show_replaced(roster, named, setting)
    leavers = leavers_write(roster, named, setting) if roster.whole_unit else Leavers()
    told = [outcome.value for outcome in Outcome] + ["rows", "again"]
    return {name: counts[name] for name in told}, leavers


def _entries(book: Book, sheet: str, header: Header, setting: Setting) -> Iterator[Entry]:
    """The lines below the headings that say something."""
    for number, cells in book.lines(sheet):
        if number <= header.number or (number == header.number + 1 and is_counter(cells)):
            continue
        entry = entry_of(number, cells, header, setting)
        if entry and entry.name != EXAMPLE_NAME:
            yield entry


def row_of(roster: RosterImport, entry: Entry, plan: Plan, kept: dict[int, RosterRow]) -> RosterRow:
    """A line as it is kept for the pages and for the import."""
    made = _still(kept.get(entry.number), plan)
    return RosterRow(
        roster=roster,
        number=entry.number,
        cells=entry.cells,
        data={
            "full_name": entry.name,
            "values": entry.values,
            "faults": entry.faults,
            "audience_id": entry.audience_id,
            "same_as": plan.same_as,
            "twin": plan.twin,
            **({"whom": made.data["whom"]} if made and "whom" in made.data else {}),
        },
        outcome=plan.outcome,
        changes=made.changes if made else plan.changes,
        problems=plan.problems,
        candidates=plan.candidates,
        decided=made.decided if made else "",
        user_id=made.user_id if made else plan.user.pk if plan.user else None,
        unit_id=entry.unit_id,
    )


def entry_from(row: RosterRow) -> Entry:
    """The line again, as it was understood."""
    decided = row.decided
    return Entry(
        number=row.number,
        values=row.data["values"],
        faults=row.data["faults"],
        unit_id=row.unit_id,
        audience_id=row.data["audience_id"],
        decided=decided if decided != Decided.SKIP else "",
        user_uuid=row.data.get("whom", "") if decided == Decided.SAME else "",
    )


def _show_replaced(roster: RosterImport, named: Named, setting: Setting) -> None:
    """Say on a line which membership its new one takes the place of: known only once the whole file was read."""
    for part in named.replaced.parts(CHUNK):
        shown = {number: pk for pk, number in part if pk not in named.memberships}
        named.ending.update(shown.values())
        memberships = Membership.objects.in_bulk(set(shown.values()))
        rows = list(roster.rows.filter(number__in=shown))
        for row in rows:
            m = memberships[shown[row.number]]
            unit, audience = setting.places.by_id[m.unit_id].name, setting.audiences_by_id[m.audience_id]
            words = standing_words(unit, m.role, audience, m.valid_from)
            row.changes = [*row.changes, {"field": "ended", "label": LABELS["ended"], "before": words, "after": ""}]
        RosterRow.objects.bulk_update(rows, ["changes"])


def headings_of(roster: RosterImport) -> list[str]:
    """The file's own headings, in its order; ours where the file is gone."""
    try:
        with table_open(roster) as (_, _, header):
            return header.headings
    except (OSError, ValueError):
        return [*HEADINGS.values(), PERSON_HEADING]


@transaction.atomic
def check_again(roster: RosterImport) -> bool:
    """Put a list that waits back to where its file is checked; False where somebody else did something with it."""
    waiting = RosterImport.objects.filter(pk=roster.pk, state__in=(RosterState.READY, RosterState.APPLYING))
    return bool(waiting.update(state=RosterState.CHECKING))
