"""What counting reads: the rules of the indicators, and the histories of people; and the rows that come of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q

from certificates.models import Certificate, CertificateState
from courses.models import Completion, CompletionStanding
from kpi.models import Counted, CountingKind, Indicator, Recurrence
from kpi.rules import Fact, Key, Papers, Proof, Rule, Standing
from people.audiences import audience_parents, with_descendants

#: Some people: all whose id is in a range, or those with these ids.
People = range | Collection[int]

_FACT = ("pk", "user_id", "course_id", "completed_at", "score", "course_level", "course_hours")


class Cell(NamedTuple):
    """A cell of the monthly summary; ``month`` is ISO so that it travels through a queue."""

    indicator_id: int
    unit_id: int | None
    year: int
    month: str


def rules_load() -> list[Rule]:
    """The rules of every counting indicator, in two queries."""
    rows = (
        Indicator.objects.counting()
        .order_by("pk")
        .values_list(
            "pk", "counting", "min_score", "level", "min_hours", "recurrence", "base_year",
            "audiences", "courses", "series",
        )
    )  # fmt: skip
    heads: dict[int, tuple[Any, ...]] = {}
    lists: dict[int, tuple[set[int], set[int], set[int]]] = {}
    for pk, *head, audience, course, series in rows:
        heads[pk] = tuple(head)
        for kept, one in zip(lists.setdefault(pk, (set(), set(), set())), (audience, course, series), strict=True):
            kept.update({one} - {None})
    parents = audience_parents() if heads else {}
    return [_rule(pk, heads[pk], lists[pk], parents) for pk in heads]


def _rule(
    pk: int, head: tuple[Any, ...], lists: tuple[set[int], set[int], set[int]], parents: dict[int, int | None]
) -> Rule:
    kind, min_score, level, min_hours, recurrence, base_year = head
    audiences, courses, series = lists
    return Rule(
        indicator_id=pk,
        kind=kind,
        audiences=with_descendants(audiences, parents),
        courses=frozenset(courses),
        min_score=min_score,
        level=level,
        min_hours=min_hours or Decimal(0),
        series=frozenset(series),
        yearly=recurrence == Recurrence.YEARLY,
        base_year=base_year,
    )


def among(people: People, name: str = "user_id") -> Q:
    """Rows of these people, by the column that names them."""
    if isinstance(people, range):
        return Q(**{f"{name}__gte": people.start, f"{name}__lt": people.stop})
    return Q(**{f"{name}__in": people})


def fact_of(completion: Completion) -> Fact:
    """A completion that is at hand, as counting sees it."""
    return Fact(*(getattr(completion, name) for name in _FACT))


def standings_of(where: Q) -> dict[int, list[Standing]]:
    """Completion → where its person stood; ``where`` is about standings. One query."""
    found: dict[int, list[Standing]] = defaultdict(list)
    rows = CompletionStanding.objects.filter(where).order_by()
    for pk, completion, unit, audience, main in rows.values_list(
        "pk", "completion_id", "unit_id", "audience_id", "is_main"
    ):
        found[completion].append(Standing(pk, unit, audience, main))
    return found


def history_of(people: People) -> Iterator[tuple[Fact, Sequence[Standing]]]:
    """Completions of some people, earliest first, each with its standings. Two queries."""
    standings = standings_of(among(people, "completion__user_id"))
    completions = Completion.objects.filter(among(people)).order_by("completed_at", "pk")
    for row in completions.values_list(*_FACT).iterator():
        yield Fact(*row), standings.get(row[0], ())


def papers_of(people: People, rules: Iterable[Rule]) -> Papers:
    """Completion → series in which it has a paper that stands; one query, none where no rule asks for papers.

    A paper that was replaced counts by its successor, which is made out for the same completion.
    """
    asked = {series for rule in rules if rule.kind == CountingKind.CERTIFICATE for series in rule.series}
    if not asked:
        return {}
    found: dict[int, set[int]] = defaultdict(set)
    standing = Certificate.objects.filter(
        among(people, "completion__user_id"), state=CertificateState.VALID, series__in=asked
    )
    for completion, series in standing.order_by().values_list("completion_id", "series_id"):
        found[completion].add(series)
    return found


# --- Rows -----------------------------------------------------------------------------------------------------------
#: What of a counted row follows the completion that proves it.
MOVING = ("unit_id", "audience_id", "completion_id", "counted_on")


def row_of(key: Key, proof: Proof) -> Counted:
    """The unsaved row that a proof gives."""
    user, indicator, year = key
    return Counted(
        indicator_id=indicator,
        user_id=user,
        year=year,
        unit_id=proof.standing.unit_id,
        audience_id=proof.standing.audience_id,
        completion_id=proof.fact.id,
        counted_on=proof.day,
    )


def key_of(row: Counted) -> Key:
    """What may be there once only: a person, an indicator, a year."""
    return (row.user_id, row.indicator_id, row.year)


def cell_of(row: Counted) -> Cell:
    """The summary cell that a row belongs to."""
    return Cell(row.indicator_id, row.unit_id, row.year, row.counted_on.replace(day=1).isoformat())
