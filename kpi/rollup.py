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

from courses.models import Completion, CompletionStanding
from kpi.counting import Cell, Fact, Rule, Standing, counts_of, key_of, rules_load
from kpi.models import Counted, Indicator, UnitMonth
from people.models import User

Progress = Callable[[int, int], None]
BATCH = 200
CHUNK = 2000


# --- Summary --------------------------------------------------------------------------------------------------------
def _month_after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _counted_cells(where: Q) -> dict[Cell, int]:
    """What the summary has to say, read from the counted people."""
    rows = (
        Counted.objects.filter(where)
        .annotate(month=TruncMonth("counted_on"))
        .order_by()
        .values_list("indicator_id", "unit_id", "year", "month")
        .annotate(people=Count("pk"))
    )
    return {Cell(i, u, y, m.isoformat()): n for i, u, y, m, n in rows.iterator()}


def _held_cells(where: Q) -> dict[Cell, int]:
    rows = UnitMonth.objects.filter(where).values_list("indicator_id", "unit_id", "year", "month", "count")
    return {Cell(i, u, y, m.isoformat()): n for i, u, y, m, n in rows.iterator()}


def cells_refresh(cells: Collection[Cell]) -> int:
    """Recount some cells of the summary; four queries for each batch. Safe to repeat and to run twice at once."""
    wanted = sorted(set(cells), key=str)
    for start in range(0, len(wanted), BATCH):
        _batch_refresh(wanted[start : start + BATCH])
    return len(wanted)


@transaction.atomic
def _batch_refresh(cells: list[Cell]) -> None:
    """Lock the cells' rows first and count then: of two refreshes the later one counts what the earlier one missed."""
    UnitMonth.objects.bulk_create(
        [UnitMonth(indicator_id=c.indicator_id, unit_id=c.unit_id, year=c.year, month=c.month, count=0) for c in cells],
        ignore_conflicts=True,
    )
    summary, counted = Q(pk__in=[]), Q(pk__in=[])
    for cell in cells:
        month = date.fromisoformat(cell.month)
        place = Q(indicator_id=cell.indicator_id, year=cell.year)
        place &= Q(unit__isnull=True) if cell.unit_id is None else Q(unit_id=cell.unit_id)
        summary |= place & Q(month=month)
        counted |= place & Q(counted_on__gte=month, counted_on__lt=_month_after(month))
    rows = list(UnitMonth.objects.filter(summary).order_by("pk").select_for_update(of=("self",)))
    people = _counted_cells(counted)
    for row in rows:
        row.count = people.get(Cell(row.indicator_id, row.unit_id, row.year, row.month.isoformat()), 0)
    UnitMonth.objects.bulk_update(rows, ["count"])


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
    """Find and recount the cells that drifted; return them."""
    drifted = list(cells_drift())
    cells_refresh(drifted)
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


def counted_rebuild(*, check: bool, progress: Progress | None = None, wait: int = 0) -> Rebuilt:
    """Compare counts and summary with the completions they rest on; unless ``check``, make them equal.

    Goes through people in chunks, so memory stays flat; each chunk is one transaction and only what differs is
    written, so learners and readers are not in the way. A check gives refreshes under way ``wait`` seconds to come.
    """
    result = Rebuilt()
    rules = rules_load()
    codes = dict(Indicator.objects.values_list("pk", "code"))
    total = Completion.objects.count()
    for low, high in _user_ranges():
        _chunk_rebuild(low, high, rules, codes, result, check=check)
        if progress:
            progress(min(result.completions, total), total)
    lasting, pending = cells_watch(wait) if check else (cells_repair(), [])
    result.summary_drifted, result.summary_pending = len(lasting), len(pending)
    for cell in lasting:
        where = f"đơn vị {cell.unit_id}" if cell.unit_id else "chưa rõ đơn vị"
        result.note(f"{codes[cell.indicator_id]} · {where} · {cell.month[:7]}: bảng tổng hợp lệch")
    return result


def _user_ranges() -> Iterator[tuple[int, int]]:
    ends = User.objects.aggregate(low=Min("pk"), high=Max("pk"))
    if ends["low"] is not None:
        yield from ((low, low + CHUNK) for low in range(ends["low"], ends["high"] + 1, CHUNK))


@dataclass
class _Difference:
    """What is counted in a chunk of people beside what should be."""

    completions: int
    counted: int
    missing: list[Counted]
    superfluous: list[Counted]
    changed: list[Counted]

    def by_kind(self) -> Iterator[tuple[str, list[Counted]]]:
        yield from (("thiếu", self.missing), ("thừa", self.superfluous), ("khác lượt hoàn thành", self.changed))

    def only_also_in(self, other: _Difference) -> None:
        """Keep what another look saw as well."""
        for (_, mine), (_, theirs) in zip(self.by_kind(), other.by_kind(), strict=True):
            seen = {key_of(row) for row in theirs}
            mine[:] = [row for row in mine if key_of(row) in seen]


def _difference(low: int, high: int, rules: list[Rule]) -> _Difference:
    """Compare the counts of the people with ``low <= pk < high`` with their completions.

    What is counted is read before the completions: a completion that comes in between then looks missing, and is
    inserted once by the constraint, instead of looking superfluous.
    """
    held = {key_of(row): row for row in Counted.objects.filter(user_id__gte=low, user_id__lt=high).iterator()}
    expected: dict[tuple[int, int, int], Counted] = {}
    completions = 0
    for fact, standings in _facts(low, high):
        completions += 1
        for row in counts_of(rules, fact, standings):
            expected.setdefault(key_of(row), row)
    changed = []
    for key, row in expected.items():
        if key in held and _facts_of(held[key]) != _facts_of(row):
            row.pk = held[key].pk
            changed.append(row)
    return _Difference(
        completions=completions,
        counted=len(expected),
        missing=[row for key, row in expected.items() if key not in held],
        superfluous=[row for key, row in held.items() if key not in expected],
        changed=changed,
    )


def _chunk_rebuild(
    low: int, high: int, rules: list[Rule], codes: dict[int, str], result: Rebuilt, *, check: bool
) -> None:
    """Compare, and unless ``check`` repair, the counts of a chunk of people in one transaction.

    A check looks twice where it finds something: a learner may have finished while it looked.
    """
    with transaction.atomic():
        found = _difference(low, high, rules)
        if not check:
            Counted.objects.filter(pk__in=[row.pk for row in found.superfluous]).delete()
            fields = ["unit", "audience", "completion", "counted_on"]
            Counted.objects.bulk_update(found.changed, fields, batch_size=500)
            Counted.objects.bulk_create(found.missing, ignore_conflicts=True, batch_size=1000)
    if check and any(rows for _, rows in found.by_kind()):
        found.only_also_in(_difference(low, high, rules))
    result.completions += found.completions
    result.counted += found.counted
    for what, rows in found.by_kind():
        result.drifted += len(rows)
        for row in rows[:20]:
            result.note(f"{codes[row.indicator_id]} · người {row.user_id} · {row.year}: {what}")


def _facts_of(row: Counted) -> tuple[object, ...]:
    return (row.unit_id, row.audience_id, row.completion_id, row.counted_on)


def _facts(low: int, high: int) -> Iterator[tuple[Fact, list[Standing]]]:
    """Completions of a chunk of people, earliest first, each with its standings."""
    standings: dict[int, list[Standing]] = defaultdict(list)
    theirs = CompletionStanding.objects.filter(completion__user_id__gte=low, completion__user_id__lt=high)
    for pk, completion, unit, audience, main in theirs.values_list(
        "pk", "completion_id", "unit_id", "audience_id", "is_main"
    ):
        standings[completion].append(Standing(pk, unit, audience, main))
    completions = Completion.objects.filter(user_id__gte=low, user_id__lt=high).order_by("completed_at", "pk")
    for row in completions.values_list("pk", "user_id", "course_id", "completed_at", "score").iterator():
        yield Fact(*row), standings[row[0]]
