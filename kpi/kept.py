"""The board of a unit's figures and its head-counts by list, made once a minute however many look at them.

It says the same to everybody who may read the unit, and gathering it from a million people costs more than showing it.
Nobody waits for what was made within the last minutes: it is shown, and made anew when the answer has left. So what
learners do, and what other offices do to their lists, is seen some minutes later. What an official sends is seen by
that official at once, and whatever is sent to a page of figures by everybody: targets, head-counts, what units declare.
The same holds for jobs, when they end. Of three hundred offices somebody always sends something: if each of these put
all boards out of use, the province's would never be there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from hashlib import blake2s
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.safestring import mark_safe

from common.generation import Generation
from common.jobs import job_ended
from common.models import Job
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
#: Where officials and editors work.
OFFICES = ("/quan-ly/", "/cms/", "/quan-tri-he-thong/")
#: What is sent below here is about the figures of everybody, and so are jobs whose kind begins so: figures themselves,
#: and the tree of units by which they are added up.
ABOUT_FIGURES = ("/quan-ly/chi-tieu/", "/quan-ly/co-cau/")
JOBS_ABOUT_FIGURES = ("kpi.", "people.structure")


@dataclass
class _Request:
    """The request at hand: who asks, and what it leaves to be done when its answer has left."""

    user: Any
    afterwards: list[Callable[[], Any]] = field(default_factory=list)

    @cached_property
    def acted_at(self) -> float:
        """When the one who asks last sent something; what was made before is too old for them."""
        return float(cache.get(_acted_key(self.user.pk), 0)) if self.user is not None and self.user.pk else 0.0


#: None outside of requests.
_REQUEST: ContextVar[_Request | None] = ContextVar("kpi_kept_request", default=None)


def board(reading: Reading, state: str, make: Callable[[], str]) -> str:
    """The markup of a reading's board, as it is kept or else as ``make`` makes it; ``state`` is the filter."""
    where = f"{reading.unit.pk}:{reading.structure.pk}:{reading.year}:{state}:{translation.get_language()}"
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
    found, request = cache.get(key), _REQUEST.get()
    if found is None:
        return _make(key, make)
    made_at, value = found
    if _is_old(made_at) if request is None else made_at < request.acted_at:
        return _make(key, make)
    if request and _is_old(made_at) and cache.add(f"{key}:making", True, settings.KPI_BOARD_SECONDS):
        spoken = translation.override(translation.get_language())
        request.afterwards.append(partial(spoken(_make), key, make))
    return value


def _is_old(made_at: float) -> bool:
    return time.time() - made_at > settings.KPI_BOARD_SECONDS


def _make(key: str, make: Callable[[], Any]) -> Any:
    begun = time.time()
    value = make()
    cache.set(key, (begun, value), settings.KPI_BOARD_SECONDS * SHOWN_FOR)
    return value


def _acted_key(user: int) -> str:
    return f"kpi:acted:{user}"


def _acted(user: int) -> None:
    """Somebody changed something: from now on they are shown nothing that was made before."""
    kept_for = settings.KPI_BOARD_SECONDS * SHOWN_FOR
    transaction.on_commit(lambda: cache.set(_acted_key(user), time.time(), kept_for))


class FiguresChangedMiddleware:
    """Shows officials at once what they have just changed, and makes what is old anew behind the answer. Stands below
    the middleware that knows who asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = _Request(getattr(request, "user", None))
        token = _REQUEST.set(asked)
        try:
            response = self.get_response(request)
        finally:
            _REQUEST.reset(token)
        if request.method not in SAFE and request.path.startswith(OFFICES):
            _sent(request.path, asked.user)
        if asked.afterwards:
            # The server closes an answer when it has sent it.
            response.close = partial(_close, response.close, asked.afterwards)  # type: ignore[method-assign]
        return response


def _sent(path: str, user: Any) -> None:
    """Whoever is not signed in has changed nothing."""
    if user is None or not user.pk:
        return
    if path.startswith(ABOUT_FIGURES):
        FIGURES.end()
    else:
        _acted(user.pk)


def _close(close: Callable[[], None], afterwards: list[Callable[[], Any]]) -> None:
    try:
        for make in afterwards:
            make()
    except Exception:
        logger.exception("What is kept of figures could not be made anew.")
    finally:
        close()


def _job_ended(job: Job, **_about: Any) -> None:
    if job.kind.startswith(JOBS_ABOUT_FIGURES):
        FIGURES.end()
    else:
        _acted(job.owner_id)


job_ended.connect(_job_ended, dispatch_uid="kpi.kept")
