"""The index of search: kept by the database itself, in the transaction that changes a course or a lesson.

SQLite keeps an FTS5 table beside each table, led by triggers; PostgreSQL keeps two computed columns with a GIN index,
and functions that read nothing but the index.
Both index ``title_key`` and ``search_key``, which hold folded words and nothing else, so that both find the same.
No model knows of it: it is made after migrations (``search_index_ensure``), also where tests leave migrations out.
See docs/decisions/0012-search-index.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import BooleanField, IntegerField, QuerySet, Value
from django.db.models.expressions import RawSQL

from common.text import search_words

TABLES = ("courses_course", "courses_step")
Column = Literal["title_key", "search_key"]

_SQLITE = (
    """CREATE VIRTUAL TABLE IF NOT EXISTS {table}_words USING fts5(
        title_key, search_key, content='{table}', content_rowid='id', tokenize='unicode61', prefix='2 3')""",
    """CREATE TRIGGER IF NOT EXISTS {table}_words_added AFTER INSERT ON {table} BEGIN
        INSERT INTO {table}_words (rowid, title_key, search_key) VALUES (new.id, new.title_key, new.search_key);
    END""",
    """CREATE TRIGGER IF NOT EXISTS {table}_words_gone AFTER DELETE ON {table} BEGIN
        INSERT INTO {table}_words ({table}_words, rowid, title_key, search_key)
            VALUES ('delete', old.id, old.title_key, old.search_key);
    END""",
    """CREATE TRIGGER IF NOT EXISTS {table}_words_changed AFTER UPDATE OF title_key, search_key ON {table}
        WHEN old.title_key IS NOT new.title_key OR old.search_key IS NOT new.search_key BEGIN
        INSERT INTO {table}_words ({table}_words, rowid, title_key, search_key)
            VALUES ('delete', old.id, old.title_key, old.search_key);
        INSERT INTO {table}_words (rowid, title_key, search_key) VALUES (new.id, new.title_key, new.search_key);
    END""",
    "INSERT INTO {table}_words ({table}_words) VALUES ('rebuild')",
)
_SQLITE_DROP = (
    "DROP TRIGGER IF EXISTS {table}_words_added",
    "DROP TRIGGER IF EXISTS {table}_words_gone",
    "DROP TRIGGER IF EXISTS {table}_words_changed",
    "DROP TABLE IF EXISTS {table}_words",
)
# The planner takes a look at a long ``tsvector`` for cheap. Where a word is common it would rather look at each of them
# than use the index: 700 ms instead of 10. Hence functions in which it may not, nor begin with another index.
_INDEX_ONLY = "LANGUAGE sql STABLE SET enable_seqscan = off SET enable_indexscan = off"
_ROWS = f"""CREATE OR REPLACE FUNCTION {{{{table}}}}_{{column}}_rows(wanted tsquery) RETURNS SETOF bigint
    {_INDEX_ONLY} ROWS 100
    AS $$ SELECT id FROM {{{{table}}}} WHERE {{column}}_words @@ wanted $$"""
# Long values out of the rows: a word that stands everywhere has every row visited, and a fifth of the pages holds them.
_NARROW = "ALTER TABLE {table} SET (toast_tuple_target = 128)"
_POSTGRESQL = (
    _NARROW,
    """ALTER TABLE {table}
        ADD COLUMN IF NOT EXISTS title_key_words tsvector GENERATED ALWAYS AS (to_tsvector('simple', title_key)) STORED,
        ADD COLUMN IF NOT EXISTS search_key_words tsvector
            GENERATED ALWAYS AS (to_tsvector('simple', search_key)) STORED""",
    "CREATE INDEX IF NOT EXISTS {table}_title_key_words ON {table} USING gin (title_key_words)",
    "CREATE INDEX IF NOT EXISTS {table}_search_key_words ON {table} USING gin (search_key_words)",
    # A short list of what is still to be sorted in: every search reads it from end to end.
    "ALTER INDEX {table}_title_key_words SET (gin_pending_list_limit = 256)",
    "ALTER INDEX {table}_search_key_words SET (gin_pending_list_limit = 256)",
    _ROWS.format(column="title_key"),
    _ROWS.format(column="search_key"),
)
# Straight from the index to the courses: joining the lessons found with the lessons once more costs as much again.
# Which lessons are in use is said so that the planner cannot begin with their index and look at the words of each.
_COURSES = f"""CREATE OR REPLACE FUNCTION courses_step_telling(wanted tsquery) RETURNS SETOF bigint
    {_INDEX_ONLY} ROWS 1000
    AS $$ SELECT DISTINCT course_id FROM courses_step
        WHERE search_key_words @@ wanted AND CASE WHEN is_active THEN kind END = 'lesson' $$"""
_POSTGRESQL_DROP = (
    "DROP FUNCTION IF EXISTS {table}_courses(tsquery)",
    "DROP FUNCTION IF EXISTS {table}_telling(tsquery)",
    "DROP FUNCTION IF EXISTS {table}_title_key_rows(tsquery)",
    "DROP FUNCTION IF EXISTS {table}_search_key_rows(tsquery)",
    "ALTER TABLE {table} DROP COLUMN IF EXISTS title_key_words, DROP COLUMN IF EXISTS search_key_words",
)
_MAKE = {
    ("sqlite", "courses_course"): _SQLITE,
    ("sqlite", "courses_step"): _SQLITE,
    ("postgresql", "courses_course"): _POSTGRESQL,
    ("postgresql", "courses_step"): (*_POSTGRESQL, _COURSES),
}
_DROP = {"sqlite": _SQLITE_DROP, "postgresql": _POSTGRESQL_DROP}
#: Of so many rows at most PostgreSQL is asked whether the words stand there one after the other: its index cannot tell.
_LOOKED_AT = 500
#: What a whole index has besides, by name, and what there is.
_PARTS = {
    ("sqlite", "courses_course"): ("_words", "_words_added", "_words_gone", "_words_changed"),
    ("sqlite", "courses_step"): ("_words", "_words_added", "_words_gone", "_words_changed"),
    ("postgresql", "courses_course"): ("_title_key_words", "_search_key_words", "_title_key_rows", "_search_key_rows"),
    ("postgresql", "courses_step"): ("_title_key_words", "_search_key_words", "_title_key_rows", "_telling"),
}
_NAMES = {
    "sqlite": "SELECT name FROM sqlite_master",
    "postgresql": "SELECT indexname FROM pg_indexes UNION SELECT proname FROM pg_proc WHERE proname LIKE 'courses%'",
}


def search_index_ensure(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Make what is missing of the index, with every row in it; called after each migration.

    SQLite loses the triggers whenever a migration writes a table anew: then the index is filled anew as well.
    """
    database = connections[using]
    with database.cursor() as cursor:
        cursor.execute(_NAMES[database.vendor])
        there = {name for (name,) in cursor.fetchall()}
        for table in TABLES:
            is_whole = all(f"{table}{part}" in there for part in _PARTS[database.vendor, table])
            if is_whole or not _has_keys(cursor, using, table):
                continue
            for statement in _MAKE[database.vendor, table]:
                cursor.execute(statement.format(table=table))


def _has_keys(cursor: Any, using: str, table: str) -> bool:
    """Whether the table has come so far in its migrations that there is something to index."""
    introspection = connections[using].introspection
    if table not in introspection.table_names(cursor):
        return False
    columns = {column.name for column in introspection.get_table_description(cursor, table)}
    return {"title_key", "search_key"} <= columns


def search_index_drop(using: str = DEFAULT_DB_ALIAS) -> None:
    """Take the index away: before a migration takes its columns away or changes them."""
    database = connections[using]
    with database.cursor() as cursor:
        for table in TABLES:
            for statement in _DROP[database.vendor]:
                cursor.execute(statement.format(table=table))


def rows_with(words: str, *, table: str, column: Column) -> RawSQL:
    """The ids of rows of ``table`` whose ``column`` holds all the words, the last one as the beginning of a word.

    For ``filter(pk__in=…)``; the words must hold a letter or digit.
    """
    asked = search_words(words)
    # The names of tables and columns are ours; what people type travels as a parameter.
    if connection.vendor == "sqlite":
        rows = f"SELECT rowid FROM {table}_words WHERE {table}_words MATCH %s"  # noqa: S608
        return RawSQL(rows, [_match(asked, column)])  # noqa: S611
    return RawSQL(f"SELECT {table}_{column}_rows(to_tsquery('simple', %s))", [_all_of(asked)])  # noqa: S611


def courses_telling(words: str) -> RawSQL:
    """The ids of courses of which a lesson in use holds all the words, as ``rows_with`` finds them."""
    if connection.vendor == "sqlite":
        rows = rows_with(words, table="courses_step", column="search_key")
        # Course by course to the first lesson that says it. The sum keeps SQLite from looking up each lesson by its id:
        # reading the index ``step_in_use`` is far less.
        lessons = "SELECT 1 FROM courses_step AS s WHERE s.is_active AND s.kind = 'lesson' AND s.course_id = c.id"
        told = f"SELECT c.id FROM courses_course AS c WHERE EXISTS ({lessons} AND s.id + 0 IN ({rows.sql}))"  # noqa: S608
        return RawSQL(told, rows.params)  # noqa: S611
    return RawSQL("SELECT courses_step_telling(to_tsquery('simple', %s))", [_all_of(search_words(words))])  # noqa: S611


def lessons_ranked(words: str, *, among: QuerySet[Any], enough: int, at_most: int) -> dict[int, int]:
    """The ids of lessons of ``among`` (in no order) that hold all the words, each with its rank.

    0: the title holds them, 1: they stand one after the other, 2: they stand somewhere. Of a rank ``at_most`` are read,
    and nothing more once more than ``enough`` are found: three questions at the most.
    """
    found: dict[int, int] = {}
    ask = _ranks_sqlite if connection.vendor == "sqlite" else _ranks_postgresql
    for lessons in ask(search_words(words), among):
        for pk, rank in lessons.values_list("pk", "rank")[:at_most]:
            found.setdefault(pk, rank)
        if len(found) > enough:
            break
    return found


def _ranks_sqlite(asked: list[str], among: QuerySet[Any]) -> Iterator[QuerySet[Any]]:
    """Straight from the index to the lesson, so that a limit ends the reading of the index too.

    As a set (``id IN``) it would be read to its end first; the plus keeps SQLite from going the other way round.
    """
    joined = ["courses_step_words MATCH %s", "courses_step.id = +courses_step_words.rowid"]
    questions: list[tuple[Column, bool]] = [("title_key", False), ("search_key", True), ("search_key", False)]
    for rank, (column, together) in enumerate(questions):
        if not together or len(asked) > 1:
            match = _match(asked, column, together=together)
            lessons = among.extra(tables=["courses_step_words"], where=joined, params=[match])  # noqa: S610
            yield lessons.annotate(rank=Value(rank))


def _ranks_postgresql(asked: list[str], among: QuerySet[Any]) -> Iterator[QuerySet[Any]]:
    """The index cannot tell whether words stand one after the other: only its first rows are asked, in one question
    with the rest of those rows. All rows are read where those gave too little: few of them are among the wanted."""
    everywhere, in_a_row = _all_of(asked), _all_of(asked).replace(" & ", " <-> ")
    typed = " ".join(asked)
    titled = rows_with(typed, table="courses_step", column="title_key")
    yield among.filter(pk__in=titled).annotate(rank=Value(0))
    rows = f"SELECT courses_step_search_key_rows(to_tsquery('simple', %s)) LIMIT {_LOOKED_AT}"
    first = among.filter(
        RawSQL(f"courses_step.id = ANY(ARRAY({rows}))", [everywhere], output_field=BooleanField())  # noqa: S611
    )
    together = "CASE WHEN courses_step.search_key_words @@ to_tsquery('simple', %s) THEN 1 ELSE 2 END"
    ranked = RawSQL(together, [in_a_row], output_field=IntegerField()) if len(asked) > 1 else Value(2)  # noqa: S611
    yield first.annotate(rank=ranked).order_by("rank")
    somewhere = rows_with(typed, table="courses_step", column="search_key")
    yield among.filter(pk__in=somewhere).annotate(rank=Value(2))


def _match(asked: list[str], column: Column, *, together: bool = False) -> str:
    """All words, the last one as a beginning, as SQLite asks for them."""
    quoted = [f'"{word}"' for word in asked]
    return f"{column} : ({' + '.join(quoted) if together else ' AND '.join(quoted)} *)"


def _all_of(words: list[str]) -> str:
    """All words, the last one as a beginning, as PostgreSQL asks for them."""
    return " & ".join(f"'{word}'" for word in words) + ":*"
