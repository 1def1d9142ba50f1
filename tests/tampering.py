"""What no code of ours can do, for tests that must show that it would be noticed."""

from __future__ import annotations

from typing import Any

from django.db import models


def past_the_guard(model: type[models.Model]) -> models.QuerySet[Any]:
    """Rows of an append-only model through a query set that does not refuse updates."""
    return models.QuerySet(model)
