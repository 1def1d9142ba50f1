"""A fresh proof of who sits there, before acts that cannot be taken back."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def fresh_proof_required(why: str) -> Callable[[View], View]:
    """Decorate a view: who did not prove themselves within the last minutes is asked to, then goes on where they were.

    ``why`` completes the sentence "Để …, hãy xác nhận lại là bạn." A POST is taken up again after the proof.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return view(request, *args, **kwargs)

        inner.needs_fresh_proof = why  # type: ignore[attr-defined]
        return inner

    return wrap
