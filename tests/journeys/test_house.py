"""The database that every journey lives on: made by the whole history of migrations, with figures that are right."""

from __future__ import annotations

import pytest

from tests.kpi.agreeing import agree


def test_the_history_of_migrations_leaves_nothing_to_do(house):
    """As on a new installation: nothing is left to migrate, and the database has no faults."""
    house.manage("migrate", "--check")
    house.manage("check", "--database", "default")


@pytest.mark.sweep
def test_the_figures_of_the_demo_are_those_of_a_reckoning_of_their_own(house):
    """Every indicator, unit, year and structure of the demo province, from its raw completions."""
    assert agree(range(2023, 2027)) > 500
