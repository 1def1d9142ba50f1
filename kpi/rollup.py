"""The monthly summary, and the rebuild of all counts from completions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from time import monotonic, sleep

from django.db import transaction
from django.db.models import Count, Max, Min, Q
from django.db.models.functions import TruncMonth

from courses.models import Completion
from kpi.chunks import Chunk, chunk_table, statistics_refresh
from kpi.comparing import Difference, difference_of, repair
from kpi.corrections import closed_load
from kpi.histories import Cell, rules_load
from kpi.models import CorrectionReason, Counted, Indicator, UnitMonth
from kpi.rules import BY_HISTORY, Closed, Rule
from people.models import User

Progress = Callable[[int, int], None]
#: Cells that wait for one lock: few where learners' own refreshes come by, all of an indicator where most are wrong.
BATCH, REPAIRED_AT_ONCE = 1000, 20_000
#: People whom the database compares at once, and of those in doubt whose histories are read at once.
CHUNK, PORTION = 50_000, 2000


# --- Summary --------------------------------------------------------------------------------------------------------
def _month_after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _counted_cells(where: Q) -> dict[Cell, int]:
    """What the summary has to say, read from the counted people.

    Not by a cursor: PostgreSQL plans one for whoever wants a few rows soon, which takes thirty times as long for all.
    """
    rows = (
        Counted.objects.filter(where)
        .annotate(month=TruncMonth("counted_on"))
        .order_by()
        .values_list("indicator_id", "unit_id", "year", "month")
        .annotate(people=Count("pk"))
    )
    return {Cell(i, u, y, m.isoformat()): n for i, u, y, m, n in rows}


def _held_cells(where: Q) -> dict[Cell, int]:
    rows = UnitMonth.objects.filter(where).values_list("indicator_id", "unit_id", "year", "month", "count")
    return {Cell(i, u, y, m.isoformat()): n for i, u, y, m, n in rows}


def cells_refresh(cells: Collection[Cell], *, batch: int = BATCH) -> int:
    """Recount some cells of the summary; four queries for each batch. Safe to repeat and to run twice at once."""
    wanted = sorted(set(cells), key=str)
    for start in range(0, len(wanted), batch):
        _batch_refresh(wanted[start : start + batch])
    return len(wanted)


@transaction.atomic
def _batch_refresh(cells: list[Cell]) -> None:
    """Lock the cells' rows first and count then: of two refreshes the later one counts what the earlier one missed."""
    UnitMonth.objects.bulk_create(
        [UnitMonth(indicator_id=c.indicator_id, unit_id=c.unit_id, year=c.year, month=c.month, count=0) for c in cells],
        ignore_conflicts=True,
    )
    summary, counted = _about(cells)
    wanted = set(cells)
    rows = {
        Cell(row.indicator_id, row.unit_id, row.year, row.month.isoformat()): row
        for row in UnitMonth.objects.filter(summary).order_by("pk").select_for_update(of=("self",))
    }
    people = _counted_cells(counted)
    changed = [row for cell, row in rows.items() if cell in wanted and row.count != people.get(cell, 0)]
    for row in changed:
        row.count = people.get(Cell(row.indicator_id, row.unit_id, row.year, row.month.isoformat()), 0)
    UnitMonth.objects.bulk_update(changed, ["count"], batch_size=500)


def _about(cells: list[Cell]) -> tuple[Q, Q]:
    """Conditions that hold for the cells, in the summary and among the counted people; they may hold for others too."""
    groups: dict[tuple[int, int], list[Cell]] = defaultdict(list)
    for cell in cells:
        groups[cell.indicator_id, cell.year].append(cell)
    summary, counted = Q(pk__in=[]), Q(pk__in=[])
    for (indicator, year), some in groups.items():
        units = Q(unit__in={cell.unit_id for cell in some} - {None})
        if any(cell.unit_id is None for cell in some):
            units |= Q(unit__isnull=True)
        months = sorted({date.fromisoformat(cell.month) for cell in some})
        place = Q(indicator_id=indicator, year=year) & units
        summary |= place & Q(month__in=months)
        counted |= place & Q(counted_on__gte=months[0], counted_on__lt=_month_after(months[-1]))
    return summary, counted


def cells_drift(indicators: Collection[int] | None = None) -> dict[Cell, int]:
    """Cells of the summary that do not say what was counted, with what they say; indicator by indicator."""
    if indicators is None:
        indicators = list(Indicator.objects.order_by("pk").values_list("pk", flat=True))
    drifted: dict[Cell, int] = {}
    for indicator in indicators:
        where = Q(indicator_id=indicator)
        held, counted = _held_cells(where), _counted_cells(where)
        drifted |= {c: held.get(c, 0) for c in held.keys() | counted.keys() if held.get(c, 0) != counted.get(c, 0)}
    return drifted


def cells_watch(wait: int) -> tuple[list[Cell], list[Cell]]:
    """Cells that are still wrong after ``wait`` seconds, and those whose refresh came meanwhile.

    A refresh that is queued is no mistake: a cell lasts only if nobody touched it all the while.
    """
    first = cells_drift()
    lasting, begun = first, monotonic()
    while lasting and monotonic() - begun < wait:
        sleep(min(1, wait))
        now = cells_drift({cell.indicator_id for cell in lasting})
        lasting = {cell: said for cell, said in lasting.items() if now.get(cell) == said}
    return list(lasting), [cell for cell in first if cell not in lasting]


def cells_repair() -> list[Cell]:
    """Find and recount the cells that drifted, indicator by indicator; return them."""
    drifted: list[Cell] = []
    for indicator in Indicator.objects.order_by("pk").values_list("pk", flat=True):
        some = list(cells_drift([indicator]))
        cells_refresh(some, batch=REPAIRED_AT_ONCE)
        drifted += some
    return drifted


# --- Rebuild --------------------------------------------------------------------------------------------------------
@dataclass
class Rebuilt:
    """What a rebuild, or its check, found."""

    completions: int = 0
    counted: int = 0
    drifted: int = 0
    summary_drifted: int = 0
    summary_pending: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def has_drift(self) -> bool:
        return bool(self.drifted or self.summary_drifted)

    def note(self, line: str) -> None:
        if len(self.examples) < 50:
            self.examples.append(line)


def counted_rebuild(
    *,
    check: bool,
    progress: Progress | None = None,
    wait: int = 0,
    reason: CorrectionReason = CorrectionReason.REPAIRED,
) -> Rebuilt:
    """Compare counts and summary with the completions they rest on; unless ``check``, make them equal.

    Goes through people in chunks, so memory stays flat; the database compares, and only what differs is read and
    written, so learners and readers are not in the way. What changes in figures that were reported is kept as a
    correction with ``reason``. A check gives refreshes under way ``wait`` seconds to come.
    """
    result = Rebuilt()
    rules, closed = rules_load(), closed_load()
    codes = dict(Indicator.objects.values_list("pk", "code"))
    total = Completion.objects.count()
    with chunk_table():
        for people in _user_ranges():
            doubtful = _chunk_look(people, rules, result, fill=not check and not closed.until)
            for some in (doubtful[at : at + PORTION] for at in range(0, len(doubtful), PORTION)):
                if check:
                    _portion_check(some, rules, codes, result)
                else:
                    _portion_rebuild(some, rules, codes, result, closed=closed, reason=reason)
            if progress:
                progress(min(result.completions, total), total)
    if result.drifted > PORTION:
        statistics_refresh()  # the summary is read by what the database believes to hold
    lasting, pending = cells_watch(wait) if check else (cells_repair(), [])
    result.summary_drifted, result.summary_pending = len(lasting), len(pending)
    for cell in lasting:
        where = f"đơn vị {cell.unit_id}" if cell.unit_id else "chưa rõ đơn vị"
        result.note(f"{codes[cell.indicator_id]} · {where} · {cell.month[:7]}: bảng tổng hợp lệch")
    return result


def _user_ranges() -> Iterator[range]:
    ends = User.objects.aggregate(low=Min("pk"), high=Max("pk"))
    if ends["low"] is not None:
        yield from (range(low, low + CHUNK) for low in range(ends["low"], ends["high"] + 1, CHUNK))


@transaction.atomic
def _chunk_look(people: range, rules: list[Rule], result: Rebuilt, *, fill: bool) -> list[int]:
    """The people of a chunk whose counts have to be looked at one by one; the database compares all others.

    ``fill``: count those who are missing first, which is safe where nothing was reported yet: no correction is due.
    """
    chunk = Chunk(people)
    result.completions += chunk.completions()
    doubtful = chunk.counted_without_rule(rules)
    for rule in sorted(rules, key=chunk.order):
        if rule.kind in BY_HISTORY:
            doubtful |= chunk.with_standing(rule)
            continue
        result.counted += chunk.expect(rule)
        some = chunk.in_doubt(rule)
        if some and fill:
            result.drifted += chunk.insert_missing(rule)
            some = chunk.in_doubt(rule)
        doubtful |= some
    return sorted(doubtful)


def _portion_check(people: list[int], rules: list[Rule], codes: dict[int, str], result: Rebuilt) -> None:
    """Compare some people; twice where something differs: a learner may have finished while it looked."""
    found = difference_of(people, rules)
    if any(rows for _, rows in found.by_kind()):
        found.only_also_in(difference_of(people, rules))
    _tell(found, rules, codes, result)


@transaction.atomic
def _portion_rebuild(
    people: list[int],
    rules: list[Rule],
    codes: dict[int, str],
    result: Rebuilt,
    *,
    closed: Closed,
    reason: CorrectionReason,
) -> None:
    """Repair the counts of some people in one transaction."""
    found = difference_of(people, rules)
    repair(found, closed=closed, reason=reason)
    _tell(found, rules, codes, result)


def _tell(found: Difference, rules: list[Rule], codes: dict[int, str], result: Rebuilt) -> None:
    """Add up what was found. What one completion decides was counted with the chunk already."""
    by_history = {rule.indicator_id for rule in rules if rule.kind in BY_HISTORY}
    result.counted += sum(indicator in by_history for _, indicator, _ in found.expected)
    for what, rows in found.by_kind():
        result.drifted += len(rows)
        for row in rows[:20]:
            result.note(f"{codes[row.indicator_id]} · người {row.user_id} · {row.year}: {what}")
