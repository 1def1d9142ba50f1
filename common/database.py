"""What the database must be told, because it cannot know it by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, models, transaction


def statistics_refresh(*tables: type[models.Model]) -> None:
    """After many rows were written at once: let PostgreSQL plan for them now.

    It would notice within a minute of the commit; until then it takes the tables for empty, and plans that suit empty
    tables take minutes on full ones.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table._meta.db_table)}")


def plans_by_index() -> None:
    """To the end of this transaction, have PostgreSQL look up by its indexes what many new rows refer to.

    A session keeps the plan by which it checks foreign keys. One that it made while a table was all but empty reads the
    whole table for every new row, and goes on doing so while the table grows to thousands: hence also the forgetting.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS; SET LOCAL enable_seqscan = off")


@contextmanager
def row_by_row() -> Iterator[None]:
    """Within, have PostgreSQL fetch each row of a page by index, and not read a table of a million people beside it.

    It reckons that a row found by index comes from a disk that has to turn; these tables stand in memory.
    """
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL random_page_cost = 1.1; SET LOCAL enable_hashjoin = off")
        yield
