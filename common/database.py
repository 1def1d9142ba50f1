"""What the database must be told, because it cannot know it by itself."""

from __future__ import annotations

from django.db import connection, models


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
    Without JIT: what has no index then counts as so costly that each query would be compiled first.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS; SET LOCAL enable_seqscan = off; SET LOCAL jit = off")
