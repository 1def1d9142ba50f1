"""A chunk of people compared by the database: who is counted, beside what the completions of the chunk prove.

The rule is that of ``kpi.rules``, told to the database for those kinds that one completion decides (all but those of
``BY_HISTORY``). It says only whose rows are in doubt, and writes rows that are missing where nothing was reported yet;
what is in doubt is decided and repaired by ``kpi.comparing``, person by person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import F, Window
from django.db.models.functions import ExtractYear, RowNumber, TruncDate
from django.utils import timezone

from courses.models import Completion, CompletionStanding
from kpi.models import Counted
from kpi.rules import LEVELS, Rule

TABLE, EXPECTED = "kpi_chunk", "kpi_expected"
#: What a sort or a join of one chunk may take before it goes through files.
WORK_MEMORY = "64MB"
_COLUMNS = (
    "user_id bigint, year integer, day date, n integer, unit_id bigint, audience_id bigint, completion_id bigint,"
    " course_id bigint, score numeric(5, 2), level varchar(20)"
)
_EXPECTED_COLUMNS = "user_id bigint, year integer, unit_id bigint, audience_id bigint, completion_id bigint, day date"
#: The rows of ``Counted`` of a rule, for the people of the chunk.
_HELD = "FROM kpi_counted h WHERE h.indicator_id = %s AND h.user_id >= %s AND h.user_id < %s"
#: A row of ``Counted`` says something else than what is proved.
_DIFFERS = (
    "h.completion_id <> e.completion_id OR h.audience_id <> e.audience_id OR h.counted_on <> e.day"
    " OR COALESCE(h.unit_id, 0) <> COALESCE(e.unit_id, 0)"
)


@contextmanager
def chunk_table() -> Iterator[None]:
    """Tables of this session: the standings of one chunk at a time, and who of it should count for one rule."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {TABLE} ({_COLUMNS})")
        cursor.execute(f"CREATE TEMPORARY TABLE {EXPECTED} ({_EXPECTED_COLUMNS})")
        try:
            yield
        finally:
            cursor.execute(f"DROP TABLE {TABLE}")
            cursor.execute(f"DROP TABLE {EXPECTED}")


class Chunk:
    """The completions of a range of people, in the table of the session; one at a time, in a transaction."""

    def __init__(self, people: range) -> None:
        self.people = people
        self._asked: tuple[Any, ...] = ()
        self._count = 0
        standings = CompletionStanding.objects.filter(
            completion__user_id__gte=people.start, completion__user_id__lt=people.stop
        ).annotate(
            day=TruncDate("completion__completed_at", tzinfo=timezone.get_default_timezone()),
            year=ExtractYear("completion__completed_at", tzinfo=timezone.get_default_timezone()),
            n=Window(
                RowNumber(),
                partition_by=F("completion__user_id"),
                order_by=[
                    *(F("completion__completed_at").asc(), F("completion_id").asc()),
                    *(F("is_main").desc(), F("pk").asc()),
                ],
            ),
        )
        rows = standings.values_list(
            *("completion__user_id", "year", "day", "n", "unit_id", "audience_id", "completion_id"),
            *("completion__course_id", "completion__score", "completion__course_level"),
        )
        sql, params = rows.query.sql_with_params()
        with connection.cursor() as cursor:
            _empty(cursor, TABLE)
            # By the index, one completion after the other: else each chunk would read the standings of the province.
            _plan(cursor, nestloop=True)
            cursor.execute(f"INSERT INTO {TABLE} {sql}", params)  # noqa: S608
            # From here on both sides have as many rows as there are people.
            _plan(cursor, nestloop=False)
            if connection.vendor == "postgresql":
                cursor.execute(f"ANALYZE {TABLE}")

    def completions(self) -> int:
        """How many completions these people have."""
        theirs = Completion.objects.filter(user_id__gte=self.people.start, user_id__lt=self.people.stop)
        return theirs.count()

    @staticmethod
    def order(rule: Rule) -> tuple[Any, ...]:
        """Rules that expect the same people come one after the other."""
        asked = (sorted(rule.audiences), sorted(rule.courses), str(rule.min_score), rule.level)
        return (*asked, rule.yearly, rule.base_year, rule.indicator_id)

    def expect(self, rule: Rule) -> int:
        """Find out who should count for a rule; returns how many rows that gives. The next questions are about it."""
        asked = self.order(rule)[:-1]
        if asked != self._asked:
            self._asked = asked
            sql, params = self._expected(rule)
            with connection.cursor() as cursor:
                _empty(cursor, EXPECTED)
                cursor.execute(f"INSERT INTO {EXPECTED} {sql}", params)  # noqa: S608
                self._count = int(cursor.rowcount)
                if connection.vendor == "postgresql":
                    cursor.execute(f"ANALYZE {EXPECTED}")
        return self._count

    def insert_missing(self, rule: Rule) -> int:
        """Count those who are expected and not counted yet; returns how many."""
        sql = (
            f"INSERT INTO kpi_counted (indicator_id, user_id, year, unit_id, audience_id, completion_id, counted_on,"  # noqa: S608
            f" recorded_at) SELECT %s, e.user_id, e.year, e.unit_id, e.audience_id, e.completion_id, e.day, %s"
            f" FROM {EXPECTED} e WHERE NOT EXISTS (SELECT 1 {_HELD}"
            f" AND h.user_id = e.user_id AND h.year = e.year) ON CONFLICT DO NOTHING"
        )
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(sql, [rule.indicator_id, now, *self._held(rule)])
            return int(cursor.rowcount)

    def in_doubt(self, rule: Rule) -> set[int]:
        """The people whose rows do not say what is expected.

        A row for each expected one is looked for; rows that nobody expects only where there are more than were found.
        """
        same = "h.user_id = e.user_id AND h.year = e.year"
        held = f"(SELECT * {_HELD}) h"
        wrong = (
            f"SELECT e.user_id, h.id IS NULL FROM {EXPECTED} e LEFT JOIN {held} ON {same}"  # noqa: S608
            f" WHERE h.id IS NULL OR {_DIFFERS}"
        )
        superfluous = f"SELECT h.user_id FROM {held} LEFT JOIN {EXPECTED} e ON {same} WHERE e.user_id IS NULL"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(wrong, self._held(rule))
            found = cursor.fetchall()
            cursor.execute(f"SELECT COUNT(*) {_HELD}", self._held(rule))  # noqa: S608
            if cursor.fetchone()[0] > self._count - sum(bool(missing) for _, missing in found):
                cursor.execute(superfluous, self._held(rule))
                found += [(user, False) for (user,) in cursor.fetchall()]
        return {user for user, _ in found}

    def _held(self, rule: Rule) -> tuple[int, int, int]:
        """What ``_HELD`` asks for: without the range each chunk would read all whom the indicator ever counted."""
        return rule.indicator_id, self.people.start, self.people.stop

    def with_standing(self, rule: Rule) -> set[int]:
        """The people who ever stood as one of those the rule is about."""
        where, params = self._where(rule)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT DISTINCT user_id FROM {TABLE} WHERE {where}", params)  # noqa: S608
            return {user for (user,) in cursor.fetchall()}

    def counted_without_rule(self, rules: Collection[Rule]) -> set[int]:
        """The people who are counted for an indicator that counts nobody any more."""
        rows = Counted.objects.filter(user_id__gte=self.people.start, user_id__lt=self.people.stop)
        kept = rows.exclude(indicator__in=[rule.indicator_id for rule in rules])
        return set(kept.values_list("user_id", flat=True))

    def _expected(self, rule: Rule) -> tuple[str, list[Any]]:
        """Who should be counted: the first row of each person and year that satisfies the rule."""
        where, params = self._where(rule)
        year, years = ("c.year", []) if rule.yearly else ("%s", [rule.base_year])
        group = "c.user_id, c.year" if rule.yearly else "c.user_id"
        first = f"SELECT c.user_id, MIN(c.n) AS n FROM {TABLE} c WHERE {where} GROUP BY {group}"  # noqa: S608
        sql = (
            f"SELECT c.user_id, {year} AS year, c.unit_id, c.audience_id, c.completion_id, c.day"  # noqa: S608
            f" FROM {TABLE} c JOIN ({first}) f ON f.user_id = c.user_id AND f.n = c.n"
        )
        return sql, [*years, *params]

    @staticmethod
    def _where(rule: Rule) -> tuple[str, list[Any]]:
        parts, params = [_any_of("audience_id", rule.audiences)], [*sorted(rule.audiences)]
        if rule.courses:
            parts.append(_any_of("course_id", rule.courses))
            params += sorted(rule.courses)
        if rule.min_score is not None:
            parts.append("score >= %s")
            params.append(rule.min_score)  # type: ignore[arg-type]
        if rule.level:
            high = LEVELS[LEVELS.index(rule.level) :] if rule.level in LEVELS else LEVELS
            if len(high) < len(LEVELS):
                parts.append(_any_of("level", high))
                params += high  # type: ignore[arg-type]
        return " AND ".join(parts), params


def statistics_refresh() -> None:
    """Let PostgreSQL look at the counted people anew: after many were written it still plans for the few before."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE kpi_counted")


def _empty(cursor: Any, table: str) -> None:
    """Without deleted rows to be left behind: nobody vacuums a table of the session, each look would read them all."""
    cursor.execute(f"TRUNCATE {table}" if connection.vendor == "postgresql" else f"DELETE FROM {table}")  # noqa: S608


def _plan(cursor: Any, *, nestloop: bool) -> None:
    """How PostgreSQL joins until the transaction ends: it cannot know what a chunk holds, and guesses badly."""
    if connection.vendor != "postgresql":
        return
    for way in ("hashjoin", "mergejoin"):
        cursor.execute(f"SET LOCAL enable_{way} = {'off' if nestloop else 'on'}")
    cursor.execute(f"SET LOCAL enable_nestloop = {'on' if nestloop else 'off'}")
    cursor.execute(f"SET LOCAL work_mem = '{WORK_MEMORY}'")
    # A rebuild takes one processor: the others are for learners.
    cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")


def _any_of(column: str, values: Collection[Any]) -> str:
    return f"{column} IN ({', '.join(['%s'] * len(values))})" if values else "1 = 0"
