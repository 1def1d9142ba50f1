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
