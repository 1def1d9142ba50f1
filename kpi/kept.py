"""The board of a unit's figures and its head-counts by list, made once a minute however many look at them.

It says the same to everybody who may read the unit, and gathering it from a million people costs more than showing it.
What learners do is seen a minute later at most. What officials do is seen at once: whatever was sent to an office's
page, and every job that ended, puts all boards out of use.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from hashlib import blake2s
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import mark_safe

from common.generation import Generation
from common.jobs import job_ended
from common.language import OFFICES
from kpi import denominators
from kpi.places import Place
from people.querysets import today

if TYPE_CHECKING:
    from kpi.forms import Reading

FIGURES = Generation("kpi:figures")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def board(reading: Reading, state: str, make: Callable[[], str]) -> str:
    """The markup of a reading's board, as it is kept or else as ``make`` makes it; ``state`` is the filter."""
    where = f"{reading.unit.pk}:{reading.structure.pk}:{reading.year}:{state}"
    key = f"kpi:board:{FIGURES.current()}:{today().isoformat()}:{where}"
    markup = str(cache.get_or_set(key, make, settings.KPI_BOARD_SECONDS))
    return mark_safe(markup)  # noqa: S308 - made by a template of ours


def heads(place: Place, audiences: Collection[int], day: date, *, total: bool, rows: Collection[int]) -> dict[int, int]:
    """``kpi.denominators.heads`` as it is kept, for pages alone: what is reported asks for itself."""
    below = blake2s(",".join(map(str, sorted(rows))).encode(), digest_size=12).hexdigest()
    where = f"{place.unit.pk}:{place.home.pk}:{place.structure.pk}:{total}:{below}"
    who = ",".join(map(str, sorted(audiences)))
    key = f"kpi:heads:{FIGURES.current()}:{today().isoformat()}:{day.isoformat()}:{where}:{who}"
    found: Any = cache.get_or_set(
        key, lambda: denominators.heads(place, audiences, day, total=total, rows=rows), settings.KPI_BOARD_SECONDS
    )
    return dict(found)


class FiguresChangedMiddleware:
    """Shows officials at once what they have just changed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method not in SAFE and request.path.startswith(OFFICES):
            FIGURES.end()
        return response


def _job_ended(**_about: Any) -> None:
    FIGURES.end()


job_ended.connect(_job_ended, dispatch_uid="kpi.kept")
