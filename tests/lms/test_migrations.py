"""Models need no migration beyond those there are. That the whole history runs is shown by ``tests/journeys``."""

from __future__ import annotations

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.slow


def test_models_need_no_new_migration(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
