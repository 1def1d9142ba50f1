"""Pages of a list whose length is known from elsewhere."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator


class KnownLength(Paginator[Any]):
    """A paginator that does not count its rows again: of millions that costs more than the page.

    ``known``: how many there are; None where the rows have to be asked after all.
    """

    def __init__(self, rows: Any, per_page: int, *, known: int | None) -> None:
        super().__init__(rows, per_page)
        self.known = known

    @cached_property
    def count(self) -> int:
        return super().count if self.known is None else self.known
