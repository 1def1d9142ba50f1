"""What happens to every answer: refusals become pages, and the editors' admin gets the policy it can live with."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from common.errors import Refusal

# Wagtail's and Django's admin write inline script and style; everything else about them stays as strict.
ADMIN_PREFIXES = ("/cms/", "/quan-tri-he-thong/")
ADMIN_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


class RefusalMiddleware:
    """Shows a ``Refusal`` that a view let through as a page: what, why, and what to do next."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(ADMIN_PREFIXES):
            response.headers["Content-Security-Policy"] = ADMIN_POLICY
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal):
            return None
        return render(request, "refusal.html", {"refusal": exception}, status=exception.status)
