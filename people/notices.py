"""The one way in which the platform writes to people: a row on the site, and what else can carry it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from people.models import Notice, Unit, User


def notices_send(
    *,
    users: Iterable[User],
    kind: str,
    subject: str,
    body: str,
    path: str = "",
    actor: Any = None,
    unit: Unit | None = None,
    not_within_days: int = 0,
) -> list[Notice]:
    """Write to people; carried by e-mail or text message after commit, by a job. Returns the notices made.

    Whoever got a notice of the same kind within ``not_within_days`` days is left out.
    """
    raise NotImplementedError
