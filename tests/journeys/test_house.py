"""The database that every journey lives on was made by the whole history of migrations, from nothing."""

from __future__ import annotations


def test_the_history_of_migrations_leaves_nothing_to_do(house):
    """As on a new installation: nothing is left to migrate, and the database has no faults."""
    house.manage("migrate", "--check")
    house.manage("check", "--database", "default")
