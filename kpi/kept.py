"""The board of a unit's figures and its head-counts by list, made once a minute however many look at them.

It says the same to everybody who may read the unit, and gathering it from a million people costs more than showing it.
Nobody waits for what was made within the last minutes: it is shown, and made anew when the answer has left. So what
learners do is seen some minutes later. What officials do is seen at once: whatever was sent to an office's page, and
every job that ended, puts all boards out of use.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from contextvars import ContextVar
from datetime import date
from functools import partial
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

logger = logging.getLogger(__name__)

FIGURES = Generation("kpi:figures")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: What is older than ``KPI_BOARD_SECONDS``, but not so many times older, is shown while it is made anew.
SHOWN_FOR = 5
#: What the request at hand leaves to be done when its answer has left; None outside of requests.
_AFTERWARDS: ContextVar[list[Callable[[], Any]] | None] = ContextVar("kpi_kept_afterwards", default=None)


def board(reading: Reading, state: str, make: Callable[[], str]) -> str:
    """The markup of a reading's board, as it is kept or else as ``make`` makes it; ``state`` is the filter."""
    where = f"{reading.unit.pk}:{reading.structure.pk}:{reading.year}:{state}"
    markup = str(_kept(f"kpi:board:{FIGURES.current()}:{today().isoformat()}:{where}", make))
    return mark_safe(markup)  # noqa: S308 - made by a template of ours


def heads(place: Place, audiences: Collection[int], day: date, *, total: bool, rows: Collection[int]) -> dict[int, int]:
    """``kpi.denominators.heads`` as it is kept, for pages alone: what is reported asks for itself."""
    below = blake2s(",".join(map(str, sorted(rows))).encode(), digest_size=12).hexdigest()
    where = f"{place.unit.pk}:{place.home.pk}:{place.structure.pk}:{total}:{below}"
    who = ",".join(map(str, sorted(audiences)))
    key = f"kpi:heads:{FIGURES.current()}:{today().isoformat()}:{day.isoformat()}:{where}:{who}"
    return dict(_kept(key, lambda: denominators.heads(place, audiences, day, total=total, rows=rows)))


def _kept(key: str, make: Callable[[], Any]) -> Any:
    """What is kept under a key, else what ``make`` makes. One request at a time makes anew what is old."""
    found = cache.get(key)
    afterwards = _AFTERWARDS.get()
    if found is None or (afterwards is None and _is_old(found[0])):
        return _make(key, make)
    made_at, value = found
    if afterwards is not None and _is_old(made_at) and cache.add(f"{key}:making", True, settings.KPI_BOARD_SECONDS):
        afterwards.append(partial(_make, key, make))
    return value


def _is_old(made_at: float) -> bool:
    return time.time() - made_at > settings.KPI_BOARD_SECONDS


def _make(key: str, make: Callable[[], Any]) -> Any:
    value = make()
    cache.set(key, (time.time(), value), settings.KPI_BOARD_SECONDS * SHOWN_FOR)
    return value


class FiguresChangedMiddleware:
    """Shows officials at once what they have just changed, and makes what is old anew behind the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        afterwards: list[Callable[[], Any]] = []
        token = _AFTERWARDS.set(afterwards)
        try:
            response = self.get_response(request)
        finally:
            _AFTERWARDS.reset(token)
        if request.method not in SAFE and request.path.startswith(OFFICES):
            FIGURES.end()
        if afterwards:
            # The server closes an answer when it has sent it.
            response.close = partial(_close, response.close, afterwards)  # type: ignore[method-assign]
        return response


def _close(close: Callable[[], None], afterwards: list[Callable[[], Any]]) -> None:
    try:
        for make in afterwards:
            make()
    except Exception:
        logger.exception("What is kept of figures could not be made anew.")
    finally:
        close()


def _job_ended(**_about: Any) -> None:
    FIGURES.end()


job_ended.connect(_job_ended, dispatch_uid="kpi.kept")
